//! What holds for every answer of every listener.

use super::problem::Problem;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// `router`, which says no to what it does not know, survives its own panics, and tells browsers to
/// take nothing for what it is not.
pub(super) fn guarded(router: Router) -> Router {
    router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response(hardened))
}

async fn unknown() -> Problem {
    let text = "there is nothing at this path; GET /v1/openapi.json tells what there is";
    Problem::new(StatusCode::NOT_FOUND, "unknown_path", text)
}

async fn wrong_method() -> Problem {
    let text = "this path does not take this method; the header Allow tells which it takes";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
}

// What the panic says is not repeated: it may quote a document.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request ended by a fault of ours");
    let text = "this is a fault of ours; whether the request took effect is not known; send the same again";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text).into_response()
}

async fn hardened(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Headers that every answer has, unless it brings its own.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
];
