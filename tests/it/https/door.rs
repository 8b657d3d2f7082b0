//! Whoever is slow, rude, or one too many.

use super::house::{ACME, House, Identity, PATIENCE, rest, until};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, SignatureScheme, StreamOwned,
    SupportedProtocolVersion,
};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::FileExt as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};
use wharf::http::Limits;
use wharf::partner::Tls;

/// Little patience, so that tests need little too.
fn impatient() -> Limits {
    let short = Duration::from_millis(300);
    Limits {
        handshake: short,
        head: short,
        idle: short,
        body: short,
        unread: short,
        linger: short,
        ..Limits::default()
    }
}

const GET: &str = "GET /v1/openapi.json HTTP/1.1\r\nhost: a\r\n\r\n";

fn post(length: usize) -> String {
    format!(
        "POST /v1/edi HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ACME}\r\ncontent-length: {length}\r\n"
    )
}

/// Sends a byte now and then until the other side has enough; what it answered.
fn trickle(stream: &mut TcpStream) -> String {
    let begun = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let (mut heard, mut chunk) = (Vec::new(), [0; 4_096]);
    while stream.write_all(b"a").is_ok() {
        assert!(begun.elapsed() < PATIENCE, "they listen for ever");
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => heard.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    String::from_utf8(heard).unwrap()
}

#[test]
fn whoever_says_nothing_is_left() {
    let idle = PATIENCE * 3;
    let house = House::plain(Limits { idle, ..impatient() });
    assert_eq!(rest(&mut house.connect()), "");
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    assert!(!house.say(preface).contains("HTTP/1.1"), "HTTP/2, without a request");
    let hurried = House::plain(impatient());
    let once = hurried.say(GET.as_bytes());
    assert_eq!(once.matches("200 OK").count(), 1, "a request, and then nothing");
    let sealed = House::with(Tls::Development, Limits { idle, ..impatient() });
    assert_eq!(rest(&mut sealed.connect()), "", "no handshake");
}

#[test]
fn whoever_is_over_their_quota_hears_so_before_they_send_a_body() {
    let house = House::plain(impatient());
    house.inbox.full.store(true, Ordering::Relaxed);
    // A body is announced, and not a byte of it sent.
    let answer = house.say(format!("{}\r\n", post(1_000_000)).as_bytes());
    assert!(answer.starts_with("HTTP/1.1 507 "), "{answer}");
    assert!(answer.contains("\"code\":\"too_many_waiting\""), "{answer}");
    assert!(answer.contains("retry-after: 60"), "{answer}");
    house.inbox.full.store(false, Ordering::Relaxed);
    assert_eq!(house.inbox.count(), 0);
}

#[test]
fn a_connection_of_http_2_that_is_quiet_is_closed() {
    let house = House::with(Tls::Development, Limits { connections_of_one: 1, ..impatient() });
    let client = house.client().build().unwrap();
    let get = || client.get(house.url("/v1/openapi.json")).send();
    let heard = house.runtime.block_on(get()).unwrap();
    assert_eq!(heard.version(), reqwest::Version::HTTP_2);
    until("another has their place", || {
        let heard = house.curl("/v1/openapi.json", &["-o", "/dev/null"]);
        String::from_utf8_lossy(&heard.stderr) == "200"
    });
    drop(client);
}

#[test]
fn a_connection_may_be_quiet_for_longer_than_a_head_may_take() {
    let head = Duration::from_millis(300);
    let house = House::plain(Limits { head, ..Limits::default() });
    let mut stream = house.connect();
    for _ in 0..2 {
        stream.write_all(b"GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        let mut chunk = [0; 4_096];
        let count = stream.read(&mut chunk).unwrap();
        assert!(String::from_utf8_lossy(&chunk[..count]).starts_with("HTTP/1.1 "));
        thread::sleep(head * 3);
    }
}

#[test]
fn a_head_that_trickles_in_is_cut_off_by_its_whole_length() {
    let house = House::plain(impatient());
    let mut stream = house.connect();
    stream.write_all(b"GET /v1/outbox HTTP/1.1\r\nhost: a\r\nx: ").unwrap();
    trickle(&mut stream);
    let sealed = House::with(Tls::Development, impatient());
    let mut stream = sealed.connect();
    stream.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    trickle(&mut stream);
}

#[test]
fn a_body_that_trickles_in_is_refused() {
    let house = House::plain(impatient());
    let mut stream = house.connect();
    stream.write_all(format!("{}\r\n", post(1_000_000)).as_bytes()).unwrap();
    let heard = trickle(&mut stream);
    assert!(heard.starts_with("HTTP/1.1 408 Request Timeout"), "{heard}");
    assert!(heard.contains("body_too_slow"), "{heard}");
    assert_eq!(house.inbox.count(), 0);
}

#[test]
fn whoever_goes_on_sending_after_our_answer_can_still_read_it() {
    let house = House::plain(Limits::default());
    let mut stream = house.connect();
    stream.write_all(b"POST /v1/edi HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\n").unwrap();
    let mut answered = [0; 1];
    assert_eq!(stream.peek(&mut answered).unwrap(), 1);
    for _ in 0..50 {
        // Each would be answered by a reset, had they closed.
        stream.write_all(b"more").unwrap();
        thread::sleep(Duration::from_millis(2));
    }
    stream.shutdown(Shutdown::Write).unwrap();
    let heard = rest(&mut stream);
    assert!(heard.starts_with("HTTP/1.1 401 Unauthorized"), "{heard}");
}

#[test]
fn a_body_that_breaks_off_is_not_handed_in() {
    let house = House::plain(Limits::default());
    let mut stream = house.connect();
    stream.write_all(format!("{}\r\nhalf", post(1_000)).as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let heard = rest(&mut stream);
    assert!(heard.starts_with("HTTP/1.1 400 Bad Request"), "{heard}");
    assert!(heard.contains("body_broken_off"), "{heard}");
    assert_eq!(house.inbox.count(), 0);
}

#[test]
fn whoever_does_not_read_the_answer_is_left() {
    let house = House::plain(Limits { connections_of_one: 1, idle: PATIENCE * 3, ..impatient() });
    let id = house.inbox.put("acme", &vec![b'x'; 30_000_000]);
    let mut deaf = house.connect();
    let get =
        format!("GET /v1/outbox/{id} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ACME}\r\n\r\n");
    deaf.write_all(get.as_bytes()).unwrap();
    let last = GET.replace("host: a", "host: a\r\nconnection: close");
    until("their place is free again", || house.say(last.as_bytes()).contains("200 OK"));
}

#[test]
fn one_address_has_so_many_connections_and_no_more() {
    let house = House::plain(Limits { connections_of_one: 2, ..Limits::default() });
    let ask = |stream: &mut TcpStream| {
        let mut chunk = [0; 16];
        let asked = stream.write_all(GET.as_bytes());
        asked.is_ok() && stream.read(&mut chunk).is_ok_and(|count| count > 0)
    };
    let (mut first, mut second) = (house.connect(), house.connect());
    assert!(ask(&mut first) && ask(&mut second));
    assert!(!ask(&mut house.connect()));
    drop(first);
    until("a place is free again", || ask(&mut house.connect()));
}

#[test]
fn a_request_with_two_lengths_is_refused_and_carries_no_other_one_inside() {
    let house = House::plain(Limits::default());
    let inner = format!("{}\r\nsmuggled", post(8));
    for lengths in [
        format!("content-length: {}\r\ntransfer-encoding: chunked", 5 + inner.len()),
        format!("transfer-encoding: chunked\r\ncontent-length: {}", 5 + inner.len()),
    ] {
        let outer = format!(
            "POST /v1/edi HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ACME}\r\n{lengths}\r\n\r\n0\r\n\r\n{inner}"
        );
        let heard = house.say(outer.as_bytes());
        assert!(heard.starts_with("HTTP/1.1 400 "), "{heard}");
        assert!(heard.contains("\"code\":\"two_lengths\""), "{heard}");
        assert_eq!(heard.matches("HTTP/1.1 ").count(), 1, "{heard}");
        // Nor as the second request of a connection that began in order.
        let second = format!("{}\r\n12345678{outer}", post(8));
        let heard = house.say(second.as_bytes());
        assert!(heard.contains("\"code\":\"two_lengths\""), "{heard}");
    }
    // In one of them alone there is nothing wrong.
    let chunked = format!(
        "POST /v1/edi HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ACME}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\n\r\n"
    );
    assert!(house.say(chunked.as_bytes()).starts_with("HTTP/1.1 202 "));
    let all = house.inbox.handed.lock().unwrap();
    assert!(all.iter().all(|(_, handed)| handed.body == b"12345678".to_vec().into()), "{all:?}");
}

#[test]
fn a_request_that_two_parsers_may_read_in_two_ways_is_refused() {
    let house = House::plain(Limits::default());
    let begin = format!("POST /v1/edi HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ACME}\r\n");
    for head in [
        "content-length: 1\r\ncontent-length: 2",
        "content-length: 1, 2",
        "content-length: +1",
        "content-length: -1",
        "content-length: 99999999999999999999",
        "transfer-encoding: identity",
        "transfer-encoding: chunked, identity",
        "transfer-encoding : chunked",
        "x: a\0b",
    ] {
        let heard = house.say(format!("{begin}{head}\r\n\r\nx").as_bytes());
        assert!(heard.starts_with("HTTP/1.1 400 "), "{head}: {heard}");
    }
    let long = house.say(format!("{begin}x: {}\r\n\r\n", "a".repeat(100_000)).as_bytes());
    assert!(long.starts_with("HTTP/1.1 431 "), "{long}");
    let many = house.say(format!("{begin}{}\r\n", "x: a\r\n".repeat(200)).as_bytes());
    assert!(many.starts_with("HTTP/1.1 431 "), "{many}");
    assert_eq!(house.inbox.count(), 0);
}

#[test]
fn a_head_with_folded_lines_is_read_as_it_was_meant_and_has_its_connection_to_itself() {
    let house = House::plain(Limits::default());
    let fold = |text: &str| {
        text.replace("authorization: ", "authorization:\r\n\t").replace("length: ", "length:\r\n  ")
    };
    let heard = house.say(format!("{}\r\n\r\n  12345", fold(&post(9))).as_bytes());
    assert!(heard.starts_with("HTTP/1.1 202 "), "{heard}");
    assert!(heard.contains("connection: close"), "{heard}");
    assert_eq!(house.inbox.handed.lock().unwrap()[0].1.body, b"\r\n  12345".to_vec().into());
    // Two lengths do not come through in folds.
    let both = fold(&post(8))
        .replace("content-length", "transfer-encoding:\r\n chunked\r\ncontent-length");
    let heard = house.say(format!("{both}\r\n12345678").as_bytes());
    assert!(heard.contains("\"code\":\"two_lengths\""), "{heard}");
    // Nor is a line what only looks like one.
    let inside = post(8).replace("host: a", "host: a\r\n content-length: 3");
    let heard = house.say(format!("{inside}\r\n12345678").as_bytes());
    assert!(heard.starts_with("HTTP/1.1 202 "), "{heard}");
    assert_eq!(house.inbox.handed.lock().unwrap()[1].1.body, b"12345678".to_vec().into());
    let later =
        house.say(format!("{}\r\n12345678{}\r\n12345678", post(8), fold(&post(8))).as_bytes());
    assert_eq!(later.matches("HTTP/1.1 202 ").count(), 1, "{later}");
    assert_eq!(later.matches("HTTP/1.1 400 ").count(), 1, "{later}");
}

#[test]
fn a_certificate_without_its_key_opens_nothing() {
    let house = House::open();
    let folder = house.folder.path();
    let other = Identity::make(folder, "other");
    let acme = CertificateDer::from_pem_file(folder.join("acme.pem")).unwrap();
    for version in [&TLS12, &TLS13] {
        let own = ask_as(&house, version, acme.clone(), &folder.join("acme.key"));
        assert!(own.starts_with("HTTP/1.1 200 OK"), "{own}");
        let stolen = ask_as(&house, version, acme.clone(), &other.key);
        assert_eq!(stolen, "", "{version:?}");
    }
}

/// What is heard by whoever shows a certificate and signs with some key.
fn ask_as(
    house: &House,
    version: &'static SupportedProtocolVersion,
    certificate: CertificateDer<'static>,
    key: &std::path::Path,
) -> String {
    let key = any_supported_type(&PrivateKeyDer::from_pem_file(key).unwrap()).unwrap();
    let mut authorities = RootCertStore::empty();
    authorities.add(CertificateDer::from_pem_file(house.authority()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(authorities)
        .with_client_cert_resolver(Arc::new(Shown(Arc::new(CertifiedKey::new(
            vec![certificate],
            key,
        )))));
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, house.connect());
    let get = "GET /v1/outbox HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let (mut heard, mut chunk) = (Vec::new(), [0; 4_096]);
    if stream.write_all(get.as_bytes()).is_ok() {
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            heard.extend_from_slice(&chunk[..count]);
        }
    }
    String::from_utf8(heard).unwrap()
}

/// Shows one certificate, whatever is asked for.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// A connection on which half of a body was sent, and is being read.
fn half_sent(house: &House) -> TcpStream {
    let mut stream = house.connect();
    stream.write_all(format!("{}expect: 100-continue\r\n\r\n", post(8)).as_bytes()).unwrap();
    let mut go = [0; 25];
    stream.read_exact(&mut go).unwrap();
    assert_eq!(&go, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"half").unwrap();
    stream
}

#[test]
fn an_upload_that_is_under_way_when_we_stop_is_finished() {
    let mut house = House::plain(Limits::default());
    let (mut upload, mut quiet) = (half_sent(&house), house.connect());
    quiet.write_all(GET.as_bytes()).unwrap();
    house.stop.cancel();
    until("nobody else comes in", || TcpStream::connect(house.address).is_err());
    rest(&mut quiet);
    upload.write_all(b"half").unwrap();
    let heard = rest(&mut upload);
    assert!(heard.starts_with("HTTP/1.1 202 Accepted"), "{heard}");
    assert_eq!(house.inbox.last().body, b"halfhalf".to_vec().into());
    house.runtime.block_on(house.served.take().unwrap()).unwrap();
}

#[test]
fn an_upload_that_does_not_end_is_cut_off_when_we_stop() {
    let grace = Duration::from_millis(300);
    let mut house = House::plain(Limits { grace, linger: grace, ..Limits::default() });
    let mut upload = half_sent(&house);
    house.stop.cancel();
    house.runtime.block_on(house.served.take().unwrap()).unwrap();
    assert_eq!(rest(&mut upload), "");
    assert_eq!(house.inbox.count(), 0);
}

#[test]
fn a_certificate_of_our_own_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let own = Identity::make(folder.path(), "localhost");
    let partners = folder.path().join("partners");
    fs::create_dir(&partners).unwrap();
    let text = "title = 'Lakeside'\nidentities = [{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }]\n\
                [listeners]\npartners.tls = { certificate = 'localhost.pem', key = { file = 'localhost.key' } }\n";
    fs::write(partners.join("us.toml"), text).unwrap();
    let chmod = Command::new("chmod").arg("600").arg(&own.key).status().unwrap();
    assert!(chmod.success());
    let library = wharf::grammar::Library::shipped();
    let source = wharf::partner::Disk::new(&partners, &|_| None);
    let all = wharf::partner::Partners::load(&source, &wharf::partner::Shelf::new(&library));
    let tls = all.unwrap_or_else(|faults| panic!("{faults}")).us().listeners.partners.tls.clone();
    let house = House::with(tls, Limits::default());
    fs::copy(&own.chain, house.authority()).unwrap();
    let heard = house.curl("/v1/openapi.json", &["-o", "/dev/null"]);
    assert_eq!(String::from_utf8_lossy(&heard.stderr), "200");
}

#[test]
fn without_descriptors_we_wait_and_do_not_spin() {
    let me = std::env::current_exe().unwrap();
    let script =
        "ulimit -n 64; exec \"$0\" --exact --ignored --nocapture https::door::few_descriptors";
    let child = Command::new("sh").args(["-c", script]).arg(me).output().unwrap();
    let said = [child.stdout, child.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "the test above runs this in a process with few descriptors"]
fn few_descriptors() {
    let house = House::plain(Limits::default());
    let stat = fs::File::open("/proc/self/stat").unwrap();
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect(house.address) {
        held.push(stream);
        assert!(held.len() < 64, "there are more descriptors than that");
    }
    // One that the listener cannot take: the client's side is there, and nothing is left.
    let ticks = || {
        let mut text = [0; 1_024];
        let length = stat.read_at(&mut text, 0).unwrap();
        let text = String::from_utf8_lossy(&text[..length]);
        let of_cpu = text.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
        of_cpu.map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>()
    };
    held.pop();
    // Over this second the listener finds nothing to take; what it burns meanwhile is measured.
    let before = ticks();
    thread::sleep(Duration::from_secs(1));
    let spent = ticks() - before;
    assert!(spent < 15, "{spent} hundredths of a second of work in one second");
    held.clear();
    until("connections are taken again", || {
        TcpStream::connect(house.address).is_ok_and(|mut stream| {
            let mut chunk = [0; 16];
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(GET.as_bytes()).is_ok() && stream.read(&mut chunk).is_ok()
        })
    });
}
