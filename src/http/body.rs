//! A body, read up to a limit: whole, or past some length into a file.

use super::arrival::ArrivalError;
use super::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

/// A body that was read.
#[derive(Debug)]
pub enum Came<S> {
    /// In memory.
    Whole(Bytes),
    /// Written to where what is too large for memory goes.
    Spilled(S),
}

/// The whole body of a request with these `headers`, if it has at most `limit` bytes.
///
/// What is too large is refused before it is read where the caller says how large it is. A packed
/// body (`Content-Encoding`) is refused: what it would unpack to is nobody's limit.
pub async fn body(headers: &HeaderMap, body: Body, limit: u64) -> Result<Bytes, Problem> {
    let never = || Ok::<_, Problem>(io::sink());
    match spilling(headers, body, limit, u64::MAX, never).await? {
        Came::Whole(bytes) => Ok(bytes),
        Came::Spilled(_) => Err(too_large(limit)),
    }
}

/// The same, but what is longer than `memory` is written to where `spill` begins.
pub async fn spilling<S: Write + Send + 'static>(
    headers: &HeaderMap,
    mut body: Body,
    limit: u64,
    memory: u64,
    spill: impl FnOnce() -> Result<S, Problem>,
) -> Result<Came<S>, Problem> {
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity") {
        let text = "send the body as it is, without Content-Encoding";
        return Err(Problem::new(UNSUPPORTED, "content_encoding_unsupported", text));
    }
    let named = body.size_hint().lower();
    if named > limit {
        return Err(too_large(limit));
    }
    let mut held = Vec::with_capacity(usize::try_from(named.min(AHEAD)).unwrap_or(0));
    let (mut length, mut spill, mut file) = (0_u64, Some(spill), None);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        length = length.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if length > limit {
            return Err(too_large(limit));
        }
        held.extend_from_slice(&data);
        if length > memory
            && let Some(begin) = spill.take()
        {
            file = Some(begin()?);
        }
        if let Some(begun) = file.take_if(|_| held.len() >= PIECE) {
            file = Some(write(begun, std::mem::take(&mut held)).await?);
        }
    }
    match file {
        None => Ok(Came::Whole(Bytes::from(held))),
        Some(begun) => Ok(Came::Spilled(write(begun, held).await?)),
    }
}

/// Writes a piece where it keeps nobody else waiting.
async fn write<S: Write + Send + 'static>(mut file: S, piece: Vec<u8>) -> Result<S, Problem> {
    let written = tokio::task::spawn_blocking(move || file.write_all(&piece).map(|()| file)).await;
    written.unwrap_or_else(|lost| Err(io::Error::other(lost))).map_err(|error| {
        tracing::warn!(%error, "a body cannot be written");
        let text = "nothing was kept; send the same again later";
        Problem::new(StatusCode::INSUFFICIENT_STORAGE, "spool_full", text).retry_after(LATER)
    })
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
const AHEAD: u64 = 1 << 20;

/// So much is written at a time.
const PIECE: usize = 1 << 20;

const LATER: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::super::outflow::Outflow;
    use super::*;
    use crate::message::{Content, Digest};
    use std::sync::{Arc, Mutex};

    /// In a file, so that it comes in pieces.
    fn kept(bytes: &[u8]) -> Content {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let length = u64::try_from(bytes.len()).unwrap();
        Content::File { file: Arc::new(file), length, digest: Digest::of(bytes) }
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_is_longer_than_memory_goes_to_a_file_whole_and_in_order() {
        for (length, memory) in [(0, 0), (10, 10), (11, 10), (3 << 20, 1 << 20)] {
            let sent = (0..=u8::MAX).cycle().take(length).collect::<Vec<_>>();
            let (body, headers) = (Body::new(Outflow::of(kept(&sent))), HeaderMap::new());
            let (file, limit) = (Shared::default(), 4 << 20);
            let came = spilling(&headers, body, limit, memory, || Ok(file.clone()));
            let spilled = match came.await.unwrap() {
                Came::Whole(bytes) => {
                    assert_eq!(bytes, sent);
                    false
                }
                Came::Spilled(_) => {
                    assert_eq!(*file.0.lock().unwrap(), sent);
                    true
                }
            };
            assert_eq!(spilled, u64::try_from(length).unwrap() > memory);
        }
    }

    #[tokio::test]
    async fn what_is_longer_than_agreed_is_refused_wherever_it_goes() {
        for memory in [0, 100] {
            let (body, headers) = (Body::from("123456"), HeaderMap::new());
            let came = spilling(&headers, body, 5, memory, || Ok(io::sink()));
            assert_eq!(came.await.unwrap_err().status(), StatusCode::PAYLOAD_TOO_LARGE);
        }
    }
}
