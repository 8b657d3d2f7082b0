//! What partners send us over AS2: messages, and receipts (MDNs) for what we sent.
//!
//! No token is asked: the signature proves who sends. Nothing is answered before the house has it on
//! the disk; a receipt is answered by nothing but a status.
//!
//! Invariants: whoever is unknown costs no cryptography and is told nothing about others; all ways of
//! failing to decrypt are answered by the same bytes, and only so many in an hour; no address is
//! called because a message names it.

mod answer;
mod desk;
mod failures;
mod letter;
mod message;
mod report;
mod shelf;
mod visit;

use super::super::mail::Mail;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use desk::Desk;
use letter::Letter;
use std::sync::Arc;
use visit::Visit;

/// The routes of AS2, for the partners' listener.
pub fn routes<M: Mail>(mail: Arc<M>) -> Router {
    let desk = Desk::new(mail);
    Router::new()
        .route("/as2", post(any::<M>))
        .route("/as2/mdn", post(receipt::<M>))
        .route("/as2/{name}", post(named::<M>))
        .with_state(Arc::new(desk))
}

/// A message, or a receipt.
async fn any<M: Mail>(
    State(desk): State<Arc<Desk<M>>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    take(&desk, None, headers, body).await
}

/// The same, at the address of one of our ids.
async fn named<M: Mail>(
    State(desk): State<Arc<Desk<M>>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    take(&desk, Some(&name), headers, body).await
}

/// A receipt.
async fn receipt<M: Mail>(
    State(desk): State<Arc<Desk<M>>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let visit = match Visit::of_receipt(&*desk.mail, &headers) {
        Ok(visit) => visit,
        Err(problem) => return problem.into_response(),
    };
    let _open = match desk.allowances.take(&visit.name, visit.limits) {
        Ok(open) => open,
        Err(problem) => return problem.into_response(),
    };
    match Letter::read(&desk.mail, &visit, &headers, body).await {
        Ok(letter) => report::take(&desk, &visit, &letter).await.into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn take<M: Mail>(
    desk: &Desk<M>,
    at: Option<&str>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let visit = match Visit::of(&*desk.mail, &headers, at) {
        Ok(visit) => visit,
        Err(problem) => return problem.into_response(),
    };
    let _open = match desk.allowances.take(&visit.name, visit.limits) {
        Ok(open) => open,
        Err(problem) => return problem.into_response(),
    };
    let letter = match Letter::read(&desk.mail, &visit, &headers, body).await {
        Ok(letter) => letter,
        Err(problem) => return problem.into_response(),
    };
    if letter.is_report() {
        return report::take(desk, &visit, &letter).await.into_response();
    }
    if let Some(taken) = report::inside(desk, &visit, &letter).await {
        return taken;
    }
    message::take(desk, visit, letter).await
}
