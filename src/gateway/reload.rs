//! Another reading of the partners' files takes the place of the one before.

use super::house::Gateway;
use crate::partner::{Faults, Partner, Partners};
use crate::transport::NOT_TRUSTED;
use std::sync::Arc;

/// What came of reading the partners' files again.
#[derive(Debug)]
pub enum Reloaded {
    /// They hold from now on; what changed, in words.
    Now(Vec<String>),
    /// They are the same.
    Same,
    /// They have faults, and those from before still hold.
    Kept(Faults),
}

impl Gateway {
    /// Takes a new reading, if it is without fault. What is under way ends with the old one. What is
    /// parked for a partner whose server is now reached or known by something else is tried at once.
    pub fn reload(&self, loaded: Result<Partners, Faults>) -> Reloaded {
        match loaded {
            Err(faults) => Reloaded::Kept(faults),
            Ok(partners) => {
                let changes = self.partners().changes(&partners);
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                if changes.is_empty() {
                    return Reloaded::Same;
                }
                let partners = Arc::new(partners);
                let before = self.partners();
                self.exchange(Arc::clone(&partners));
                for partner in partners.iter().filter(|partner| is_elsewhere(partner, &before)) {
                    let waits = self.spool.hurry(self.now(), &partner.name, NOT_TRUSTED);
                    tracing::debug!(partner = %partner.name, waits, "what is parked is tried again");
                }
                Reloaded::Now(changes)
            }
        }
    }
}

/// Whether a partner's server is reached, or known again, by something else than before.
fn is_elsewhere(partner: &Partner, before: &Partners) -> bool {
    let server = |of: &Partner| of.wires.sftp.as_ref().and_then(|sftp| sftp.remote.clone());
    before.partner(partner.name.as_str()).is_some_and(|before| server(before) != server(partner))
}
