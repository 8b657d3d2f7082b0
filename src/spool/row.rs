//! Where a message stands, as its records add up.

use super::entry::{Entry, Fact, Head};
use super::queue::Lane;
use crate::event::{EventKind, Life, NotNow, State, Trouble};
use crate::message::{Channel, Direction, MessageId, PartnerId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where a message stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The message.
    pub id: MessageId,
    /// Which way it goes.
    pub direction: Direction,
    /// From or to whom.
    pub partner: PartnerId,
    /// The door.
    pub channel: Channel,
    /// Where it goes, if we send it.
    pub endpoint: String,
    /// Whether it is only a test.
    pub test: bool,
    /// How many bytes its body has.
    pub length: u64,
    /// The state.
    pub state: State,
    /// When it came to be.
    pub opened: Timestamp,
    /// When anything happened to it last.
    pub changed: Timestamp,
    /// When it is due, if it is.
    pub due: Option<Timestamp>,
    /// How many attempts failed since it was last sent on its way.
    pub attempts: u32,
    /// What went wrong last, if that still matters.
    pub trouble: Option<Trouble>,
}

/// The state of a message with what the spool needs to go on from there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    id: MessageId,
    direction: Direction,
    pub(super) partner: PartnerId,
    channel: Channel,
    endpoint: String,
    test: bool,
    /// How many bytes its body has.
    length: u64,
    pub(super) life: Life,
    opened: Timestamp,
    changed: Timestamp,
    pub(super) due: Option<Due>,
    pub(super) attempts: u32,
    trouble: Option<Trouble>,
    /// The record that holds the answer that was given for it.
    pub(super) answer: Option<u64>,
    /// The last record that is counted in.
    pub(super) seen: u64,
}

/// When a message is due: so long after a certain time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Due {
    since: Timestamp,
    milliseconds: u64,
}

impl Due {
    /// How long from `now` on. A clock that jumped makes it neither longer than it ever was, nor
    /// lost.
    pub(super) fn left(&self, now: Timestamp) -> Duration {
        let whole = Duration::from_millis(self.milliseconds);
        let passed = now.as_millisecond().saturating_sub(self.since.as_millisecond());
        let passed = Duration::from_millis(u64::try_from(passed).unwrap_or(0));
        whole.saturating_sub(passed)
    }

    /// The wait as it was set.
    pub(super) fn whole(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    fn at(&self) -> Timestamp {
        i64::try_from(self.milliseconds)
            .ok()
            .and_then(|ms| self.since.checked_add(jiff::SignedDuration::from_millis(ms)).ok())
            .unwrap_or(Timestamp::MAX)
    }
}

/// The label under which the answer to a message is kept.
pub(super) const ANSWER: &str = "answer";

impl Row {
    /// The row of message `id` after the record at `position`; `before` is that of all records
    /// before it. None if the record does not begin the message and nothing before it did.
    pub(super) fn after(
        before: Option<Self>,
        id: MessageId,
        entry: &Entry,
        position: u64,
    ) -> Result<Option<Self>, NotNow> {
        if before.as_ref().is_some_and(|row| row.seen >= position) {
            return Ok(before);
        }
        let mut row = before;
        let mut head: Option<(&Head, u64)> = None;
        for fact in entry.facts.iter().filter(|fact| fact.message() == Some(id)) {
            if let Fact::Opened { head: opened, body, .. } = fact {
                head = Some((opened, body.length));
            } else if let Fact::Happened { event, due, .. } = fact {
                row = match (row, head) {
                    (Some(mut row), _) => {
                        row.happened(event, *due, entry.at)?;
                        Some(row)
                    }
                    (None, Some(opened)) => {
                        let life = Life::begin(event)?;
                        Some(Self::begin(id, opened, life, event, *due, entry.at))
                    }
                    (None, None) => None,
                };
            }
        }
        if let Some(row) = &mut row {
            row.seen = position;
            let answered = |fact: &Fact| matches!(fact, Fact::Kept { id: kept, label, .. } if *kept == id && label == ANSWER);
            if entry.facts.iter().any(answered) {
                row.answer = Some(position);
            }
        }
        Ok(row)
    }

    fn begin(
        id: MessageId,
        (head, length): (&Head, u64),
        life: Life,
        event: &EventKind,
        due: Option<u64>,
        at: Timestamp,
    ) -> Self {
        let mut row = Self {
            id,
            direction: head.direction,
            partner: head.partner.clone(),
            channel: head.channel,
            endpoint: head.endpoint.clone(),
            test: head.test,
            length,
            life,
            opened: at,
            changed: at,
            due: None,
            attempts: 0,
            trouble: event.trouble().cloned(),
            answer: None,
            seen: 0,
        };
        row.set_due(due, true, at);
        row
    }

    fn happened(
        &mut self,
        event: &EventKind,
        due: Option<u64>,
        at: Timestamp,
    ) -> Result<(), NotNow> {
        let life = self.life.after(event)?;
        let moved = life.state != self.life.state;
        self.life = life;
        self.changed = at;
        if moved || event.trouble().is_some() {
            self.trouble = event.trouble().cloned();
        }
        if let EventKind::AttemptFailed(_) = event {
            self.attempts = self.attempts.saturating_add(1);
        } else if let EventKind::Retried(_) | EventKind::Replayed { .. } = event {
            self.attempts = 0;
        }
        self.set_due(due, moved, at);
        Ok(())
    }

    /// What is ours to do is always due, so that nothing ends by being forgotten.
    fn set_due(&mut self, due: Option<u64>, moved: bool, at: Timestamp) {
        let state = self.life.state;
        if !state.is_open() {
            self.due = None;
        } else if let Some(milliseconds) = due {
            self.due = Some(Due { since: at, milliseconds });
        } else if moved {
            self.due = state.is_ours().then_some(Due { since: at, milliseconds: 0 });
        }
    }

    /// How many bytes of theirs wait with us, if it came from them.
    pub(super) fn waits(&self) -> Option<u64> {
        (self.direction == Direction::Inbound).then_some(self.length)
    }

    /// Whether it waits to be sent because of a trouble of this code.
    pub(super) fn waits_because(&self, code: &str) -> bool {
        self.life.state == State::Queued
            && self.trouble.as_ref().is_some_and(|trouble| trouble.code == code)
    }

    /// The message.
    pub(super) fn id(&self) -> MessageId {
        self.id
    }

    /// The lane that its work waits in.
    pub(super) fn lane(&self) -> Lane {
        let endpoint =
            if self.life.state == State::Received { String::new() } else { self.endpoint.clone() };
        Lane { partner: self.partner.clone(), endpoint }
    }

    /// What others are told of it.
    pub(super) fn summary(&self) -> Summary {
        Summary {
            id: self.id,
            direction: self.direction,
            partner: self.partner.clone(),
            channel: self.channel,
            endpoint: self.endpoint.clone(),
            test: self.test,
            length: self.length,
            state: self.life.state,
            opened: self.opened,
            changed: self.changed,
            due: self.due.map(|due| due.at()),
            attempts: self.attempts,
            trouble: self.trouble.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_longer_than_it_was_set_whatever_the_clock_does() {
        let since: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let due = Due { since, milliseconds: 60_000 };
        let left = |now: &str| due.left(now.parse().unwrap()).as_secs();
        assert_eq!(left("2026-01-02T00:00:45Z"), 15);
        assert_eq!(left("2026-01-03T00:00:00Z"), 0);
        assert_eq!(left("2026-01-01T00:00:00Z"), 60);
        assert_eq!(left("1970-01-01T00:00:00Z"), 60);
    }
}
