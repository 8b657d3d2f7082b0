//! Where a message stands, and what may happen to it there.

use super::kind::EventKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits to be read.
    Received,
    /// Put aside; a person decides.
    Quarantined,
    /// Read, with all that follows set going.
    Settled,
    /// Read and rejected.
    Rejected,
    /// Read, and a repetition of another.
    Duplicate,
    /// Waits to be sent.
    Queued,
    /// Waits to be collected.
    Offered,
    /// Sent; the acknowledgment is to come.
    Awaiting,
    /// The partner's side has it, and no more is to come.
    Delivered,
    /// The partner accepted it.
    Acknowledged,
    /// The partner rejected it.
    Refused,
    /// Given up until a person acts.
    Dead,
    /// Given up for good.
    Discarded,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 13] = [
        Self::Received,
        Self::Quarantined,
        Self::Settled,
        Self::Rejected,
        Self::Duplicate,
        Self::Queued,
        Self::Offered,
        Self::Awaiting,
        Self::Delivered,
        Self::Acknowledged,
        Self::Refused,
        Self::Dead,
        Self::Discarded,
    ];

    /// Whether somebody still has to act: we, the partner, or a person.
    pub fn is_open(self) -> bool {
        match self {
            Self::Received
            | Self::Quarantined
            | Self::Queued
            | Self::Offered
            | Self::Awaiting
            | Self::Dead => true,
            Self::Settled
            | Self::Rejected
            | Self::Duplicate
            | Self::Delivered
            | Self::Acknowledged
            | Self::Refused
            | Self::Discarded => false,
        }
    }

    /// Whether it is we who have to act, so that it must be due at some time.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Received | Self::Queued)
    }

    /// Whether it came to nothing, so that the same message sent again is no duplicate.
    pub fn has_failed(self) -> bool {
        matches!(self, Self::Rejected | Self::Dead | Self::Discarded)
    }

    /// A stable name, for interfaces and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Quarantined => "quarantined",
            Self::Settled => "settled",
            Self::Rejected => "rejected",
            Self::Duplicate => "duplicate",
            Self::Queued => "queued",
            Self::Offered => "offered",
            Self::Awaiting => "awaiting",
            Self::Delivered => "delivered",
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where a message stands, and where it goes when it is sent on its way again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// The state now.
    pub state: State,
    /// The state in which we act on it: [`State::Received`], [`State::Queued`] or, for what the
    /// partner collects, [`State::Offered`].
    pub course: State,
}

impl Life {
    /// The life that begins with `event`.
    pub fn begin(event: &EventKind) -> Result<Self, NotNow> {
        let (state, course) = if let EventKind::Quarantined(_) = event {
            (State::Quarantined, State::Received)
        } else if matches!(event, EventKind::Received) {
            (State::Received, State::Received)
        } else if matches!(event, EventKind::Queued) {
            (State::Queued, State::Queued)
        } else if matches!(event, EventKind::Offered) {
            (State::Offered, State::Offered)
        } else {
            return Err(NotNow { event: event.name(), state: None });
        };
        Ok(Self { state, course })
    }

    /// The life after `event`.
    pub fn after(self, event: &EventKind) -> Result<Self, NotNow> {
        use State::{
            Acknowledged, Awaiting, Dead, Delivered, Discarded, Duplicate, Offered, Quarantined,
            Queued, Received, Refused, Rejected, Settled,
        };
        let now = self.state;
        let next = match event {
            EventKind::Repeated { .. }
            | EventKind::Contradicted { .. }
            | EventKind::SetAccepted { .. }
            | EventKind::SetRejected { .. }
            | EventKind::Translated { .. }
            | EventKind::AnswerQueued { .. }
            | EventKind::Noted(_) => Some(now),
            EventKind::Received => None,
            EventKind::Quarantined(_) => (now == Received).then_some(Quarantined),
            EventKind::Settled | EventKind::Batched { .. } => (now == Received).then_some(Settled),
            EventKind::Rejected(_) => (now == Received).then_some(Rejected),
            EventKind::Duplicated { .. } => (now == Received).then_some(Duplicate),
            EventKind::Queued => matches!(now, Queued | Offered).then_some(Queued),
            EventKind::Offered => matches!(now, Queued | Offered).then_some(Offered),
            // What comes late changes nothing: the partner may have answered before.
            EventKind::AttemptFailed(_) => match now {
                Queued | Awaiting => Some(Queued),
                Delivered | Acknowledged | Refused => Some(now),
                Received | Quarantined | Settled | Rejected | Duplicate | Offered | Dead
                | Discarded => None,
            },
            EventKind::Delivered { awaits_acknowledgment, .. } => match now {
                Queued | Offered | Awaiting | Dead if *awaits_acknowledgment => Some(Awaiting),
                Queued | Offered | Awaiting | Dead => Some(Delivered),
                Delivered | Acknowledged | Refused => Some(now),
                Received | Quarantined | Settled | Rejected | Duplicate | Discarded => None,
            },
            // The receipt may have been faster, and said what it said.
            EventKind::HandedOver { .. } => match now {
                Queued | Awaiting => Some(Awaiting),
                Dead | Delivered | Acknowledged | Refused => Some(now),
                Received | Quarantined | Settled | Rejected | Duplicate | Offered | Discarded => {
                    None
                }
            },
            EventKind::AcknowledgmentOverdue => (now == Awaiting).then_some(Awaiting),
            // An answer that comes after we gave up puts the state right.
            EventKind::Acknowledged { .. } => self.was_sent().then_some(Acknowledged),
            EventKind::Refused { .. } => self.was_sent().then_some(Refused),
            EventKind::DeadLettered(_) => (now.is_open() && now != Dead).then_some(Dead),
            EventKind::Retried(_) => (now == Dead).then_some(self.course),
            EventKind::Released(_) => (now == Quarantined).then_some(self.course),
            EventKind::Discarded(_) => now.is_open().then_some(Discarded),
            EventKind::Replayed { .. } => {
                (now != self.course && now != Quarantined).then_some(self.course)
            }
        };
        let state = next.ok_or(NotNow { event: event.name(), state: Some(now) })?;
        let course = if matches!(state, Queued | Offered) { state } else { self.course };
        Ok(Self { state, course })
    }

