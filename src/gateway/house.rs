//! The gateway as its doors see it.

use super::agreed::{AllChecks, Rulebook};
use crate::grammar::Library;
use crate::message::Moment;
use crate::partner::{Partner, Partners};
use crate::spool::{Number, NumberKind, Spool};
use crate::transport::Carriers;
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, PoisonError};

/// The gateway: the spool, everyone we trade with, and the rules.
#[derive(Debug)]
pub struct Gateway {
    pub(super) spool: Arc<Spool>,
    known: ArcSwap<Known>,
    pub(super) library: Arc<Library>,
    pub(super) carriers: Carriers,
    clock: fn() -> Moment,
    /// Held while several control numbers are taken that must follow each other.
    numbering: Mutex<()>,
}

/// One reading of the partners' files, with what was made of it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) partners: Arc<Partners>,
    checks: AllChecks,
}

impl Gateway {
    /// A gateway over a spool that is open.
    pub fn new(
        spool: Arc<Spool>,
        partners: Arc<Partners>,
        library: Arc<Library>,
        carriers: Carriers,
        clock: fn() -> Moment,
    ) -> Self {
        let known = ArcSwap::from_pointee(Known { partners, checks: AllChecks::default() });
        Self { spool, known, library, carriers, clock, numbering: Mutex::new(()) }
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
        Arc::clone(&self.known.load().partners)
    }

    /// The grammars.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// From now on these are everyone we trade with; what is under way ends as it began.
    pub(super) fn exchange(&self, partners: Arc<Partners>) {
        self.known.store(Arc::new(Known { partners, checks: AllChecks::default() }));
    }

    /// Everyone we trade with, and what is checked by, as of now.
    pub(super) fn known(&self) -> Arc<Known> {
        self.known.load_full()
    }

    /// What messages are checked with, for partners of this reading.
    pub(super) fn rulebook<'r>(&'r self, known: &'r Known) -> Rulebook<'r> {
        Rulebook { library: &self.library, checks: &known.checks }
    }

    /// Control numbers that follow each other.
    pub(super) fn take(&self, partner: &Partner, kind: NumberKind, count: usize) -> Vec<Number> {
        let _alone = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        (0..count).map(|_| self.spool.take_number(&partner.name, kind)).collect()
    }
}
