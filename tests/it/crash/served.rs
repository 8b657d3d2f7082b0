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

/// How its doors are closed to others' ears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ways {
    /// Not at all.
    Plain,
    /// By the certificate that it makes for trying things out.
    Tls,
}

#[derive(Clone, Debug, Default)]
struct Addresses {
    partners: String,
    erp: String,
}

impl Served {
    /// With the sample partners, in production, and one webhook.
    pub(super) fn new(webhook: &str, ways: Ways) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("partners");
        let partners = folder.path().join("partners");
        fs::create_dir(&partners).unwrap();
        fs::create_dir(folder.path().join("certs")).unwrap();
        let acme = fs::read_to_string(samples.join("acme-medical.toml")).unwrap();
        let acme = acme.replace("mode = \"test\" ", "mode = \"production\" ");
        assert!(acme.contains("production\" "));
        let acme = format!("{acme}\n[limits]\nrequests_per_minute = 10000000\nat_once = 1000\n");
        fs::write(partners.join("acme-medical.toml"), acme).unwrap();
        let us = fs::read_to_string(samples.join("us.toml")).unwrap();
        // Ports of their own.
        let mut us = us.replace("tls = \"off\"\n", "");
        for port in ["8443", "8444", "8445"] {
            let address = format!("address = \"127.0.0.1:{port}\"");
            assert!(us.contains(&address));
            let tls = if ways == Ways::Tls && port != "8445" { "development" } else { "off" };
            us = us.replace(&address, &format!("address = \"127.0.0.1:0\"\ntls = \"{tls}\""));
        }
        let webhook = format!(
            "\n[[erp.webhooks]]\nname = \"erp\"\nurl = \"{webhook}\"\nsecrets = [{{ env = \"HOOK\" }}]\n"
        );
        fs::write(partners.join("us.toml"), us + &webhook).unwrap();
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
        let client = Client::builder()
            .danger_accept_invalid_certs(true)
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        Doors { client, addresses: Arc::clone(&self.addresses) }
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// Before the start: one more partner, called `dead`, to whom we post and who is not there.
    pub(super) fn with_dead_partner(&self) {
        let text = "title = 'Dead'\nrole = 'supplier'\nmode = 'production'\nowner = 'o@o.example'\n\
            [[identities]]\nisa = 'ZZ:DEAD'\ngs = ['DEAD']\n\
            [https]\ndeliver = { url = 'http://127.0.0.1:9/' }\n\
            [[agreements]]\nset = '850'\ndirection = 'out'\n";
        fs::write(self.folder.path().join("partners/dead.toml"), text).unwrap();
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

    /// Orders for the partner who is not there.
    pub(super) async fn orders_for_dead_partner(&self, count: u32) {
        for number in 1..=count {
            let order = format!(
                r#"{{"number": "D-{number}", "ordered_on": "2026-11-15", "kind": "stand_alone",
                "lines": [{{"line_number": "1", "quantity": "40", "unit": "BX", "price": "8.75",
                "item_ids": [{{"scheme": "vendor_item", "value": "NG-7701M"}}]}}]}}"#
            );
            self.insist(ERP, "/v1/purchase-orders?partner=dead", &order, number).await;
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

/// Who is told of events, and forgets nothing.
pub(super) struct Receiver {
    pub(super) url: String,
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    /// Each event: its id, its subject, and when it came.
    events: Vec<(String, String, Instant)>,
    /// Whether it says no now and then.
    moody: bool,
}

impl Receiver {
    /// One that always says yes.
    pub(super) async fn start() -> Self {
        Self::with(Told::default()).await
    }

    /// One that says no now and then, after it has heard.
    pub(super) async fn start_moody() -> Self {
        Self::with(Told { moody: true, ..Told::default() }).await
    }

    async fn with(told: Told) -> Self {
        let told = Arc::new(Mutex::new(told));
        let routes = Router::new().route("/", post(hear)).with_state(Arc::clone(&told));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, told }
    }

    /// Every event so far: its id and its subject.
    pub(super) fn told(&self) -> Vec<(String, String)> {
        let told = self.told.lock().unwrap();
        told.events.iter().map(|(id, subject, _)| (id.clone(), subject.clone())).collect()
    }

    /// How many events came so far.
    pub(super) fn count(&self) -> usize {
        self.told.lock().unwrap().events.len()
    }

    /// How long each event took from when its document, the n-th of `posted`, was posted.
    pub(super) fn since(&self, posted: &[Instant]) -> Vec<Duration> {
        let told = self.told.lock().unwrap();
        let number = |subject: &str| subject.strip_prefix("IN-")?.parse::<usize>().ok();
        let took = |(_, subject, at): &(String, String, Instant)| {
            Some(at.duration_since(*posted.get(number(subject)? - 1)?))
        };
        told.events.iter().filter_map(took).collect()
    }
}

async fn hear(
    State(told): State<Arc<Mutex<Told>>>,
    headers: HeaderMap,
    body: Bytes,
) -> axum::http::StatusCode {
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    assert_eq!(event["id"], id);
    let subject = event["subject"].as_str().unwrap().to_owned();
    let mut told = told.lock().unwrap();
    told.events.push((id, subject, Instant::now()));
    if told.moody && told.events.len() % 7 == 0 {
        return axum::http::StatusCode::SERVICE_UNAVAILABLE;
    }
    axum::http::StatusCode::NO_CONTENT
}
