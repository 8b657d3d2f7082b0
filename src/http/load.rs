//! What a call carries: bytes that are kept, or bytes that are made while they go.

use super::outflow::Outflow;
use crate::message::Content;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::fmt;
use std::future::Future as _;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::task::{JoinHandle, spawn_blocking};

/// What a call carries.
pub enum Load {
    /// Bytes that are kept.
    Kept(Content),
    /// Bytes that are made while they go.
    Made {
        /// What makes them.
        from: Box<dyn Read + Send>,
        /// How many there will be.
        length: u64,
        /// Whether they go in chunks, so that their length is not said before.
        chunked: bool,
    },
}

impl Load {
    /// How many bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Kept(content) => content.length(),
            Self::Made { length, .. } => *length,
        }
    }

    /// It as the body of a request.
    pub(super) fn body(self) -> reqwest::Body {
        match self {
            Self::Kept(Content::Bytes(bytes)) => bytes.into(),
            Self::Kept(file @ Content::File { .. }) => reqwest::Body::wrap(Outflow::of(file)),
            Self::Made { from, length, chunked } => reqwest::Body::wrap(Making {
                state: State::Idle(Mutex::new(from)),
                left: length,
                chunked,
            }),
        }
    }
}

impl<C: Into<Content>> From<C> for Load {
    fn from(content: C) -> Self {
        Self::Kept(content.into())
    }
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Load({} bytes)", self.length())
    }
}

type Source = Box<dyn Read + Send>;

/// Bytes that are made where it keeps nobody else waiting.
struct Making {
    state: State,
    left: u64,
    chunked: bool,
}

enum State {
    /// Nobody else ever asks; what carries the body wants to be sure of that.
    Idle(Mutex<Source>),
    Busy(JoinHandle<io::Result<(Source, Bytes)>>),
    Gone,
}

impl Body for Making {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let left = self.left;
        if let State::Idle(source) = &mut self.state {
            let none: Source = Box::new(io::empty());
            let source =
                std::mem::replace(source.get_mut().unwrap_or_else(PoisonError::into_inner), none);
            self.state = State::Busy(spawn_blocking(move || piece(source, left)));
        }
        let State::Busy(busy) = &mut self.state else {
            return Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())));
        };
        let made = ready!(Pin::new(busy).poll(cx));
        self.state = State::Gone;
        let made = made.unwrap_or_else(|lost| Err(io::Error::other(lost)));
        Poll::Ready(Some(made.map(|(source, piece)| {
            self.state = State::Idle(Mutex::new(source));
            self.left -= u64::try_from(piece.len()).unwrap_or(left).min(left);
            Frame::data(piece)
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.chunked { SizeHint::default() } else { SizeHint::with_exact(self.left) }
    }
}

fn piece(mut source: Source, left: u64) -> io::Result<(Source, Bytes)> {
    let mut piece = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
    source.read_exact(&mut piece)?;
    Ok((source, piece.into()))
}

/// So much is made at a time.
const PIECE: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    fn making(bytes: &[u8], length: u64) -> Making {
        let source: Source = Box::new(io::Cursor::new(bytes.to_vec()));
        Making { state: State::Idle(Mutex::new(source)), left: length, chunked: false }
    }

    #[tokio::test]
    async fn all_of_it_goes_in_order_and_its_length_is_known_before() {
        for length in [0, 1, PIECE, 2 * PIECE + 7] {
            let bytes = (0..=u8::MAX).cycle().take(length).collect::<Vec<_>>();
            let long = u64::try_from(length).unwrap();
            let making = making(&bytes, long);
            assert_eq!(making.size_hint().exact(), Some(long));
            assert_eq!(making.collect().await.unwrap().to_bytes(), bytes);
        }
    }

    #[tokio::test]
    async fn what_ends_before_its_length_breaks_the_body() {
        assert!(making(b"123", 4).collect().await.is_err());
    }
}
