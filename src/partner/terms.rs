//! What is settled once for all partners and may be changed for each.

use super::acknowledgment::Acknowledgments;
use super::envelope::Envelope;
use super::quantity::Size;
use super::retry::RetrySchedule;
use super::schedule::Schedule;
use super::written::Table;
use serde::Serialize;

/// The terms of trade on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// How our interchanges look.
    pub envelope: Envelope,
    /// Which acknowledgments are given and wanted.
    pub acknowledgments: Acknowledgments,
    /// When we send.
    pub schedule: Schedule,
    /// How often we try again.
    pub retry: RetrySchedule,
    /// How much they may send.
    pub limits: Limits,
}

impl Terms {
    /// What holds when nobody says otherwise.
    pub(super) fn usual() -> Self {
        Self {
            envelope: Envelope::usual(),
            acknowledgments: Acknowledgments::USUAL,
            schedule: Schedule::ALWAYS,
            retry: RetrySchedule::usual(),
            limits: Limits::USUAL,
        }
    }

    /// What `table` says, and `base` where it says nothing.
    pub(super) fn read(table: &mut Table<'_>, base: &Self) -> Self {
        Self {
            envelope: Envelope::read(table.table("envelope"), &base.envelope),
            acknowledgments: Acknowledgments::read(
                table.table("acknowledgments"),
                base.acknowledgments,
            ),
            schedule: Schedule::read(table.table("schedule"), &base.schedule),
            retry: RetrySchedule::read(table.table("retry"), &base.retry),
            limits: Limits::read(table.table("limits"), base.limits),
        }
    }
}

/// How much a partner may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The largest body of one request.
    pub body: Size,
    /// Requests in a minute.
    pub requests_per_minute: u32,
    /// Requests at the same time.
    pub at_once: u32,
    /// How many bytes of theirs may wait with us to be read, or for a person.
    pub waiting: Size,
    /// How many messages of theirs may.
    pub waiting_messages: u32,
    /// How many bytes they may hand in on one day, from midnight UTC.
    pub day: Size,
}

impl Limits {
    const USUAL: Self = Self {
        body: Size::of_bytes(100_000_000),
        requests_per_minute: 6_000,
        at_once: 64,
        waiting: Size::of_bytes(10_000_000_000),
        waiting_messages: 100_000,
        day: Size::of_bytes(100_000_000_000),
    };

    fn read(table: Option<Table<'_>>, base: Self) -> Self {
        let Some(mut table) = table else { return base };
        let limits = Self {
            body: table.or("body", base.body),
            requests_per_minute: table.or("requests_per_minute", base.requests_per_minute),
            at_once: table.or("at_once", base.at_once),
            waiting: table.or("waiting", base.waiting),
            waiting_messages: table.or("waiting_messages", base.waiting_messages),
            day: table.or("day", base.day),
        };
        table.finish();
        limits
    }
}
