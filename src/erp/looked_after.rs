//! The webhooks, for the ERP's own people: how they fare, what is parked, and another try.

use super::desk::Desk;
use super::webhooks::{ParkedEvent, Standing};
use crate::http::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

/// How the webhooks fare.
#[derive(Debug, Serialize)]
pub(super) struct Fare {
    webhooks: Vec<Standing>,
    parked: Vec<ParkedEvent>,
}

/// `GET /v1/webhooks`.
pub(super) async fn webhooks(State(desk): State<Desk>) -> Json<Fare> {
    let webhooks = desk.webhooks.standing(desk.gateway.now());
    Json(Fare { webhooks, parked: desk.webhooks.parked() })
}

/// `POST /v1/webhooks/parked/{event}/retry`.
pub(super) async fn retry(
    State(desk): State<Desk>,
    Path(event): Path<String>,
) -> Result<StatusCode, Problem> {
    if desk.webhooks.retry(&event, desk.gateway.now()) {
        Ok(StatusCode::ACCEPTED)
    } else {
        let text = "no webhook has an event of this id parked; GET /v1/webhooks tells what is";
        Err(Problem::new(StatusCode::NOT_FOUND, "event_not_parked", text))
    }
}
