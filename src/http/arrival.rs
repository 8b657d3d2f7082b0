//! A body on its way in, which has to come at some speed.

use super::limits::Limits;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, Sleep, sleep_until};

/// The body of a request.
pub(super) struct Arrival {
    incoming: Incoming,
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
    pub(super) fn new(incoming: Incoming, limits: &Limits) -> Self {
        let pace = Pace { patience: limits.body, rate: limits.body_rate };
        Self { incoming, pace, received: 0, begun: None }
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
        if let Poll::Ready(frame) = Pin::new(&mut this.incoming).poll_frame(cx) {
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
            let length = data.map_or(0, |data| u64::try_from(data.len()).unwrap_or(u64::MAX));
            this.received = this.received.saturating_add(length);
            return Poll::Ready(frame.map(|frame| frame.map_err(ArrivalError::Broken)));
        }
        let (begun, timer) = this.begun.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now)))
        });
        let due = *begun + this.pace.allows(this.received);
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Some(Err(ArrivalError::TooSlow)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
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
