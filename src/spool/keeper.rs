//! Keeping the index on disk: checkpoints in the background, and opening it again when it failed.
//!
//! Nobody who waits for an answer waits for this. sled takes an error of the disk badly: it may
//! refuse everything until it is opened again, and a thread that waits in it may never return. So it
//! is used from here and for looking things up only, no lock is held meanwhile, it is not asked to
//! write without plenty of room, and when it does not come back the spool says that it has stopped,
//! so that a new process can start over.

use super::error::SpoolError;
use super::files::{long, room};
use super::index::Disk;
use super::shared::Shared;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The thread of the keeper.
#[derive(Debug)]
pub(super) struct Keeper {
    ended: Mutex<Receiver<()>>,
}

impl Shared {
    /// Starts the keeper.
    pub(super) fn start_keeper(self: &Arc<Self>) -> Result<Keeper, SpoolError> {
        let shared = Arc::clone(self);
        let (alive, ended) = sync_channel(0);
        thread::Builder::new()
            .name("index".into())
            .spawn(move || {
                let _alive = alive;
                let mut late = false;
                while shared.keeping.wait(late) && shared.stopped().is_none() {
                    // What went wrong is tried again, or is told by `stop`.
                    late = shared.keep_up().is_err();
                }
            })
            .map_err(SpoolError::io("start the keeper of", &self.keeping.folder))?;
        Ok(Keeper { ended: Mutex::new(ended) })
    }

    /// Asks the keeper to write a checkpoint if one is due.
    pub(super) fn ask_keeper(&self) {
        if self.keeping.ask().is_some_and(|busy| busy > TOO_LONG) {
            self.stop("the index does not come back from the disk".into());
        }
    }

    /// Looks something up in the index on disk.
    pub(super) fn on_disk<T>(
        &self,
        look: impl FnOnce(&Disk) -> Result<T, SpoolError>,
    ) -> Result<T, SpoolError> {
        let again = || SpoolError::Unavailable { reason: "it is being opened again".into() };
        let disk = self.keeping.slot().disk.clone();
        let Some(disk) = disk else {
            self.ask_keeper();
            return Err(again());
        };
        look(&disk).map_err(|error| {
            if self.keeping.failed(&disk) > ENOUGH {
                // It must be built anew. If not even that can be noted, it will fail again.
                let _noted = disk.distrust();
                return self.stop(error.to_string());
            }
            self.ask_keeper();
            again()
        })
    }

    /// Does what the keeper has to do now.
    fn keep_up(&self) -> Result<(), SpoolError> {
        let open = self.keeping.slot().disk.is_some();
        if !open {
            self.open_again()?;
        }
        let due = {
            let desk = self.desk();
            desk.memory.is_writing() || desk.memory.records >= self.settings.records_per_checkpoint
        };
        if due { self.checkpoint() } else { Ok(()) }
    }

    fn open_again(&self) -> Result<(), SpoolError> {
        let runs = self.desk().memory.written();
        self.keeping.slot().busy = Some(Instant::now());
        let opened = Disk::again(&self.keeping.folder, runs);
        let mut slot = self.keeping.slot();
        slot.busy = None;
        match opened {
            Ok(disk) => {
                slot.disk = Some(Arc::new(disk));
                Ok(())
            }
            Err(SpoolError::Full) => Err(SpoolError::Full),
            Err(error) => {
                slot.failures += 1;
                let lost = matches!(error, SpoolError::Stopped { .. });
                if lost || slot.failures > ENOUGH {
                    drop(slot);
                    return Err(self.stop(error.to_string()));
                }
                Err(error)
            }
        }
    }

    /// Writes down the index as it is now, or the checkpoint that failed before.
    pub(super) fn checkpoint(&self) -> Result<(), SpoolError> {
        let Some(checkpoint) = self.desk().memory.checkpoint() else { return Ok(()) };
        let needed = long(checkpoint.size()).saturating_mul(SWELL) + SPARE;
        if room(&self.keeping.folder).is_ok_and(|room| room < needed) {
            return Err(SpoolError::Full);
        }
        let disk = self.keeping.slot().disk.clone();
        let Some(disk) = disk else {
            return Err(SpoolError::Unavailable { reason: "it failed before".into() });
        };
        self.keeping.slot().busy = Some(Instant::now());
        let written = disk.write(&checkpoint);
        self.keeping.slot().busy = None;
        match written {
            Ok(run) => {
                self.keeping.slot().failures = 0;
                self.desk().memory.checkpointed(&run);
                Ok(())
            }
            Err(error) => {
                if self.keeping.failed(&disk) > ENOUGH {
                    return Err(self.stop(error.to_string()));
                }
                Err(error)
            }
        }
    }

    /// Ends the keeper; `false` if it does not come back.
    pub(super) fn end_keeper(&self, keeper: &Keeper) -> bool {
        {
            self.keeping.slot().closing = true;
            self.keeping.wake.notify_one();
        }
        let ended = keeper.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.recv_timeout(TOO_LONG) == Err(RecvTimeoutError::Disconnected)
    }

    /// Writes down what is left, and closes the index. The keeper has ended.
    pub(super) fn close_index(&self) -> Result<(), SpoolError> {
        self.checkpoint()?;
        // Twice: the first may have been one that had failed before.
        self.checkpoint()?;
        let disk = self.keeping.slot().disk.take();
        match disk.and_then(Arc::into_inner) {
            Some(disk) => disk.close(),
            None => Err(SpoolError::Unavailable { reason: "it failed before".into() }),
        }
    }
}

/// A write that takes longer than this will not come back.
const TOO_LONG: Duration = Duration::from_secs(30);

/// How often it may fail in a row.
const ENOUGH: u32 = 5;

/// A checkpoint is written only if there is room for so many times its size, and this much besides.
const SWELL: u64 = 4;
const SPARE: u64 = 1 << 20;
