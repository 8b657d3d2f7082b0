//! One call to a subscriber, and what came of it.

use super::super::cloud::CONTENT_TYPE;
use super::sign::Keys;
use crate::message::Moment;
use crate::partner::Webhook;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{CONTENT_TYPE as CONTENT_TYPE_HEADER, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use std::error::Error;
use std::time::Duration;

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// They have it: any 2xx, whatever else they said.
    Delivered,
    /// They will not have this event as it is.
    Refused(String),
    /// It could not be read, so it was not sent.
    Unreadable(String),
    /// They are not to be called for a while; how long, if they said so.
    Busy(Option<Duration>, String),
    /// It may go better by itself: no connection, no answer in time, a broken server.
    Weather(String),
}

/// Calls a subscriber.
#[derive(Debug)]
pub(super) struct Poster {
    client: Client,
    url: String,
    keys: Keys,
}

impl Poster {
    pub(super) fn new(client: Client, webhook: &Webhook) -> Self {
        let (url, keys) = (webhook.url.as_str().to_owned(), Keys::new(&webhook.secrets));
        Self { client, url, keys }
    }

    /// Posts one event. Each call is signed anew: receivers refuse old timestamps.
    pub(super) async fn post(&self, id: &str, body: Vec<u8>, now: Moment) -> Outcome {
        let seconds = now.at.as_second();
        let signature = self.keys.sign(id, seconds, &body);
        let call = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE_HEADER, CONTENT_TYPE)
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature)
            .body(body);
        match call.send().await {
            Ok(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                judge(status, &headers, &beginning(response).await, now.at)
            }
            Err(error) => Outcome::Weather(words(error)),
        }
    }
}

/// What an answer means.
fn judge(status: StatusCode, headers: &HeaderMap, text: &str, now: Timestamp) -> Outcome {
    if status.is_success() {
        return Outcome::Delivered;
    }
    let said = if text.is_empty() { String::new() } else { format!(": {text}") };
    let why = format!("it answered {status}{said}");
    let wait = headers.get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?, now));
    match status {
        StatusCode::TOO_MANY_REQUESTS => Outcome::Busy(wait, why),
        StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => Outcome::Busy(wait, why),
        StatusCode::REQUEST_TIMEOUT => Outcome::Weather(why),
        status if status.is_server_error() => Outcome::Weather(why),
        _ => Outcome::Refused(why),
    }
}

/// Reads `Retry-After`: seconds, or a date.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let then = DateTimeParser::new().parse_timestamp(text).ok()?;
        then.duration_since(now).try_into().unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST_PAUSE))
}

/// The beginning of what they said, as one line of plain text, for the one who looks after it. The
/// rest is not read: what matters is the status, and nobody may keep us listening.
async fn beginning(mut response: Response) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < MOST {
            let Ok(Some(chunk)) = response.chunk().await else { break };
            bytes.extend_from_slice(&chunk);
        }
    };
    let _late = tokio::time::timeout(LISTEN, read).await;
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(SHOWN * 4)).unwrap_or_default());
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(SHOWN).collect::<String>().trim().to_owned()
}

/// Why a call failed, without the URL: it may hold a secret.
fn words(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        words = format!("{words}: {inner}");
        source = inner.source();
    }
    words
}

/// How much of an answer is read.
const MOST: usize = 64 << 10;

/// How long an answer is listened to after its head.
const LISTEN: Duration = Duration::from_secs(1);

/// How much of an answer is shown.
const SHOWN: usize = 200;

/// The longest wait that a subscriber can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, retry_after: Option<&str>) -> Outcome {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        let now = "2026-03-02T04:05:06Z".parse().unwrap();
        judge(StatusCode::from_u16(status).unwrap(), &headers, "no", now)
    }

    #[test]
    fn only_a_2xx_is_delivered_and_each_other_answer_has_its_meaning() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(judged(status, None), Outcome::Delivered);
        }
        for status in [300, 301, 302, 307, 400, 401, 404, 409, 410, 413, 422, 499] {
            assert!(matches!(judged(status, None), Outcome::Refused(_)), "{status}");
        }
        for status in [408, 500, 502, 503, 504, 599] {
            assert!(matches!(judged(status, None), Outcome::Weather(_)), "{status}");
        }
        assert_eq!(judged(429, None), Outcome::Busy(None, "it answered 429 Too Many Requests: no".into()));
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_a_date_up_to_a_day() {
        let wait = |text| match judged(503, Some(text)) {
            Outcome::Busy(wait, _) => wait.map(|wait| wait.as_secs()),
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("7"), Some(7));
        assert_eq!(wait("99999999999"), Some(24 * 3600));
        assert_eq!(wait("Mon, 02 Mar 2026 04:06:06 GMT"), Some(60));
        assert_eq!(wait("Mon, 02 Mar 2020 04:06:06 GMT"), Some(0), "a date that has passed");
        assert!(matches!(judged(503, Some("soon")), Outcome::Weather(_)));
        assert!(matches!(judged(429, Some("soon")), Outcome::Busy(None, _)));
    }
}
