//! The real program as a process of its own, and those who call it and are called by it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use reqwest::{Client, RequestBuilder};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The tokens of the samples.
pub(super) const PARTNER: &str = "sample-token-of-acme-medical";
pub(super) const ERP: &str = "sample-token-of-the-erp";

/// The program, with a folder of its own.
pub(super) struct Served {
    folder: TempDir,
    process: Option<Child>,
    addresses: Arc<Mutex<Addresses>>,
}

#[derive(Clone, Debug, Default)]
struct Addresses {
    partners: String,
    erp: String,
}

impl Served {
    /// With the sample partners, in production, and one webhook.
    pub(super) fn new(webhook: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("partners");
        let partners = folder.path().join("partners");
        fs::create_dir(&partners).unwrap();
        fs::create_dir(folder.path().join("certs")).unwrap();
        let acme = fs::read_to_string(samples.join("acme-medical.toml")).unwrap();
        let acme = acme.replace("mode = \"test\" ", "mode = \"production\" ");
        assert!(acme.contains("production\" "));
        fs::write(partners.join("acme-medical.toml"), acme).unwrap();
        let us = fs::read_to_string(samples.join("us.toml")).unwrap();
        // Ports of their own, and no TLS, which others try.
        let mut us = us.replace("tls = \"off\"\n", "");
        for port in ["8443", "8444", "8445"] {
            let address = format!("address = \"127.0.0.1:{port}\"");
            assert!(us.contains(&address));
            us = us.replace(&address, "address = \"127.0.0.1:0\"\ntls = \"off\"");
        }
        us += &format!(
            "\n[[erp.webhooks]]\nname = \"erp\"\nurl = \"{webhook}\"\nsecrets = [{{ env = \"HOOK\" }}]\n"
        );
        fs::write(partners.join("us.toml"), us).unwrap();
        Self { folder, process: None, addresses: Arc::default() }
    }

    /// Starts it, and waits until it says that it is ready.
    pub(super) fn start(&mut self) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_wharf"))
            .args(["serve", "--json"])
            .current_dir(self.folder.path())
            .env("HOOK", "whsec_c2VjcmV0IGZvciBhIHRlc3Q=")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}{}", self.log()));
        *self.addresses.lock().unwrap() = Addresses {
            partners: ready["partners"].as_str().unwrap().to_owned(),
            erp: ready["erp"].as_str().unwrap().to_owned(),
        };
        self.process = Some(process);
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Tells it to end, and sees that it does so in order.
    pub(super) fn end_in_order(mut self) {
        let mut process = self.process.take().unwrap();
        let told = Command::new("kill").arg(process.id().to_string()).status().unwrap();
        assert!(told.success());
        let end = Instant::now() + Duration::from_secs(40);
        let status = loop {
            if let Some(status) = process.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// The way in for partners and the ERP; it follows the program wherever it listens.
    pub(super) fn doors(&self) -> Doors {
        let client = Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        Doors { client, addresses: Arc::clone(&self.addresses) }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _dead = process.kill().and_then(|()| process.wait());
        }
    }
}

/// The way in for partners and the ERP.
pub(super) struct Doors {
    client: Client,
    addresses: Arc<Mutex<Addresses>>,
}

impl Doors {
    /// Hands in the same until it is accepted.
    pub(super) async fn insist(&self, token: &str, path: &str, body: &str, key: u32) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let addresses = self.addresses.lock().unwrap().clone();
            let (base, kind) = if token == ERP {
                (addresses.erp, "application/json")
            } else {
                (addresses.partners, "application/edi-x12")
            };
            let request = self.client.post(format!("{base}{path}"));
            let request = signed(request, token)
                .header("content-type", kind)
                .header("idempotency-key", key.to_string())
                .body(body.to_owned());
            match request.send().await {
                Ok(answer) if answer.status() == 202 => return,
                Ok(answer) if answer.status().is_client_error() => {
                    panic!("{}", answer.text().await.unwrap())
                }
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
            assert!(Instant::now() < end, "nobody accepts {key}");
        }
    }

    /// Everything that waits for the partner.
    pub(super) async fn mailbox(&self) -> Vec<String> {
        let (mut letters, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/v1/outbox?limit=100{after}")).await;
            let page: serde_json::Value = serde_json::from_str(&page).unwrap();
            let Some(last) = page["messages"].as_array().unwrap().last() else { return letters };
            after = format!("&after={}", last["id"].as_str().unwrap());
            for message in page["messages"].as_array().unwrap() {
                let id = message["id"].as_str().unwrap();
                letters.push(self.get(&format!("/v1/outbox/{id}")).await);
            }
        }
    }

    async fn get(&self, path: &str) -> String {
        let base = self.addresses.lock().unwrap().partners.clone();
        let request = signed(self.client.get(format!("{base}{path}")), PARTNER);
        request.send().await.unwrap().text().await.unwrap()
    }
}

fn signed(request: RequestBuilder, token: &str) -> RequestBuilder {
    request.header("authorization", format!("Bearer {token}"))
}

/// Who is told of events: it forgets nothing, and now and then says no.
pub(super) struct Receiver {
    pub(super) url: String,
    told: Told,
}

type Told = Arc<Mutex<Vec<(String, String)>>>;

impl Receiver {
    pub(super) async fn start() -> Self {
        let told = Told::default();
        let routes = Router::new().route("/", post(hear)).with_state(Arc::clone(&told));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, told }
    }

    /// Every event so far: its id and its subject.
    pub(super) fn told(&self) -> Vec<(String, String)> {
        self.told.lock().unwrap().clone()
    }
}

async fn hear(State(told): State<Told>, headers: HeaderMap, body: Bytes) -> axum::http::StatusCode {
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    assert_eq!(event["id"], id);
    let mut told = told.lock().unwrap();
    told.push((id, event["subject"].as_str().unwrap().to_owned()));
    if told.len() % 7 == 0 {
        return axum::http::StatusCode::SERVICE_UNAVAILABLE;
    }
    axum::http::StatusCode::NO_CONTENT
}
