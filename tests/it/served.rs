//! The real program as a process of its own, and those who call it and are called by it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use reqwest::{Client, RequestBuilder};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
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
    /// What it is started with beside the usual.
    pub(super) arguments: Vec<String>,
    /// Whether nobody reads what it logs.
    pub(super) unread: bool,
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
    operator: String,
    sftp: Option<std::net::SocketAddr>,
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
        us = us.replace("127.0.0.1:8422", "127.0.0.1:0");
        let webhook = format!(
            "\n[[erp.webhooks]]\nname = \"erp\"\nurl = \"{webhook}\"\nsecrets = [{{ env = \"HOOK\" }}]\n"
        );
        fs::write(partners.join("us.toml"), us + &webhook).unwrap();
        let (arguments, addresses) = (Vec::new(), Arc::default());
        Self { folder, process: None, addresses, arguments, unread: false }
    }

    /// Starts it, and waits until it says that it is ready.
    pub(super) fn start(&mut self) {
        assert!(self.start_under(&[]), "it does not start: {}", self.log());
    }

    /// Starts it under strace, which does `inject` to its calls; `false` if it ended before it was
    /// ready.
    pub(super) fn start_under(&mut self, inject: &[&str]) -> bool {
        let mut command = self.command(inject);
        if self.unread {
            command.stderr(Stdio::piped());
        } else {
            let log = self.folder().join("log");
            command.stderr(fs::File::options().create(true).append(true).open(log).unwrap());
        }
        let mut process = command.stdout(Stdio::piped()).spawn().expect("strace is needed");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        self.process = Some(process);
        let Ok(ready) = serde_json::from_str::<serde_json::Value>(&line) else { return false };
        let address = |name: &str| ready[name].as_str().unwrap().to_owned();
        *self.addresses.lock().unwrap() = Addresses {
            partners: address("partners"),
            erp: address("erp"),
            operator: address("operator"),
            sftp: ready["sftp"].as_str().map(|address| address.parse().unwrap()),
        };
        true
    }

    fn command(&self, inject: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_wharf");
        let mut command = if inject.is_empty() {
            Command::new(program)
        } else {
            let mut strace = Command::new("strace");
            // The tracer is a grandchild, so that the process is ours.
            strace.args(["-D", "-f", "-qq", "-o", "/dev/null"]);
            for word in inject {
                match word.strip_prefix("inject=") {
                    Some(rest) => {
                        let calls = rest.split(':').next().unwrap();
                        strace.args(["-e", &format!("trace={calls}"), "-e", word])
                    }
                    None => strace.args(["-P", word]),
                };
            }
            strace.arg(program);
            strace
        };
        command.args(["serve", "--json"]).args(&self.arguments).current_dir(self.folder());
        command.env("HOOK", "whsec_c2VjcmV0IGZvciBhIHRlc3Q=");
        command
    }

    /// Starts it where it cannot begin, and tells how it ended.
    pub(super) fn fail_to_start(&self) -> Output {
        self.command(&[]).output().unwrap()
    }

    /// Runs `wharf` beside it, which finds its operator's listener.
    pub(super) fn wharf(&self, arguments: &[&str]) -> Output {
        let asked = self.folder().join("asked");
        let _earlier = fs::remove_dir_all(&asked);
        fs::create_dir(&asked).unwrap();
        for entry in fs::read_dir(self.folder().join("partners")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), asked.join(entry.file_name())).unwrap();
        }
        let us = fs::read_to_string(asked.join("us.toml")).unwrap();
        let port = self.addresses.lock().unwrap().operator.replace("http://", "");
        let (before, after) = us.split_once("[listeners.operator]").unwrap();
        let after = after.replacen("127.0.0.1:0", &port, 1);
        fs::write(asked.join("us.toml"), format!("{before}[listeners.operator]{after}")).unwrap();
        Command::new(env!("CARGO_BIN_EXE_wharf"))
            .args(arguments)
            .args(["--partners", "asked"])
            .env("HOOK", "whsec_c2VjcmV0IGZvciBhIHRlc3Q=")
            .current_dir(self.folder())
            .output()
            .unwrap()
    }

    /// Waits until it ends, and tells how.
    pub(super) fn ended(&mut self, patience: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + patience;
        let process = self.process.as_mut().unwrap();
        loop {
            if let Some(status) = process.try_wait().unwrap() {
                self.process = None;
                return Some(status);
            }
            if Instant::now() > end {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let told = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(told.success());
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Tells it to end, and sees that it does so in order.
    pub(super) fn end_in_order(mut self) {
        self.signal("TERM");
        let Some(status) = self.ended(Duration::from_secs(40)) else {
            panic!("it does not end: {}", self.log());
        };
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// The same, and what it left behind is kept until the answer is dropped.
    pub(super) fn end_and_keep(mut self) -> TempDir {
        self.signal("TERM");
        let Some(status) = self.ended(Duration::from_secs(40)) else {
            panic!("it does not end: {}", self.log());
        };
        assert!(status.success(), "{status}: {}", self.log());
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
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
        self.partner("dead", "{ url = 'http://127.0.0.1:9/' }", "");
    }

    /// Writes the file of one more partner, who gets orders as `deliver` says.
    pub(super) fn partner(&self, name: &str, deliver: &str, more: &str) {
        let id = name.to_uppercase();
        let text = format!(
            "title = '{name}'\nrole = 'supplier'\nmode = 'production'\nowner = 'o@o.example'\n\
             [[identities]]\nisa = 'ZZ:{id}'\ngs = ['{id}']\n\
             [https]\ndeliver = {deliver}\n\
             [[agreements]]\nset = '850'\ndirection = 'out'\n{more}"
        );
        fs::write(self.file(name), text).unwrap();
    }

    /// Where it listens for partners, the ERP and the operator.
    pub(super) fn addresses(&self) -> [String; 3] {
        let Addresses { partners, erp, operator, .. } = self.addresses.lock().unwrap().clone();
        [partners, erp, operator].map(|url| url.replace("http://", ""))
    }

    /// Where it listens for SFTP.
    pub(super) fn sftp(&self) -> std::net::SocketAddr {
        self.addresses.lock().unwrap().sftp.unwrap()
    }

    /// The file of a partner, or `us`.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(format!("partners/{name}.toml"))
    }

    /// Where all of it lies.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it logged so far.
    pub(super) fn log(&self) -> String {
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

    /// One request by `token` to the door that it is for; the status and the answer as JSON.
    pub(super) async fn post(
        &self,
        token: &str,
        path: &str,
        body: &str,
        key: u32,
    ) -> (u16, serde_json::Value) {
        let addresses = self.addresses.lock().unwrap().clone();
        let (base, kind) = if token == ERP {
            (addresses.erp, "application/json")
        } else {
            (addresses.partners, "application/edi-x12")
        };
        let request = signed(self.client.post(format!("{base}{path}")), token);
        let request = request.header("content-type", kind).header("idempotency-key", key);
        heard(request.body(body.to_owned())).await
    }

    /// What the operator's door says.
    pub(super) async fn operator(&self, path: &str) -> (u16, serde_json::Value) {
        let base = self.addresses.lock().unwrap().operator.clone();
        heard(self.client.get(format!("{base}{path}"))).await
    }

    /// Its figures, as Prometheus reads them.
    pub(super) async fn figures(&self) -> String {
        let base = self.addresses.lock().unwrap().operator.clone();
        let answer = self.client.get(format!("{base}/metrics")).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// A request to the partners' door, or else to the ERP's.
    pub(super) fn request(&self, method: &str, partners: bool, path: &str) -> RequestBuilder {
        let addresses = self.addresses.lock().unwrap().clone();
        let base = if partners { addresses.partners } else { addresses.erp };
        self.client.request(method.parse().unwrap(), format!("{base}{path}"))
    }

    /// Orders for the partner who is not there.
    pub(super) async fn orders_for_dead_partner(&self, count: u32) {
        for number in 1..=count {
            let order = order(number);
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

/// The status and the answer as JSON.
pub(super) async fn heard(request: RequestBuilder) -> (u16, serde_json::Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// Asks again and again until it is so.
pub(super) async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !so().await {
        assert!(Instant::now() < end, "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An 855 about an order of this number.
pub(super) fn confirmation(number: u32) -> String {
    confirmation_of(number, 1)
}

/// An 855 with so many lines; a thousand make a body in a file of its own.
pub(super) fn confirmation_of(number: u32, lines: usize) -> String {
    let line = |line| format!("PO1*{line}*40*BX*8.75*CT*VN*NG-7701M~ACK*IA*40*BX*067*20261118~");
    let text = (1..=lines).map(line).collect::<String>();
    let segments = 4 + 2 * lines;
    format!(
        "ISA*00*          *00*          *01*006081492      *ZZ*LAKESIDE       *261115*0930*U*00401*{number:09}*0*P*>~GS*PR*ACMEMED*LAKESIDE*20261115*0930*{number}*X*004010~ST*855*0001~BAK*00*AC*IN-{number}*20261115~{text}CTT*{lines}~SE*{segments}*0001~GE*1*{number}~IEA*1*{number:09}~"
    )
}

/// An order of this number.
pub(super) fn order(number: u32) -> String {
    format!(
        r#"{{"document": "purchase-order", "number": "PO-{number}", "ordered_on": "2026-11-15", "kind": "stand_alone",
        "lines": [{{"line_number": "1", "quantity": "40", "unit": "BX", "price": "8.75",
        "item_ids": [{{"scheme": "vendor_item", "value": "NG-7701M"}}]}}]}}"#
    )
}

pub(super) fn signed(request: RequestBuilder, token: &str) -> RequestBuilder {
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

/// What is looked at of an event.
#[derive(serde::Deserialize)]
struct Event {
    id: String,
    subject: String,
}

async fn hear(
    State(told): State<Arc<Mutex<Told>>>,
    headers: HeaderMap,
    body: Bytes,
) -> axum::http::StatusCode {
    let event: Event = serde_json::from_slice(&body).unwrap();
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    assert_eq!(event.id, id);
    let subject = event.subject;
    let mut told = told.lock().unwrap();
    told.events.push((id, subject, Instant::now()));
    if told.moody && told.events.len() % 7 == 0 {
        return axum::http::StatusCode::SERVICE_UNAVAILABLE;
    }
    axum::http::StatusCode::NO_CONTENT
}
