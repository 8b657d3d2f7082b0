//! Whether we are alive, and whether we are ready.

use super::desk::{Check, Desk};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whether we are ready, and why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether everything holds.
    pub ready: bool,
    /// What must hold.
    pub checks: Vec<Check>,
}

/// Alive: this very answer says so.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({ "alive": true }))
}

/// Ready: the spool takes messages, its disk has room, and all that we were told to check holds.
pub(super) async fn readyz(State(desk): State<Arc<Desk>>) -> (StatusCode, Json<Readiness>) {
    let own = [spool(&desk), room(&desk)];
    let checks: Vec<Check> =
        own.into_iter().chain(desk.checks.iter().map(|check| check())).collect();
    let ready = checks.iter().all(|check| check.holds);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, checks }))
}

fn spool(desk: &Desk) -> Check {
    let stopped = desk.operator.stopped();
    let detail = match &stopped {
        None => "it takes messages".to_owned(),
        Some(reason) => {
            format!("it has stopped: {reason}; look at the disk, then start Wharf again")
        }
    };
    Check { name: "spool".to_owned(), holds: stopped.is_none(), detail }
}

fn room(at: &Desk) -> Check {
    let name = "disk".to_owned();
    let reserve = at.reserve >> 20;
    match rustix::fs::statvfs(&at.spool) {
        Ok(disk) => {
            let room = disk.f_bavail.saturating_mul(disk.f_frsize);
            let (holds, free) = (room >= at.reserve, room >> 20);
            let detail =
                format!("{free} MB are free; with less than {reserve} nothing is accepted");
            Check { name, holds, detail }
        }
        Err(error) => {
            Check { name, holds: false, detail: format!("the disk does not say its room: {error}") }
        }
    }
}
