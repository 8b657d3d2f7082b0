//! The one writer: gathers what waits, writes it with one call, makes it durable with another, and
//! only then lets everybody know.

use super::super::error::SpoolError;
use super::super::files::{is_full, long, room};
use super::read::Reader;
use super::record::{self, Mark};
use super::segment::{HEADER, Segment};
use crate::message::MessageId;
use std::fs::File;
use std::io;
use std::mem;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Limits of the journal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A segment of this many bytes is closed and the next one begun.
    pub(crate) segment: u64,
    /// With less room than this on the disk, only what finishes earlier work is written.
    pub(crate) reserve: u64,
}

/// A record to be written, and who waits for it.
#[derive(Debug)]
pub(crate) struct Job<T> {
    /// The payload, behind room for the header of a record.
    pub(crate) record: Vec<u8>,
    /// Whether it finishes earlier work, and so may use the last of the disk.
    pub(crate) finishes: bool,
    /// Who waits.
    pub(crate) ticket: T,
}

/// What became of a job: where its record is, or why there is none.
pub(crate) type Outcome<T> = (T, Result<Place, SpoolError>);

/// Where a durable record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its position.
    pub(crate) position: u64,
    /// The position behind it.
    pub(crate) next: u64,
}

/// Jobs on their way to the writer.
#[derive(Debug)]
pub(super) struct Inbox<T> {
    jobs: Mutex<Jobs<T>>,
    wake: Condvar,
}

#[derive(Debug)]
struct Jobs<T> {
    waiting: Vec<Job<T>>,
    closed: bool,
}

impl<T> Inbox<T> {
    pub(super) fn new() -> Self {
        Self { jobs: Mutex::new(Jobs { waiting: Vec::new(), closed: false }), wake: Condvar::new() }
    }

    /// Hands in a job; gives it back if no more are taken.
    pub(super) fn put(&self, job: Job<T>) -> Result<(), Job<T>> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.closed {
            return Err(job);
        }
        jobs.waiting.push(job);
        self.wake.notify_one();
        Ok(())
    }

    /// No more jobs; those that wait are still done.
    pub(super) fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.wake.notify_all();
    }

    /// All jobs that wait, once there are any; none when there will be no more.
    ///
    /// Those who were just answered come again one after the other. So when the last batch was of
    /// `expected`, as many are waited for, but no longer than `patience`.
    fn take(&self, expected: usize, patience: Duration) -> Vec<Job<T>> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut jobs = self
            .wake
            .wait_while(jobs, |jobs| jobs.waiting.is_empty() && !jobs.closed)
            .unwrap_or_else(PoisonError::into_inner);
        if expected > 1 {
            let few = |jobs: &mut Jobs<T>| jobs.waiting.len() < expected && !jobs.closed;
            let waited = self.wake.wait_timeout_while(jobs, patience, few);
            (jobs, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        mem::take(&mut jobs.waiting)
    }
}

/// Nobody may wait for a writer that is gone, even if it panicked.
struct CloseWhenDone<'i, T>(&'i Inbox<T>);

impl<T> Drop for CloseWhenDone<'_, T> {
    fn drop(&mut self) {
        self.0.close();
        drop(self.0.take(0, Duration::ZERO));
    }
}

/// The writer's side of the journal.
#[derive(Debug)]
pub(super) struct Committer {
    folder: PathBuf,
    limits: Limits,
    /// The segment in hand; none if the next write must begin one.
    open: Option<OpenSegment>,
    /// Behind the last record.
    end: u64,
    /// Whether the disk failed to confirm: then nothing that is written can be trusted any more.
    stopped: Option<String>,
    /// How long the last sync took.
    syncing: Duration,
    reader: Reader,
}

#[derive(Debug)]
struct OpenSegment {
    file: File,
    start: u64,
    mark: Mark,
}

impl Committer {
    /// A writer that goes on at `end`, in the last segment or, without one, in a new one.
    pub(super) fn new(
        folder: &Path,
        limits: Limits,
        end: u64,
        open: Option<(File, u64, Mark)>,
        reader: Reader,
    ) -> Self {
        let open = open.map(|(file, start, mark)| OpenSegment { file, start, mark });
        Self {
            folder: folder.to_owned(),
            limits,
            open,
            end,
            stopped: None,
            syncing: Duration::ZERO,
            reader,
        }
    }

    /// Writes whatever comes until there is no more to come.
    pub(super) fn run<T>(mut self, inbox: &Inbox<T>, mut tell: impl FnMut(Vec<Outcome<T>>)) {
        let _closed = CloseWhenDone(inbox);
        let mut last = 0;
        loop {
            let jobs = inbox.take(last, self.syncing / SHARE);
            last = jobs.len();
            let mut jobs = jobs.into_iter().peekable();
            if last == 0 {
                return;
            }
            while jobs.peek().is_some() {
                let mut batch = Vec::new();
                let mut bytes = 0;
                while let Some(job) =
                    jobs.next_if(|job| batch.is_empty() || bytes + job.record.len() <= BATCH)
                {
                    bytes += job.record.len();
                    batch.push(job);
                }
                tell(self.commit(batch, bytes));
            }
        }
    }

