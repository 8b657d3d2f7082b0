//! When to try again: a pure function of whose fault it was, and how often it was tried.

use crate::partner::RetrySchedule;
use crate::transport::{Blame, TransportError};
use std::time::Duration;

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt, after so long.
    After(Duration),
    /// Nothing until a person acts.
    Hold,
}

/// What follows when `attempts` have failed, the last by `error`.
///
/// How long the other side wants us to wait, if it said so, makes a wait longer, never shorter.
/// `spread` is a random byte: waits grow by up to a tenth, so that what failed together does not
/// come back together.
///
/// Whoever is not who they should be is parked: nothing was asked of them and nothing given, so the
/// parcel waits as in bad weather until a person has looked, and goes by itself then.
pub(super) fn next(
    error: &TransportError,
    attempts: u32,
    schedule: &RetrySchedule,
    spread: u8,
) -> Next {
    match error.blame() {
        Blame::Partner | Blame::Us if !error.parks() => Next::Hold,
        Blame::Weather | Blame::Partner | Blame::Us => {
            schedule.wait(attempts).map_or(Next::Hold, |wait| {
                let wait = wait + wait.mul_f64(f64::from(spread) / 2_550.0);
                Next::After(wait.max(error.retry_after().unwrap_or_default().min(LONGEST_ASKED)))
            })
        }
    }
}

/// Nobody can keep us waiting longer than this by asking.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(retry_after: Option<Duration>) -> TransportError {
        let (endpoint, text) = ("x".to_owned(), "y".to_owned());
        TransportError::Busy { endpoint, status: 503, text, retry_after }
    }

    #[test]
    fn weather_and_whoever_is_parked_are_tried_again_and_not_for_ever() {
        let schedule = RetrySchedule::usual();
        let next = |error: &TransportError, attempts| next(error, attempts, &schedule, 0);
        let (endpoint, why) = ("x".to_owned(), "y".to_owned());
        let other = TransportError::NotTrusted { endpoint: endpoint.clone(), why: why.clone() };
        for error in [busy(None), other] {
            assert_eq!(next(&error, 1), Next::After(Duration::from_secs(15)));
            assert_eq!(next(&error, 7), Next::After(Duration::from_secs(1_800)));
            assert_eq!(next(&error, 1_000), Next::Hold);
        }
        let denied = TransportError::Denied { endpoint: endpoint.clone(), why: why.clone() };
        let unset = TransportError::NotSetUp { endpoint, why };
        assert_eq!([next(&denied, 1), next(&unset, 1)], [Next::Hold; 2]);
    }

    #[test]
    fn waits_are_spread_by_up_to_a_tenth_and_as_long_as_was_asked_for() {
        let schedule = RetrySchedule::usual();
        let wait = |asked, spread| match next(&busy(asked), 1, &schedule, spread) {
            Next::After(wait) => wait.as_millis(),
            Next::Hold => 0,
        };
        assert_eq!([wait(None, 0), wait(None, 255)], [15_000, 16_500]);
        assert_eq!(wait(Some(Duration::from_secs(90)), 0), 90_000);
        assert_eq!(wait(Some(Duration::from_secs(3)), 0), 15_000);
        assert_eq!(wait(Some(Duration::MAX), 0), 86_400_000);
    }
}
