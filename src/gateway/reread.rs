//! What would come of a message if it were done again now; nothing is written.

use super::content::document_of;
use super::house::Gateway;
use super::inbound;
use super::operator::{Reread, Rereads};
use super::outbound::Trial;
use crate::message::{Direction, MessageId};
use crate::spool::SpoolError;

impl Rereads for Gateway {
    fn reread(&self, message: MessageId) -> Result<Reread, SpoolError> {
        let dossier = self.spool.dossier(message)?;
        if dossier.head.direction == Direction::Inbound {
            return inbound::reread(self, message).map(Box::new).map(Reread::Read);
        }
        let known = self.known();
        let Some(partner) = known.partners.partner(dossier.head.partner.as_str()) else {
            return Ok(Reread::Refused("their file is gone".to_owned()));
        };
        let body = self.spool.body(&dossier.body)?;
        let document = document_of(dossier.head.content_type.as_deref());
        let rules = self.rulebook(&known);
        Ok(match Trial::of(rules, partner, document, &body, self.now()) {
            Ok(_) => Reread::Writable,
            Err(refusal) => {
                let faults = refusal.fields.into_iter().map(|field| field.text);
                let all: Vec<_> = [refusal.text].into_iter().chain(faults).collect();
                Reread::Refused(all.join("; "))
            }
        })
    }
}
