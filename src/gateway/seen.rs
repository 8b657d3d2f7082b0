//! Letters that were seen waiting when somebody looked last: what a letter is never changes while it
//! waits, so it is read from the spool once.

use crate::message::{MessageId, PartnerId};
use crate::transport::Letter;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What was seen, by partner.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<HashMap<PartnerId, Mailbox>>);

/// The letters of one partner. Others' are not waited for.
pub(super) type Mailbox = Arc<Mutex<BTreeMap<MessageId, Letter>>>;

impl Seen {
    /// What was seen of one partner's.
    pub(super) fn of(&self, partner: &PartnerId) -> Mailbox {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(partner.clone()).or_default())
    }
}
