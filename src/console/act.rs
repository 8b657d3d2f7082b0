//! What only a person decides.

use super::desk::Desk;
use super::problems::problem;
use super::read::{Id, Said};
use crate::event::Hand;
use crate::gateway::operator::{Done, OperatorError, Replay, Replayed, Sequence};
use crate::http::Problem;
use crate::message::PartnerId;
use crate::spool::NumberKind;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

type Desks = State<Arc<Desk>>;

/// Who acts, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
}

/// Which control number is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The next number.
    pub next: u32,
}

impl From<Because> for Hand {
    fn from(Because { by, why }: Because) -> Self {
        Self { by, why }
    }
}

fn told<T>(done: Result<T, OperatorError>) -> Result<Json<T>, Problem> {
    done.map(Json).map_err(|error| problem(&error))
}

pub(super) async fn retry(
    State(desk): Desks,
    Id(id): Id,
    Said(because): Said<Because>,
) -> Result<Json<Done>, Problem> {
    told(desk.operator.retry((desk.clock)(), id, because.into()).await)
}

pub(super) async fn release(
    State(desk): Desks,
    Id(id): Id,
    Said(because): Said<Because>,
) -> Result<Json<Done>, Problem> {
    told(desk.operator.release((desk.clock)(), id, because.into()).await)
}

pub(super) async fn discard(
    State(desk): Desks,
    Id(id): Id,
    Said(because): Said<Because>,
) -> Result<Json<Done>, Problem> {
    told(desk.operator.discard((desk.clock)(), id, because.into()).await)
}

pub(super) async fn replay(
    State(desk): Desks,
    Said(replay): Said<Replay>,
) -> Result<Json<Replayed>, Problem> {
    told(desk.operator.replay((desk.clock)(), &replay).await)
}

pub(super) async fn start_numbers(
    State(desk): Desks,
    path: Result<Path<(PartnerId, NumberKind)>, PathRejection>,
    Said(start): Said<Start>,
) -> Result<Json<Sequence>, Problem> {
    let Path((partner, kind)) = path.map_err(|error| {
        let text = format!("{}; the kind is interchange, group or set", error.body_text());
        Problem::new(StatusCode::BAD_REQUEST, "path_invalid", text)
    })?;
    let now = (desk.clock)();
    told(desk.operator.start_numbers(now, &partner, kind, start.next).await)
}

/// Reads the partners' files again. With a fault in them nothing changes.
pub(super) async fn reload(State(desk): Desks) -> Result<Json<Value>, Problem> {
    let reload = Arc::clone(&desk.reload);
    let done = tokio::task::spawn_blocking(move || reload()).await;
    match done.unwrap_or_else(|_| Err("this failed; the log says more".to_owned())) {
        Ok(text) => Ok(Json(json!({ "reloaded": true, "detail": text }))),
        Err(faults) => {
            let text = format!("nothing was changed, because of faults:\n{faults}");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "configuration_faulty", text))
        }
    }
}
