//! Bodies too large to travel in a record: a file each, named by its SHA-256.
//!
//! A body's file is complete and durable before its name is in any record: written under a
//! temporary name, synced, renamed, and the folder synced. The name says what must be inside.

use super::body_reader::BodyReader;
use super::entry::BodyRef;
use super::error::SpoolError;
use super::files::{is_full, long, make_file, make_folder, short, sync_folder};
use super::journal::Reader;
use crate::message::{Body, Content, Digest, MessageId, Unchecked};
use jiff::Timestamp;
use rustix::fs::AtFlags;
use sha2::Digest as _;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The largest body that travels in a record.
pub(super) const INLINE: usize = 64 << 10;

/// How long what was kept counts as fresh: nobody takes longer to name it in a record.
const FRESH: Duration = Duration::from_secs(24 * 3600);

/// The folder of bodies.
#[derive(Clone, Debug)]
pub(super) struct Bodies {
    folder: PathBuf,
    /// What was kept lately, and when: a record may be about to name it.
    fresh: Arc<Mutex<HashMap<Digest, Instant>>>,
    /// The shelves whose own names are known to be durable.
    shelves: Arc<Shelves>,
}

/// The folders within the folder, one for each first byte of a digest.
#[derive(Debug)]
struct Shelves([AtomicBool; 256]);

impl Default for Shelves {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicBool::new(false)))
    }
}

impl Bodies {
    /// Opens the folder, and clears away what was not finished when its writer ended.
    pub(super) fn open(folder: PathBuf) -> Result<Self, SpoolError> {
        make_folder(&folder)?;
        let bodies = Self::look(folder);
        let unfinished = bodies.unfinished();
        make_folder(&unfinished)?;
        for file in fs::read_dir(&unfinished).map_err(SpoolError::io("list", &unfinished))? {
            let path = file.map_err(SpoolError::io("list", &unfinished))?.path();
            fs::remove_file(&path).map_err(SpoolError::io("remove", &path))?;
        }
        Ok(bodies)
    }

    /// The folder as it is, for reading.
    pub(super) fn look(folder: PathBuf) -> Self {
        Self { folder, fresh: Arc::default(), shelves: Arc::default() }
    }

    /// Begins a body of any length.
    pub(super) fn begin(&self) -> Result<BodyWriter, SpoolError> {
        // An id makes a name that nobody else uses; the time in it does not matter.
        let name = MessageId::mint(Timestamp::UNIX_EPOCH).to_string();
        let path = self.unfinished().join(name);
        let file = make_file(&path).map_err(|error| trouble("create", &path, error))?;
        let bodies = self.clone();
        Ok(BodyWriter { bodies, path, file, sha: sha2::Sha256::new(), length: 0 })
    }

