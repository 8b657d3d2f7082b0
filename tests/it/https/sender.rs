//! What we post to a partner, who answers in every way.

use super::house::until;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hyper::body::Frame;
use std::convert::Infallible;
use std::fs;
use std::future::pending;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use wharf::grammar::Library;
use wharf::http::{ClientSettings, Door, Limits};
use wharf::message::MessageId;
use wharf::partner::{Delivery, Disk, Listener, Partners, Push, Shelf, Tls};
use wharf::transport::Outgoing;
use wharf::transport::TransportError;
use wharf::transport::https::send::Sender;

type Posted = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A partner's own server, and our sender.
struct Partner {
    address: SocketAddr,
    posted: Posted,
    folder: TempDir,
    runtime: Runtime,
}

impl Partner {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = Listener { address: "127.0.0.1:0".parse().unwrap(), tls: Tls::Development };
        let door = Door::bind("partner", &listener, folder.path()).unwrap();
        let (address, posted) = (door.address(), Posted::default());
        let runtime = Runtime::new().unwrap();
        let router = router(&posted);
        runtime.spawn(door.serve(router, Limits::default(), CancellationToken::new()));
        Self { address, posted, folder, runtime }
    }

    fn settings(&self) -> ClientSettings {
        let authority = fs::read(self.folder.path().join("development.pem")).unwrap();
        ClientSettings {
            total: Duration::from_secs(2),
            answer: Duration::from_millis(300),
            authorities: vec![authority],
            ..ClientSettings::default()
        }
    }

    fn send(&self, path: &str) -> Result<String, TransportError> {
        self.send_to(&format!("https://localhost:{}{path}", self.address.port()))
    }

    fn send_to(&self, url: &str) -> Result<String, TransportError> {
        self.send_by(&Sender::with(self.settings()).unwrap(), url)
    }

    fn send_by(&self, sender: &Sender, url: &str) -> Result<String, TransportError> {
        let outgoing = Outgoing {
            id: "0190b7a0-0000-7000-8000-000000000000".parse::<MessageId>().unwrap(),
            content_type: None,
            file_name: Some("850 of today.edi".to_owned()),
            content: Bytes::from_static(b"ISA").into(),
            at: jiff::Timestamp::now(),
        };
        self.runtime.block_on(sender.send(&push(url), &outgoing))
    }
}

fn router(posted: &Posted) -> Router {
    let take = |status: StatusCode, headers: &'static [(&'static str, &'static str)]| {
        let posted = Arc::clone(posted);
        post(async move |got: HeaderMap, body: Bytes| {
            posted.lock().unwrap().push((got, body));
            let named =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            (status, named.collect::<HeaderMap>(), "thank\r\nyou")
        })
    };
    Router::new()
        .route("/in", take(StatusCode::ACCEPTED, &[]))
        .route("/moved", take(StatusCode::TEMPORARY_REDIRECT, &[("location", "/in")]))
        .route("/busy", take(StatusCode::SERVICE_UNAVAILABLE, &[("retry-after", "7")]))
        .route("/wrong", take(StatusCode::UNPROCESSABLE_ENTITY, &[]))
        .route("/never", post(pending::<()>))
        .route("/endless", post(async || Body::new(Endless { slow: false })))
        .route("/slow", post(async || Body::new(Endless { slow: true })))
}

/// An answer that never ends: a flood, or one drop.
struct Endless {
    slow: bool,
}

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if std::mem::take(&mut self.slow) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"drop")))));
        }
        Poll::Pending
    }
}

/// Where a partner's file says that we post.
fn push(url: &str) -> Push {
    let folder = tempfile::tempdir().unwrap();
    let us = "title = 'Lakeside'\nidentities = [{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }]\n";
    let acme = format!(
        "title = 'Acme'\nrole = 'supplier'\nmode = 'test'\nowner = 'edi@lakeside.example'\n\
         identities = [{{ isa = 'ZZ:ACME', gs = ['ACME'] }}]\n\
         [https]\ndeliver = {{ url = '{url}', token = {{ env = 'ACME_TOKEN' }} }}\n\
         [[agreements]]\nset = '855'\ndirection = 'in'\n"
    );
    fs::write(folder.path().join("us.toml"), us).unwrap();
    fs::write(folder.path().join("acme.toml"), acme).unwrap();
    let variable = |name: &str| (name == "ACME_TOKEN").then(|| "sesame".to_owned());
    let library = Library::shipped();
    let partners = Partners::load(&Disk::new(folder.path(), &variable), &Shelf::new(&library));
    let partners = partners.unwrap_or_else(|faults| panic!("{faults}"));
    match partners.partner("acme").unwrap().wires.https.clone().unwrap().deliver {
        Delivery::Push(push) => push,
        Delivery::Mailbox => panic!("it is posted"),
    }
}

