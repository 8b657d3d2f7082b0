//! When someone must be told that a certificate ends.

use jiff::Timestamp;
use std::fmt;

/// How near a certificate's end is: each is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nearness {
    /// Sixty days are left at most.
    Days60,
    /// Thirty days.
    Days30,
    /// Fourteen days.
    Days14,
    /// Seven days.
    Days7,
    /// One day.
    Day1,
    /// None: it has ended.
    Ended,
}

impl Nearness {
    /// All of them, the furthest first.
    pub const ALL: [Self; 6] =
        [Self::Days60, Self::Days30, Self::Days14, Self::Days7, Self::Day1, Self::Ended];

    /// How near the end is at a time; `None` if it is far.
    pub fn of(valid_until: Timestamp, at: Timestamp) -> Option<Self> {
        let left = valid_until.as_second().saturating_sub(at.as_second());
        let ended = at > valid_until;
        Self::ALL.into_iter().rev().find(|nearness| match nearness {
            Self::Ended => ended,
            Self::Days60 | Self::Days30 | Self::Days14 | Self::Days7 | Self::Day1 => {
                left <= nearness.days() * DAY
            }
        })
    }

    /// The days of it.
    pub fn days(self) -> i64 {
        match self {
            Self::Days60 => 60,
            Self::Days30 => 30,
            Self::Days14 => 14,
            Self::Days7 => 7,
            Self::Day1 => 1,
            Self::Ended => 0,
        }
    }
}

/// Its days, such as `30`.
impl fmt::Display for Nearness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.days().fmt(f)
    }
}

/// How many whole days are left; below nought when it has ended.
pub fn days_left(valid_until: Timestamp, at: Timestamp) -> i64 {
    valid_until.as_second().saturating_sub(at.as_second()).div_euclid(DAY)
}

/// The seconds of a day.
const DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn each_threshold_begins_on_its_day_and_holds_until_the_next() {
        let end = 1_000 * DAY;
        for (left, nearness) in [
            (61 * DAY, None),
            (60 * DAY + 1, None),
            (60 * DAY, Some(Nearness::Days60)),
            (30 * DAY + 1, Some(Nearness::Days60)),
            (30 * DAY, Some(Nearness::Days30)),
            (14 * DAY, Some(Nearness::Days14)),
            (7 * DAY, Some(Nearness::Days7)),
            (DAY + 1, Some(Nearness::Days7)),
            (DAY, Some(Nearness::Day1)),
            (0, Some(Nearness::Day1)),
            (-1, Some(Nearness::Ended)),
            (-900 * DAY, Some(Nearness::Ended)),
        ] {
            assert_eq!(Nearness::of(at(end), at(end - left)), nearness, "{left}");
        }
    }

    #[test]
    fn days_are_whole_ones() {
        for (left, days) in [(DAY, 1), (DAY - 1, 0), (0, 0), (-1, -1), (-DAY, -1), (-DAY - 1, -2)] {
            assert_eq!(days_left(at(50 * DAY), at(50 * DAY - left)), days, "{left}");
        }
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        assert_eq!(Nearness::of(Timestamp::MAX, Timestamp::MIN), None);
        assert_eq!(Nearness::of(Timestamp::MIN, Timestamp::MAX), Some(Nearness::Ended));
    }
}