    /// Takes over a file that lies ready in a folder on the same disk: made durable, held against
    /// what was said of it, and renamed.
    pub(super) fn adopt(
        &self,
        folder: &OwnedFd,
        name: &str,
        file: &File,
        length: u64,
        digest: Option<Digest>,
    ) -> Result<Body, SpoolError> {
        let path = self.folder.join(name);
        let io = |what: &'static str| {
            let path = path.clone();
            move |error| trouble(what, &path, error)
        };
        file.sync_data().map_err(io("sync"))?;
        let stat = rustix::fs::fstat(file).map_err(|error| io("look at")(error.into()))?;
        let digest = match digest {
            Some(digest) => digest,
            None => digest_of(file, length).map_err(io("read"))?,
        };
        let named = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| io("look at")(error.into()))?;
        // Under the name lies this very file, and under no other name.
        let same = (named.st_ino, named.st_dev) == (stat.st_ino, stat.st_dev);
        if !same || stat.st_nlink != 1 || u64::try_from(stat.st_size).ok() != Some(length) {
            return Err(SpoolError::Damaged { at: path.display().to_string() });
        }
        let target = self.path(&digest);
        let parent = target.parent().unwrap_or(&self.folder);
        make_folder(parent)?;
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.insert(digest, Instant::now());
        rustix::fs::renameat(folder, name, rustix::fs::CWD, &target)
            .map_err(|error| io("rename")(error.into()))?;
        drop(fresh);
        self.sync_shelf(&digest, parent).map_err(|(path, error)| trouble("sync", &path, error))?;
        Ok(Body::Stored { digest, length })
    }

    /// Makes durable what was put on a shelf, and that there is this shelf.
    fn sync_shelf(&self, digest: &Digest, folder: &Path) -> Result<(), (PathBuf, io::Error)> {
        sync_folder(folder).map_err(|error| (folder.to_owned(), error))?;
        let named =
            digest.as_bytes().first().and_then(|first| self.shelves.0.get(usize::from(*first)));
        // A crash may have come between the making of the shelf and the sync of its name, so that its
        // being there says nothing; that it was synced since the start does.
        if named.is_some_and(|named| named.load(Ordering::Acquire)) {
            return Ok(());
        }
        sync_folder(&self.folder).map_err(|error| (self.folder.clone(), error))?;
        if let Some(named) = named {
            named.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Keeps `bytes`, whose digest is known, in a file.
    pub(super) fn keep(&self, digest: Digest, bytes: &[u8]) -> Result<(), SpoolError> {
        let writer = self.begin()?;
        let written = (&writer.file).write_all(bytes);
        written.map_err(|error| trouble("write", &writer.path, error))?;
        writer.keep_as(digest)
    }

    /// The bytes of a body, held against its digest.
    pub(super) fn bytes(&self, body: &BodyRef, journal: &Reader) -> Result<Vec<u8>, SpoolError> {
        let (bytes, at) = if let Some(position) = body.position {
            let bytes = journal.bytes(position, body.length)?;
            (bytes, format!("position {position} of the journal"))
        } else {
            let path = self.path(&body.digest);
            let file = File::open(&path).map_err(SpoolError::io("open", &path))?;
            let mut bytes = Vec::with_capacity(short(body.length.min(1 << 30)));
            #[expect(clippy::disallowed_methods, reason = "limited by `take`")]
            let read = file.take(body.length).read_to_end(&mut bytes);
            read.map_err(SpoolError::io("read", &path))?;
            (bytes, path.display().to_string())
        };
        if Digest::of(&bytes) != body.digest {
            return Err(SpoolError::Damaged { at });
        }
        Ok(bytes)
    }

    /// A body to be read piece by piece; its last piece is given out only if the digest fits.
    pub(super) fn reader(
        &self,
        body: &BodyRef,
        journal: &Reader,
    ) -> Result<BodyReader, SpoolError> {
        if body.position.is_some() {
            return self.bytes(body, journal).map(|bytes| BodyReader::of_bytes(bytes, body.digest));
        }
        let path = self.path(&body.digest);
        let file = File::open(&path).map_err(SpoolError::io("open", &path))?;
        Ok(BodyReader::of_file(file, body.length, body.digest))
    }

    /// A body to be read from anywhere within, held against its digest before.
    pub(super) fn content(&self, body: &BodyRef, journal: &Reader) -> Result<Content, SpoolError> {
        let unchecked = self.unchecked(body, journal)?;
        unchecked.check().map_err(|error| {
            let path = self.path(&body.digest);
            if error.kind() == io::ErrorKind::InvalidData {
                SpoolError::Damaged { at: path.display().to_string() }
            } else {
                SpoolError::io("read", &path)(error)
            }
        })
    }

    /// A body to be read from anywhere within, held against its digest while it is read.
    pub(super) fn unchecked(
        &self,
        body: &BodyRef,
        journal: &Reader,
    ) -> Result<Unchecked, SpoolError> {
        if body.position.is_some() {
            return self.bytes(body, journal).map(|bytes| Content::from(bytes).into());
        }
        let path = self.path(&body.digest);
        let file = File::open(&path).map_err(SpoolError::io("open", &path))?;
        let data = file.metadata().map_err(SpoolError::io("look at", &path))?;
        if data.len() != body.length {
            return Err(SpoolError::Damaged { at: path.display().to_string() });
        }
        let (length, digest) = (body.length, body.digest);
        Ok(Unchecked::new(Content::File { file: Arc::new(file), length, digest }))
    }

    /// Whether the file of a body is there and whole.
    pub(super) fn is_whole(&self, digest: &Digest, length: u64) -> bool {
        let Ok(file) = File::open(self.path(digest)) else { return false };
        let of_length = file.metadata().is_ok_and(|data| data.len() == length);
        let mut reader = BodyReader::of_file(file, length, *digest);
        of_length && io::copy(&mut reader, &mut io::sink()).is_ok()
    }

    /// Removes the file of a body that no record names, unless it was kept again lately.
    pub(super) fn remove(&self, digest: &Digest) -> Result<bool, SpoolError> {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.retain(|_, kept| kept.elapsed() < FRESH);
        let path = self.path(digest);
        if fresh.contains_key(digest) {
            return Ok(false);
        }
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(SpoolError::io("remove", &path)(error)),
        }
    }

    /// Where the file of a body is.
    pub(super) fn path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        let first_two: String = name.chars().take(2).collect();
        self.folder.join(first_two).join(name)
    }

    fn unfinished(&self) -> PathBuf {
        self.folder.join("unfinished")
    }
}

