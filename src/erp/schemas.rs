//! The JSON Schemas of the documents, at the addresses that events name.

use super::cloud::schema_path;
use crate::document::{DocumentKind, schema};
use crate::http::Problem;
use axum::Json;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// `GET /v1/schemas`.
pub(super) async fn list() -> Json<Value> {
    let of = |kind: DocumentKind| json!({ "document": kind.name(), "url": schema_path(kind) });
    Json(json!({ "schemas": DocumentKind::ALL.map(of) }))
}

/// `GET /v1/schemas/{document}.json`.
pub(super) async fn one(Path(file): Path<String>) -> Result<Response, Problem> {
    let kind = file.strip_suffix(".json").and_then(|name| name.parse().ok());
    let kind: DocumentKind = kind.ok_or_else(|| {
        let known = DocumentKind::ALL.map(|kind| format!("{kind}.json")).join(", ");
        let text = format!("there is no such schema; there are {known}");
        Problem::new(StatusCode::NOT_FOUND, "schema_unknown", text)
    })?;
    let json = schema(kind).to_string();
    Ok(([(header::CONTENT_TYPE, "application/schema+json")], json).into_response())
}
