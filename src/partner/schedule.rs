//! When documents may be sent to a partner.

use super::fault::{FaultKind, shown};
use super::word::{Word, words};
use super::written::{Item, Table, Value};
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Serialize, Serializer};
use std::fmt;

words! {
    /// A day of the week.
    pub enum Day {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

impl Day {
    fn of(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// When we send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Schedule {
    /// As soon as there is something.
    Always(&'static str),
    /// Within these hours.
    Hours(Hours),
}

/// The same hours on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hours {
    days: Vec<Day>,
    from: Time,
    to: Time,
    #[serde(serialize_with = "zone_name")]
    zone: TimeZone,
}

impl Schedule {
    /// As soon as there is something.
    pub(super) const ALWAYS: Self = Self::Always("always");

    /// When sending may begin: `now`, or the next time that the hours begin.
    pub fn opening(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::Always(_) => now,
            Self::Hours(hours) => hours.opening(now).unwrap_or(now),
        }
    }

    /// What `table` says, and `base` if there is none: hours are not mixed.
    pub(super) fn read(table: Option<Table<'_>>, base: &Self) -> Self {
        let Some(mut table) = table else { return base.clone() };
        let mut days =
            table.list::<Day>("days").into_iter().map(|day| day.value).collect::<Vec<_>>();
        if days.is_empty() {
            days = Day::ALL.iter().map(|(day, _)| *day).collect();
        }
        let from = table.or("from", Clock(Time::MIN)).0;
        let to = table.placed::<Clock>("to");
        if let Some(to) = to.filter(|to| to.value.0 <= from) {
            let how = "a time later than `from`, as in \"18:00\"; hours end before midnight";
            let value = to.value.0.strftime("%H:%M").to_string();
            table.fault(to.place, FaultKind::Malformed { value, what: "end of these hours", how });
        }
        let to = to.map_or(Time::MAX, |to| to.value.0);
        let zone = table.or("zone", Zone(TimeZone::UTC)).0;
        table.finish();
        Self::Hours(Hours { days, from, to, zone })
    }
}

/// In words, such as `mon tue 06:00-20:00 America/Chicago`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(word) => f.write_str(word),
            Self::Hours(Hours { days, from, to, zone }) => {
                for day in days {
                    write!(f, "{day} ")?;
                }
                let (from, to) = (from.strftime("%H:%M"), to.strftime("%H:%M"));
                write!(f, "{from}-{to} {}", zone.iana_name().unwrap_or("UTC"))
            }
        }
    }
}

impl Hours {
    fn opening(&self, now: Timestamp) -> Option<Timestamp> {
        let here = now.to_zoned(self.zone.clone());
        let sent_on = |date: jiff::civil::Date| self.days.contains(&Day::of(date.weekday()));
        if sent_on(here.date()) && (self.from..self.to).contains(&here.time()) {
            return Some(now);
        }
        let dates = (0..=7).filter_map(|days| here.date().checked_add(days.days()).ok());
        let starts = dates.filter(|date| sent_on(*date)).filter_map(|date| {
            let start = date.to_datetime(self.from).to_zoned(self.zone.clone()).ok()?;
            Some(start.timestamp())
        });
        starts.into_iter().find(|start| *start > now)
    }
}

fn zone_name<S: Serializer>(zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.iana_name().unwrap_or("UTC"))
}

/// A time of the day, written `06:30`.
#[derive(Clone, Copy)]
struct Clock(Time);

impl Value for Clock {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let malformed = || FaultKind::Malformed {
            value: shown(text),
            what: "time of the day",
            how: "hours and minutes in quotes, as in \"06:30\"",
        };
        if text.len() != 5 {
            return Err(malformed());
        }
        Time::strptime("%H:%M", text).map(Self).map_err(|_| malformed())
    }
}

/// A time zone, by its IANA name.
pub(super) struct Zone(pub(super) TimeZone);

impl Value for Zone {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        TimeZone::get(text).map(Self).map_err(|_| FaultKind::Malformed {
            value: shown(text),
            what: "time zone",
            how: "its IANA name, as in \"America/Chicago\"",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(days: &[Day], from: i8, to: i8, zone: &str) -> Schedule {
        let at = |hour| Time::constant(hour, 0, 0, 0);
        let zone = TimeZone::get(zone).unwrap();
        Schedule::Hours(Hours { days: days.to_vec(), from: at(from), to: at(to), zone })
    }

    #[test]
    fn within_the_hours_sending_begins_at_once() {
        let schedule = hours(&[Day::Friday], 6, 18, "America/Chicago");
        // A Friday in winter: six hours behind UTC.
        for (now, opening) in [
            ("2026-01-02T12:00:00Z", "2026-01-02T12:00:00Z"),
            ("2026-01-02T23:59:59Z", "2026-01-02T23:59:59Z"),
            ("2026-01-02T11:59:59Z", "2026-01-02T12:00:00Z"),
            ("2026-01-03T00:00:00Z", "2026-01-09T12:00:00Z"),
            ("2026-07-02T00:00:00Z", "2026-07-03T11:00:00Z"),
        ] {
            let opening: Timestamp = opening.parse().unwrap();
            assert_eq!(schedule.opening(now.parse().unwrap()), opening, "{now}");
        }
    }

    #[test]
    fn without_hours_sending_begins_at_once() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(Schedule::ALWAYS.opening(now), now);
    }
}
