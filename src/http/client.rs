//! Calls that we make: one request, no redirects, an end to everything.

use super::error::HttpError;
use super::known;
use super::load::Load;
use super::public::{Inside, Public};
use crate::partner::{OwnCertificate, Trust};
use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity, Response};
use std::error::Error;
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// What calls others.
#[derive(Clone, Debug)]
pub struct Client {
    reqwest: reqwest::Client,
    settings: ClientSettings,
}

/// How patient a client is, and whom it trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a whole call may take, whatever its size.
    pub total: Duration,
    /// How many bytes of what we send the other side has to take in each second beyond that.
    pub rate: u64,
    /// How long the text of an answer may take after its status.
    pub answer: Duration,
    /// Certificates of authorities, in PEM, that are trusted beside those of the system.
    pub authorities: Vec<Vec<u8>>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
            rate: 50_000,
            answer: Duration::from_secs(10),
            authorities: Vec::new(),
        }
    }
}

/// What the other side answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long they want us to wait, if they said so.
    pub retry_after: Option<Duration>,
    /// Its headers.
    pub headers: HeaderMap,
    /// The beginning of what they said, up to 64 KB.
    pub body: Vec<u8>,
}

impl Answer {
    /// The beginning of what they said as one line for people: no controls, not long.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let hidden = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        };
        let plain = text.chars().map(|c| if hidden(c) { ' ' } else { c }).take(FOR_PEOPLE * 4);
        let plain = plain.collect::<String>();
        let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        words.chars().take(FOR_PEOPLE).collect()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nobody could be reached: nothing was sent.
    Unreachable(String),
    /// The other side is not who it should be: nothing was sent.
    NotTrusted(String),
    /// We may not call there, or what we would send is no request: nothing was sent.
    Refused(String),
    /// It took too long, or the connection broke: whether it arrived is not known.
    Broken(String),
}

impl Client {
    /// A client; fails if the system has no authorities to trust, or a given one is none.
    pub fn new(settings: ClientSettings) -> Result<Self, HttpError> {
        Self::of(settings, None, None)
    }

    /// One as patient as this, for calls to one partner: it trusts who stands in `trust` and nobody
    /// else, if that is given, and shows `own`.
    pub fn to(
        &self,
        trust: Option<&Trust>,
        own: Option<&OwnCertificate>,
    ) -> Result<Self, HttpError> {
        Self::of(self.settings.clone(), trust, own)
    }

    fn of(
        settings: ClientSettings,
        trust: Option<&Trust>,
        own: Option<&OwnCertificate>,
    ) -> Result<Self, HttpError> {
        let fault = |error: reqwest::Error| HttpError::Client(innermost(&error));
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .dns_resolver(Public)
            .connect_timeout(settings.connect)
            .http2_max_header_list_size(LARGEST_HEAD)
            .user_agent(concat!("wharf/", env!("CARGO_PKG_VERSION")));
        if let Some(trust) = trust {
            builder = builder.tls_backend_preconfigured(known::config(trust, own)?);
            return Ok(Self { reqwest: builder.build().map_err(fault)?, settings });
        }
        if let Some(own) = own {
            let pem = [own.chain.as_slice(), b"\n", own.key.expose()].concat();
            // The error is not repeated: what it quotes may be the key.
            let identity = Identity::from_pem(&pem).map_err(|_| HttpError::Certificate {
                file: own.file.clone(),
                why: "it and its key are no pair in PEM".to_owned(),
            })?;
            builder = builder.identity(identity);
        }
        for authority in &settings.authorities {
            let authority = Certificate::from_pem_bundle(authority).map_err(fault)?;
            builder = builder.tls_certs_merge(authority);
        }
        Ok(Self { reqwest: builder.build().map_err(fault)?, settings })
    }

