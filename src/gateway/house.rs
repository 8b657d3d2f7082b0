//! The gateway as its doors see it.

use super::agreed::{AllChecks, Rulebook};
use crate::grammar::Library;
use crate::message::{MessageId, Moment};
use crate::partner::{Partner, Partners};
use crate::spool::{Number, NumberKind, Spool, SpoolError};
use crate::transport::Carriers;
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

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
    /// How many mebibytes more of messages may be held in memory to be read.
    reading: Semaphore,
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
        Self {
            spool,
            known,
            library,
            carriers,
            clock,
            numbering: Mutex::new(()),
            reading: Semaphore::new(READING),
        }
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

    /// Waits until there is room in memory to read a message; one that is larger than all of it is
    /// read alone.
    pub(super) async fn room_to_read(
        &self,
        message: MessageId,
    ) -> Result<Option<SemaphorePermit<'_>>, SpoolError> {
        let length = self.spool.summary(message)?.length;
        let pieces = usize::try_from(length >> 20).unwrap_or(READING).clamp(1, READING);
        Ok(self.reading.acquire_many(u32::try_from(pieces).unwrap_or(1)).await.ok())
    }

    /// Control numbers that follow each other.
    pub(super) fn take(&self, partner: &Partner, kind: NumberKind, count: usize) -> Vec<Number> {
        let _alone = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        (0..count).map(|_| self.spool.take_number(&partner.name, kind)).collect()
    }
}

/// So many mebibytes of messages are held in memory to be read at the same time.
const READING: usize = 256;
