//! libas2, an AS2 that others made, on the other side of real requests, with an HTTP of its own.

use super::world::{ACME, House, Keys, LAKESIDE, Place, STRANGER, confirmation};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;
use wharf::event::State;
use wharf::transport::as2::SENT;

const CONFIRMED: &str = "wharf.purchase_order.acknowledged.v1";

/// libas2 as Acme.
struct Peer {
    folder: TempDir,
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        assert!(ended.is_ok());
    }
}

impl Peer {
    /// Has it `send` or `serve`; `host` and `partner` go into its agreement with Lakeside at `url`, whose
    /// certificate it takes `theirs` for.
    fn start(command: &str, parties: (&Value, &Value), url: &str, theirs: usize) -> Self {
        Self::with(command, parties, url, theirs, false)
    }

    /// The same, with or without what is mended in it.
    fn with(
        command: &str,
        (host, partner): (&Value, &Value),
        url: &str,
        theirs: usize,
        as_it_is: bool,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = Keys::of(ACME);
        for (name, bytes) in [
            ("own.pem", own.certificate.as_bytes()),
            ("own.key", own.key.as_bytes()),
            ("theirs.pem", Keys::of(theirs).certificate.as_bytes()),
            ("content", &confirmation(1)),
        ] {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let mut job = json!({ "folder": folder.path(), "as_it_is": as_it_is, "agreement": {
            "host": { "name": "Acme", "id": "ACME", "url": "http://127.0.0.1:9/as2",
                "certificate": "own.pem", "privateKey": "own.key" },
            "partner": { "name": "Lakeside", "id": "\"LAKESIDE AS2\"", "url": url,
                "certificate": "theirs.pem" },
        }});
        for (party, more) in [("host", host), ("partner", partner)] {
            let known = job["agreement"][party].as_object_mut().unwrap();
            known.extend(more.as_object().unwrap().clone());
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modules = root.join("target/peers/libas2/node_modules");
        assert!(modules.exists(), "run tests/run once: it installs libas2");
        let mut child = Command::new("node")
            .args(may_decrypt())
            .arg(root.join("tests/it/as2_wire/libas2/peer.js"))
            .arg(command)
            .env("NODE_PATH", modules)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is there: tests/run installs it");
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let input = child.stdin.take().unwrap();
        let mut peer = Self { folder, child, input, lines };
        peer.tell(&job);
        peer
    }

    fn tell(&mut self, line: &Value) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// The next that it prints; Node says things too.
    fn line(&self) -> Value {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60)).expect("it says something");
            if line.starts_with('{') {
                return serde_json::from_str(&line).unwrap();
            }
        }
    }

    fn url(&self) -> String {
        self.line()["url"].as_str().unwrap().to_owned()
    }
}

/// What has Node decrypt what libas2 has it decrypt, where it refuses PKCS #1 v1.5 otherwise.
fn may_decrypt() -> Option<&'static str> {
    let option = "--security-revert=CVE-2023-46809";
    let done = Command::new("node").args([option, "-e", ""]).output().expect("node is there");
    done.status.success().then_some(option)
}

/// That a receipt is for a message of theirs, and says that it was processed, with their MIC.
fn processed(found: &Value, digest: &str) {
    let said = &found["notification"];
    assert_eq!(said["disposition"]["processed"], true, "{found}");
    assert_eq!(said["disposition"]["description"], Value::Null, "{found}");
    assert_eq!(said["originalMessageId"], found["id"], "{found}");
    assert!(found["mic"].is_string(), "{found}");
    assert_eq!(said["receivedContentMic"]["mic"], found["mic"], "{found}");
    assert_eq!(said["receivedContentMic"]["algorithm"], digest, "{found}");
}

