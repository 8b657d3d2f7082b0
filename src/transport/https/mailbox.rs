//! What partners ask about: what became of what they handed in, and what waits for them.

use super::super::inbox::{Inbox, Letter, Receipt, Refusal, RefusalKind};
use super::access::{Desk, Visitor};
use super::file_name;
use super::reply::{bad_request, unknown_message};
use crate::http::{Outflow, Problem};
use crate::message::MessageId;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which part of the outbox is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    after: Option<MessageId>,
    limit: Option<usize>,
}

/// A part of the outbox.
#[derive(Debug, Serialize)]
pub(super) struct Outbox {
    messages: Vec<Letter>,
    /// Where the rest is, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What became of a message.
pub(super) async fn receipt<I: Inbox>(
    State(desk): State<Arc<Desk<I>>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Json<Receipt>, Problem> {
    desk.inbox.receipt(&visitor.partner, message(&id)?).map(Json).map_err(Problem::from)
}

/// What waits.
pub(super) async fn outbox<I: Inbox>(
    State(desk): State<Arc<Desk<I>>>,
    Extension(visitor): Extension<Visitor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Outbox>, Problem> {
    let Query(Page { after, limit }) = page.map_err(|_| {
        let text =
            format!("ask with after=ID and limit=NUMBER (1 to {MOST}), both may be left out");
        bad_request("query_invalid", text)
    })?;
    let limit = limit.unwrap_or(USUAL).clamp(1, MOST);
    let mut messages =
        desk.inbox.outbox(&visitor.partner, after, limit + 1).map_err(Problem::from)?;
    let more = messages.len() > limit;
    messages.truncate(limit);
    let last = messages.last().filter(|_| more);
    let next = last.map(|last| format!("/v1/outbox?after={}&limit={limit}", last.id));
    Ok(Json(Outbox { messages, next }))
}

/// One message that waits: its bytes.
pub(super) async fn collect<I: Inbox>(
    State(desk): State<Arc<Desk<I>>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let collected = desk.inbox.collect(&visitor.partner, message(&id)?).map_err(Problem::from)?;
    let tag = format!("\"{}\"", collected.content.digest());
    let known =
        headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|value| value.split(',')).map(str::trim);
    let mut known = known.map(|value| value.strip_prefix("W/").unwrap_or(value));
    let unchanged = known.any(|value| value == tag || value == "*");
    let etag = [(header::ETAG, tag.clone())];
    if unchanged {
        return Ok((StatusCode::NOT_MODIFIED, etag).into_response());
    }
    let kind = HeaderValue::from_str(&collected.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let named = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, file_name::attachment(&collected.file_name)),
    ];
    let content = collected.content.check().map_err(|error| {
        tracing::error!(message_id = id, %error, "a body is not given out; see `wharf spool verify`");
        Problem::from(Refusal {
            kind: RefusalKind::Unavailable,
            code: "unavailable",
            text: "it cannot be given out now; ask again later".to_owned(),
            fields: Vec::new(),
        })
    })?;
    Ok((etag, named, Body::new(Outflow::of(content))).into_response())
}

/// They have it.
pub(super) async fn sign_off<I: Inbox>(
    State(desk): State<Arc<Desk<I>>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    desk.inbox.sign_off(&visitor.partner, message(&id)?).await.map_err(Problem::from)?;
    Ok(StatusCode::NO_CONTENT)
}

fn message(id: &str) -> Result<MessageId, Problem> {
    id.parse().map_err(|_| unknown_message())
}

/// As many messages are listed when nobody says how many.
const USUAL: usize = 100;

/// As many messages are listed at most.
const MOST: usize = 1_000;
