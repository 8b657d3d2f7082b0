//! Seeing messages.

use super::desk::Desk;
use super::raw;
use super::read::{Asked, Id, apart};
use crate::gateway::operator::{Ask, Card, Listing, Queues, Sequence, Story};
use crate::http::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

type Desks = State<Arc<Desk>>;

/// The messages that are asked for.
pub(super) async fn list(
    State(desk): Desks,
    Asked(ask): Asked<Ask>,
) -> Result<Json<Listing>, Problem> {
    apart(move || desk.operator.list(&ask)).await.map(Json)
}

/// Everything about a message.
pub(super) async fn show(State(desk): Desks, Id(id): Id) -> Result<Json<Card>, Problem> {
    apart(move || desk.operator.show(id)).await.map(Json)
}

/// Which of the bytes of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    part: Option<String>,
}

/// Bytes of a message, as they are.
pub(super) async fn raw(
    State(desk): Desks,
    Id(id): Id,
    Asked(which): Asked<Which>,
) -> Result<Response, Problem> {
    let name = which.part.unwrap_or_else(|| "body".to_owned());
    let (part, reader) = apart(move || desk.operator.part(id, &name)).await?;
    Ok(raw::answer(&part, reader))
}

/// The story of a reference.
pub(super) async fn trace(
    State(desk): Desks,
    reference: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Json<Story>, Problem> {
    let Path(reference) = reference.map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "path_invalid", error.body_text())
    })?;
    apart(move || desk.operator.trace(&reference)).await.map(Json)
}

/// All sequences of control numbers.
pub(super) async fn numbers(State(desk): Desks) -> Json<Vec<Sequence>> {
    Json(desk.operator.numbers())
}

/// How much there is to do.
pub(super) async fn queues(State(desk): Desks) -> Json<Queues> {
    Json(desk.operator.queues((desk.clock)()))
}
