//! Days from which and until which something is used.

use super::super::fault::{FaultKind, shown};
use super::super::written::{Item, Table, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

/// The days on which something is used, both included, in UTC; no day is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Span {
    /// Whether a time is within.
    pub fn holds(&self, at: Timestamp) -> bool {
        let day = at.to_zoned(TimeZone::UTC).date();
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The first moment.
    pub fn begins(&self) -> Timestamp {
        let midnight = self.from.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        midnight.map_or(Timestamp::MIN, |midnight| midnight.timestamp())
    }

    /// The last moment.
    pub fn ends(&self) -> Timestamp {
        self.until.map_or(Timestamp::MAX, end)
    }

    pub(super) fn read(table: &mut Table<'_>) -> Self {
        let (from, until) = (table.placed::<Date>("from"), table.placed::<Date>("until"));
        if let (Some(from), Some(until)) = (&from, &until)
            && until.value < from.value
        {
            let value = until.value.to_string();
            let (what, how) = ("last day", "one that is not before `from`");
            table.fault(until.place, FaultKind::Malformed { value, what, how });
        }
        Self { from: from.map(|day| day.value), until: until.map(|day| day.value) }
    }
}

/// The last moment of a day, in UTC.
pub(super) fn end(day: Date) -> Timestamp {
    let next = day.tomorrow().unwrap_or(Date::MAX);
    let midnight = next.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp());
    let second = jiff::SignedDuration::from_secs(1);
    midnight.ok().and_then(|midnight| midnight.checked_sub(second).ok()).unwrap_or(Timestamp::MAX)
}

/// A day, written as a date of TOML or as text.
impl Value for Date {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.day()?;
        text.parse().map_err(|_| FaultKind::Malformed {
            value: shown(&text),
            what: "day",
            how: "it as 2027-03-31",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_are_included() {
        let span = Span { from: "2026-01-02".parse().ok(), until: "2026-01-03".parse().ok() };
        for (at, holds) in [
            ("2026-01-01T23:59:59Z", false),
            ("2026-01-02T00:00:00Z", true),
            ("2026-01-03T23:59:59Z", true),
            ("2026-01-04T00:00:00Z", false),
        ] {
            assert_eq!(span.holds(at.parse().unwrap()), holds, "{at}");
        }
        assert!(Span::default().holds(Timestamp::UNIX_EPOCH));
        assert_eq!(end("2026-01-03".parse().unwrap()).to_string(), "2026-01-03T23:59:59Z");
    }
}
