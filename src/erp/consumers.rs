//! Consumers of the feed: names under which a reader's place is kept.

use super::desk::{Desk, bad_request, spoiled};
use super::feed::cursor;
use crate::http::{Problem, body};
use crate::spool::Cursor;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

/// A reader of the feed, and how far it has got.
#[derive(Debug, Serialize)]
pub(super) struct Consumer {
    name: String,
    cursor: Cursor,
}

/// All of them, and where the feed ends.
#[derive(Debug, Serialize)]
pub(super) struct Consumers {
    consumers: Vec<Consumer>,
    end: Cursor,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    cursor: String,
}

/// `GET /v1/consumers`.
pub(super) async fn list(State(desk): State<Desk>) -> Json<Consumers> {
    let spool = desk.gateway.spool();
    let cursors = spool.cursors().into_iter();
    let consumer = |(name, cursor): (String, Cursor)| {
        Some(Consumer { name: name.strip_prefix(PREFIX)?.to_owned(), cursor })
    };
    Json(Consumers { consumers: cursors.filter_map(consumer).collect(), end: spool.end() })
}

/// `PUT /v1/consumers/{name}`: durable when it is answered.
pub(super) async fn keep(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    headers: HeaderMap,
    incoming: Body,
) -> Result<Json<Consumer>, Problem> {
    let kept = cursor_name(&name)?;
    let bytes = body(&headers, incoming, MOST).await?;
    let Place { cursor: text } = serde_json::from_slice(&bytes).map_err(|_| {
        bad_request("body_invalid", "put {\"cursor\": \"1234-5\"}, a cursor that the feed gave out")
    })?;
    let spool = desk.gateway.spool();
    let cursor = cursor(&text, spool)?;
    let now = desk.gateway.now();
    spool.keep_cursor(now, &kept, cursor).await.map_err(|error| spoiled(&error))?;
    Ok(Json(Consumer { name, cursor }))
}

/// `DELETE /v1/consumers/{name}`: to forget what is not there is no error.
pub(super) async fn forget(
    State(desk): State<Desk>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let (spool, kept) = (desk.gateway.spool(), cursor_name(&name)?);
    if spool.cursor(&kept).is_some() {
        let now = desk.gateway.now();
        spool.forget_cursor(now, &kept).await.map_err(|error| spoiled(&error))?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The name under which the spool keeps a consumer's place.
pub(super) fn cursor_name(name: &str) -> Result<String, Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if (1..=LONGEST).contains(&name.len()) && name.chars().all(plain) {
        Ok(format!("{PREFIX}{name}"))
    } else {
        let text = format!("a consumer's name is 1 to {LONGEST} letters, digits, `.`, `_` and `-`");
        Err(bad_request("consumer_invalid", text))
    }
}

const PREFIX: &str = "consumer:";

const LONGEST: usize = 64;

const MOST: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumer_has_a_plain_name() {
        assert_eq!(cursor_name("sap-1.prod_x").unwrap(), "consumer:sap-1.prod_x");
        for bad in ["", "a b", "a/b", "ä", &"a".repeat(65)] {
            assert!(cursor_name(bad).is_err(), "{bad}");
        }
    }
}
