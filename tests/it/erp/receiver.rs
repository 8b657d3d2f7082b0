//! An ERP's endpoint that answers as a test wants it to, and remembers what it got.

use super::world::until;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How to answer.
pub(super) enum Reply {
    Status(u16),
    After(Duration, u16),
    /// With this status and `Retry-After`.
    Busy(u16, &'static str),
    /// A login page with 200.
    Html,
    /// 200, and a body without end.
    Endless,
    Redirect(String),
    /// Not at all: the connection is closed when all was read.
    Reset,
}

/// What was got.
#[derive(Clone, Debug)]
pub(super) struct Got {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) at: Instant,
    pub(super) try_of_event: usize,
    pub(super) try_of_all: usize,
}

impl Got {
    pub(super) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Script = Arc<dyn Fn(&Got) -> Reply + Send + Sync>;

pub(super) struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

struct Desk {
    script: Mutex<Script>,
    all: Mutex<Vec<Got>>,
    /// Those that were answered with a 2xx.
    taken: Mutex<Vec<Got>>,
    at_once: AtomicUsize,
    most: AtomicUsize,
    endless: Arc<AtomicUsize>,
}

impl Receiver {
    pub(super) async fn start(script: impl Fn(&Got) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), script).await
    }

    pub(super) async fn start_at(
        address: SocketAddr,
        script: impl Fn(&Got) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let desk = Arc::new(Desk {
            script: Mutex::new(Arc::new(script)),
            all: Mutex::default(),
            taken: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            endless: Arc::default(),
        });
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&desk));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, desk, task }
    }

    /// The same receiver, which answers otherwise from now on.
    pub(super) fn now(self, script: impl Fn(&Got) -> Reply + Send + Sync + 'static) -> Self {
        *self.desk.script.lock().unwrap() = Arc::new(script);
        self
    }

    /// Goes away; says where it was.
    pub(super) fn stop(self) -> SocketAddr {
        self.task.abort();
        self.address
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(super) async fn wait(&self, count: usize) -> Vec<Got> {
        until("it has arrived", || self.all().len() >= count).await;
        self.all()
    }

    pub(super) fn all(&self) -> Vec<Got> {
        self.desk.all.lock().unwrap().clone()
    }

    pub(super) fn taken(&self) -> Vec<Got> {
        self.desk.taken.lock().unwrap().clone()
    }

    pub(super) fn delivered(&self) -> BTreeSet<String> {
        self.taken().iter().map(|got| got.id().to_owned()).collect()
    }

    pub(super) fn tries(&self, event: &str) -> usize {
        self.all().iter().filter(|got| got.id() == event).count()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.desk.most.load(Ordering::SeqCst)
    }

    pub(super) fn sent_of_endless(&self) -> usize {
        self.desk.endless.load(Ordering::SeqCst)
    }
}

async fn receive(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let at_once = desk.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    desk.most.fetch_max(at_once, Ordering::SeqCst);
    let got = {
        let mut all = desk.all.lock().unwrap();
        let id = &headers["webhook-id"];
        let try_of_event = 1 + all.iter().filter(|got| got.headers["webhook-id"] == id).count();
        let at = Instant::now();
        let got = Got { headers, body, at, try_of_event, try_of_all: all.len() + 1 };
        all.push(got.clone());
        got
    };
    let script = Arc::clone(&desk.script.lock().unwrap());
    let reply = script(&got);
    if let Reply::After(wait, _) = &reply {
        tokio::time::sleep(*wait).await;
    }
    desk.at_once.fetch_sub(1, Ordering::SeqCst);
    let status = |code: u16| StatusCode::from_u16(code).unwrap();
    let response = match reply {
        Reply::Status(code) | Reply::After(_, code) => status(code).into_response(),
        Reply::Busy(code, wait) => (status(code), [(header::RETRY_AFTER, wait)]).into_response(),
        Reply::Html => {
            let page = "<html><body><form>Please log in</form></body></html>";
            ([(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        Reply::Endless => Body::new(Endless(Arc::clone(&desk.endless))).into_response(),
        Reply::Redirect(to) => (status(307), [(header::LOCATION, to)]).into_response(),
        // Nothing is printed, and the connection is gone.
        Reply::Reset => std::panic::resume_unwind(Box::new(())),
    };
    if response.status().is_success() {
        desk.taken.lock().unwrap().push(got);
    }
    response
}

struct Endless(Arc<AtomicUsize>);

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = Bytes::from_static(&[b'x'; 4096]);
        self.0.fetch_add(piece.len(), Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
