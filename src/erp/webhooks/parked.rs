//! What a subscriber would not have.

use super::telling::Telling;
use crate::message::PartnerId;
use jiff::Timestamp;
use serde::Serialize;

/// That an event is parked, and why.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) since: Timestamp,
    /// The name of the cursor that remembers it.
    pub(super) marker: String,
    pub(super) tries: u32,
    pub(super) why: String,
    /// Whether it waits for a hand.
    pub(super) held: bool,
}

/// A parked event, for whoever looks after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParkedEvent {
    /// The subscriber.
    pub webhook: String,
    /// The event.
    pub event: String,
    /// Its type.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// From or to which partner.
    pub partner: PartnerId,
    /// The cursor behind it, by which it is found in the feed.
    pub sequence: String,
    /// Since when it is parked.
    pub since: Timestamp,
    /// How often it was refused since then.
    pub tries: u32,
    /// Why: what the subscriber said, or the event that it waits for.
    pub why: String,
    /// Whether it is tried again only by hand.
    pub held: bool,
}

impl Parked {
    pub(super) fn new(since: Timestamp, marker: String, why: String) -> Self {
        Self { since, marker, tries: 0, why, held: false }
    }

    pub(super) fn shown(&self, webhook: &str, telling: &Telling) -> ParkedEvent {
        let notice = &telling.notice;
        ParkedEvent {
            webhook: webhook.to_owned(),
            event: notice.id.0.clone(),
            kind: notice.kind.clone(),
            subject: notice.subject.clone(),
            partner: notice.partner.clone(),
            sequence: telling.after.to_string(),
            since: self.since,
            tries: self.tries,
            why: self.why.clone(),
            held: self.held,
        }
    }
}
