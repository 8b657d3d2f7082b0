//! One call to a subscriber, and what came of it.

use super::super::cloud::CONTENT_TYPE;
use super::sign::Keys;
use crate::http::{Answer, Client, NoAnswer};
use crate::message::Moment;
use crate::partner::Webhook;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
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
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        for (name, value) in [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", self.keys.sign(id, seconds, &body)),
        ] {
            let Ok(value) = HeaderValue::try_from(value) else {
                return Outcome::Unreadable("its id can stand in no header".to_owned());
            };
            headers.insert(HeaderName::from_static(name), value);
        }
        match self.client.post(&self.url, headers, body).await {
            Ok(answer) => judge(&answer),
            Err(error) => Outcome::Weather(words(error)),
        }
    }
}

/// What an answer means.
fn judge(answer: &Answer) -> Outcome {
    let status = answer.status;
    if (200..300).contains(&status) {
        return Outcome::Delivered;
    }
    let text = answer.text();
    let name = StatusCode::from_u16(status).map_or(String::new(), |status| status.to_string());
    let why = [format!("it answered {name}"), text].join(": ");
    let why = why.trim_end_matches([':', ' ']).to_owned();
    let wait = answer.retry_after.map(|wait| wait.min(LONGEST_PAUSE));
    match status {
        429 => Outcome::Busy(wait, why),
        503 if wait.is_some() => Outcome::Busy(wait, why),
        408 | 500..600 => Outcome::Weather(why),
        _ => Outcome::Refused(why),
    }
}

/// Why there was no answer. Nothing of this is an event's fault.
fn words(error: NoAnswer) -> String {
    match error {
        NoAnswer::Unreachable(why) => format!("it cannot be reached: {why}"),
        NoAnswer::NotTrusted(why) => format!("it does not prove who it is: {why}"),
        NoAnswer::Refused(why) => format!("it may not be called: {why}"),
        NoAnswer::Broken(why) => format!("the call broke off: {why}"),
    }
}

/// The longest wait that a subscriber can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, retry_after: Option<u64>) -> Outcome {
        let retry_after = retry_after.map(Duration::from_secs);
        let (headers, body) = (HeaderMap::new(), b"no\n".to_vec());
        judge(&Answer { status, retry_after, headers, body })
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
        let why = "it answered 429 Too Many Requests: no".to_owned();
        assert_eq!(judged(429, None), Outcome::Busy(None, why));
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_up_to_a_day() {
        let wait = |seconds| {
            let Outcome::Busy(wait, _) = judged(503, Some(seconds)) else { panic!("no wait") };
            wait.map(|wait| wait.as_secs())
        };
        assert_eq!([wait(7), wait(99_999_999)], [Some(7), Some(24 * 3600)]);
    }
}
