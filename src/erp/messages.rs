//! What became of a message.

use super::desk::{Desk, bad_request, spoiled};
use crate::event::{Event, EventKind};
use crate::gateway::operator::{Operator, OperatorError, Story};
use crate::http::Problem;
use crate::message::{MessageId, PartnerId, Reference};
use crate::spool::{Dossier, Spool, Summary};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// A message, as the ERP sees it.
#[derive(Debug, Serialize)]
pub(super) struct Card {
    #[serde(flatten)]
    summary: Summary,
    /// The message that this answers or was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<MessageId>,
    /// The interchange that it was put into.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_in: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    length: u64,
    sha256: String,
    references: Vec<Reference>,
    /// The events that the ERP was told because of it.
    told: Vec<String>,
    raw_url: String,
    events_url: String,
}

/// Something that happened.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) message: MessageId,
    /// Its stable name.
    what: &'static str,
    /// The particulars.
    detail: serde_json::Value,
}

impl Step {
    pub(super) fn of(event: &Event) -> Self {
        let detail = match serde_json::to_value(&event.kind) {
            Ok(serde_json::Value::Object(mut kind)) => {
                kind.shift_remove(event.kind.name()).unwrap_or_default()
            }
            Ok(_) | Err(_) => serde_json::Value::Null,
        };
        Self { at: event.at, message: event.message, what: event.kind.name(), detail }
    }
}

/// `GET /v1/messages/{id}`.
pub(super) async fn card(
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Json<Card>, Problem> {
    let id = message(&id)?;
    let dossier = desk.ask(move |spool| dossier(spool, id)).await?;
    let sent_in = dossier.events.iter().rev().find_map(|event| {
        if let EventKind::Batched { into } = &event.kind { Some(*into) } else { None }
    });
    Ok(Json(Card {
        about: dossier.head.about,
        sent_in,
        file_name: dossier.head.file_name,
        content_type: dossier.head.content_type,
        length: dossier.body.length,
        sha256: dossier.body.digest.to_string(),
        references: dossier.references,
        told: dossier.notices.into_iter().map(|(notice, _)| notice.id.0).collect(),
        raw_url: format!("/v1/messages/{id}/raw"),
        events_url: format!("/v1/messages/{id}/events"),
        summary: dossier.summary,
    }))
}

/// `GET /v1/messages/{id}/raw`: the bytes as they came, or went.
pub(super) async fn raw(
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = message(&id)?;
    let bytes = desk
        .ask(move |spool| {
            let body = dossier(spool, id)?.body;
            if body.length > LARGEST {
                let text =
                    format!("it has {} bytes; `wharf spool export` writes it out", body.length);
                return Err(Problem::new(StatusCode::NOT_FOUND, "too_large_here", text));
            }
            spool.body(&body).map_err(|error| spoiled(&error))
        })
        .await?;
    // What a partner wrote is given out as bytes, never as something that a browser would show.
    let disposition = format!("attachment; filename=\"{id}\"");
    let disposition = HeaderValue::try_from(disposition);
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

/// `GET /v1/messages/{id}/events`: what happened to it, in order.
pub(super) async fn events(
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Problem> {
    let id = message(&id)?;
    let dossier = desk.ask(move |spool| dossier(spool, id)).await?;
    let steps: Vec<_> = dossier.events.iter().map(Step::of).collect();
    Ok(Json(serde_json::json!({ "id": id, "events": steps })))
}

/// `GET /v1/trace/{reference}`: everything about the messages that carry a reference, and about those
/// that were made from them or answer them, in the order of time and in words.
pub(super) async fn trace(
    State(desk): State<Desk>,
    Path(reference): Path<String>,
) -> Result<Json<Story>, Problem> {
    let gateway = Arc::clone(&desk.gateway);
    let story = desk.ask(move |_| {
        let partners = gateway.partners();
        let title = move |id: &PartnerId| Some(partners.partner(id.as_str())?.title.clone());
        let operator = Operator::new(Arc::clone(gateway.spool()), Arc::new(title));
        operator.trace(&reference).map_err(|error| untold(&error))
    });
    story.await.map(Json)
}

fn untold(error: &OperatorError) -> Problem {
    if let OperatorError::NothingFound(_) = error {
        let text = "no message carries this reference; order, invoice and shipment numbers, lots, \
                    control numbers, file names and ids of events are known, as they were written";
        return Problem::new(StatusCode::NOT_FOUND, "reference_unknown", text);
    }
    tracing::error!(code = error.code(), %error, "a trace could not be told");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), "not now; try again in a while")
        .retry_after(SOON)
}

fn dossier(spool: &Spool, id: MessageId) -> Result<Dossier, Problem> {
    spool.dossier(id).map_err(|error| spoiled(&error))
}

fn message(text: &str) -> Result<MessageId, Problem> {
    text.parse()
        .map_err(|_| bad_request("id_invalid", "a message's id is written as its 202 gave it out"))
}

/// The largest body that is given out here, in bytes.
const LARGEST: u64 = 256_000_000;

const SOON: Duration = Duration::from_secs(5);
