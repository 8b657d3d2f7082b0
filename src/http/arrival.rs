//! A body on its way in, which has to come at some speed.
//!
//! # Why an HTTP/2 body that nobody reads is not dropped at once
//!
//! To drop it resets the stream, and some clients that are still sending (curl before 8) then never
//! look at the answer that came just before. [`Stream`](super::stream) does the same for HTTP/1.

use super::limits::Limits;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::Version;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// The body of a request.
pub(super) struct Arrival {
    /// Taken when it is dropped, and when it came to its end.
    incoming: Option<Incoming>,
    linger: Option<(Handle, Duration)>,
    pace: Pace,
    received: u64,
    /// From when somebody reads it: whoever is made to wait is not slow.
    begun: Option<(Instant, Pin<Box<Sleep>>)>,
}

/// Why a body did not arrive whole.
#[derive(Debug, Error)]
pub(super) enum ArrivalError {
    /// It came too slowly.
    #[error("the body came too slowly")]
    TooSlow,
    /// The connection broke, or what came was no body.
    #[error("the body broke off")]
    Broken(#[source] hyper::Error),
}

/// How slowly a body may come.
#[derive(Clone, Copy)]
struct Pace {
    patience: Duration,
    rate: u64,
}

impl Pace {
    /// How long so many bytes may take.
    fn allows(self, received: u64) -> Duration {
        let seconds = received.checked_div(self.rate).unwrap_or(0);
        self.patience.saturating_add(Duration::from_secs(seconds.min(A_YEAR)))
    }
}

const A_YEAR: u64 = 31_536_000;

impl Arrival {
    /// The body of a request that came in this `version` of HTTP.
    pub(super) fn new(incoming: Incoming, version: Version, limits: &Limits) -> Self {
        let pace = Pace { patience: limits.body, rate: limits.body_rate };
        let linger = (version == Version::HTTP_2).then(|| (Handle::current(), limits.linger));
        Self { incoming: Some(incoming), linger, pace, received: 0, begun: None }
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (begun, timer) = self.begun.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now)))
        });
        let due = *begun + self.pace.allows(self.received);
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let left = self.incoming.take().filter(|incoming| !incoming.is_end_stream());
        if let (Some(mut incoming), Some((runtime, linger))) = (left, self.linger.take()) {
            runtime.spawn(timeout(linger, async move {
                while incoming.frame().await.is_some_and(|frame| frame.is_ok()) {}
            }));
        }
    }
}

impl Body for Arrival {
    type Data = Bytes;
    type Error = ArrivalError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ArrivalError>>> {
        let this = &mut *self;
        let Some(incoming) = &mut this.incoming else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(incoming).poll_frame(cx) else {
            ready!(this.is_late(cx));
            this.incoming = None;
            return Poll::Ready(Some(Err(ArrivalError::TooSlow)));
        };
        match frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                let length = u64::try_from(length).unwrap_or(u64::MAX);
                this.received = this.received.saturating_add(length);
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                this.incoming = None;
                Poll::Ready(Some(Err(ArrivalError::Broken(error))))
            }
            None => {
                this.incoming = None;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(SizeHint::default, Incoming::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_what_has_come() {
        let pace = Pace { patience: Duration::from_secs(30), rate: 1_000 };
        let seconds = [0, 999, 1_000, 60_000].map(|received| pace.allows(received).as_secs());
        assert_eq!(seconds, [30, 30, 31, 90]);
        let endless = Pace { rate: 0, ..pace };
        assert_eq!(endless.allows(u64::MAX).as_secs(), 30);
    }
}
