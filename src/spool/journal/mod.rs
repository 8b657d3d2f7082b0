//! The journal: what was written, in order, for ever; the truth that all else follows from.
//!
//! Knows records, files and the disk. Does not know what a record says.
//!
//! Positions count every byte since the first segment began, so a position is the place of a record
//! for ever. One thread writes; whoever hands in a record is told its place once it is durable.
//!
//! # Why one write and one sync for many
//! A sync costs a fixed time whatever its size. While one is on its way the next records gather, so
//! the more writers there are the more share a sync, and a single writer waits for no one.

mod committer;
mod read;
mod record;
mod recover;
mod segment;

pub(super) use committer::{Job, Limits, Outcome};
pub(super) use read::{Found, Reader, Record};
pub(super) use record::{HEADER, LONGEST};

use super::error::SpoolError;
use super::files::make_folder;
use committer::{Committer, Inbox};
use recover::Recovered;
use segment::Segment;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// The journal, before its writer starts.
#[derive(Debug)]
pub(super) struct Opened {
    committer: Committer,
    folder: PathBuf,
    /// Reads it.
    pub(super) reader: Reader,
    /// How many bytes of an unfinished write were cut off.
    pub(super) cut: u64,
}

/// Opens the journal in `folder`, or begins it.
pub(super) fn open(folder: &Path, limits: Limits) -> Result<Opened, SpoolError> {
    make_folder(folder)?;
    let Recovered { starts, file, end, cut } = Recovered::of(folder)?;
    let last = starts.last().copied().unwrap_or(0);
    let reader = Reader::new(folder, starts, end);
    let file = file.map(|(file, mark)| (file, last, mark));
    let committer = Committer::new(folder, limits, end, file, reader.clone());
    Ok(Opened { committer, folder: folder.to_owned(), reader, cut })
}

/// Reads the journal in `folder` while another process may be writing it.
pub(super) fn look(folder: &Path) -> Result<Reader, SpoolError> {
    let segments = Segment::all(folder)?;
    let end = segments.last().map_or(0, Segment::end);
    Ok(Reader::new(folder, segments.iter().map(|segment| segment.start).collect(), end))
}

impl Opened {
    /// Starts the writer; `tell` hears what became of each batch, in the order of the journal.
    pub(super) fn start<T: Send + 'static>(
        self,
        tell: impl FnMut(Vec<Outcome<T>>) + Send + 'static,
    ) -> Result<Journal<T>, SpoolError> {
        let inbox = Arc::new(Inbox::new());
        let theirs = Arc::clone(&inbox);
        let thread = thread::Builder::new()
            .name("journal".into())
            .spawn(move || self.committer.run(&theirs, tell))
            .map_err(SpoolError::io("start the writer of", &self.folder))?;
        Ok(Journal { inbox, thread: Some(thread) })
    }
}

/// The journal, with its writer running.
#[derive(Debug)]
pub(super) struct Journal<T> {
    inbox: Arc<Inbox<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T> Journal<T> {
    /// Hands in a record; what becomes of it is told in its time. Gives it back after the end.
    pub(super) fn put(&self, job: Job<T>) -> Result<(), Job<T>> {
        self.inbox.put(job)
    }

    /// Finishes what waits and takes no more.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.inbox.close();
        let ended = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        if ended { Ok(()) } else { Err(io::Error::other("the writer of the journal panicked")) }
    }
}

impl<T> Drop for Journal<T> {
    fn drop(&mut self) {
        // Nobody is left to hear of a panic, and all who waited know by their closed channels.
        let _ended = self.close();
    }
}
