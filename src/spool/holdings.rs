//! How much of what each partner handed in is here: what waits, and what came today.
//!
//! What waits follows from the rows of open messages. What came today follows from the records of
//! the day and is written down with the index, so that a start need not read the whole day again.

use super::entry::Head;
use super::row::Row;
use crate::message::{Direction, PartnerId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many messages of so many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// How many.
    pub messages: u64,
    /// Of how many bytes together, as they came.
    pub bytes: u64,
}

/// How much of what a partner handed in is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// What waits to be read, or for a person.
    pub waiting: Amount,
    /// What came since midnight UTC, whatever became of it.
    pub today: Amount,
}

/// What came from a partner on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Day {
    pub(super) partner: PartnerId,
    /// Counted from 1970.
    number: i64,
    came: Amount,
}

/// How much is here, of every partner.
#[derive(Debug, Default)]
pub(super) struct Holdings(BTreeMap<PartnerId, Held>);

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    waiting: Amount,
    /// The last day on which anything came, and what did.
    day: i64,
    came: Amount,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.messages = self.messages.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn take(&mut self, bytes: u64) {
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Holdings {
    /// What was kept of it.
    pub(super) fn restore<'r>(open: impl Iterator<Item = &'r Row>, days: Vec<Day>) -> Self {
        let mut holdings = Self::default();
        open.for_each(|row| holdings.wait(row));
        for Day { partner, number, came } in days {
            let held = holdings.0.entry(partner).or_default();
            (held.day, held.came) = (number, came);
        }
        holdings
    }

    /// A message was opened.
    pub(super) fn came(&mut self, head: &Head, bytes: u64, at: Timestamp) {
        if head.direction == Direction::Outbound {
            return;
        }
        let theirs = self.0.entry(head.partner.clone()).or_default();
        // A clock that was put back begins no new day.
        if day(at) > theirs.day {
            (theirs.day, theirs.came) = (day(at), Amount::default());
        }
        theirs.came.add(bytes);
    }

    /// A message is open.
    pub(super) fn wait(&mut self, row: &Row) {
        let Some(bytes) = row.waits() else { return };
        self.0.entry(row.partner.clone()).or_default().waiting.add(bytes);
    }

    /// What was said of it by `wait` holds no more.
    pub(super) fn wait_no_more(&mut self, row: &Row) {
        if let (Some(bytes), Some(held)) = (row.waits(), self.0.get_mut(&row.partner)) {
            held.waiting.take(bytes);
        }
    }

    /// How much is here of a partner.
    pub(super) fn of(&self, partner: &PartnerId, now: Timestamp) -> Holding {
        self.0.get(partner).map_or_else(Holding::default, |held| held.holding(now))
    }

    /// How much is here, of every partner.
    pub(super) fn all(&self, now: Timestamp) -> Vec<(PartnerId, Holding)> {
        self.0.iter().map(|(partner, held)| (partner.clone(), held.holding(now))).collect()
    }

    /// What is to be written down.
    pub(super) fn days(&self) -> Vec<Day> {
        let day = |(partner, held): (&PartnerId, &Held)| Day {
            partner: partner.clone(),
            number: held.day,
            came: held.came,
        };
        self.0.iter().map(day).collect()
    }
}

impl Held {
    fn holding(&self, now: Timestamp) -> Holding {
        let today = if day(now) > self.day { Amount::default() } else { self.came };
        Holding { waiting: self.waiting, today }
    }
}

/// The day of a time, counted from 1970.
fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}
