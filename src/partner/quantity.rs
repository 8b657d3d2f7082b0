//! Lengths of time and numbers of bytes, as people write them.

use super::fault::{FaultKind, shown};
use super::written::{Item, Value};
use serde::{Serialize, Serializer};
use std::fmt;
use std::time::Duration;

/// A length of time in whole seconds, written `15s`, `2m`, `24h` or `3d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(u32);

impl Length {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    pub(super) const fn seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// The same for the rest of the program.
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0))
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, factor) = UNITS_OF_TIME
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))?;
        let seconds = digits(number)?.checked_mul(u64::from(factor))?;
        u32::try_from(seconds).ok().filter(|seconds| *seconds <= LONGEST).map(Self)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, factor): &&(&str, u32)| self.0 > 0 && self.0.is_multiple_of(*factor);
        let (unit, factor) = UNITS_OF_TIME.iter().find(fits).unwrap_or(&("s", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Value for Length {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        Self::parse(text).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "length of time",
            how: "a number and s, m, h or d, as in \"15m\", up to a year",
        })
    }
}

/// For how many days what is done with is kept, written `800d`: never fewer than repetitions are
/// known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days(u32);

impl Days {
    /// The same for the rest of the program.
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0) * 86_400)
    }

    fn parse(text: &str) -> Option<Self> {
        let days = u32::try_from(digits(text.strip_suffix('d')?)?).ok()?;
        (FEWEST_DAYS..=MOST_DAYS).contains(&days).then_some(Self(days))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

impl Serialize for Days {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Value for Days {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        Self::parse(text).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "number of days to keep things",
            how: "400 or more and d, as in \"800d\": repetitions are known for 400 days",
        })
    }
}

/// A number of bytes, written `1MB`: units are thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

impl Size {
    pub(super) const fn of_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// How many bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, factor) = UNITS_OF_SIZE
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))?;
        let bytes = digits(number)?.checked_mul(factor)?;
        (1..=LARGEST).contains(&bytes).then_some(Self(bytes))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, factor): &&(&str, u64)| self.0.is_multiple_of(*factor);
        let (unit, factor) = UNITS_OF_SIZE.iter().find(fits).unwrap_or(&("B", 1));
        write!(f, "{} {unit}", self.0 / factor)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Value for Size {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        Self::parse(text).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "size",
            how: "a number and B, kB, MB, GB or TB, as in \"10MB\", up to 10 TB",
        })
    }
}

fn digits(text: &str) -> Option<u64> {
    let text = text.trim_end();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

const UNITS_OF_TIME: [(&str, u32); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

const UNITS_OF_SIZE: [(&str, u64); 5] =
    [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1)];

/// A year and a day: longer waits are mistakes.
const LONGEST: u32 = 366 * 86_400;

/// As long as identities are known.
const FEWEST_DAYS: u32 = 400;

const MOST_DAYS: u32 = 36_500;

const LARGEST: u64 = 10_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_shown_in_their_largest_unit() {
        for (text, seconds, shown) in [
            ("0s", 0, "0s"),
            ("15s", 15, "15s"),
            ("90s", 90, "90s"),
            ("2m", 120, "2m"),
            ("72h", 259_200, "3d"),
        ] {
            let length = Length::parse(text).unwrap();
            assert_eq!((length.duration().as_secs(), length.to_string()), (seconds, shown.into()));
        }
        for text in ["", "s", "15", "15 minutes", "-1s", "1.5h", "400d", "99999999999999999999s"] {
            assert_eq!(Length::parse(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_is_kept_for_less_than_repetitions_are_known() {
        assert_eq!(Days::parse("400d").unwrap().duration().as_secs(), 400 * 86_400);
        for text in ["", "399d", "400", "400h", "-400d", "99999d"] {
            assert_eq!(Days::parse(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_read_and_shown_in_their_largest_unit() {
        for (text, bytes, shown) in
            [("1B", 1, "1 B"), ("64kB", 64_000, "64 kB"), ("100 MB", 100_000_000, "100 MB")]
        {
            let size = Size::parse(text).unwrap();
            assert_eq!((size.bytes(), size.to_string()), (bytes, shown.to_owned()));
        }
        for text in ["", "B", "0B", "1", "1kb", "11TB", "-1B", "99999999999999999999GB"] {
            assert_eq!(Size::parse(text), None, "{text}");
        }
    }
}