    fn was_sent(self) -> bool {
        self.course != State::Received && self.state != State::Discarded
    }
}

/// An event that cannot have happened to a message in its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a message that is {} cannot be {event}", state.map_or("new", State::name))]
pub struct NotNow {
    /// The event.
    pub event: &'static str,
    /// The state; none if the message is yet to begin.
    pub state: Option<State>,
}

#[cfg(test)]
mod tests {
    use super::super::kind::{Hand, Trouble};
    use super::*;

    fn trouble() -> Trouble {
        Trouble { code: "c".into(), text: "t".into(), owner: "o".into() }
    }

    fn hand() -> Hand {
        Hand { by: "ann".into(), why: "because".into() }
    }

    fn delivered(awaits_acknowledgment: bool) -> EventKind {
        EventKind::Delivered { receipt: "250".into(), awaits_acknowledgment }
    }

    fn acknowledged() -> EventKind {
        EventKind::Acknowledged { by: None, verdict: "A".into() }
    }

    /// The states that a message goes through; the last is `Err` if an event is refused.
    fn states(events: &[EventKind]) -> Vec<Result<State, NotNow>> {
        let mut life = Life::begin(&events[0]);
        let mut states = vec![life.map(|life| life.state)];
        for event in &events[1..] {
            life = life.and_then(|life| life.after(event));
            states.push(life.map(|life| life.state));
        }
        states
    }

    #[test]
    fn an_inbound_message_is_read_and_settled_once() {
        let states = states(&[EventKind::Received, EventKind::Settled, EventKind::Settled]);
        assert_eq!(states[..2], [Ok(State::Received), Ok(State::Settled)]);
        let refused = states[2].unwrap_err();
        assert_eq!(refused.to_string(), "a message that is settled cannot be settled");
    }

    #[test]
    fn an_acknowledgment_may_come_before_the_delivery_and_after_giving_up() {
        let early = states(&[EventKind::Queued, acknowledged(), delivered(true)]);
        assert_eq!(early[2], Ok(State::Acknowledged));
        let late = states(&[EventKind::Queued, EventKind::DeadLettered(trouble()), acknowledged()]);
        assert_eq!(late[2], Ok(State::Acknowledged));
    }

    #[test]
    fn what_was_handed_over_waits_for_its_receipt_which_may_be_faster_or_late() {
        let taken = || EventKind::HandedOver { said: "200".into() };
        let usual = states(&[EventKind::Queued, taken(), delivered(true)]);
        assert_eq!(usual[1..], [Ok(State::Awaiting), Ok(State::Awaiting)]);
        let fast = states(&[EventKind::Queued, delivered(false), taken()]);
        assert_eq!(fast[2], Ok(State::Delivered));
        let overdue = EventKind::AttemptFailed(trouble());
        let given_up = EventKind::DeadLettered(trouble());
        let late = states(&[EventKind::Queued, taken(), overdue, given_up, delivered(false)]);
        assert_eq!(late[2..], [Ok(State::Queued), Ok(State::Dead), Ok(State::Delivered)]);
    }

    #[test]
    fn a_failed_attempt_after_the_acknowledgment_changes_nothing() {
        let states =
            states(&[EventKind::Queued, acknowledged(), EventKind::AttemptFailed(trouble())]);
        assert_eq!(states[2], Ok(State::Acknowledged));
    }

    #[test]
    fn a_person_sends_a_message_back_to_where_it_was_going() {
        for (first, back) in [
            (EventKind::Received, State::Received),
            (EventKind::Queued, State::Queued),
            (EventKind::Offered, State::Offered),
        ] {
            let dead = EventKind::DeadLettered(trouble());
            let states = states(&[first, dead, EventKind::Retried(hand())]);
            assert_eq!(states[2], Ok(back));
        }
        let out = [EventKind::Quarantined(trouble()), EventKind::Released(hand())];
        assert_eq!(states(&out)[1], Ok(State::Received));
    }

    #[test]
    fn a_replay_asked_for_twice_is_done_once() {
        let replay = EventKind::Replayed { hand: hand(), answers: false };
        let states = states(&[EventKind::Received, EventKind::Settled, replay.clone(), replay]);
        assert_eq!(states[2], Ok(State::Received));
        assert!(states[3].is_err());
    }

    #[test]
    fn what_was_discarded_stays_so_whatever_comes_late() {
        let life = Life { state: State::Discarded, course: State::Queued };
        for event in [acknowledged(), delivered(false), EventKind::AttemptFailed(trouble())] {
            assert!(life.after(&event).is_err(), "{event:?}");
        }
    }

    #[test]
    fn nothing_begins_in_the_middle() {
        assert!(Life::begin(&EventKind::Settled).is_err());
        assert!(Life::begin(&acknowledged()).is_err());
    }
}
