//! What `wharf spool` is asked with: which messages, by whom, why.

use super::super::terms::CommandError;
use crate::event::{Hand, State};
use crate::gateway::operator::{Ask, OperatorError};
use crate::message::{Direction, MessageId, Moment, PartnerId};
use crate::spool::NumberKind;
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Instant;

/// Which messages.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// From or to this partner
    #[arg(long, value_name = "NAME", value_parser = partner)]
    partner: Option<PartnerId>,
    /// In this state, such as received, quarantined, dead, awaiting, offered
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// In or out
    #[arg(long, value_parser = direction)]
    direction: Option<Direction>,
    /// Since then: 90m, 12h, 2d, 2026-11-15, or 2026-11-15T10:30:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Until then
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Carrying this order, invoice, shipment, control number, file name …
    #[arg(long, value_name = "VALUE")]
    reference: Option<String>,
    /// Carrying such a transaction set, such as 850
    #[arg(long, value_name = "KIND")]
    set: Option<String>,
}

/// Who acts, and why.
#[derive(Debug, Args)]
pub(super) struct Hands {
    /// Why; kept with the message
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Who
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true)]
    by: String,
}

/// The clocks, asked here.
pub(super) struct When;

impl When {
    /// Now, by both clocks.
    pub(super) fn now() -> Moment {
        Moment { at: Timestamp::now(), tick: Instant::now() }
    }
}

impl Hands {
    pub(super) fn hand(&self) -> Hand {
        Hand { by: self.by.clone(), why: self.why.clone() }
    }
}

impl Which {
    /// The same as the house asks it.
    pub(super) fn ask(&self, now: Moment) -> Result<Ask, CommandError> {
        let at = |text: &Option<String>| text.as_deref().map(|text| time(text, now.at)).transpose();
        Ok(Ask {
            partner: self.partner.clone(),
            state: self.state,
            direction: self.direction,
            from: at(&self.since)?,
            until: at(&self.until)?,
            reference: self.reference.clone(),
            set: self.set.clone(),
            before: None,
            most: None,
        })
    }
}

/// A time as people write it; a date begins at midnight of this machine.
fn time(text: &str, now: Timestamp) -> Result<Timestamp, CommandError> {
    let ago = |seconds: i64| {
        let count = text.get(..text.len().saturating_sub(1))?.parse::<u32>().ok()?;
        now.checked_sub(SignedDuration::from_secs(seconds * i64::from(count))).ok()
    };
    let given = match text.chars().last() {
        Some('m') => ago(60),
        Some('h') => ago(3600),
        Some('d') => ago(24 * 3600),
        _ => text.parse::<Timestamp>().ok().or_else(|| {
            let date: Date = text.parse().ok()?;
            Some(date.to_zoned(TimeZone::system()).ok()?.timestamp())
        }),
    };
    given.ok_or_else(|| {
        let hint = "write 90m, 12h, 2d, 2026-11-15 or 2026-11-15T10:30:00Z";
        CommandError::Wrong(format!("`{text}` is no time; {hint}"))
    })
}

fn state(text: &str) -> Result<State, String> {
    State::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| {
        let names = State::ALL.map(State::name).join(", ");
        format!("the states are {names}")
    })
}

fn direction(text: &str) -> Result<Direction, String> {
    match text {
        "in" | "inbound" => Ok(Direction::Inbound),
        "out" | "outbound" => Ok(Direction::Outbound),
        _ => Err("write in or out".to_owned()),
    }
}

pub(super) fn partner(text: &str) -> Result<PartnerId, String> {
    PartnerId::new(text).map_err(|error| error.to_string())
}

/// A message's id, or what to do without one.
pub(super) fn id(text: &str) -> Result<MessageId, String> {
    let short: String = text.chars().take(64).collect();
    text.parse().map_err(|_| OperatorError::NotAnId(short).told())
}

pub(super) fn number_kind(text: &str) -> Result<NumberKind, String> {
    match text {
        "interchange" => Ok(NumberKind::Interchange),
        "group" => Ok(NumberKind::Group),
        "set" => Ok(NumberKind::Set),
        _ => Err("write interchange, group or set".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_be_written_in_the_ways_that_people_do() {
        let now: Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
        let said = |text: &str| time(text, now).unwrap().to_string();
        assert_eq!(said("90m"), "2026-03-02T08:30:00Z");
        assert_eq!(said("2d"), "2026-02-28T10:00:00Z");
        assert_eq!(said("2026-03-01T10:00:00+01:00"), "2026-03-01T09:00:00Z");
        assert!(time("2026-03-01", now).is_ok());
        for wrong in ["", "m", "-1h", "yesterday", "4294967296d", "1é"] {
            assert!(time(wrong, now).is_err(), "{wrong}");
        }
    }
}
