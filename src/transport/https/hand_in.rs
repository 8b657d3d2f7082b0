//! What partners hand in: X12, and documents as JSON.

use super::super::inbox::{Handed, Inbox, Taken};
use super::access::{Desk, Visitor};
use super::file_name;
use super::reply::bad_request;
use crate::http::{Came, Problem, body, spilling};
use crate::message::{Channel, MessageId};
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What may stand behind the path.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    file_name: Option<String>,
}

/// What whoever handed something in is told.
#[derive(Debug, Serialize)]
struct Receipted {
    id: MessageId,
    status_url: String,
    duplicate: bool,
}

/// Takes in X12: any number of interchanges.
pub(super) async fn x12<I: Inbox>(
    State(desk): State<Arc<Desk<I>>>,
    Extension(visitor): Extension<Visitor>,
    named: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let content_type = content_type(&headers)?;
    if essence(content_type.as_deref()).starts_with("multipart/") {
        let text = "post the interchanges as the body itself, not as a form";
        return Err(unsupported(text));
    }
    take(&desk, visitor, named, headers, body, None).await
}

/// Takes in one canonical document.
pub(super) async fn document<I: Inbox>(
    State(desk): State<Arc<Desk<I>>>,
    Extension(visitor): Extension<Visitor>,
    document: &'static str,
    named: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let content_type = content_type(&headers)?;
    let essence = essence(content_type.as_deref());
    if essence != "application/json" && !essence.ends_with("+json") {
        return Err(unsupported("post the document as JSON: `Content-Type: application/json`"));
    }
    take(&desk, visitor, named, headers, body, Some(document)).await
}

async fn take<I: Inbox>(
    desk: &Desk<I>,
    visitor: Visitor,
    named: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
    incoming: Body,
    document: Option<&'static str>,
) -> Result<Response, Problem> {
    let Query(named) = named.map_err(|_| {
        bad_request("query_invalid", "behind the path only file_name=NAME may stand, once")
    })?;
    desk.inbox.room(&visitor.partner).map_err(Problem::from)?;
    let disposition = headers.get(header::CONTENT_DISPOSITION);
    let body = match document {
        Some(_) => Vec::from(body(&headers, incoming, visitor.body).await?).into(),
        None => staged(desk, &visitor, &headers, incoming).await?,
    };
    let handed = Handed {
        partner: visitor.partner,
        channel: Channel::Https,
        proof: visitor.proof,
        file_name: match named.file_name {
            Some(name) => file_name::plain(&name),
            None => disposition.and_then(file_name::of_disposition),
        },
        content_type: content_type(&headers)?,
        key: key(&headers)?,
        document,
        body,
        answer: None,
        kept: Vec::new(),
    };
    let taken = desk.inbox.hand_in(handed).await.map_err(Problem::from)?;
    let duplicate = matches!(taken, Taken::Repeat { .. });
    let id = taken.id();
    let status_url = format!("/v1/receipts/{id}");
    let location = [(header::LOCATION, status_url.clone())];
    let receipt = Json(Receipted { id, status_url, duplicate });
    Ok((StatusCode::ACCEPTED, location, receipt).into_response())
}

/// The body, on the disk already if it is too large for memory.
async fn staged<I: Inbox>(
    desk: &Desk<I>,
    visitor: &Visitor,
    headers: &HeaderMap,
    incoming: Body,
) -> Result<crate::message::Body, Problem> {
    let stage = || desk.inbox.stage(&visitor.partner).map_err(Problem::from);
    match spilling(headers, incoming, visitor.body, IN_MEMORY, stage).await? {
        Came::Whole(bytes) => Ok(Vec::from(bytes).into()),
        Came::Spilled(staged) => {
            let finished = tokio::task::spawn_blocking(move || staged.finish()).await;
            let lost = |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", AGAIN);
            finished.map_err(lost)?.map_err(Problem::from)
        }
    }
}

/// What the caller names this request, so that they may safely send it twice.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = only(headers, &IDEMPOTENCY_KEY)? else { return Ok(None) };
    let sound = (1..=LONGEST_KEY).contains(&key.len());
    let text = format!("an Idempotency-Key has 1 to {LONGEST_KEY} visible characters");
    if sound { Ok(Some(key)) } else { Err(bad_request("idempotency_key_invalid", text)) }
}

fn content_type(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    only(headers, &header::CONTENT_TYPE)
}

/// The value of a header that may stand once.
fn only(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all(name).iter();
    let Some(first) = all.next() else { return Ok(None) };
    match first.to_str() {
        Ok(text) if all.next().is_none() => Ok(Some(text.trim().to_owned())),
        Ok(_) | Err(_) => {
            let text = format!("the header {name} may stand once, in visible ASCII");
            Err(bad_request("header_invalid", text))
        }
    }
}

/// A content type without its parameters.
fn essence(content_type: Option<&str>) -> String {
    let whole = content_type.unwrap_or_default();
    whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn unsupported(text: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type_unsupported", text)
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A longer body is written to the disk while it comes.
const IN_MEMORY: u64 = 1 << 20;

const AGAIN: &str = "nothing was kept; send the same again later";

/// The longest `Idempotency-Key`.
const LONGEST_KEY: usize = 255;
