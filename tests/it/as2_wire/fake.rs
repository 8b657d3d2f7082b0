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
    /// The same receipt, encrypted as `openssl` does it with this option, for the holder of these keys.
    Sealed(Box<Say>, &'static str, usize),
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
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::at(listener, url)
    }

    /// One that is reached through `listener`, at `url`.
    pub(super) fn at<L>(listener: L, url: String) -> Self
    where
        L: axum::serve::Listener<Addr = std::net::SocketAddr>,
    {
        let desk = Arc::new(Desk::default());
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
    ) -> (Vec<Header>, Vec<u8>) {
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

/// A header: its name and its value.
type Header = (String, String);

/// A receipt, encrypted by OpenSSL.
pub(super) fn sealed(
    (headers, body): (Vec<Header>, Vec<u8>),
    option: &str,
    recipient: usize,
) -> (Vec<Header>, Vec<u8>) {
    let (inner, mut outer): (Vec<Header>, Vec<Header>) = headers
        .into_iter()
        .partition(|(name, _)| name.to_ascii_lowercase().starts_with("content-"));
    let lines: Vec<String> =
        inner.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let entity = [lines.concat().as_bytes(), b"\r\n", &body].concat();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("entity"), entity).unwrap();
    std::fs::write(folder.path().join("for.pem"), &Keys::of(recipient).certificate).unwrap();
    let mut openssl = std::process::Command::new("openssl");
    openssl
        .current_dir(folder.path())
        .args(["cms", "-encrypt", "-binary", "-in", "entity", option]);
    let done = openssl.args(["-outform", "DER", "-recip", "for.pem"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let kind = "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m";
    outer.push(("Content-Type".to_owned(), kind.to_owned()));
    outer.push(("Content-Transfer-Encoding".to_owned(), "binary".to_owned()));
    (outer, done.stdout)
}

impl Say {
    /// What it comes to for a message, if it is a receipt.
    fn receipt(&self, came: &Came) -> Option<(Vec<Header>, Vec<u8>)> {
        match self {
            Self::Receipt(disposition, sign, change) => {
                Some(came.receipt(disposition, *sign, *change))
            }
            Self::Sealed(say, option, recipient) => {
                Some(sealed(say.receipt(came)?, option, *recipient))
            }
            Self::Status(_) | Self::Text(_) | Self::Elsewhere(_) => None,
        }
    }
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let came = Came { headers, body };
    desk.came.lock().unwrap().push(came.clone());
    let say = desk.to_say.lock().unwrap().pop_front().unwrap_or_else(Say::good);
    let receipt = say.receipt(&came);
    match say {
        Say::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Say::Text(text) => text.into_response(),
        Say::Elsewhere(to) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Say::Receipt(..) | Say::Sealed(..) => {
            let (headers, body) = receipt.unwrap();
            let mut response = body.into_response();
            for (name, value) in headers {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
            }
            response
        }
    }
}