async fn confirmed(house: &House) {
    house
        .until("the ERP to be told", || (house.told(CONFIRMED) == ["4501-77281"]).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_libas2_sends_is_taken_and_it_believes_the_receipt() {
    for (sign, encrypt, digest, more) in [
        (json!("sha-256"), json!("aes256-CBC"), "sha-256", ""),
        (json!("sha-512"), json!("aes128-CBC"), "sha-512", ""),
        (json!("sha-384"), json!("aes192-CBC"), "sha-384", ""),
        (json!("sha-256"), json!(false), "sha-256", "accept = { encrypted = false }"),
    ] {
        let house = House::lakeside(Place::new(), "http://127.0.0.1:9/as2", more);
        // It reads keys to decrypt with if it is told that it decrypts, and to sign with besides.
        let host = json!({ "sign": sign, "decrypt": true, "mdn": { "signing": digest } });
        let partner = json!({ "encrypt": encrypt, "verify": true });
        let peer = Peer::start("send", (&host, &partner), &house.url("/as2"), LAKESIDE);
        processed(&peer.line(), digest);
        confirmed(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn libas2_believes_a_receipt_that_comes_by_itself() {
    let place = Place::new();
    let host = json!({ "sign": "sha-256", "mdn": { "async": true, "signing": "sha-256" } });
    let partner = json!({ "encrypt": "aes256-CBC", "verify": true });
    let mut peer = Peer::start("send", (&host, &partner), &place.url("/as2"), LAKESIDE);
    let more = format!("mdn = {{ theirs = '{}' }}", peer.url());
    let house = House::lakeside(place, "http://127.0.0.1:9/as2", &more);
    peer.tell(&json!({}));
    processed(&peer.line(), "sha-256");
    confirmed(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_libas2_packs_for_someone_else_or_not_as_it_is_agreed_is_refused_by_name() {
    // In CBC mode, a signature is wanted whatever is accepted.
    let house =
        House::lakeside(Place::new(), "http://127.0.0.1:9/as2", "accept = { signed = false }");
    for (sign, encrypt, theirs, why) in [
        (json!("sha-256"), json!("aes256-CBC"), STRANGER, "decryption-failed"),
        (json!("sha-256"), json!(false), LAKESIDE, "insufficient-message-security"),
        (json!(false), json!("aes256-CBC"), LAKESIDE, "insufficient-message-security"),
        // It puts GCM into an envelope that authenticates nothing, and not as RFC 5083 has it.
        (json!("sha-256"), json!("aes256-GCM"), LAKESIDE, "decryption-failed"),
    ] {
        let host = json!({ "sign": sign, "decrypt": true, "mdn": { "signing": false } });
        let partner = json!({ "encrypt": encrypt, "verify": true });
        let peer = Peer::start("send", (&host, &partner), &house.url("/as2"), theirs);
        let found = peer.line();
        let said = &found["notification"]["disposition"];
        assert_eq!(said["description"]["type"], format!("error: {why}"), "{found}");
    }
    assert!(house.arrived().is_empty());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn libas2_opens_what_we_send_and_we_believe_its_receipt() {
    for (encrypt, later, more) in [
        (true, false, ""),
        (true, false, "send = { digest = 'sha-512', cipher = 'aes-128-cbc' }"),
        (true, false, "send = { key_transport = 'rsa-oaep-sha256', compress = 'never' }"),
        (true, true, "mdn = { ask = 'async' }"),
        (false, false, "send = { encrypt = false }"),
    ] {
        let place = Place::new();
        let host = json!({ "sign": true, "decrypt": encrypt });
        let digest = if more.contains("sha-512") { "sha-512" } else { "sha-256" };
        let partner = json!({ "verify": true, "mdn": { "async": later, "signing": digest } });
        let peer = Peer::start("serve", (&host, &partner), &place.url("/as2"), LAKESIDE);
        let house = House::lakeside(place, &peer.url(), more);
        let parcel = house.order("acme", "PO-1").await;
        house.reach(parcel, State::Awaiting).await;
        let said = peer.line();
        house.until("a receipt", || house.story(parcel).contains(&"delivered").then_some(())).await;
        assert!(house.troubles(parcel).is_empty(), "{:?} {said}", house.troubles(parcel));
        let mic = said["notification"]["receivedContentMic"]["mic"].as_str().unwrap().to_owned();
        let sent = String::from_utf8(house.kept(parcel, SENT).unwrap()).unwrap();
        assert!(sent.contains(&mic), "{sent} {said}");
        let body = house.gateway.spool().body(&house.dossier(parcel).body).unwrap();
        // It takes the end of the line before a boundary for the content's.
        let content = fs::read(peer.folder.path().join("content")).unwrap();
        let rest = content.strip_prefix(&*body).map(<[u8]>::to_vec);
        assert!(rest.is_some_and(|rest| rest.is_empty() || rest == b"\r\n"), "{more} {content:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_libas2_cannot_verify_or_decrypt_or_signs_wrongly_is_no_delivery() {
    for (more, theirs, as_it_is, code) in [
        ("", STRANGER, false, "mdn_negative"),
        // It waits for something encrypted.
        ("send = { encrypt = false }", LAKESIDE, false, "mdn_negative"),
        ("", LAKESIDE, true, "mdn_bad_signature"),
    ] {
        let place = Place::new();
        let host = json!({ "sign": true, "decrypt": true });
        let partner = json!({ "verify": true, "mdn": { "signing": "sha-256" } });
        let parties = (&host, &partner);
        let peer = Peer::with("serve", parties, &place.url("/as2"), theirs, as_it_is);
        let house = House::lakeside(place, &peer.url(), more);
        let parcel = house.order("acme", "PO-1").await;
        house.until("a trouble", || house.troubles(parcel).first().cloned()).await;
        assert_eq!(house.troubles(parcel)[0], code, "{}", peer.line());
        assert!(!house.story(parcel).contains(&"delivered"));
        house.close().await;
    }
}