/// A body on its way to the disk. Dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct BodyWriter {
    bodies: Bodies,
    path: PathBuf,
    file: File,
    sha: sha2::Sha256,
    length: u64,
}

impl BodyWriter {
    /// Makes the body durable. It may now be named in a message.
    pub fn finish(mut self) -> Result<Body, SpoolError> {
        let digest = Digest::from_bytes(std::mem::take(&mut self.sha).finalize().into());
        let length = self.length;
        self.keep_as(digest)?;
        Ok(Body::Stored { digest, length })
    }

    /// Makes the file durable, and then gives it the name that says what is inside.
    fn keep_as(self, digest: Digest) -> Result<(), SpoolError> {
        let io = |what, path: &Path| {
            let path = path.to_owned();
            move |error| trouble(what, &path, error)
        };
        self.file.sync_all().map_err(io("sync", &self.path))?;
        let target = self.bodies.path(&digest);
        let parent = target.parent().unwrap_or(&self.bodies.folder);
        make_folder(parent)?;
        let mut fresh = self.bodies.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.insert(digest, Instant::now());
        // The same body again: the older file may be damaged by now, this one cannot be.
        fs::rename(&self.path, &target).map_err(io("rename", &self.path))?;
        drop(fresh);
        let synced = self.bodies.sync_shelf(&digest, parent);
        synced.map_err(|(path, error)| trouble("sync", &path, error))
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha.update(bytes.get(..written).unwrap_or_default());
        self.length += long(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for BodyWriter {
    fn drop(&mut self) {
        // After `finish` there is nothing under this name; otherwise the next start clears it away.
        let _gone = fs::remove_file(&self.path);
    }
}

fn digest_of(file: &File, length: u64) -> io::Result<Digest> {
    let (mut sha, mut at, mut buffer) = (sha2::Sha256::new(), 0, vec![0; 1 << 20]);
    while at < length {
        let most = buffer.len().min(short(length - at));
        let read = file.read_at(buffer.get_mut(..most).unwrap_or_default(), at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        sha.update(buffer.get(..read).unwrap_or_default());
        at += long(read);
    }
    Ok(Digest::from_bytes(sha.finalize().into()))
}

fn trouble(what: &'static str, path: &Path, error: io::Error) -> SpoolError {
    if is_full(&error) { SpoolError::Full } else { SpoolError::io(what, path)(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies() -> (tempfile::TempDir, Bodies) {
        let home = tempfile::tempdir().unwrap();
        let bodies = Bodies::open(home.path().join("bodies")).unwrap();
        (home, bodies)
    }

    #[test]
    fn a_body_is_found_by_its_digest_and_a_damaged_one_is_not_given_out() {
        let (_home, bodies) = bodies();
        let bytes = vec![7; 100_000];
        let digest = Digest::of(&bytes);
        bodies.keep(digest, &bytes).unwrap();
        assert!(bodies.is_whole(&digest, 100_000));
        assert!(!bodies.is_whole(&digest, 99_999));
        let mut damaged = bytes.clone();
        damaged[50_000] ^= 1;
        fs::write(bodies.path(&digest), damaged).unwrap();
        assert!(!bodies.is_whole(&digest, 100_000));
        bodies.keep(digest, &bytes).unwrap();
        assert!(bodies.is_whole(&digest, 100_000), "kept again, it is whole again");
    }

    #[test]
    fn what_was_taken_over_lately_is_not_removed_before_a_record_names_it() {
        let (home, bodies) = bodies();
        let bytes = vec![8; 100_000];
        let digest = Digest::of(&bytes);
        bodies.keep(digest, &bytes).unwrap();
        // As after a start much later: nothing is remembered of the first.
        let bodies = Bodies::open(home.path().join("bodies")).unwrap();
        fs::write(home.path().join("ready"), &bytes).unwrap();
        let folder = OwnedFd::from(File::open(home.path()).unwrap());
        let file = File::open(home.path().join("ready")).unwrap();
        bodies.adopt(&folder, "ready", &file, 100_000, None).unwrap();
        assert!(!bodies.remove(&digest).unwrap());
        assert!(bodies.is_whole(&digest, 100_000));
    }

    #[test]
    fn what_was_not_finished_leaves_nothing() {
        let (home, bodies) = bodies();
        let count = || fs::read_dir(bodies.unfinished()).unwrap().count();
        let mut writer = bodies.begin().unwrap();
        writer.write_all(b"half").unwrap();
        assert_eq!(count(), 1);
        drop(writer);
        assert_eq!(count(), 0);
        fs::write(bodies.unfinished().join("left"), "x").unwrap();
        Bodies::open(home.path().join("bodies")).unwrap();
        assert_eq!(count(), 0);
    }
}
