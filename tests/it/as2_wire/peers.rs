//! pyas2lib, an AS2 that others made, on the other side of real requests.

use super::world::{ACME, House, Keys, LAKESIDE, Packet, Place, confirmation, post};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post as on_post;
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use wharf::event::State as Stands;
use wharf::pki::DigestAlgorithm;
use wharf::transport::as2::{Headers, Mic};

/// pyas2lib as Acme.
struct Peer {
    folder: TempDir,
    /// Where its receipts go, if by themselves.
    later: Option<String>,
}

impl Peer {
    fn new(options: &Value, later: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (own, other) = (Keys::of(ACME), Keys::of(LAKESIDE));
        fs::write(folder.path().join("own.pem"), format!("{}{}", own.key, own.certificate))
            .unwrap();
        fs::write(folder.path().join("partner.pem"), &other.certificate).unwrap();
        let job = json!({
            "own": "ACME", "partner": "LAKESIDE AS2", "content_type": "application/edi-x12",
            "options": options,
        });
        let peer = Self { folder, later };
        peer.job(&job);
        peer
    }

    fn job(&self, job: &Value) {
        fs::write(self.path("job.json"), job.to_string()).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs it, and tells what it found.
    fn run(&self, command: &str) -> Value {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".venv/bin/python");
        assert!(python.exists(), "run tests/run once: it installs pyas2lib");
        let mut job: Value =
            serde_json::from_slice(&fs::read(self.path("job.json")).unwrap()).unwrap();
        job["command"] = command.into();
        let mut child = Command::new(python)
            .arg(root.join("tests/it/as2/peer.py"))
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{job}").unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{}{}", text, String::from_utf8_lossy(&output.stderr)))
    }

    /// What it wrote, headers and body apart.
    fn out(&self) -> (Vec<(String, String)>, Vec<u8>) {
        let bytes = fs::read(self.path("out")).unwrap();
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
        let headers = Headers::parse(&bytes[..end]).unwrap();
        let headers = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        (headers.collect(), bytes[end + 4..].to_vec())
    }

    fn put(&self, headers: &HeaderMap, body: &[u8]) {
        let mut bytes = Vec::new();
        for (name, value) in headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        fs::write(self.path("in"), bytes).unwrap();
    }
}

const USUAL: &str = r#"{"sign": true, "encrypt": true, "digest_alg": "sha256",
    "enc_alg": "aes_256_cbc", "mdn_mode": "SYNC", "mdn_digest_alg": "sha256"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_pyas2lib_sends_is_taken_and_it_believes_the_receipt() {
    let house = House::lakeside(Place::new(), "http://127.0.0.1:9/as2", "");
    let peer = Peer::new(&serde_json::from_str(USUAL).unwrap(), None);
    fs::write(peer.path("content"), confirmation(1)).unwrap();
    let built = peer.run("build");
    let (headers, body) = peer.out();
    let mic = Mic::of(DigestAlgorithm::Sha256, b"");
    let heard = post(&house.url("/as2"), &Packet { headers, body, mic }).await;
    assert_eq!(heard.disposition(), "processed");
    let map: HeaderMap = heard
        .headers
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect();
    peer.put(&map, &heard.body);
    peer.job(&json!({
        "own": "ACME", "partner": "LAKESIDE AS2", "content_type": "application/edi-x12",
        "options": serde_json::from_str::<Value>(USUAL).unwrap(),
        "id": built["id"], "mic": built["mic"],
    }));
    let believed = peer.run("receipt");
    assert_eq!(believed["status"], "processed", "{believed}");
    house
        .until("the ERP to be told", || {
            (house.told("wharf.purchase_order.acknowledged.v1").len() == 1).then_some(())
        })
        .await;
    house.close().await;
}

/// pyas2lib behind a listener: its receipt is the answer, or goes where it was asked for.
async fn listen(peer: Peer) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/as2", listener.local_addr().unwrap());
    let router = Router::new().route("/as2", on_post(take)).with_state(Arc::new(peer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn take(State(peer): State<Arc<Peer>>, headers: HeaderMap, body: Bytes) -> Response {
    let found = tokio::task::spawn_blocking(move || {
        peer.put(&headers, &body);
        let found = peer.run("receive");
        assert_eq!(found["status"], "processed", "{found}");
        (peer.out(), peer.later.clone())
    });
    let ((headers, body), later) = found.await.unwrap();
    if let Some(to) = later {
        let mic = Mic::of(DigestAlgorithm::Sha256, b"");
        let heard = post(&to, &Packet { headers, body, mic }).await;
        assert_eq!(heard.status, 200, "{}", heard.text());
        return ().into_response();
    }
    let mut response = body.into_response();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        if name != "content-length" {
            response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
        }
    }
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn pyas2lib_takes_what_we_send_and_we_believe_its_receipt() {
    for later in [false, true] {
        let place = Place::new();
        let to = later.then(|| place.url("/as2/mdn"));
        let mut options: Value = serde_json::from_str(USUAL).unwrap();
        if later {
            options["mdn_mode"] = "ASYNC".into();
        }
        let url = listen(Peer::new(&options, to)).await;
        // Its receipt is here before its answer is.
        let more = if later { "mdn = { ask = 'async' }" } else { "" };
        let house = House::lakeside(place, &url, more);
        let parcel = house.order("acme", "PO-1").await;
        house.reach(parcel, Stands::Awaiting).await;
        house.until("a receipt", || house.story(parcel).contains(&"delivered").then_some(())).await;
        assert!(house.troubles(parcel).is_empty(), "{:?}", house.troubles(parcel));
        house.close().await;
    }
}
