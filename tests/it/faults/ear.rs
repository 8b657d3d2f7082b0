//! Someone whom the program calls: answers as a test wants, and remembers what came.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How to answer.
pub(super) enum Reply {
    Status(u16),
    /// After so long.
    Late(Duration, u16),
    /// With `Retry-After`.
    Busy(u16, &'static str),
    /// A page for people, with 200.
    Page,
    Redirect(&'static str),
    /// A no that repeats what came.
    Echo,
    /// Not at all: the connection breaks off when all was read.
    Reset,
}

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) path: String,
    /// The id of the event, or of the message.
    pub(super) key: String,
    pub(super) body: Bytes,
    pub(super) at: Instant,
    /// What was answered; none: nothing.
    pub(super) status: Option<u16>,
}

type Script = Box<dyn Fn(&Heard, &[Heard]) -> Reply + Send + Sync>;

pub(super) struct Ear {
    desk: Arc<Desk>,
}

struct Desk {
    script: Script,
    heard: Mutex<Vec<Heard>>,
}

/// An address at which nobody is.
pub(super) fn nobody() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Ear {
    /// Answers each call by what came, and all that came to the same path before.
    pub(super) async fn at(
        address: SocketAddr,
        script: impl Fn(&Heard, &[Heard]) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let desk = Arc::new(Desk { script: Box::new(script), heard: Mutex::default() });
        let router = Router::new().fallback(hear).with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { desk }
    }

    /// Everything that came.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.desk.heard.lock().unwrap().clone()
    }

    /// What came to this path.
    pub(super) fn of(&self, path: &str) -> Vec<Heard> {
        self.heard().into_iter().filter(|heard| heard.path == path).collect()
    }

    /// How often each key was answered with a 2xx.
    pub(super) fn taken(&self) -> BTreeMap<String, usize> {
        let mut taken = BTreeMap::new();
        for heard in self.heard() {
            if heard.status.is_some_and(|status| (200..300).contains(&status)) {
                *taken.entry(heard.key).or_insert(0) += 1;
            }
        }
        taken
    }

    /// Every key that came.
    pub(super) fn keys(&self) -> BTreeSet<String> {
        self.heard().into_iter().map(|heard| heard.key).collect()
    }
}

async fn hear(
    State(desk): State<Arc<Desk>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = headers.get("webhook-id").or(headers.get("idempotency-key")).unwrap();
    let key = key.to_str().unwrap().to_owned();
    let path = uri.path().to_owned();
    let heard = Heard { path, key, body, at: Instant::now(), status: None };
    let (reply, at) = {
        let mut all = desk.heard.lock().unwrap();
        let before = all.iter().filter(|one| one.path == heard.path).cloned().collect::<Vec<_>>();
        all.push(heard.clone());
        ((desk.script)(&heard, &before), all.len() - 1)
    };
    let body = String::from_utf8_lossy(&heard.body).into_owned();
    let (status, wait, head, text) = match reply {
        Reply::Status(status) => (status, Duration::ZERO, None, ""),
        Reply::Late(wait, status) => (status, wait, None, ""),
        Reply::Busy(status, wait) => {
            (status, Duration::ZERO, Some((header::RETRY_AFTER, wait)), "")
        }
        Reply::Page => (200, Duration::ZERO, None, "<html><form>Please log in</form></html>"),
        Reply::Redirect(to) => (302, Duration::ZERO, Some((header::LOCATION, to)), ""),
        Reply::Echo => (422, Duration::ZERO, None, body.as_str()),
        // Nothing is printed, and the connection is gone.
        Reply::Reset => std::panic::resume_unwind(Box::new(())),
    };
    tokio::time::sleep(wait).await;
    desk.heard.lock().unwrap()[at].status = Some(status);
    let mut response = (StatusCode::from_u16(status).unwrap(), text.to_owned()).into_response();
    if let Some((name, value)) = head {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
