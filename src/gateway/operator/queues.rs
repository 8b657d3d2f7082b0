//! How much there is to do.

use super::desk::Operator;
use crate::event::State;
use crate::message::{Moment, PartnerId};
use crate::spool::{Amount, Holding};
use serde::{Deserialize, Serialize};

/// How much there is to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Queues {
    /// What waits for us, each partner and endpoint for itself.
    pub queues: Vec<Queue>,
    /// How many messages stand where somebody has to act; every such state is named.
    pub open: Vec<(State, usize)>,
    /// How much of what each partner handed in is here.
    pub held: Vec<Held>,
}

/// How much of what a partner handed in is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The partner.
    pub partner: PartnerId,
    /// What waits to be read, or for a person.
    pub waiting: Amount,
    /// What came since midnight UTC.
    pub today: Amount,
}

/// What waits together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// From or to whom.
    pub partner: PartnerId,
    /// Where to, for what is to be sent; empty for what is to be read.
    pub endpoint: String,
    /// How many wait or are being worked on.
    pub waiting: usize,
    /// For how many seconds the oldest of those that wait has been due.
    pub late_seconds: f64,
}

impl Operator {
    /// How much there is to do.
    pub fn queues(&self, now: Moment) -> Queues {
        let queues = self.spool.depths().into_iter().map(|depth| {
            let late = depth.oldest_due.map(|due| now.tick.saturating_duration_since(due));
            Queue {
                partner: depth.lane.partner,
                endpoint: depth.lane.endpoint,
                waiting: depth.waiting,
                late_seconds: late.unwrap_or_default().as_secs_f64(),
            }
        });
        let queues = queues.collect();
        let messages = self.spool.open_messages();
        let count = |state| messages.iter().filter(|message| message.state == state).count();
        let open = State::ALL.into_iter().filter(|state| state.is_open());
        let open = open.map(|state| (state, count(state))).collect();
        let held = self.spool.holdings(now.at).into_iter();
        let held =
            held.map(|(partner, Holding { waiting, today })| Held { partner, waiting, today });
        Queues { queues, open, held: held.collect() }
    }
}
