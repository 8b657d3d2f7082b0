//! What comes in: kept before it is answered, answered by its name, and never twice.

use super::fake::Fake;
use super::world::{Heard, House, Make, NEW, Packet, Place, STRANGER, confirmation, post};
use std::process::{Command, Stdio};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wharf::event::EventKind;
use wharf::pki::DigestAlgorithm;
use wharf::transport::as2::{Asked, Compress, Mic, REQUEST, ReceiptOptions};

const CONFIRMED: &str = "wharf.purchase_order.acknowledged.v1";

fn lakeside(more: &str) -> House {
    House::lakeside(Place::new(), "http://127.0.0.1:9/as2", more)
}

/// Lets what came be read, and counts what the ERP was told.
async fn told(house: &House, wanted: usize) {
    house
        .until("the ERP to be told", || (house.told(CONFIRMED).len() >= wanted).then_some(()))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(house.told(CONFIRMED).len(), wanted);
}

fn mic_of(heard: &Heard) -> Mic {
    let text = heard.text();
    let line = text.lines().find_map(|line| line.strip_prefix("Received-Content-MIC: "));
    line.unwrap_or_else(|| panic!("no MIC in {text}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_with_a_signed_receipt_of_known_length() {
    let house = lakeside("");
    for (n, compress) in
        [Compress::Never, Compress::BeforeSigning, Compress::AfterSigning].into_iter().enumerate()
    {
        let control = u32::try_from(n).unwrap() + 1;
        let mut make = Make::new(&format!("<{n}@acme>"), confirmation(control));
        make.compress = compress;
        let packet = make.packet();
        let heard = post(&house.url("/as2"), &packet).await;
        assert_eq!(heard.disposition(), "processed");
        assert_eq!(mic_of(&heard), packet.mic);
        assert!(heard.is_signed());
        assert_eq!(heard.headers.value("Content-Length"), Some(&*heard.body.len().to_string()));
        assert!(heard.body.starts_with(b"--"), "number 9");
        assert!(heard.text().contains(&format!("Original-Message-ID: <{n}@acme>")));
        assert_eq!(heard.headers.value("AS2-From"), Some("\"LAKESIDE AS2\""), "number 20");
    }
    told(&house, 3).await;
    let id = house.arrived()[0];
    let facts = String::from_utf8(house.kept(id, "as2.json").unwrap()).unwrap();
    for fact in ["\"0@acme\"", "sha-256", "aes-256-cbc", "\"confirmation.edi\""] {
        assert!(facts.contains(fact), "{fact}: {facts}");
    }
    assert!(house.kept(id, REQUEST).unwrap().len() > 1_000);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_sent_again_gets_the_same_receipt_and_happens_once() {
    let house = lakeside("");
    let make = Make::new("<1@acme>", confirmation(1));
    let first = make.post(&house).await;
    // Encrypted anew, so that other bytes are on the wire.
    let second = make.post(&house).await;
    assert_eq!(first.disposition(), "processed");
    assert_eq!(first.body, second.body, "byte for byte");
    assert_eq!(first.headers.value("Message-ID"), second.headers.value("Message-ID"));
    told(&house, 1).await;
    // Other content under the same name.
    let other = Make::new("<1@acme>", confirmation(2)).post(&house).await;
    assert_eq!(other.disposition(), "processed/error: message-id-used-before");
    assert!(other.is_signed());
    let id = house.arrived()[0];
    let contradicted =
        |event: &wharf::event::Event| matches!(event.kind, EventKind::Contradicted { .. });
    assert!(house.dossier(id).events.iter().any(contradicted));
    // The same content under another name has a receipt of its own, and is told once.
    let again = Make::new("<2@acme>", confirmation(1)).post(&house).await;
    assert_eq!(again.disposition(), "processed");
    assert!(again.text().contains("Original-Message-ID: <2@acme>"), "{}", again.text());
    told(&house, 1).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_be_warned_of_duplicates_is() {
    let house = lakeside("quirks = ['warned-duplicates']");
    let make = Make::new("<1@acme>", confirmation(1));
    assert_eq!(make.post(&house).await.disposition(), "processed");
    let second = make.post(&house).await;
    assert_eq!(second.disposition(), "processed/warning: duplicate-document");
    told(&house, 1).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_at_first_is_no_duplicate_when_it_comes_again() {
    let house = lakeside("");
    let mut make = Make::new("<1@acme>", confirmation(1));
    make.encrypt = Some(STRANGER);
    assert_eq!(make.post(&house).await.disposition(), "processed/error: decryption-failed");
    make.encrypt = Some(super::world::LAKESIDE);
    assert_eq!(make.post(&house).await.disposition(), "processed");
    told(&house, 1).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_agreed_is_refused_by_name_and_nothing_of_it_is_kept() {
    let house = lakeside("");
    let refused = async |change: &dyn Fn(&mut Make)| {
        let mut make = Make::new("<1@acme>", confirmation(1));
        change(&mut make);
        let heard = make.post(&house).await;
        assert!(heard.is_signed(), "{}", heard.text());
        heard.disposition()
    };
    let insufficient = "processed/error: insufficient-message-security";
    assert_eq!(refused(&|it| it.sign = None).await, insufficient);
    assert_eq!(refused(&|it| it.encrypt = None).await, insufficient);
    assert_eq!(refused(&|it| it.sign = Some(NEW)).await, "processed/error: authentication-failed");
    // Asked for in a form that nobody knows: said without a signature.
    let unknown = |name: &str| Some(Asked { required: true, values: vec![name.to_owned()] });
    let mut make = Make::new("<1@acme>", confirmation(1));
    make.receipt.as_mut().unwrap().options =
        ReceiptOptions { protocol: unknown("pgp"), micalg: None, others: Vec::new() };
    assert_eq!(make.post(&house).await.disposition(), "failed/failure: unsupported format");
    make.receipt.as_mut().unwrap().options = ReceiptOptions {
        micalg: unknown("md5"),
        ..ReceiptOptions::signed(DigestAlgorithm::Sha256)
    };
    assert_eq!(make.post(&house).await.disposition(), "failed/failure: unsupported MIC-algorithms");
    // Without a receipt, a status says it.
    make.receipt = None;
    make.sign = None;
    let heard = make.post(&house).await;
    assert_eq!(heard.status, 422);
    assert!(heard.text().contains("Sign it with the certificate"), "{}", heard.text());
    assert!(house.arrived().is_empty());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_unknown_or_writes_to_somebody_else_is_told_so_in_words() {
    let house = lakeside("");
    let mut texts = Vec::new();
    for (from, to, path) in [
        ("acme", "LAKESIDE AS2", "/as2"),
        ("ACME", "LAKESIDE", "/as2"),
        ("ACME", "LAKESIDE AS2", "/as2/SOMEONE"),
    ] {
        let make = Make { from, to, ..Make::new("<1@acme>", confirmation(1)) };
        let heard = post(&house.url(path), &make.packet()).await;
        assert_eq!(heard.status, 403, "{}", heard.text());
        texts.push(heard.text());
    }
    assert!(texts[0].contains("`acme` does not write to `LAKESIDE AS2` here"), "{}", texts[0]);
    let packet = Make::new("<1@acme>", confirmation(1)).packet();
    let heard = post(&house.url("/as2/LAKESIDE%20AS2"), &packet).await;
    assert_eq!(heard.disposition(), "processed");
    let mut packet = Make::new("<2@acme>", confirmation(2)).packet();
    packet.headers.retain(|(name, _)| name != "Message-ID");
    let heard = post(&house.url("/as2"), &packet).await;
    assert_eq!(heard.status, 400);
    assert!(heard.text().contains("Message-ID is missing"), "{}", heard.text());
    house.close().await;
}

/// A receipt without what is another each time: its names, dates, boundaries and signature.
fn outline(heard: &Heard) -> (u16, usize, Vec<String>) {
    let text = heard.text();
    let plain = text.split("application/pkcs7-signature").next().unwrap();
    let same = |line: &&str| {
        !line.starts_with("--") && !line.contains("boundary=") && !line.contains("Message-ID")
    };
    let lines = plain.lines().filter(same).map(str::to_owned).collect();
    (heard.status, heard.body.len(), lines)
}

/// What is done to the bytes of a message.
type Damage<'d> = &'d dyn Fn(&mut Vec<u8>);

#[tokio::test(flavor = "multi_thread")]
async fn all_that_cannot_be_decrypted_is_answered_alike_and_not_for_ever() {
    let house = lakeside("failures_per_hour = 5");
    let good = Make::new("<1@acme>", confirmation(1)).packet();
    let key = good.body.windows(4).position(|it| it == [0x04, 0x82, 1, 0]).unwrap() + 4;
    let length = good.body.len();
    let damages: [Damage<'_>; 4] = [
        &|body| body[key + 100] ^= 1,
        &|body| body[length - 1] ^= 1,
        &|body| body[length - 17] ^= 0x55,
        &|body| body.truncate(length - 16),
    ];
    let mut outlines = Vec::new();
    for damage in damages {
        let mut body = good.body.clone();
        damage(&mut body);
        let packet = Packet { headers: good.headers.clone(), body, mic: good.mic.clone() };
        let heard = post(&house.url("/as2"), &packet).await;
        assert_eq!(heard.disposition(), "processed/error: decryption-failed");
        outlines.push(outline(&heard));
    }
    let stranger = Make { encrypt: Some(STRANGER), ..Make::new("<1@acme>", confirmation(1)) };
    outlines.push(outline(&stranger.post(&house).await));
    assert!(outlines.iter().all(|it| *it == outlines[0]), "{outlines:#?}");
    let heard = stranger.post(&house).await;
    assert_eq!(heard.status, 429, "{}", heard.text());
    assert!(heard.headers.value("Retry-After").is_some());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_by_itself_only_where_the_profile_lets_it_and_is_sent_until_it_arrives() {
    let fake = Fake::new().await;
    let house = lakeside(&format!("mdn = {{ theirs = '{}/mdn' }}", fake.url));
    for address in [format!("{}/other", fake.url), "http://169.254.169.254/mdn".to_owned()] {
        let heard = Make::new("<1@acme>", confirmation(1)).later(&address).post(&house).await;
        assert_eq!(heard.disposition(), "failed/failure: receipt address not agreed");
    }
    assert!(house.arrived().is_empty() && fake.came().is_empty());
    let make = Make::new("<1@acme>", confirmation(1)).later(&format!("{}/mdn/in", fake.url));
    fake.say([super::fake::Say::Status(503), super::fake::Say::Status(200)]);
    let heard = make.post(&house).await;
    assert_eq!((heard.status, heard.text()), (200, String::new()));
    house.until("two attempts", || (fake.came().len() == 2).then_some(())).await;
    let came = fake.came();
    assert_eq!(came[0].body, came[1].body);
    let text = String::from_utf8_lossy(&came[0].body).into_owned();
    assert!(
        text.contains("Original-Message-ID: <1@acme>") && text.contains("; processed\r"),
        "{text}"
    );
    assert!(came[0].header("content-type").starts_with("multipart/signed"));
    told(&house, 1).await;
    // Sent again, the receipt of then goes again.
    fake.say([super::fake::Say::Status(200)]);
    assert_eq!(make.post(&house).await.status, 200);
    house.until("the same receipt", || (fake.came().len() == 3).then_some(())).await;
    assert_eq!(fake.came()[2].body, came[0].body);
    told(&house, 1).await;
    // And one that says no goes the same way.
    fake.say([super::fake::Say::Status(200)]);
    let no = Make { sign: None, ..Make::new("<2@acme>", confirmation(2)) };
    assert_eq!(no.later(&format!("{}/mdn", fake.url)).post(&house).await.status, 200);
    house.until("a receipt that says no", || (fake.came().len() == 4).then_some(())).await;
    let text = String::from_utf8_lossy(&fake.came()[3].body).into_owned();
    assert!(text.contains("insufficient-message-security"), "{text}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_attachments_are_several_messages_with_one_receipt() {
    let house = lakeside("accept = { signed = false, encrypted = false }");
    let boundary = "many";
    let mut body = Vec::new();
    for n in 1..=3 {
        let head = format!("--{boundary}\r\nContent-Type: application/edi-x12\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&confirmation(n));
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let mut packet =
        Make { sign: None, encrypt: None, ..Make::new("<1@acme>", Vec::new()) }.packet();
    packet.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    let kind = format!("multipart/related; boundary={boundary}");
    packet.headers.push(("Content-Type".to_owned(), kind));
    packet.body = body;
    let first = post(&house.url("/as2"), &packet).await;
    assert_eq!(first.disposition(), "processed");
    told(&house, 3).await;
    let second = post(&house.url("/as2"), &packet).await;
    assert_eq!(first.body, second.body);
    told(&house, 3).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_in_chunks_that_waits_for_100_continue_is_taken() {
    let house = lakeside("");
    let Packet { headers, body, .. } = Make::new("<1@acme>", confirmation(1)).packet();
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "20", "--data-binary", "@-", "-D", "-"]);
    command.args(["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"]);
    for (name, value) in headers.iter().filter(|(name, _)| name != "Content-Length") {
        command.args(["-H", &format!("{name}: {value}")]);
    }
    let url = house.url("/as2");
    let heard = tokio::task::spawn_blocking(move || {
        let mut curl =
            command.arg(url).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut curl.stdin.take().unwrap(), &body).unwrap();
        String::from_utf8_lossy(&curl.wait_with_output().unwrap().stdout).into_owned()
    });
    let heard = heard.await.unwrap();
    assert!(heard.starts_with("HTTP/1.1 100"), "{heard}");
    assert!(heard.contains("; processed\r\n"), "{heard}");
    told(&house, 1).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_folded_headers_is_taken() {
    let house = lakeside("");
    let Packet { headers, body, .. } = Make::new("<1@acme>", confirmation(1)).packet();
    let mut request = b"POST /as2 HTTP/1.1\r\nHost: lakeside\r\n".to_vec();
    let mut folds = 0;
    for (name, value) in &headers {
        folds += value.matches("; ").count();
        let line = format!("{name}: {}\r\n", value.replace("; ", ";\r\n\t"));
        request.extend_from_slice(line.as_bytes());
    }
    assert!(folds > 0, "{headers:?}");
    if !headers.iter().any(|(name, _)| name == "Content-Length") {
        request.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    request.extend_from_slice(b"\r\n");
    request.extend_from_slice(&body);
    let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    let heard = String::from_utf8_lossy(&heard);
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    assert!(heard.contains("; processed\r\n"), "{heard}");
    told(&house, 1).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_what_a_day_may_bring_nothing_new_is_taken_and_a_repeat_has_its_receipt() {
    let house = lakeside("");
    let one = confirmation(1);
    let day = format!("[limits]\nday = '{}B'\n[as2]\n", one.len() + one.len() / 2);
    house.change("acme", "[as2]\n", &day);
    let make = Make::new("<1@acme>", one);
    let first = make.post(&house).await;
    assert_eq!(first.disposition(), "processed");
    let new = Make::new("<2@acme>", confirmation(2));
    let refused = new.post(&house).await;
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(refused.text().contains("\"code\":\"too_much_today\""), "{}", refused.text());
    let again = make.post(&house).await;
    assert_eq!(again.body, first.body, "what was lost on the way is said again");
    told(&house, 1).await;
    house.change("acme", &day, "[as2]\n");
    assert_eq!(new.post(&house).await.disposition(), "processed", "nothing of it was kept before");
    told(&house, 2).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_too_often_is_refused_as_agreed() {
    let house = lakeside("");
    house.change("acme", "[as2]\n", "[limits]\nbody = '2kB'\nrequests_per_minute = 2\n[as2]\n");
    let mut large = confirmation(1);
    large.extend(std::iter::repeat_n(b'\n', 5_000));
    let heard = Make::new("<1@acme>", large).post(&house).await;
    assert_eq!(heard.disposition(), "processed/error: unexpected-processing-error");
    assert!(heard.text().contains("larger than we accept"), "{}", heard.text());
    let very = Make { encrypt: None, ..Make::new("<2@acme>", vec![b'x'; 100_000]) };
    assert_eq!(very.post(&house).await.status, 413);
    assert_eq!(very.post(&house).await.status, 429);
    assert!(house.arrived().is_empty());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_message_goes_by_the_disk_in_and_out() {
    let house = lakeside("");
    let mut large = confirmation(1);
    large.extend(std::iter::repeat_n(b'\n', 3 << 20));
    let packet = Make::new("<1@acme>", large.clone()).packet();
    let heard = post(&house.url("/as2"), &packet).await;
    assert_eq!(heard.disposition(), "processed");
    assert_eq!(mic_of(&heard), packet.mic);
    told(&house, 1).await;
    let id = house.arrived()[0];
    let dossier = house.dossier(id);
    assert_eq!(house.gateway.spool().body(&dossier.body).unwrap(), large);
    assert_eq!(house.kept(id, "as2-request-body").unwrap(), packet.body);
    house.close().await;
}
