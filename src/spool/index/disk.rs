//! The part of the index that is on disk: the only file that names sled.
//!
//! sled can panic on a damaged tree, and on a full disk, where an error would do. So every call goes
//! through [`guarded`], and a panic is one more reason not to believe the index.

use super::super::control::Sequence;
use super::super::entry::{Cursor, NumberKey};
use super::super::error::SpoolError;
use super::super::files::{is_full, make_folder};
use super::super::journal::Reader;
use super::super::row::Row;
use super::filter::Filter;
use super::key::Key;
use super::memory::{Checkpoint, Memory, Reach};
use super::run::{Run, Runs, Shape, positions};
use super::trust::Trust;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The part of the index that is on disk.
#[derive(Debug)]
pub(crate) struct Disk {
    db: sled::Db,
    folder: PathBuf,
    trust: Trust,
}

/// What was found on disk.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) disk: Disk,
    pub(crate) memory: Memory,
    /// Why it had to be begun anew, if it had to.
    pub(crate) anew: Option<String>,
}

/// What the index says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    last: u64,
    next: u64,
    retired: u64,
}

/// Changes whenever an older index can no longer be read; it is then built anew.
const FORMAT: u32 = 2;

/// The kinds of rows, as the first byte of their keys.
const MANIFEST: &[u8] = b"a";
const RUN: u8 = b'r';
const BUCKET: u8 = b'b';
const FILTER: u8 = b'f';
const MESSAGE: u8 = b'm';
const NUMBER: u8 = b'n';
const CURSOR: u8 = b'c';
const DAY: u8 = b'd';

/// Pieces in which a filter is stored, and how many rows go in one batch: more make sled swell.
const PIECE: usize = 3072;
const BATCH: usize = 64;

/// How much sled may keep of its pages in memory.
const CACHE: u64 = 16 << 20;

impl Disk {
    /// Opens the index of the spool in `folder`. One that cannot be believed is put aside, and an
    /// empty one begun; so is it if `anew` says why it should be.
    pub(crate) fn open(
        folder: &Path,
        journal: &Reader,
        anew: Option<&str>,
    ) -> Result<Found, SpoolError> {
        let trust = Trust::new(folder);
        let there = folder.join("index").exists();
        let doubt = match anew {
            Some(reason) => Some(reason.to_owned()),
            None if there => trust.doubt(),
            None => Some("there is none".into()),
        };
        let opened = match doubt {
            Some(reason) => Err(reason),
            None => Self::read(folder, journal, &trust).map_err(|error| error.to_string()),
        };
        match opened {
            Ok((disk, memory)) => Ok(Found { disk, memory, anew: None }),
            Err(reason) => {
                if there {
                    Self::put_aside(folder)?;
                }
                let disk = Self::begin(folder, trust)?;
                Ok(Found { disk, memory: Memory::default(), anew: Some(reason) })
            }
        }
    }

    /// Opens what is there.
    fn read(folder: &Path, journal: &Reader, trust: &Trust) -> Result<(Self, Memory), SpoolError> {
        trust.open()?;
        let disk = Self::begin(folder, trust.clone())?;
        let memory = disk.memory()?;
        let Reach { last, next } = memory.reach();
        let fits = memory.reach() == Reach::default()
            || journal.record(last).is_ok_and(|record| record.next == next);
        if fits { Ok((disk, memory)) } else { Err(unusable("it belongs to another journal")) }
    }

    fn begin(folder: &Path, trust: Trust) -> Result<Self, SpoolError> {
        make_folder(&folder.join("index"))?;
        let config = sled::Config::new()
            .path(folder.join("index"))
            .mode(sled::Mode::HighThroughput)
            .cache_capacity(CACHE)
            .flush_every_ms(None);
        let db = guarded(|| patiently(&config))?;
        trust.open()?;
        Ok(Self { db, folder: folder.to_owned(), trust })
    }

    fn put_aside(folder: &Path) -> Result<(), SpoolError> {
        let (from, to) = (folder.join("index"), folder.join("index.aside"));
        if to.exists() {
            fs::remove_dir_all(&to).map_err(SpoolError::io("remove", &to))?;
        }
        fs::rename(&from, &to).map_err(SpoolError::io("rename", &from))
    }

