//! The index on disk, as its keeper and those who look things up share it.

use super::index::Disk;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The index on disk, and what its keeper is to do.
#[derive(Debug)]
pub(super) struct Keeping {
    /// The spool.
    pub(super) folder: PathBuf,
    slot: Mutex<Slot>,
    pub(super) wake: Condvar,
}

#[derive(Debug)]
pub(super) struct Slot {
    /// None if it failed and must be opened again.
    pub(super) disk: Option<Arc<Disk>>,
    /// How often it failed since it last worked.
    pub(super) failures: u32,
    /// Since when something is being written.
    pub(super) busy: Option<Instant>,
    /// Whether the keeper should look.
    pub(super) asked: bool,
    pub(super) closing: bool,
}

impl Keeping {
    pub(super) fn new(folder: &Path, disk: Disk) -> Self {
        let disk = Some(Arc::new(disk));
        let slot = Slot { disk, failures: 0, busy: None, asked: false, closing: false };
        Self { folder: folder.to_owned(), slot: Mutex::new(slot), wake: Condvar::new() }
    }

    pub(super) fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the keeper to look; says for how long it has been at one write, if it is.
    pub(super) fn ask(&self) -> Option<Duration> {
        let mut slot = self.slot();
        slot.asked = true;
        self.wake.notify_one();
        slot.busy.map(|since| since.elapsed())
    }

    /// Waits until there is reason to look; `false` if it is time to end.
    pub(super) fn wait(&self, late: bool) -> bool {
        let idle = |slot: &mut Slot| !slot.asked && !slot.closing;
        let mut slot = if late {
            let waited = self.wake.wait_timeout_while(self.slot(), PATIENCE, |slot| !slot.closing);
            waited.unwrap_or_else(PoisonError::into_inner).0
        } else {
            self.wake.wait_while(self.slot(), idle).unwrap_or_else(PoisonError::into_inner)
        };
        slot.asked = false;
        !slot.closing
    }

    /// It failed; says how often it has by now.
    pub(super) fn failed(&self, disk: &Arc<Disk>) -> u32 {
        let mut slot = self.slot();
        if slot.disk.as_ref().is_some_and(|now| Arc::ptr_eq(now, disk)) {
            slot.disk = None;
            slot.failures += 1;
        }
        slot.failures
    }
}

/// How long after a failure it is tried again.
const PATIENCE: Duration = Duration::from_secs(1);
