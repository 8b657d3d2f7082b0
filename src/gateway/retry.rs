//! When to try again: a pure function of whose fault it was, and how often it was tried.

use crate::partner::RetrySchedule;
use crate::transport::Blame;
use std::time::Duration;

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt, after so long.
    After(Duration),
    /// Nothing until a person acts.
    Hold,
}

/// What follows when `attempts` have failed, the last by `blame`.
///
/// `asked` is how long the other side wants us to wait, if it said so; it makes a wait longer, never
/// shorter. `spread` is a random byte: waits grow by up to a tenth, so that what failed together
/// does not come back together.
pub(super) fn next(
    blame: Blame,
    attempts: u32,
    schedule: &RetrySchedule,
    asked: Option<Duration>,
    spread: u8,
) -> Next {
    match blame {
        Blame::Partner | Blame::Us => Next::Hold,
        Blame::Weather => schedule.wait(attempts).map_or(Next::Hold, |wait| {
            let wait = wait + wait.mul_f64(f64::from(spread) / 2_550.0);
            Next::After(wait.max(asked.unwrap_or_default().min(LONGEST_ASKED)))
        }),
    }
}

/// Nobody can keep us waiting longer than this by asking.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_weather_is_tried_again_and_not_for_ever() {
        let schedule = RetrySchedule::usual();
        let next = |blame, attempts| next(blame, attempts, &schedule, None, 0);
        assert_eq!(next(Blame::Weather, 1), Next::After(Duration::from_secs(15)));
        assert_eq!(next(Blame::Weather, 7), Next::After(Duration::from_secs(1_800)));
        assert_eq!(next(Blame::Weather, 1_000), Next::Hold);
        assert_eq!([next(Blame::Partner, 1), next(Blame::Us, 1)], [Next::Hold; 2]);
    }

    #[test]
    fn waits_are_spread_by_up_to_a_tenth_and_as_long_as_was_asked_for() {
        let schedule = RetrySchedule::usual();
        let wait = |asked, spread| match next(Blame::Weather, 1, &schedule, asked, spread) {
            Next::After(wait) => wait.as_millis(),
            Next::Hold => 0,
        };
        assert_eq!([wait(None, 0), wait(None, 255)], [15_000, 16_500]);
        assert_eq!(wait(Some(Duration::from_secs(90)), 0), 90_000);
        assert_eq!(wait(Some(Duration::from_secs(3)), 0), 15_000);
        assert_eq!(wait(Some(Duration::MAX), 0), 86_400_000);
    }
}