    /// All that goes into memory.
    fn memory(&self) -> Result<Memory, SpoolError> {
        let Some(manifest) = guarded(|| self.db.get(MANIFEST))? else {
            return if guarded(|| Ok(self.db.is_empty()))? {
                Ok(Memory::default())
            } else {
                Err(unusable("it was not finished"))
            };
        };
        let manifest: Manifest = parse(&manifest)?;
        if manifest.format != FORMAT {
            return Err(unusable("it was written by another version"));
        }
        let mut runs = Runs::default();
        for (n, row) in (0..).zip(self.rows(RUN)) {
            let (id, shape) = row?;
            let id = u32::from_be_bytes(id.first_chunk().copied().unwrap_or_default());
            if id != n {
                return Err(unusable("a run is missing"));
            }
            let shape: Shape = parse(&shape)?;
            runs.add(&Run { shape, filter: self.filter(id, shape)? });
        }
        let mut rows = HashMap::new();
        for row in self.rows(MESSAGE) {
            let row: Row = parse(&row?.1)?;
            rows.insert(row.id(), row);
        }
        let mut numbers = Vec::new();
        for row in self.rows(NUMBER) {
            let (key, last, used): (NumberKey, u32, bool) = parse(&row?.1)?;
            numbers.push((key, Sequence { last, used }));
        }
        let mut cursors = BTreeMap::new();
        for row in self.rows(CURSOR) {
            let (name, cursor): (String, Cursor) = parse(&row?.1)?;
            cursors.insert(name, cursor);
        }
        let mut days = Vec::new();
        for row in self.rows(DAY) {
            days.push(parse(&row?.1)?);
        }
        let reach = Reach { last: manifest.last, next: manifest.next };
        Ok(Memory::restore(runs, rows, numbers, cursors, days, manifest.retired, reach))
    }

    /// The rows of a kind: what follows it in their keys, and what they hold.
    fn rows(&self, kind: u8) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), SpoolError>> {
        let mut rows = self.db.scan_prefix([kind]);
        std::iter::from_fn(move || {
            let row = guarded(|| rows.next().transpose()).transpose()?;
            Some(row.map(|(key, value)| (key.iter().skip(1).copied().collect(), value.to_vec())))
        })
    }

    fn filter(&self, run: u32, shape: Shape) -> Result<Filter, SpoolError> {
        let mut bytes = Vec::new();
        for piece in 0..shape.pieces {
            let stored = guarded(|| self.db.get(name(FILTER, run, piece)))?;
            bytes.extend_from_slice(&stored.ok_or_else(|| unusable("a filter is missing"))?);
        }
        Filter::from_bytes(bytes).ok_or_else(|| unusable("a filter is cut off"))
    }

    /// The positions for `key` in `runs`, in order; of identities, only those that may be there.
    pub(crate) fn positions(
        &self,
        runs: &Runs,
        key: Key,
        identity: bool,
    ) -> Result<Vec<u64>, SpoolError> {
        let mut found = Vec::new();
        for (run, shape) in runs.holding(key, identity) {
            let bucket = name(BUCKET, run, shape.bucket(key));
            if let Some(bucket) = guarded(|| self.db.get(bucket))? {
                found.extend(positions(&bucket, key));
            }
        }
        Ok(found)
    }

    /// Writes a checkpoint. Whatever a crash leaves of it is written over by the next.
    pub(crate) fn write(&self, checkpoint: &Checkpoint) -> Result<Run, SpoolError> {
        let id = checkpoint.run;
        let filter = Filter::of(&checkpoint.identities);
        let mut shape = Shape::of(checkpoint.postings.len());
        let mut writer = Writer::new(&self.db);
        for (bucket, bytes) in shape.buckets(&checkpoint.postings) {
            writer.put(name(BUCKET, id, bucket), bytes)?;
        }
        for (piece, bytes) in (0..).zip(filter.as_bytes().chunks(PIECE)) {
            writer.put(name(FILTER, id, piece), bytes.to_vec())?;
            shape.pieces = piece + 1;
        }
        for (message, row) in &checkpoint.rows {
            let mut key = vec![MESSAGE];
            key.extend(message.as_bytes());
            match row {
                Some(row) => writer.put(key, text(row)?)?,
                None => writer.remove(key)?,
            }
        }
        writer.finish()?;
        let mut last = sled::Batch::default();
        for (key, sequence) in &checkpoint.numbers {
            let row = text(&(key, sequence.last, sequence.used))?;
            last.insert([&[NUMBER], text(key)?.as_slice()].concat(), row);
        }
        for day in &checkpoint.days {
            last.insert([&[DAY], day.partner.as_str().as_bytes()].concat(), text(day)?);
        }
        for (follower, cursor) in &checkpoint.cursors {
            let row = text(&(follower, cursor))?;
            last.insert([&[CURSOR], follower.as_bytes()].concat(), row);
        }
        for follower in &checkpoint.forgotten {
            last.remove([&[CURSOR], follower.as_bytes()].concat());
        }
        let mut key = vec![RUN];
        key.extend(id.to_be_bytes());
        last.insert(key, text(&shape)?);
        let (Reach { last: position, next }, retired) = (checkpoint.reach, checkpoint.retired);
        let manifest = Manifest { format: FORMAT, last: position, next, retired };
        last.insert(MANIFEST, text(&manifest)?);
        guarded(|| self.db.apply_batch(last))?;
        guarded(|| self.db.flush())?;
        Ok(Run { shape, filter })
    }

    /// Opens it once more, after it failed; `runs` is how many it must hold.
    pub(crate) fn again(folder: &Path, runs: usize) -> Result<Self, SpoolError> {
        let disk = Self::begin(folder, Trust::new(folder))?;
        let mut found = 0;
        for run in disk.rows(RUN) {
            run?;
            found += 1;
        }
        if found == runs {
            Ok(disk)
        } else {
            Err(SpoolError::Stopped { reason: "the index has lost what was written".into() })
        }
    }

    /// Says that it must not be believed again.
    pub(crate) fn distrust(&self) -> Result<(), SpoolError> {
        self.trust.damaged()
    }

    /// Closes it, for good: nothing of it is left to be written.
    pub(crate) fn close(self) -> Result<(), SpoolError> {
        guarded(|| self.db.flush())?;
        drop(self.db);
        let mut folders = vec![self.folder.join("index")];
        while let Some(folder) = folders.pop() {
            for file in fs::read_dir(&folder).map_err(SpoolError::io("list", &folder))? {
                let path = file.map_err(SpoolError::io("list", &folder))?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let synced = File::open(&path).and_then(|file| file.sync_all());
                    synced.map_err(SpoolError::io("sync", &path))?;
                }
            }
            let synced = File::open(&folder).and_then(|folder| folder.sync_all());
            synced.map_err(SpoolError::io("sync", &folder))?;
        }
        self.trust.closed()
    }
}

