//! What the ERP hands in to be sent: canonical documents, and X12 to pass through.

use super::access::Visitor;
use super::desk::{Desk, bad_request};
use crate::document::DocumentKind;
use crate::gateway::{Order, Taken};
use crate::http::{Problem, body};
use crate::message::{MessageId, PartnerId};
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

/// What may stand behind the path.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    partner: Option<String>,
    file_name: Option<String>,
}

/// That it is durable, and where to ask what became of it.
#[derive(Debug, Serialize)]
struct Accepted {
    id: MessageId,
    status_url: String,
    /// Whether the same was taken before; nothing is sent twice.
    duplicate: bool,
}

/// Takes in one document, or X12 if no document is named.
pub(super) async fn take(
    State(desk): State<Desk>,
    Extension(Visitor(proof)): Extension<Visitor>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
    incoming: Body,
    document: Option<DocumentKind>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|_| {
        bad_request("query_invalid", "behind the path may stand, each once: partner, file_name")
    })?;
    let partner = partner(&desk, asked.partner.as_deref(), document)?;
    let key = key(&headers)?;
    is_fit(&headers, document)?;
    let body = Vec::from(body(&headers, incoming, LARGEST).await?);
    let file_name = asked.file_name.map(|name| {
        name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect::<String>()
    });
    let order = Order { partner, proof, key, document, file_name, body };
    let taken = desk.gateway.send(order).await.map_err(Problem::from)?;
    let (id, duplicate) = (taken.id(), matches!(taken, Taken::Repeat { .. }));
    let status_url = format!("/v1/messages/{id}");
    let location = [(header::LOCATION, status_url.clone())];
    let accepted = Json(Accepted { id, status_url, duplicate });
    Ok((StatusCode::ACCEPTED, location, accepted).into_response())
}

/// To whom it goes. Who does not say, or says it wrong, is told to whom it may.
fn partner(
    desk: &Desk,
    name: Option<&str>,
    document: Option<DocumentKind>,
) -> Result<PartnerId, Problem> {
    let partners = desk.gateway.partners();
    if let Some(partner) = name.and_then(|name| partners.partner(name)) {
        return Ok(partner.name.clone());
    }
    let recipients = desk.gateway.recipients(document);
    let what = document.map_or("X12", DocumentKind::name);
    let to = match recipients.as_slice() {
        [] => format!("it is agreed with no partner to send them {what}"),
        some => {
            let names: Vec<_> = some.iter().map(PartnerId::as_str).collect();
            format!("{what} may go to: {}", names.join(", "))
        }
    };
    Err(match name {
        Some(_) => {
            let text = format!("there is no partner of this name; {to}");
            Problem::new(StatusCode::NOT_FOUND, "partner_unknown", text)
        }
        None => bad_request("partner_missing", format!("say to whom: ?partner=NAME; {to}")),
    })
}

/// Whether the content type can be what is expected at this path.
fn is_fit(headers: &HeaderMap, document: Option<DocumentKind>) -> Result<(), Problem> {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = named.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    let is_json = essence == "application/json" || essence.ends_with("+json");
    let text = match document {
        Some(_) if !is_json => "post the document as JSON: `Content-Type: application/json`",
        None if is_json || essence.starts_with("multipart/") => {
            "post X12 as the body itself: `Content-Type: application/edi-x12`"
        }
        Some(_) | None => return Ok(()),
    };
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type_unsupported", text))
}

/// What the ERP names this request, so that it may safely send it twice.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(first) = all.next() else { return Ok(None) };
    let text = first.to_str().ok().map(str::trim).filter(|_| all.next().is_none());
    let sound = text.filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    let fault = || {
        let text =
            format!("an Idempotency-Key stands once, with 1 to {LONGEST_KEY} visible characters");
        bad_request("idempotency_key_invalid", text)
    };
    sound.map(|key| Some(key.to_owned())).ok_or_else(fault)
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

const LONGEST_KEY: usize = 255;

const LONGEST_NAME: usize = 255;

/// The largest body, in bytes.
const LARGEST: u64 = 100_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, values: &[&str]) -> HeaderMap {
        let name: HeaderName = name.parse().unwrap();
        values.iter().map(|value| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_key_stands_once_and_is_not_too_long() {
        assert_eq!(key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(key(&with("idempotency-key", &[" po-7 "])).unwrap(), Some("po-7".to_owned()));
        let long = "x".repeat(256);
        for bad in [&["a", "b"][..], &[""], &[&long]] {
            assert!(key(&with("idempotency-key", bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_document_is_json_and_x12_is_not() {
        let order = Some(DocumentKind::PurchaseOrder);
        for (content_type, document, fits) in [
            ("application/json; charset=utf-8", order, true),
            ("application/vnd.wharf.purchase-order+json", order, true),
            ("text/plain", order, false),
            ("application/edi-x12", order, false),
            ("application/edi-x12", None, true),
            ("application/octet-stream", None, true),
            ("application/json", None, false),
            ("multipart/form-data; boundary=x", None, false),
        ] {
            let headers = with("content-type", &[content_type]);
            assert_eq!(is_fit(&headers, document).is_ok(), fits, "{content_type}");
        }
        assert!(is_fit(&HeaderMap::new(), None).is_ok());
        assert!(is_fit(&HeaderMap::new(), order).is_err());
    }
}
