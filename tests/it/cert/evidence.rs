//! What was kept of AS2 is verified with OpenSSL alone, by the very commands that the bundle states.

use super::{Folder, pair_of};
use jiff::Timestamp;
use std::fs;
use std::io::Cursor;
use std::process::Command;
use std::time::Instant;
use wharf::message::{Body, Channel, Direction, Moment, PartnerId, Proof, RawMessage};
use wharf::pki::{DigestAlgorithm, KeyPair, PrivateKey};
use wharf::spool::{Accepted, Arrival, Settings, Spool};
use wharf::transport::as2::mdn::{Answer, write};
use wharf::transport::as2::{
    As2Name, Compress, Disposition, Mic, Packing, RECEIPT, REQUEST, REQUEST_BODY, REQUEST_HEADERS,
    Signing, pack,
};

fn whole(headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in headers {
        text.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    text.extend(b"\r\n");
    text.extend(body);
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_message_is_verified_by_openssl_alone() {
    exported(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_a_large_one_of_which_headers_and_body_are_kept_apart() {
    exported(true).await;
}

async fn exported(in_two: bool) {
    let folder = Folder::new();
    let made = pair_of(&Timestamp::now().to_string(), 90);
    let key = PrivateKey::from_der(&made.key.der).unwrap();
    let pair = KeyPair::new(made.certificate.clone(), key).unwrap();
    let now = Moment { at: Timestamp::now(), tick: Instant::now() };
    let content = b"ISA*00*order~".to_vec();
    let packing = Packing {
        content_type: "application/edi-x12",
        file_name: Some("order.edi"),
        sign: Some(Signing::with(&pair)),
        encrypt: None,
        compress: Compress::Never,
        mic: DigestAlgorithm::Sha256,
        quirks: &[],
        at: now.at,
    };
    let packed = pack(Cursor::new(content.clone()), &packing).unwrap();
    let (headers, mic) = (packed.headers().to_vec(), packed.mic().clone());
    let mut body = Vec::new();
    std::io::copy(&mut packed.into_reader().unwrap(), &mut body).unwrap();
    let name = |name| As2Name::new(name).unwrap();
    let answer = Answer {
        from: &name("acme"),
        to: &name("lakeside"),
        message_id: &"<2@acme>".parse().unwrap(),
        original: &"<1@lakeside>".parse().unwrap(),
        disposition: &Disposition::Processed,
        mic: Some(&Mic::of(DigestAlgorithm::Sha256, b"x")),
        words: "",
        reporter: "acme; Test",
        quirks: &[],
        at: now.at,
    };
    let receipt = write(&answer, Some(&Signing::with(&pair))).unwrap();
    let raw = RawMessage {
        partner: PartnerId::new("acme").unwrap(),
        direction: Direction::Inbound,
        channel: Channel::As2,
        proof: Proof::Ourselves,
        file_name: None,
        content_type: None,
        body: Body::from(content),
        identities: Vec::new(),
        references: Vec::new(),
    };
    let mut kept = if in_two {
        let kept = |label: &str, bytes| (label.to_owned(), Body::from(bytes));
        vec![kept(REQUEST_BODY, body), kept(REQUEST_HEADERS, whole(&headers, b""))]
    } else {
        vec![(REQUEST.to_owned(), Body::from(whole(&headers, &body)))]
    };
    kept.push((RECEIPT.to_owned(), Body::from(whole(&receipt.headers, &receipt.body))));
    let (spool, _) = Spool::open(&folder.path("spool"), Settings::default(), now).unwrap();
    let arrival = Arrival { kept, ..Arrival::from(raw) };
    let Accepted::New(id) = spool.accept(now, arrival).await.unwrap() else { panic!("not new") };
    spool.close().unwrap();
    folder.done(&["spool", "export", &id.to_string()]);
    let bundle = folder.path(&id.to_string());
    let readme = fs::read_to_string(bundle.join("README.txt")).unwrap();
    assert!(readme.contains(&made.certificate.fingerprint().to_string()), "{readme}");
    let commands = commands(&readme);
    assert_eq!(commands.len(), 4, "{readme}");
    let run = |command: &str| {
        let output =
            Command::new("sh").args(["-c", command]).current_dir(&bundle).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    let mut digests = Vec::new();
    for command in &commands {
        let (good, said) = run(command);
        assert!(good, "{command}\n{said}");
        if command.contains("cms") {
            assert!(said.contains("erification successful"), "{said}");
        } else {
            digests.push(said.trim().to_owned());
        }
    }
    assert!(digests.contains(&mic.base64()), "{digests:?} {mic}");
    // What was changed is found out by the same commands.
    let mut changed = fs::read(bundle.join("request-content")).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(bundle.join("request-content"), changed).unwrap();
    let verify = commands.iter().find(|it| it.contains("request-signature")).unwrap();
    assert!(!run(verify).0);
}

/// The commands of a text: what is indented, with lines that go on.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| line.starts_with("    openssl"));
    lines.map(|line| line.trim().to_owned()).collect()
}