/// Rows on their way to the store, some at a time.
struct Writer<'d> {
    db: &'d sled::Db,
    batch: sled::Batch,
    rows: usize,
}

impl<'d> Writer<'d> {
    fn new(db: &'d sled::Db) -> Self {
        Self { db, batch: sled::Batch::default(), rows: 0 }
    }

    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), SpoolError> {
        self.batch.insert(key, value);
        self.count()
    }

    fn remove(&mut self, key: Vec<u8>) -> Result<(), SpoolError> {
        self.batch.remove(key);
        self.count()
    }

    fn count(&mut self) -> Result<(), SpoolError> {
        self.rows += 1;
        if self.rows >= BATCH { self.finish() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<(), SpoolError> {
        self.rows = 0;
        let batch = std::mem::take(&mut self.batch);
        guarded(|| self.db.apply_batch(batch))
    }
}

/// Opens the store, and waits a second for its lock.
///
/// The spool's own lock says that no other process has it; what may still hold the store's is a
/// child that another thread has just forked and that has not yet become another program.
fn patiently(config: &sled::Config) -> sled::Result<sled::Db> {
    let mut tries = 0;
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if tries < 100 && is_locked(&error) => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
            outcome => return outcome,
        }
    }
}

/// sled tells a lock that is taken only in words.
fn is_locked(error: &io::Error) -> bool {
    error.to_string().starts_with("could not acquire lock")
}

/// Calls sled; its panics become errors.
fn guarded<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, SpoolError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) if is_full(&error) => Err(SpoolError::Full),
        Ok(Err(error)) => Err(unusable(&error.to_string())),
        Err(_) => Err(unusable("the store panicked")),
    }
}

fn unusable(reason: &str) -> SpoolError {
    SpoolError::Unavailable { reason: reason.into() }
}

fn name(kind: u8, run: u32, part: u32) -> Vec<u8> {
    let mut name = vec![kind];
    name.extend(run.to_be_bytes());
    name.extend(part.to_be_bytes());
    name
}

fn text(value: &impl Serialize) -> Result<Vec<u8>, SpoolError> {
    serde_json::to_vec(value).map_err(|error| unusable(&error.to_string()))
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, SpoolError> {
    serde_json::from_slice(text).map_err(|error| unusable(&error.to_string()))
}
