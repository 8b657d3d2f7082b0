//! The gateway as its doors see it.

use crate::grammar::Library;
use crate::message::Moment;
use crate::partner::{Partner, Partners};
use crate::spool::{Number, NumberKind, Spool};
use crate::transport::https::send::Sender;
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, PoisonError};

/// The gateway: the spool, everyone we trade with, and the rules.
#[derive(Debug)]
pub struct Gateway {
    pub(super) spool: Arc<Spool>,
    partners: ArcSwap<Partners>,
    pub(super) library: Arc<Library>,
    pub(super) sender: Sender,
    clock: fn() -> Moment,
    /// Held while several control numbers are taken that must follow each other.
    numbering: Mutex<()>,
}

impl Gateway {
    /// A gateway over a spool that is open.
    pub fn new(
        spool: Arc<Spool>,
        partners: Arc<Partners>,
        library: Arc<Library>,
        sender: Sender,
        clock: fn() -> Moment,
    ) -> Self {
        let partners = ArcSwap::from(partners);
        Self { spool, partners, library, sender, clock, numbering: Mutex::new(()) }
    }

    /// Now, by both clocks.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The durable state.
    pub fn spool(&self) -> &Arc<Spool> {
        &self.spool
    }

    /// Everyone we trade with, as of now.
    pub fn partners(&self) -> Arc<Partners> {
        self.partners.load_full()
    }

    /// The grammars.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// From now on these are everyone we trade with; what is under way ends as it began.
    pub(super) fn exchange(&self, partners: Arc<Partners>) -> Arc<Partners> {
        self.partners.swap(partners)
    }

    /// Control numbers that follow each other.
    pub(super) fn take(&self, partner: &Partner, kind: NumberKind, count: usize) -> Vec<Number> {
        let _alone = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        (0..count).map(|_| self.spool.take_number(&partner.name, kind)).collect()
    }
}
