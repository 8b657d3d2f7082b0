//! A listener for partners on a free port, with two partners and an inbox in memory behind it.

use super::inbox::Memory;
use rcgen::{CertificateParams, KeyPair};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wharf::grammar::Library;
use wharf::http::{Door, Limits};
use wharf::message::Digest;
use wharf::partner::{Disk, Listener, Partners, Shelf, Tls, token_hash};
use wharf::transport::https::receive::routes;

pub(super) const ACME: &str = "token-of-acme";
pub(super) const BETA: &str = "token-of-beta";

/// A running listener.
pub(super) struct House {
    pub(super) inbox: Arc<Memory>,
    pub(super) address: SocketAddr,
    pub(super) stop: CancellationToken,
    pub(super) served: Option<JoinHandle<()>>,
    pub(super) folder: TempDir,
    pub(super) runtime: Runtime,
}

impl House {
    /// With TLS, and the usual patience.
    pub(super) fn open() -> Self {
        Self::with(Tls::Development, Limits::default())
    }

    /// Without TLS, for what speaks bytes.
    pub(super) fn plain(limits: Limits) -> Self {
        Self::with(Tls::Off, limits)
    }

    pub(super) fn with(tls: Tls, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Arc::new(Memory::new(partners(folder.path())));
        let listener = Listener { address: "127.0.0.1:0".parse().unwrap(), tls };
        let door = Door::bind("partners", &listener, folder.path()).unwrap();
        let (address, stop) = (door.address(), CancellationToken::new());
        let runtime = Runtime::new().unwrap();
        let served = runtime.spawn(door.serve(routes(Arc::clone(&inbox)), limits, stop.clone()));
        Self { inbox, address, stop, served: Some(served), folder, runtime }
    }

    /// The authority that the listener's certificate comes from: itself.
    pub(super) fn authority(&self) -> PathBuf {
        self.folder.path().join("development.pem")
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// A client that trusts the listener and signs in with nothing by itself.
    pub(super) fn client(&self) -> reqwest::ClientBuilder {
        let authority = fs::read(self.authority()).unwrap();
        let authority = reqwest::Certificate::from_pem(&authority).unwrap();
        let addresses = [self.address];
        reqwest::Client::builder()
            .tls_certs_only([authority])
            .resolve_to_addrs("localhost", &addresses)
    }

    /// Sends a request with reqwest, as the partner with this token.
    pub(super) fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Heard {
        self.send(method, path, |request| request.bearer_auth(token).body(body.to_owned()))
    }

    /// Sends a request with reqwest.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        dress: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Heard {
        let client = self.client().build().unwrap();
        let request = dress(client.request(method.parse().unwrap(), self.url(path)));
        self.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let version = response.version();
            let body = response.bytes().await.unwrap().to_vec();
            Heard { status, headers, version, body }
        })
    }

    /// Runs curl against a path.
    pub(super) fn curl(&self, path: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("curl");
        command.args(["-sS", "--max-time", "20", "--cacert"]).arg(self.authority());
        command.args(["--write-out", "%{stderr}%{http_code}"]);
        command.args(arguments).arg(self.url(path)).output().unwrap()
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes on a connection of their own and hears everything until it is closed.
    pub(super) fn say(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        rest(&mut stream)
    }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) version: reqwest::Version,
    pub(super) body: Vec<u8>,
}

impl Heard {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// What comes until the other side closes.
pub(super) fn rest(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => heard.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}, after {:?}", String::from_utf8_lossy(&heard)),
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// Waits until something is so.
pub(super) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A certificate that somebody may sign in with, and its key: the files, and its hash.
pub(super) struct Identity {
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
    pub(super) der: Vec<u8>,
}

impl Identity {
    pub(super) fn make(folder: &Path, name: &str) -> Self {
        let pair = KeyPair::generate().unwrap();
        let made = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&pair);
        let made = made.unwrap();
        let (chain, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
        fs::write(&chain, made.pem()).unwrap();
        fs::write(&key, pair.serialize_pem()).unwrap();
        Self { chain, key, der: made.der().to_vec() }
    }

    pub(super) fn reqwest(&self) -> reqwest::Identity {
        let both = [fs::read(&self.chain).unwrap(), fs::read(&self.key).unwrap()].concat();
        reqwest::Identity::from_pem(&both).unwrap()
    }
}

/// Two partners: `acme`, who may also sign in with the certificate `acme.pem`, and `beta`, of whom
/// little is wanted.
fn partners(folder: &Path) -> Partners {
    let acme = Digest::of(&Identity::make(folder, "acme").der);
    let inside = folder.join("partners");
    fs::create_dir(&inside).unwrap();
    let us = "title = 'Lakeside'\nidentities = [{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }]\n";
    fs::write(inside.join("us.toml"), us).unwrap();
    let partner = |name: &str, token: &str, more: &str, limits: &str| {
        let hash = token_hash(token);
        let text = format!(
            "title = '{name}'\nrole = 'supplier'\nmode = 'test'\nowner = 'edi@lakeside.example'\n\
             identities = [{{ isa = 'ZZ:{name}', gs = ['{name}'] }}]\n\
             [https]\ntokens = [{{ sha256 = '{hash}' }}]\n{more}\n[limits]\n{limits}\n\
             [[agreements]]\nset = '855'\ndirection = 'in'\n"
        );
        fs::write(inside.join(format!("{name}.toml")), text).unwrap();
    };
    let certificate = format!("certificates = [{{ sha256 = '{acme}' }}]");
    partner("acme", ACME, &certificate, "body = '10MB'");
    partner("beta", BETA, "", "body = '1kB'\nrequests_per_minute = 30\nat_once = 2");
    let library = Library::shipped();
    Partners::load(&Disk::new(&inside, &|_| None), &Shelf::new(&library))
        .unwrap_or_else(|faults| panic!("{faults}"))
}

/// Longer than anything here takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
