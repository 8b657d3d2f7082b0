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
}

impl Limits {
    const USUAL: Self =
        Self { body: Size::of_bytes(100_000_000), requests_per_minute: 6_000, at_once: 64 };

    fn read(table: Option<Table<'_>>, base: Self) -> Self {
        let Some(mut table) = table else { return base };
        let limits = Self {
            body: table.or("body", base.body),
            requests_per_minute: table.or("requests_per_minute", base.requests_per_minute),
            at_once: table.or("at_once", base.at_once),
        };
        table.finish();
        limits
    }
}
