//! What the writer of the journal and all who ask share.

use super::bodies::Bodies;
use super::claims::{Claim, Claims};
use super::entry::{Cursor, Entry};
use super::error::SpoolError;
use super::index::{Disk, Memory, Reach};
use super::journal::{Outcome, Reader};
use super::keeping::Keeping;
use super::queue::{Lease, Queue};
use super::row::Row;
use super::settings::Settings;
use crate::message::PartnerId;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Notify, oneshot, watch};

/// What the writer of the journal and all who ask share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) reader: Reader,
    pub(super) bodies: Bodies,
    state: Mutex<Desk>,
    pub(super) keeping: Keeping,
    /// Claims were given back.
    pub(super) freed: Notify,
    pub(super) tide: watch::Sender<Tide>,
}

/// What can be decided only by one at a time.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) claims: Claims,
    pub(super) memory: Memory,
    pub(super) queue: Queue,
}

/// How far the spool is; it changes whenever there may be something to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tide {
    /// Behind all that happened.
    pub end: Cursor,
    /// Why nothing more is accepted, if so: the process should end, and be started again.
    pub stopped: Option<SpoolStopped>,
}

/// Why nothing more is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolStopped {
    /// In words.
    pub reason: String,
}

/// A write on its way.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) entry: Entry,
    pub(super) claims: Vec<Claim>,
    /// The rows of messages in it that are not open.
    pub(super) before: Vec<Row>,
    pub(super) lease: Option<Lease>,
    /// When it was handed in.
    pub(super) tick: Instant,
    pub(super) answer: oneshot::Sender<Result<(), SpoolError>>,
}

impl Shared {
    pub(super) fn new(
        folder: &Path,
        settings: Settings,
        reader: Reader,
        bodies: Bodies,
        memory: Memory,
        disk: Disk,
        queue: Queue,
    ) -> Self {
        let state = Desk { claims: Claims::default(), memory, queue };
        Self {
            settings,
            reader,
            bodies,
            state: Mutex::new(state),
            keeping: Keeping::new(folder, disk),
            freed: Notify::new(),
            tide: watch::Sender::new(Tide::default()),
        }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears from the journal what became of a batch, and lets all who wait know.
    pub(super) fn tell(&self, outcomes: Vec<Outcome<Pending>>) {
        let mut answers = Vec::with_capacity(outcomes.len());
        let mut stopped = None;
        let mut end = None;
        let mut desk = self.desk();
        for (pending, outcome) in outcomes {
            let Pending { entry, claims, before, lease, tick, answer } = pending;
            let outcome = match outcome {
                Ok(place) => {
                    end = Some(place.next);
                    if let Some(lease) = &lease {
                        desk.queue.end(lease.message);
                    }
                    let reach = Reach { last: place.position, next: place.next };
                    desk.note(&entry, reach, &before, tick);
                    Ok(())
                }
                Err(error) => {
                    if let Some(lease) = &lease {
                        desk.queue.let_go(lease, tick);
                    }
                    if let SpoolError::Stopped { reason } = &error {
                        stopped = Some(SpoolStopped { reason: reason.clone() });
                    }
                    Err(error)
                }
            };
            desk.claims.give_back(&claims);
            answers.push((answer, outcome));
        }
        let due = desk.memory.records >= self.settings.records_per_checkpoint;
        drop(desk);
        if due {
            self.ask_keeper();
        }
        for (answer, outcome) in answers {
            // Whoever asked may be gone; what is kept is kept.
            let _heard = answer.send(outcome);
        }
        self.freed.notify_waiters();
        self.tide.send_modify(|tide| {
            if let Some(position) = end {
                tide.end = Cursor { position, done: 0 };
            }
            tide.stopped = tide.stopped.take().or(stopped);
        });
    }

    /// Stops accepting: the index has failed, and only a new start can mend it.
    pub(super) fn stop(&self, reason: String) -> SpoolError {
        self.tide.send_modify(|tide| {
            tide.stopped.get_or_insert(SpoolStopped { reason: reason.clone() });
        });
        SpoolError::Stopped { reason }
    }

    /// Why nothing more is accepted, if so.
    pub(super) fn stopped(&self) -> Option<SpoolError> {
        let stopped = self.tide.borrow().stopped.clone();
        stopped.map(|SpoolStopped { reason }| SpoolError::Stopped { reason })
    }
}

impl Desk {
    /// What waits for a partner because of a trouble is due now.
    pub(super) fn hurry(&mut self, partner: &PartnerId, code: &str, now: Instant) -> usize {
        let mut hurried = 0;
        let rows = self.memory.rows().map(|(_, row)| row);
        for row in rows.filter(|row| row.partner == *partner && row.waits_because(code)) {
            let (lane, state) = (row.lane(), row.life.state);
            self.queue.put(row.id(), lane.clone(), state, row.attempts, now);
            self.queue.pause(&lane, now);
            hurried += 1;
        }
        hurried
    }

    /// Takes in a record, and puts the queue right.
    pub(super) fn note(&mut self, entry: &Entry, reach: Reach, before: &[Row], tick: Instant) {
        for changed in self.memory.note(entry, reach, before) {
            match changed.row.due {
                Some(due) if changed.moved => {
                    let row = &changed.row;
                    let due = tick + due.whole();
                    self.queue.put(changed.id, row.lane(), row.life.state, row.attempts, due);
                }
                Some(_) => {}
                None => self.queue.remove(changed.id),
            }
        }
    }
}
