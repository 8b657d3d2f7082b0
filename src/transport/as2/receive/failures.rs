//! Messages that fail to be decrypted: how often a partner's may, since whoever tries keys out gets few
//! answers, and when they are answered.
//!
//! # Why an answer waits
//!
//! What fails at its last block was read as what it is until then, and what fails at its key is noise from
//! the beginning: the one takes some microseconds more. So the answer to any of them goes at the next tick
//! after the last byte came, and says nothing of the time between.

use crate::http::Problem;
use crate::message::{Moment, PartnerId};
use axum::http::StatusCode;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The failures of each partner within an hour.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<PartnerId, Hour>>);

#[derive(Clone, Copy, Debug)]
struct Hour {
    began: Instant,
    failed: u32,
}

impl Failures {
    /// Says no to a partner who has failed too often.
    pub(super) fn check(&self, partner: &PartnerId, most: u32, now: Moment) -> Result<(), Problem> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(hour) = all.get(partner).filter(|hour| hour.failed >= most) else { return Ok(()) };
        let passed = now.tick.saturating_duration_since(hour.began);
        let Some(left) = HOUR.checked_sub(passed).filter(|left| !left.is_zero()) else {
            return Ok(());
        };
        let text = format!(
            "{most} messages in an hour could not be decrypted; encrypt for our current certificate, \
             and come back after the time in Retry-After"
        );
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "as2_too_many_failures", text);
        Err(problem.retry_after(left))
    }

    /// Counts a failure.
    pub(super) fn count(&self, partner: &PartnerId, now: Moment) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = Hour { began: now.tick, failed: 0 };
        let hour = all.entry(partner.clone()).or_insert(new);
        if now.tick.saturating_duration_since(hour.began) >= HOUR {
            *hour = new;
        }
        hour.failed = hour.failed.saturating_add(1);
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

/// Waits for the next tick of a clock that began when the last byte had come.
pub(super) async fn next_tick(began: Instant, now: Instant) {
    tokio::time::sleep(left(now.saturating_duration_since(began))).await;
}

/// What is left of a tick.
fn left(passed: Duration) -> Duration {
    let ticks = passed.as_nanos() / TICK.as_nanos() + 1;
    let until = u32::try_from(ticks).map_or(Duration::MAX, |ticks| TICK.saturating_mul(ticks));
    until.saturating_sub(passed).min(TICK)
}

/// A small message is read and refused within the first.
const TICK: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_at_the_same_tick_however_long_the_refusal_took() {
        for micros in [0, 1, 400, 1_100, 19_999, 20_000, 20_001, 45_000] {
            let passed = Duration::from_micros(micros);
            let at = passed + left(passed);
            assert_eq!(at.as_nanos() % TICK.as_nanos(), 0, "{passed:?}");
            assert!(at > passed && at <= passed + TICK);
        }
    }

    #[test]
    fn after_so_many_failures_nothing_is_tried_until_the_hour_is_over() {
        let (failures, acme) = (Failures::default(), PartnerId::new("acme").unwrap());
        let begin = Moment { at: jiff::Timestamp::UNIX_EPOCH, tick: Instant::now() };
        let after = |seconds| Moment { tick: begin.tick + Duration::from_secs(seconds), ..begin };
        failures.count(&acme, begin);
        assert!(failures.check(&acme, 2, begin).is_ok());
        failures.count(&acme, after(10));
        assert!(failures.check(&acme, 2, after(20)).is_err());
        assert!(failures.check(&PartnerId::new("beta").unwrap(), 2, after(20)).is_ok());
        assert!(failures.check(&acme, 2, after(3_600)).is_ok());
        failures.count(&acme, after(3_700));
        assert!(failures.check(&acme, 2, after(3_701)).is_ok());
    }
}