    /// Posts `load` to `url` once.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        load: impl Into<Load>,
    ) -> Result<Answer, NoAnswer> {
        self.post_within(self.settings.total, url, headers, load.into()).await
    }

    /// The same, with a patience of its own.
    pub async fn post_within(
        &self,
        total: Duration,
        url: &str,
        headers: HeaderMap,
        load: Load,
    ) -> Result<Answer, NoAnswer> {
        let more = load.length().checked_div(self.settings.rate).unwrap_or(0).min(A_DAY);
        let total = total + Duration::from_secs(more);
        let request = self.reqwest.post(url).headers(headers).body(load.body()).timeout(total);
        let response = request.send().await.map_err(|error| no_answer(&error))?;
        let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
        let headers = response.headers().clone();
        // The status stands, whatever becomes of the text.
        let mut body = Vec::new();
        let read = timeout(self.settings.answer, beginning(response, &mut body)).await;
        tracing::trace!(whole = read.is_ok(), "an answer was read");
        Ok(Answer { status, retry_after, headers, body })
    }
}

async fn beginning(mut response: Response, body: &mut Vec<u8>) {
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = LARGEST_ANSWER.saturating_sub(body.len());
        body.extend(chunk.iter().take(room));
        if body.len() >= LARGEST_ANSWER {
            return;
        }
    }
}

/// What `Retry-After` says: seconds, or a date, which is held against their own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let after = text(header::RETRY_AFTER)?.trim();
    if let Ok(seconds) = after.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let time = |text: &str| rfc2822::parse(text).ok().map(|time| time.timestamp());
    let (after, now): (Timestamp, Timestamp) = (time(after)?, time(text(header::DATE)?)?);
    Duration::try_from(after.duration_since(now)).ok()
}

fn no_answer(error: &reqwest::Error) -> NoAnswer {
    let why = innermost(error);
    if find::<Inside>(error).is_some() || error.is_builder() {
        NoAnswer::Refused(why)
    } else if find::<rustls::Error>(error).is_some() && error.is_connect() {
        NoAnswer::NotTrusted(why)
    } else if error.is_connect() {
        let late = error.is_timeout();
        NoAnswer::Unreachable(if late { "nobody answered in time".to_owned() } else { why })
    } else if error.is_timeout() {
        NoAnswer::Broken("it took too long".to_owned())
    } else {
        NoAnswer::Broken(why)
    }
}

/// The cause that says most.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn find<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref::<E>())
}

/// The causes of an error, those that stand inside of an I/O error too.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inside.map(|inside| -> &(dyn Error + 'static) { inside }).or_else(|| error.source())
    })
}

const LARGEST_ANSWER: usize = 65_536;

const LARGEST_HEAD: u32 = 65_536;

/// As much of an answer as is shown.
const FOR_PEOPLE: usize = 500;

const A_DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_wait_is_read_as_seconds_or_as_a_date_by_their_clock() {
        let of = |pairs: &[_]| retry_after(&headers(pairs)).map(|wait| wait.as_secs());
        let date = (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(of(&[(header::RETRY_AFTER, "120")]), Some(120));
        assert_eq!(
            of(&[(header::RETRY_AFTER, "Sun, 06 Nov 1994 08:51:37 GMT"), date.clone()]),
            Some(120)
        );
        assert_eq!(of(&[(header::RETRY_AFTER, "Sun, 06 Nov 1994 08:00:00 GMT"), date]), None);
        assert_eq!(of(&[(header::RETRY_AFTER, "Sun, 06 Nov 1994 08:51:37 GMT")]), None);
        assert_eq!(of(&[(header::RETRY_AFTER, "-1")]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn what_they_said_is_one_plain_line() {
        let answer = |body: &[u8]| {
            let (headers, body) = (HeaderMap::new(), body.to_vec());
            Answer { status: 200, retry_after: None, headers, body }
        };
        let text = answer(b"<h1>No</h1>\r\n\x1b[31mred\xff \xe2\x80\xaeevil").text();
        assert_eq!(text, "<h1>No</h1> [31mred\u{fffd} evil");
        assert_eq!(answer(&vec![b'x'; 70_000]).text().len(), FOR_PEOPLE);
    }
}
