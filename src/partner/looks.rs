//! When we look into a folder for what came: at intervals or by cron, and not on holidays.

use super::desk::Placed;
use super::fault::{FaultKind, shown};
use super::quantity::Length;
use super::schedule::Zone;
use super::written::{Item, Table, Value};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr as _;

/// When we look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Looks {
    rhythm: Rhythm,
    #[serde(serialize_with = "zone_name")]
    zone: TimeZone,
    holidays: Vec<Date>,
}

/// How often.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Rhythm {
    /// Again this long after the last look ended.
    Every(Length),
    /// Whenever this expression says.
    #[serde(serialize_with = "expression")]
    Cron(Box<jiff_cron::Schedule>),
}

impl Looks {
    /// When to look next, once a look ended at `last`; none: never again.
    pub fn next(&self, last: Timestamp) -> Option<Timestamp> {
        match &self.rhythm {
            Rhythm::Every(wait) => {
                let wait = i64::try_from(wait.duration().as_secs()).ok()?;
                let next = last.checked_add(wait.seconds()).ok()?;
                let here = next.to_zoned(self.zone.clone());
                if !self.is_holiday(here.date()) {
                    return Some(next);
                }
                let days =
                    (1..=LONGEST_HOLIDAYS).filter_map(|n| here.date().checked_add(n.days()).ok());
                let open = days.into_iter().find(|date| !self.is_holiday(*date))?;
                Some(open.to_zoned(self.zone.clone()).ok()?.timestamp())
            }
            Rhythm::Cron(schedule) => {
                let times = schedule.after(last.to_zoned(self.zone.clone()));
                let mut open = times.take(MOST_SKIPPED).filter(|at| !self.is_holiday(at.date()));
                open.next().map(|at| at.timestamp())
            }
        }
    }

    /// When to look first, when we begin at `now`.
    pub fn first(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.rhythm {
            Rhythm::Every(_) if !self.is_holiday(now.to_zoned(self.zone.clone()).date()) => {
                Some(now)
            }
            Rhythm::Every(_) | Rhythm::Cron(_) => self.next(now),
        }
    }

    fn is_holiday(&self, date: Date) -> bool {
        self.holidays.contains(&date)
    }

    /// What `table` says, and every so long where it says nothing.
    pub(super) fn read(table: &mut Table<'_>, usual: Length) -> Self {
        let every = table.placed::<Length>("every");
        let cron = table.placed::<Cron>("cron");
        let zone = table.or("zone", Zone(TimeZone::UTC)).0;
        let holidays = table.list::<Date>("holidays").into_iter().map(|day| day.value).collect();
        if let (Some(_), Some(cron)) = (&every, &cron) {
            table.fault(cron.place, FaultKind::EveryAndCron);
        }
        if let Some(Placed { place, .. }) = every.filter(|every| every.value == Length::ZERO) {
            let kind = FaultKind::Malformed {
                value: "0s".to_owned(),
                what: "wait between looks",
                how: "a second or more, as in \"5m\"",
            };
            table.fault(place, kind);
        }
        let rhythm = match cron {
            Some(cron) => Rhythm::Cron(Box::new(cron.value.0)),
            None => Rhythm::Every(every.map_or(usual, |every| every.value)),
        };
        Self { rhythm, zone, holidays }
    }
}

/// In words, such as `every 5m`.
impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rhythm {
            Rhythm::Every(wait) => write!(f, "every {wait}")?,
            Rhythm::Cron(schedule) => {
                let zone = self.zone.iana_name().unwrap_or("UTC");
                write!(f, "at {} {zone}", schedule.source())?;
            }
        }
        match self.holidays.len() {
            0 => Ok(()),
            1 => f.write_str(", not on 1 holiday"),
            days => write!(f, ", not on {days} holidays"),
        }
    }
}

impl PartialEq for Rhythm {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Every(one), Self::Every(two)) => one == two,
            (Self::Cron(one), Self::Cron(two)) => one.source() == two.source(),
            (Self::Every(_), Self::Cron(_)) | (Self::Cron(_), Self::Every(_)) => false,
        }
    }
}

impl Eq for Rhythm {}

fn zone_name<S: Serializer>(zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.iana_name().unwrap_or("UTC"))
}

fn expression<S: Serializer>(
    schedule: &jiff_cron::Schedule,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(schedule.source())
}

/// A cron expression of five fields, or of six with the seconds first.
struct Cron(jiff_cron::Schedule);

impl Value for Cron {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let whole = match text.split_whitespace().count() {
            5 => format!("0 {text}"),
            _ => text.to_owned(),
        };
        jiff_cron::Schedule::from_str(&whole).map(Self).map_err(|_| FaultKind::Malformed {
            value: shown(text),
            what: "cron expression",
            how: "minute, hour, day, month and day of the week, as in \"*/15 6-20 * * Mon-Fri\"",
        })
    }
}

/// Nobody is closed for longer than this.
const LONGEST_HOLIDAYS: i64 = 366;

/// So many times of a cron expression may fall on holidays in a row: a month of minutes.
const MOST_SKIPPED: usize = 44_640;

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(rhythm: Rhythm, holidays: &[&str]) -> Looks {
        let holidays = holidays.iter().map(|day| day.parse().unwrap()).collect();
        Looks { rhythm, zone: TimeZone::get("America/Chicago").unwrap(), holidays }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn at_intervals_a_holiday_ends_at_midnight_where_the_partner_is() {
        let every = looks(Rhythm::Every(Length::seconds(300)), &["2026-12-25", "2026-12-26"]);
        assert_eq!(every.first(at("2026-12-24T12:00:00Z")), Some(at("2026-12-24T12:00:00Z")));
        assert_eq!(every.next(at("2026-12-24T12:00:00Z")), Some(at("2026-12-24T12:05:00Z")));
        // Chicago is six hours behind: the 25th begins there at 06:00 UTC.
        assert_eq!(every.next(at("2026-12-25T05:50:00Z")), Some(at("2026-12-25T05:55:00Z")));
        for during in ["2026-12-25T05:58:00Z", "2026-12-26T20:00:00Z"] {
            assert_eq!(every.next(at(during)), Some(at("2026-12-27T06:00:00Z")), "{during}");
        }
        assert_eq!(every.first(at("2026-12-25T12:00:00Z")), Some(at("2026-12-27T06:00:00Z")));
    }

    #[test]
    fn cron_is_meant_where_the_partner_is_and_skips_holidays() {
        let schedule = jiff_cron::Schedule::from_str("0 30 6 * * Mon-Fri").unwrap();
        let cron = looks(Rhythm::Cron(Box::new(schedule)), &["2026-11-26", "2026-11-27"]);
        // A Wednesday; then Thanksgiving, the day after, and a weekend.
        assert_eq!(cron.first(at("2026-11-25T12:00:00Z")), Some(at("2026-11-25T12:30:00Z")));
        assert_eq!(cron.next(at("2026-11-25T12:30:00Z")), Some(at("2026-11-30T12:30:00Z")));
        // Clocks went back on the first of November.
        assert_eq!(cron.next(at("2026-10-30T10:00:00Z")), Some(at("2026-10-30T11:30:00Z")));
    }
}
