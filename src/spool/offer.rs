//! What lies ready to be collected: read from the record that opened it, a part at a time.

use super::entry::{Fact, Head};
use super::error::SpoolError;
use super::row::{Row, Summary};
use super::store::Spool;
use crate::event::State;
use crate::message::{MessageId, PartnerId, Reference};

/// A message that lies ready to be collected.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Where it stands.
    pub summary: Summary,
    /// What was known of it from the start.
    pub head: Head,
    /// What it can be found by.
    pub references: Vec<Reference>,
}

impl Spool {
    /// What lies ready for a partner, oldest first, after `after`, at most `most`.
    pub fn offers(
        &self,
        partner: &PartnerId,
        after: Option<MessageId>,
        most: usize,
    ) -> Result<Vec<Offer>, SpoolError> {
        let rows: Vec<Row> = {
            let desk = self.shared.desk();
            let ids = desk.memory.offers(partner, after).take(most);
            ids.filter_map(|id| desk.memory.row(id).cloned()).collect()
        };
        rows.iter().map(|row| self.offer_of(row)).collect()
    }

    /// One message, if it lies ready for this partner.
    pub fn offer(&self, partner: &PartnerId, id: MessageId) -> Result<Option<Offer>, SpoolError> {
        let row = self.shared.desk().memory.row(id).filter(|row| is_ready(row, partner)).cloned();
        row.map(|row| self.offer_of(&row)).transpose()
    }

    /// Whether a message lies ready for this partner.
    pub fn is_offered(&self, partner: &PartnerId, id: MessageId) -> bool {
        self.shared.desk().memory.row(id).is_some_and(|row| is_ready(row, partner))
    }

    fn offer_of(&self, row: &Row) -> Result<Offer, SpoolError> {
        let id = row.id();
        // Mostly nothing has happened to it since, and the index need not be asked.
        let (_, entry) = self.shared.entry(row.seen)?;
        let (mut head, mut references) = (None, Vec::new());
        for fact in entry.facts.into_iter().filter(|fact| fact.message() == Some(id)) {
            if let Fact::Opened { head: opened, .. } = fact {
                head = Some(*opened);
            } else if let Fact::Referred { reference, .. } = fact {
                references.push(reference);
            }
        }
        if let Some(head) = head {
            return Ok(Offer { summary: row.summary(), head, references });
        }
        let dossier = self.dossier(id)?;
        Ok(Offer { summary: row.summary(), head: dossier.head, references: dossier.references })
    }
}

fn is_ready(row: &Row, partner: &PartnerId) -> bool {
    row.life.state == State::Offered && row.partner == *partner
}
