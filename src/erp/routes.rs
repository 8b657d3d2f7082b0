//! The routes of the ERP's listener: one table, from which the description is written too.

use super::access::admit;
use super::desk::Desk;
use super::{asyncapi, consumers, feed, intake, looked_after, messages, openapi, schemas};
use crate::document::DocumentKind;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post, put};

/// The routes of the ERP's listener.
pub fn routes(desk: Desk) -> Router {
    let (mut guarded, mut open) = (Router::new(), Router::new());
    for route in &openapi::ROUTES {
        let (path, method) = (route.path, handler(route.operation));
        if route.operation.is_open() {
            open = open.route(path, method);
        } else {
            guarded = guarded.route(path, method);
        }
    }
    guarded.route_layer(from_fn_with_state(desk.clone(), admit)).merge(open).with_state(desk)
}

fn handler(operation: openapi::Operation) -> MethodRouter<Desk> {
    use openapi::Operation;
    match operation {
        Operation::HandIn(document) => intake(document),
        Operation::Message => get(messages::card),
        Operation::Raw => get(messages::raw),
        Operation::MessageEvents => get(messages::events),
        Operation::Trace => get(messages::trace),
        Operation::Feed => get(feed::events),
        Operation::Consumers => get(consumers::list),
        Operation::KeepConsumer => put(consumers::keep),
        Operation::ForgetConsumer => delete(consumers::forget),
        Operation::Webhooks => get(looked_after::webhooks),
        Operation::RetryParked => post(looked_after::retry),
        Operation::Schemas => get(schemas::list),
        Operation::Schema => get(schemas::one),
        Operation::OpenApi => get(async || axum::Json(openapi::describe())),
        Operation::AsyncApi => get(async || axum::Json(asyncapi::describe())),
    }
}

fn intake(document: Option<DocumentKind>) -> MethodRouter<Desk> {
    post(move |state, visitor, query, headers, body| {
        intake::take(state, visitor, query, headers, body, document)
    })
}
