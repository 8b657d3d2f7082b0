//! How long to wait before another try.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How patient we are with a subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// A call that takes longer has failed.
    pub deadline: Duration,
    /// The wait after a first failure; each one after it waits twice as long.
    pub first_wait: Duration,
    /// The longest wait between two tries.
    pub longest_wait: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(5 * 60),
        }
    }
}

impl Pace {
    /// The wait after so many failures, with jitter: between half of it and all of it. What waits
    /// is the seed, so that many who wait do not come back together.
    pub(super) fn wait(&self, failures: u32, seed: impl Hash) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = self.first_wait.saturating_mul(doubled).min(self.longest_wait);
        let mut hasher = DefaultHasher::new();
        (seed, failures).hash(&mut hasher);
        let part = u32::try_from(hasher.finish() % 1024).unwrap_or(0);
        whole / 2 + whole / 2 * part / 1024
    }
}

/// The wait before a parked event is tried again, after so many tries.
pub(super) fn parked(tries: u32) -> Duration {
    let minutes = match tries {
        0 | 1 => 5,
        2 => 15,
        3 => 30,
        _ => 60,
    };
    Duration::from_secs(minutes * 60)
}

/// After so long a parked event is tried only by hand.
pub(super) const HELD: Duration = Duration::from_secs(72 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ_between_those_who_wait() {
        let pace = Pace::default();
        for (failures, whole) in [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (90, 300)] {
            let whole = Duration::from_secs(whole);
            let waits: Vec<_> = (0..50).map(|seed| pace.wait(failures, seed)).collect();
            assert!(waits.iter().all(|wait| (whole / 2..=whole).contains(wait)), "{waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
    }

    #[test]
    fn what_is_parked_is_tried_ever_more_slowly() {
        let minutes: Vec<_> = (1..=5).map(|tries| parked(tries).as_secs() / 60).collect();
        assert_eq!(minutes, [5, 15, 30, 60, 60]);
    }
}
