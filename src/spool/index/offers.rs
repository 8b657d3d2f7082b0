//! What lies ready to be collected, in order: who asks for a part of it goes through no more than
//! that.

use super::super::row::Row;
use crate::event::State;
use crate::message::{MessageId, PartnerId};
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

/// The messages that lie ready, by partner.
#[derive(Debug, Default)]
pub(super) struct Offers(HashMap<PartnerId, BTreeSet<MessageId>>);

impl Offers {
    /// Takes in where a message stands now.
    pub(super) fn note(&mut self, row: &Row) {
        if row.life.state == State::Offered {
            self.0.entry(row.partner.clone()).or_default().insert(row.id());
        } else if let Some(of) = self.0.get_mut(&row.partner) {
            of.remove(&row.id());
            if of.is_empty() {
                self.0.remove(&row.partner);
            }
        }
    }

    /// Those of a partner after `after`, in order.
    pub(super) fn of(
        &self,
        partner: &PartnerId,
        after: Option<MessageId>,
    ) -> impl Iterator<Item = MessageId> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.0
            .get(partner)
            .into_iter()
            .flat_map(move |of| of.range((after, Bound::Unbounded)))
            .copied()
    }
}