#[test]
fn a_parcel_arrives_with_its_name_and_our_token() {
    let partner = Partner::open();
    assert_eq!(partner.send("/in"), Ok("202: thank you".to_owned()));
    let posted = partner.posted.lock().unwrap();
    let (headers, body) = &posted[0];
    assert_eq!(body.as_ref(), b"ISA");
    assert_eq!(headers["content-type"], "application/edi-x12");
    assert_eq!(headers["idempotency-key"], "0190b7a0-0000-7000-8000-000000000000");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"850_of_today.edi\"");
    assert_eq!(headers["authorization"], "Bearer sesame");
    assert_eq!(headers.get("accept-encoding"), None);
}

#[test]
fn their_no_is_told_with_their_words_and_a_redirect_is_one() {
    let partner = Partner::open();
    let wait = Some(Duration::from_secs(7));
    let busy = partner.send("/busy").unwrap_err();
    assert_eq!((busy.code(), busy.retry_after()), ("partner_busy", wait));
    let wrong = partner.send("/wrong").unwrap_err();
    assert_eq!(wrong.code(), "refused_by_partner");
    assert!(wrong.to_string().ends_with("refused it with 422: thank you"), "{wrong}");
    let moved = partner.send("/moved").unwrap_err();
    assert_eq!(moved.code(), "refused_by_partner");
    assert!(moved.to_string().contains("307"), "{moved}");
    assert_eq!(partner.posted.lock().unwrap().len(), 3, "each was asked once, and nobody else");
    let unknown = partner.send("/elsewhere").unwrap_err();
    assert_eq!(unknown.code(), "refused_by_partner");
}

#[test]
fn an_answer_that_does_not_come_or_does_not_end_holds_nobody() {
    let partner = Partner::open();
    let begun = Instant::now();
    assert_eq!(partner.send("/never").unwrap_err().code(), "connection_broken");
    assert_eq!(partner.send("/slow"), Ok("200: drop".to_owned()));
    assert_eq!(partner.send("/endless"), Ok("200".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn whoever_floods_is_heard_to_64_kilobytes() {
    let partner = Partner::open();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let flood = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut written = 0_usize;
        assert!(stream.read(&mut [0; 16]).unwrap() > 0);
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
        let mut wrote = stream.write_all(head);
        while wrote.is_ok() {
            wrote = stream.write_all(&[b'x'; 1_000]);
            written += 1_000;
            assert!(written < 200_000_000, "they drink it all");
        }
    });
    let heard = partner.send_to(&url).unwrap();
    assert_eq!(heard, format!("200: {}", "x".repeat(500)));
    flood.join().unwrap();
}

#[test]
fn whoever_is_not_who_they_should_be_gets_nothing() {
    let partner = Partner::open();
    let url = format!("https://localhost:{}/in", partner.address.port());
    let strict = Sender::with(ClientSettings { authorities: Vec::new(), ..partner.settings() });
    let stranger = partner.send_by(&strict.unwrap(), &url).unwrap_err();
    assert_eq!(stranger.code(), "not_trusted", "{stranger}");
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", plain.local_addr().unwrap());
    let answer = thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let mut chunk = [0; 4_096];
        let heard = stream.read(&mut chunk).unwrap();
        assert!(!String::from_utf8_lossy(&chunk[..heard]).contains("sesame"));
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let plain = partner.send_to(&url).unwrap_err();
    assert_eq!(plain.code(), "not_trusted", "{plain}");
    answer.join().unwrap();
    assert!(partner.posted.lock().unwrap().is_empty());
}

#[test]
fn nobody_there_and_a_broken_connection_are_the_weather() {
    let partner = Partner::open();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let rude = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut chunk = [0; 16];
        stream.read_exact(&mut chunk).unwrap();
    });
    let broken = partner.send_to(&url).unwrap_err();
    assert_eq!(broken.code(), "connection_broken", "{broken}");
    rude.join().unwrap();
    until("the port is closed", || {
        partner.send_to(&url).is_err_and(|error| error.code() == "unreachable")
    });
    let nowhere = partner.send_to("https://nowhere.invalid/").unwrap_err();
    assert_eq!(nowhere.code(), "unreachable", "{nowhere}");
}

#[test]
fn a_name_that_leads_inside_is_not_called() {
    let partner = Partner::open();
    // This machine by its own name: no address of the open internet in any network of ours.
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let name = name.trim();
    let url = format!("https://{name}:{}/in", partner.address.port());
    let refused = partner.send_to(&url).unwrap_err();
    assert_eq!(refused.code(), "not_set_up", "{refused}");
    assert!(refused.to_string().contains("addresses that are not public"), "{refused}");
    let meant = format!("https://127.0.0.1:{}/in", partner.address.port());
    assert_eq!(partner.send_to(&meant), Ok("202: thank you".to_owned()));
}
