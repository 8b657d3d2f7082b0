//! What we post to a partner: one attempt, and what came of it.

use super::super::clients::Clients;
use super::super::error::TransportError;
use super::super::outgoing::Outgoing;
use super::file_name;
use crate::http::{Answer, Client, ClientSettings, HttpError, NoAnswer};
use crate::partner::{Push, Secret};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What posts to partners.
#[derive(Clone, Debug)]
pub struct Sender {
    clients: Clients,
}

impl Sender {
    /// A sender as patient as usual, which trusts the authorities that this system trusts.
    pub fn new() -> Result<Self, TransportError> {
        Self::with(ClientSettings::default())
    }

    /// A sender with its own patience and trust.
    pub fn with(settings: ClientSettings) -> Result<Self, TransportError> {
        let fault = |error: HttpError| TransportError::NotSetUp {
            endpoint: "any partner".to_owned(),
            why: error.to_string(),
        };
        Ok(Self { clients: Clients::new(Client::new(settings).map_err(fault)?) })
    }

    /// What it calls with.
    pub(in super::super) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Posts it once; what the partner said, in words, once they have it.
    pub async fn send(&self, push: &Push, outgoing: &Outgoing) -> Result<String, TransportError> {
        let endpoint = push.url.to_string();
        let headers = headers(push.token.as_ref(), outgoing)
            .map_err(|why| TransportError::NotSetUp { endpoint: endpoint.clone(), why })?;
        let (trust, own) = (push.trust.as_ref(), push.certificate.as_deref());
        let client = self.clients.to(&push.url, trust, own).map_err(|error| {
            TransportError::NotSetUp { endpoint: endpoint.clone(), why: error.to_string() }
        })?;
        let answer = client.post(push.url.as_str(), headers, outgoing.content.clone()).await;
        match answer {
            Ok(answer) => verdict(endpoint, &answer),
            Err(NoAnswer::Unreachable(why)) => Err(TransportError::Unreachable { endpoint, why }),
            Err(NoAnswer::NotTrusted(why)) => Err(TransportError::NotTrusted { endpoint, why }),
            Err(NoAnswer::Refused(why)) => Err(TransportError::NotSetUp { endpoint, why }),
            Err(NoAnswer::Broken(why)) => Err(TransportError::Broken { endpoint, why }),
        }
    }
}

fn headers(token: Option<&Secret>, outgoing: &Outgoing) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let kind = outgoing.content_type.as_deref().unwrap_or("application/edi-x12");
    let kind = HeaderValue::from_str(kind).map_err(|_| format!("`{kind}` is no content type"))?;
    headers.insert(header::CONTENT_TYPE, kind);
    let id = outgoing.id.to_string();
    let name = outgoing.file_name.clone().unwrap_or_else(|| format!("{id}.edi"));
    headers.insert(header::CONTENT_DISPOSITION, file_name::attachment(&name));
    let key = HeaderValue::from_str(&id).map_err(|error| error.to_string())?;
    headers.insert(IDEMPOTENCY_KEY, key);
    if let Some(token) = token {
        let bearer = [b"Bearer ", token.expose()].concat();
        let mut bearer = HeaderValue::from_bytes(&bearer)
            .map_err(|_| format!("the token in {token} cannot stand in a header"))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    Ok(headers)
}

/// What a status means: one table.
fn verdict(endpoint: String, answer: &Answer) -> Result<String, TransportError> {
    let (status, text) = (answer.status, answer.text());
    match status {
        200..=299 if text.is_empty() => Ok(format!("{status}")),
        200..=299 => Ok(format!("{status}: {text}")),
        408 | 425 | 429 | 500..=599 => {
            Err(TransportError::Busy { endpoint, status, text, retry_after: answer.retry_after })
        }
        _ => Err(TransportError::Refused { endpoint, status, text }),
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

#[cfg(test)]
mod tests {
    use super::super::super::error::Blame;
    use super::*;
    use crate::message::{Content, MessageId};
    use std::time::Duration;

    #[test]
    fn each_status_says_whose_move_is_next() {
        let blame = |status| {
            let retry_after = Some(Duration::from_secs(7));
            let (headers, body) = (HeaderMap::new(), b"text".to_vec());
            let answer = Answer { status, retry_after, headers, body };
            verdict("https://acme.example/in".to_owned(), &answer)
                .map_err(|error| (error.blame(), error.retry_after().is_some()))
        };
        assert_eq!(blame(202), Ok("202: text".to_owned()));
        for status in [408, 425, 429, 500, 501, 502, 503, 504, 507, 599] {
            assert_eq!(blame(status), Err((Blame::Weather, true)), "{status}");
        }
        for status in [101, 300, 301, 302, 307, 308, 400, 401, 403, 404, 409, 413, 422] {
            assert_eq!(blame(status), Err((Blame::Partner, false)), "{status}");
        }
    }

    #[test]
    fn what_would_break_a_header_is_said_before_anything_is_sent() {
        let outgoing = Outgoing {
            id: MessageId::mint(jiff::Timestamp::UNIX_EPOCH),
            content_type: Some("a\nb".to_owned()),
            file_name: Some("a\r\nb".to_owned()),
            content: Content::from(Vec::new()),
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        assert_eq!(headers(None, &outgoing).unwrap_err(), "`a\nb` is no content type");
        let headers = headers(None, &Outgoing { content_type: None, ..outgoing }).unwrap();
        assert_eq!(headers["content-disposition"], "attachment; filename=\"a__b\"");
        assert_eq!(headers["content-type"], "application/edi-x12");
    }
}
