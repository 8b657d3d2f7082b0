//! Opening a spool: find the end of the journal, believe the index or not, and catch up.
//!
//! There is no other way to recover: whatever a crash left, the next start does this.

use super::bodies::Bodies;
use super::entry::{Cursor, Entry};
use super::error::SpoolError;
use super::files::make_folder;
use super::index::{Disk, Found, Reach};
use super::journal::{self, Reader};
use super::lock::Lock;
use super::queue::{Limits, Queue};
use super::settings::Settings;
use super::shared::Shared;
use super::store::Spool;
use crate::message::Moment;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What a start found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// How many bytes of an unfinished write were cut off.
    pub cut: u64,
    /// Stretches of the journal that could not be read, among those that were.
    pub gaps: Vec<(u64, u64)>,
    /// How many records were read to bring the index up to date.
    pub replayed: u64,
    /// Why the index was built anew, if it was; the old one is beside it as `index.aside`.
    pub rebuilt: Option<String>,
}

impl Spool {
    /// Opens the spool in `folder`, or begins one there.
    pub fn open(
        folder: &Path,
        settings: Settings,
        now: Moment,
    ) -> Result<(Self, Recovery), SpoolError> {
        Self::open_with(folder, settings, now, None)
    }

    /// Opens the spool in `folder` and builds its index anew.
    pub fn rebuild(
        folder: &Path,
        settings: Settings,
        now: Moment,
    ) -> Result<(Self, Recovery), SpoolError> {
        Self::open_with(folder, settings, now, Some("it was asked for"))
    }

    fn open_with(
        folder: &Path,
        settings: Settings,
        now: Moment,
        anew: Option<&str>,
    ) -> Result<(Self, Recovery), SpoolError> {
        make_folder(folder)?;
        let lock = Lock::take(folder)?;
        let limits =
            journal::Limits { segment: settings.segment_bytes, reserve: settings.reserve_bytes };
        let opened = journal::open(&folder.join("journal"), limits)?;
        let bodies = Bodies::open(folder.join("bodies"))?;
        let mut recovery = Recovery { cut: opened.cut, ..Recovery::default() };
        let reader = &opened.reader;
        let mut anew = anew.map(str::to_owned);
        let shared = loop {
            let Found { disk, memory, anew: why } = Disk::open(folder, reader, anew.as_deref())?;
            // A spool that is empty has nothing to be built anew.
            recovery.rebuilt = why.filter(|_| reader.end() > 0);
            let queue = Queue::new(Limits { lease: settings.lease, out: settings.work_per_lane });
            let (reader, bodies) = (reader.clone(), bodies.clone());
            let shared = Shared::new(folder, settings, reader, bodies, memory, disk, queue);
            match catch_up(&shared, &mut recovery) {
                Ok(()) => break Arc::new(shared),
                // Damage that only reading brought to light.
                Err(SpoolError::Stopped { reason }) if anew.is_none() => anew = Some(reason),
                Err(error) => return Err(error),
            }
        };
        recovery.gaps.extend(shared.finish_retiring()?);
        fill_queue(&shared, now);
        let end = Cursor { position: shared.reader.end(), done: 0 };
        shared.tide.send_modify(|tide| tide.end = end);
        let told = Arc::clone(&shared);
        let journal = opened.start(move |outcomes| told.tell(outcomes))?;
        let keeper = shared.start_keeper()?;
        Ok((Self { shared, journal, keeper, _lock: lock }, recovery))
    }
}

/// A record on its way from the journal into the index.
enum Read {
    Entry(Reach, Entry),
    Gap(u64, u64),
}

/// Reads into the index all that the journal has and it has not.
fn catch_up(shared: &Shared, recovery: &mut Recovery) -> Result<(), SpoolError> {
    let from = shared.desk().memory.reach().next;
    recovery.gaps.clear();
    recovery.replayed = 0;
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(4);
        let reader = &shared.reader;
        let read = scope.spawn(move || read(reader, from, &sender));
        take_in(shared, recovery, receiver)?;
        read.join().unwrap_or_else(|_| {
            Err(SpoolError::Unavailable { reason: "reading the journal failed".into() })
        })
    })
}

fn read(journal: &Reader, from: u64, sender: &SyncSender<Vec<Read>>) -> Result<(), SpoolError> {
    let mut batch = Vec::with_capacity(BATCH);
    for found in journal.scan(from) {
        batch.push(match found? {
            journal::Found::Gap(from, to) => Read::Gap(from, to),
            journal::Found::Record(record) => match Entry::read(&record) {
                Ok(entry) => Read::Entry(Reach { last: record.position, next: record.next }, entry),
                Err(_) => Read::Gap(record.position, record.next),
            },
        });
        if batch.len() == BATCH && sender.send(std::mem::take(&mut batch)).is_err() {
            return Ok(());
        }
    }
    // If nobody hears it, whoever should has failed and says so.
    let _heard = sender.send(batch);
    Ok(())
}

fn take_in(
    shared: &Shared,
    recovery: &mut Recovery,
    batches: Receiver<Vec<Read>>,
) -> Result<(), SpoolError> {
    for batch in batches {
        for read in batch {
            match read {
                Read::Gap(from, to) => recovery.gaps.push((from, to)),
                Read::Entry(reach, entry) => {
                    let before = shared.before(&entry)?;
                    shared.desk().memory.note(&entry, reach, &before);
                    recovery.replayed += 1;
                }
            }
        }
        let due = shared.desk().memory.records >= shared.settings.records_per_checkpoint;
        match due.then(|| shared.checkpoint()) {
            // Without room it stays in memory, and is written when there is.
            None | Some(Ok(()) | Err(SpoolError::Full)) => {}
            Some(Err(error)) => return Err(error),
        }
    }
    Ok(())
}

fn fill_queue(shared: &Shared, now: Moment) {
    let mut desk = shared.desk();
    let due: Vec<_> = desk
        .memory
        .rows()
        .filter_map(|(id, row)| {
            let due = now.tick + row.due?.left(now.at);
            Some((*id, row.lane(), row.life.state, row.attempts, due))
        })
        .collect();
    for (id, lane, state, attempts, due) in due {
        desk.queue.put(id, lane, state, attempts, due);
    }
}

/// How many records go from one thread to the other at a time.
const BATCH: usize = 512;
