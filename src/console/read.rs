//! What a request says: ids, queries, small JSON bodies.

use super::problems::problem;
use crate::gateway::operator::OperatorError;
use crate::http::Problem;
use crate::message::MessageId;
use axum::body::{Body, to_bytes};
use axum::extract::FromRequest;
use axum::extract::{FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;

/// The id in a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id(pub(super) MessageId);

/// The query of a request.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

/// The JSON body of a request.
#[derive(Debug)]
pub(super) struct Said<T>(pub(super) T);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| invalid("path_invalid", &error.body_text()))?;
        let short = || id.chars().take(LONGEST_ID).collect();
        id.parse().map(Self).map_err(|_| problem(&OperatorError::NotAnId(short())))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let query = query.map_err(|error| invalid("query_invalid", &error.body_text()))?;
        Ok(Self(query.0))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Said<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            let text = "send a JSON body with Content-Type: application/json";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "media_type_unsupported", text));
        }
        read(body).await.map(Self)
    }
}

async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    let bytes = to_bytes(body, LARGEST).await.map_err(|_| {
        let text = format!("the body does not end, or has more than {LARGEST} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", text)
    })?;
    serde_json::from_slice(&bytes).map_err(|error| invalid("body_invalid", &error.to_string()))
}

/// Does what waits for the disk where nobody else waits for it.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OperatorError> + Send + 'static,
) -> Result<T, Problem> {
    let Ok(done) = spawn_blocking(work).await else {
        let text = "this failed in a way that should not be; the log says more";
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text));
    };
    done.map_err(|error| problem(&error))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}

fn invalid(code: &str, text: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, text)
}

/// The most bytes of a body: 10,000 ids fit.
const LARGEST: usize = 512 << 10;

const LONGEST_ID: usize = 64;
