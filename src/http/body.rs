//! A body, read whole and up to a limit.

use super::arrival::ArrivalError;
use super::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use std::error::Error;

/// The whole body of a request with these `headers`, if it has at most `limit` bytes.
///
/// What is too large is refused before it is read where the caller says how large it is. A packed
/// body (`Content-Encoding`) is refused: what it would unpack to is nobody's limit.
pub async fn body(headers: &HeaderMap, mut body: Body, limit: u64) -> Result<Bytes, Problem> {
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity") {
        let text = "send the body as it is, without Content-Encoding";
        return Err(Problem::new(UNSUPPORTED, "content_encoding_unsupported", text));
    }
    let named = body.size_hint().lower();
    if named > limit {
        return Err(too_large(limit));
    }
    let mut whole = Vec::with_capacity(usize::try_from(named.min(AHEAD)).unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        let length = whole.len().saturating_add(data.len());
        if u64::try_from(length).map_or(true, |length| length > limit) {
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&data);
    }
    Ok(Bytes::from(whole))
}

fn too_large(limit: u64) -> Problem {
    let text = format!("the body is larger than {limit} bytes, the most that is agreed for one");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", text)
}

fn broken(error: &axum::Error) -> Problem {
    let slow = |error: &ArrivalError| matches!(error, ArrivalError::TooSlow);
    let mut causes = std::iter::successors(error.source(), |&error| error.source());
    if causes.any(|error| error.downcast_ref::<ArrivalError>().is_some_and(slow)) {
        let text = "the body came too slowly; send it again";
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", text)
    } else {
        let text = "the body ended before its end; send it again";
        Problem::new(StatusCode::BAD_REQUEST, "body_broken_off", text)
    }
}

const UNSUPPORTED: StatusCode = StatusCode::UNSUPPORTED_MEDIA_TYPE;

/// As much room is made for a body that has not come yet.
const AHEAD: u64 = 65_536;
