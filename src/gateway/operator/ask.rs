//! Which messages an operator asks for.

use crate::event::State;
use crate::message::{Direction, PartnerId};
use crate::spool::{Cursor, Query};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many messages are listed when nobody says how many.
const USUAL: usize = 50;

/// The most that are listed at once.
pub const MOST: usize = 1000;

/// Which messages are wanted; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// From or to this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// In this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// This way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Opened at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Opened before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Carrying this reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Carrying a transaction set of this kind, such as `850`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// Older than this place in a listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Cursor>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
}

impl Ask {
    /// How many messages are wanted at once.
    pub(super) fn page(&self) -> usize {
        self.most.unwrap_or(USUAL).clamp(1, MOST)
    }

    /// Whether it leaves out any message by what the message is, and not only by its place in a list.
    pub(super) fn says_which(&self) -> bool {
        let Self { partner, state, direction, from, until, reference, set, before: _, most: _ } =
            self;
        partner.is_some()
            || state.is_some()
            || direction.is_some()
            || from.is_some()
            || until.is_some()
            || reference.is_some()
            || set.is_some()
    }

    /// The same for the spool, which does not know of sets.
    pub(super) fn query(&self) -> Query {
        Query {
            partner: self.partner.clone(),
            state: self.state,
            direction: self.direction,
            from: self.from,
            until: self.until,
            reference: self.reference.clone(),
        }
    }
}
