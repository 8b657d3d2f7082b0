//! A partner whose program answers as it is told.

use super::world::{ACME, Keys, LAKESIDE};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use wharf::transport::as2::mdn::{Answer as Receipt, write};
use wharf::transport::as2::{
    As2Name, Disposition, Headers, Memory, Mic, Policy, Signing, Terms, open,
};

/// What the partner answers to one message.
#[derive(Clone, Debug)]
pub(super) enum Say {
    /// A status and nothing more.
    Status(u16),
    /// A text.
    Text(&'static str),
    /// A receipt with this disposition, signed by this key, and with this change to it.
    Receipt(Disposition, Option<usize>, Change),
    /// A redirect to here.
    Elsewhere(String),
}

/// What is wrong with a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    Mic,
    Original,
    Cut,
}

impl Say {
    pub(super) fn good() -> Self {
        Self::Receipt(Disposition::Processed, Some(ACME), Change::Nothing)
    }
}

/// A partner whose program answers as it is told, and who remembers what came.
#[derive(Clone)]
pub(super) struct Fake {
    pub(super) url: String,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    to_say: Mutex<VecDeque<Say>>,
    came: Mutex<Vec<Came>>,
}

/// A request that came.
#[derive(Clone)]
pub(super) struct Came {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Fake {
    pub(super) async fn new() -> Self {
        let desk = Arc::new(Desk::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(any(take)).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, desk }
    }

    pub(super) fn say(&self, these: impl IntoIterator<Item = Say>) {
        self.desk.to_say.lock().unwrap().extend(these);
    }

    pub(super) fn came(&self) -> Vec<Came> {
        self.desk.came.lock().unwrap().clone()
    }
}

impl Came {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A receipt for it: headers and body.
    pub(super) fn receipt(
        &self,
        disposition: &Disposition,
        sign: Option<usize>,
        change: Change,
    ) -> (Vec<(String, String)>, Vec<u8>) {
        let headers: Headers =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let (ours, theirs) = ([Keys::of(ACME).pair()], [Keys::of(LAKESIDE).pinned()]);
        let policy = Policy::default();
        let at = Timestamp::now();
        let terms = Terms { policy: &policy, ours: &ours, theirs: &theirs, mic: None, at };
        let mut body = std::io::Cursor::new(self.body.to_vec());
        let opened = open(&headers, &mut body, &terms, &mut Memory::default()).unwrap();
        let wrong = Mic::of(opened.mic.algorithm, b"something else");
        let other = "<other@lakeside>".parse().unwrap();
        let answer = Receipt {
            from: &As2Name::new("ACME").unwrap(),
            to: &As2Name::new("LAKESIDE AS2").unwrap(),
            message_id: &format!("{}@acme", at.as_nanosecond()).parse().unwrap(),
            original: if change == Change::Original {
                &other
            } else {
                &self.header("message-id").parse().unwrap()
            },
            disposition,
            mic: Some(if change == Change::Mic { &wrong } else { &opened.mic }),
            words: "",
            reporter: "acme; fake",
            quirks: &[],
            at,
        };
        let pair = sign.map(|keys| Keys::of(keys).pair());
        let mut written = write(&answer, pair.as_ref().map(Signing::with).as_ref()).unwrap();
        if change == Change::Cut {
            written.body.truncate(written.body.len() / 2);
        }
        written.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Length"));
        (written.headers, written.body)
    }
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let came = Came { headers, body };
    desk.came.lock().unwrap().push(came.clone());
    let say = desk.to_say.lock().unwrap().pop_front().unwrap_or_else(Say::good);
    match say {
        Say::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Say::Text(text) => text.into_response(),
        Say::Elsewhere(to) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Say::Receipt(disposition, sign, change) => {
            let (headers, body) = came.receipt(&disposition, sign, change);
            let mut response = body.into_response();
            for (name, value) in headers {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
            }
            response
        }
    }
}