    /// Writes the records of `batch` and makes them durable, all or none.
    fn commit<T>(&mut self, batch: Vec<Job<T>>, bytes: usize) -> Vec<Outcome<T>> {
        let low = self.stopped.is_none() && self.is_low(bytes);
        let (batch, refused): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|job| !low || job.finishes);
        let mut outcomes: Vec<Outcome<T>> =
            refused.into_iter().map(|job| (job.ticket, Err(SpoolError::Full))).collect();
        if batch.is_empty() {
            return outcomes;
        }
        match self.ready() {
            Ok(mark) => {
                let mut buffer = Vec::with_capacity(bytes);
                let mut places = Vec::with_capacity(batch.len());
                for mut job in batch {
                    let position = self.end + long(buffer.len());
                    record::seal(&mut job.record, position, mark);
                    buffer.append(&mut job.record);
                    let next = self.end + long(buffer.len());
                    places.push((job.ticket, Place { position, next }));
                }
                let written = self.write(&buffer);
                let told = |(ticket, place)| (ticket, written.clone().map(|()| place));
                outcomes.extend(places.into_iter().map(told));
            }
            Err(error) => {
                outcomes.extend(batch.into_iter().map(|job| (job.ticket, Err(error.clone()))));
            }
        }
        outcomes
    }

    /// Whether the disk has less room than `bytes` more would leave for finishing what is begun.
    fn is_low(&self, bytes: usize) -> bool {
        // If the disk does not say, the write itself will.
        room(&self.folder).is_ok_and(|room| room < long(bytes).saturating_add(self.limits.reserve))
    }

    /// Sees to it that there is a segment to write to, and tells its mark.
    fn ready(&mut self) -> Result<Mark, SpoolError> {
        if let Some(reason) = &self.stopped {
            return Err(SpoolError::Stopped { reason: reason.clone() });
        }
        if let Some(open) = &self.open
            && self.end - open.start < self.limits.segment
        {
            return Ok(open.mark);
        }
        let start = self.end;
        let mark = random_mark();
        match Segment::create(&self.folder, start, mark) {
            Ok(file) => {
                self.open = Some(OpenSegment { file, start, mark });
                self.end = start + HEADER;
                let end = self.end;
                self.reader.extend(|extent| {
                    extent.starts.push(start);
                    extent.end = end;
                });
                Ok(mark)
            }
            Err(error) if is_full(&error) => Err(SpoolError::Full),
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
                Err(self.stop(&error))
            }
            Err(error) => Err(SpoolError::io("create", &Segment::path(&self.folder, start))(error)),
        }
    }

    /// Writes `buffer` behind the last record and makes it durable.
    fn write(&mut self, buffer: &[u8]) -> Result<(), SpoolError> {
        let Some(open) = &self.open else { return Err(SpoolError::Full) };
        let offset = self.end - open.start;
        if let Err(error) = open.file.write_all_at(buffer, offset) {
            // What did get there is taken back: its writers are told that nothing was kept.
            let undone = open.file.set_len(offset).and_then(|()| open.file.sync_data());
            return Err(match undone {
                Ok(()) if is_full(&error) => SpoolError::Full,
                Ok(()) => self.stop(&error),
                Err(error) => self.stop(&error),
            });
        }
        // After a failed sync the kernel may have dropped what it could not write and call the next
        // sync a success, so no later answer of this file can be believed.
        let started = Instant::now();
        if let Err(error) = open.file.sync_data() {
            return Err(self.stop(&error));
        }
        self.synced(started.elapsed());
        self.end += long(buffer.len());
        let end = self.end;
        self.reader.extend(|extent| extent.end = end);
        Ok(())
    }

    /// Notes how long a sync took: what others write to the same disk can hold it up, and whoever
    /// handed something in waits as long.
    fn synced(&mut self, took: Duration) {
        self.syncing = took;
        metrics::histogram!("wharf_journal_sync_seconds").record(took);
        if took > SLOW {
            let milliseconds = took.as_millis();
            tracing::warn!(milliseconds, "the disk took long to confirm what was written");
        }
    }

    fn stop(&mut self, error: &io::Error) -> SpoolError {
        let reason = error.to_string();
        self.stopped = Some(reason.clone());
        SpoolError::Stopped { reason }
    }
}

/// A mark that nobody outside can know.
fn random_mark() -> Mark {
    let id = MessageId::mint(jiff::Timestamp::UNIX_EPOCH);
    id.as_bytes().last_chunk().copied().unwrap_or_default()
}

/// For this part of the time of a sync more jobs are waited for.
const SHARE: u32 = 4;

/// A sync that takes longer is worth a line in the log.
const SLOW: Duration = Duration::from_millis(100);

/// At most this many bytes are written at once, unless one record alone is longer.
const BATCH: usize = 8 << 20;
