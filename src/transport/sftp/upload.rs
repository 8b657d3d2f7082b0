//! One file while it is written: in memory as long as it is small, in the partner's folder then.

use super::name::FileName;
use super::trouble::Trouble;
use super::unfinished::Unfinished;
use crate::message::Digest;
use jiff::Timestamp;
use sha2::Digest as _;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// A file while it is written.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) name: FileName,
    store: Store,
    length: u64,
    /// The hash of its beginning, as long as it is written from front to back.
    sha: Option<(sha2::Sha256, u64)>,
    /// Who may write it: the one who opened it last.
    pub(super) writer: Option<u64>,
    /// Whether it is just being taken.
    pub(super) taking: bool,
    /// Why something of it could not be written: it is not complete, whatever comes after that.
    pub(super) broken: Option<Trouble>,
    pub(super) changed: Timestamp,
}

#[derive(Debug)]
enum Store {
    Memory(Vec<u8>),
    Disk(File),
}

/// A file that is complete.
#[derive(Debug)]
pub(super) enum Complete {
    /// In memory.
    Bytes(Vec<u8>),
    /// In the partner's folder.
    File { file: File, length: u64, digest: Option<Digest> },
}

impl Upload {
    /// A new file, which is empty.
    pub(super) fn new(name: FileName, writer: u64, now: Timestamp) -> Self {
        Self {
            name,
            store: Store::Memory(Vec::new()),
            length: 0,
            sha: Some((sha2::Sha256::new(), 0)),
            writer: Some(writer),
            taking: false,
            broken: None,
            changed: now,
        }
    }

    /// A file that lies in the folder and is written on.
    pub(super) fn of(name: FileName, file: File, length: u64, writer: u64, now: Timestamp) -> Self {
        let (store, sha, writer) = (Store::Disk(file), None, Some(writer));
        Self { name, store, length, sha, writer, taking: false, broken: None, changed: now }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Writes; what is beyond the end until now is zeroes.
    pub(super) fn write(
        &mut self,
        offset: u64,
        data: &[u8],
        folder: &Unfinished,
    ) -> Result<(), Trouble> {
        let end = offset.saturating_add(long(data.len()));
        if end > IN_MEMORY {
            self.spill(folder)?;
        }
        match &mut self.store {
            Store::Memory(bytes) => {
                let (from, to) = (short(offset), short(end));
                if bytes.len() < to {
                    bytes.resize(to, 0);
                }
                if let Some(place) = bytes.get_mut(from..to) {
                    place.copy_from_slice(data);
                }
            }
            Store::Disk(file) => {
                if let Err(error) = file.write_all_at(data, offset) {
                    // Some of it may have been written: it can be resumed where it was before.
                    self.sha = None;
                    file.set_len(self.length)?;
                    return Err(error.into());
                }
            }
        }
        self.hash(offset, data);
        self.length = self.length.max(end);
        Ok(())
    }

    fn hash(&mut self, offset: u64, data: &[u8]) {
        // What is in memory is hashed when it is complete.
        if let Store::Memory(_) = self.store {
            return;
        }
        match &mut self.sha {
            Some((sha, done)) if *done == offset => {
                sha.update(data);
                *done += long(data.len());
            }
            // A gap, or something written twice.
            sha => *sha = None,
        }
    }

    /// Reads what was written.
    pub(super) fn read(&self, offset: u64, room: &mut [u8]) -> Result<usize, Trouble> {
        match &self.store {
            Store::Memory(bytes) => {
                let rest = bytes.get(short(offset)..).unwrap_or_default();
                let count = rest.len().min(room.len());
                let pairs = room.iter_mut().zip(rest);
                pairs.for_each(|(place, byte)| *place = *byte);
                Ok(count)
            }
            Store::Disk(file) => Ok(file.read_at(room, offset)?),
        }
    }

    /// Makes it so long.
    pub(super) fn resize(&mut self, length: u64, folder: &Unfinished) -> Result<(), Trouble> {
        if length > IN_MEMORY {
            self.spill(folder)?;
        }
        match &mut self.store {
            Store::Memory(bytes) => bytes.resize(short(length), 0),
            Store::Disk(file) => {
                file.set_len(length)?;
                self.sha = (length == 0).then(|| (sha2::Sha256::new(), 0));
            }
        }
        self.length = length;
        Ok(())
    }

    /// Puts it into the folder, where it outlives the connection.
    pub(super) fn spill(&mut self, folder: &Unfinished) -> Result<(), Trouble> {
        let Store::Memory(bytes) = &self.store else { return Ok(()) };
        let file = folder.create(&self.name)?;
        if let Err(error) = file.write_all_at(bytes, 0) {
            folder.remove(&self.name)?;
            return Err(error.into());
        }
        let mut sha = sha2::Sha256::new();
        sha.update(bytes);
        self.sha = Some((sha, long(bytes.len())));
        self.store = Store::Disk(file);
        Ok(())
    }

    /// Makes durable what was written so far.
    pub(super) fn sync(&mut self, folder: &Unfinished) -> Result<(), Trouble> {
        self.spill(folder)?;
        match &self.store {
            Store::Memory(_) => Ok(()),
            Store::Disk(file) => Ok(file.sync_data()?),
        }
    }

    /// Whether it lies in the folder.
    pub(super) fn is_on_disk(&self) -> bool {
        matches!(self.store, Store::Disk(_))
    }

    /// It is complete: nobody writes it any more.
    pub(super) fn complete(&mut self) -> Result<Complete, Trouble> {
        self.writer = None;
        let length = self.length;
        match &mut self.store {
            Store::Memory(bytes) => Ok(Complete::Bytes(std::mem::take(bytes))),
            Store::Disk(file) => {
                let digest = self.sha.take().filter(|(_, done)| *done == length);
                let digest = digest.map(|(sha, _)| Digest::from_bytes(sha.finalize().into()));
                Ok(Complete::File { file: file.try_clone()?, length, digest })
            }
        }
    }
}

pub(super) fn long(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn short(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A longer file is written to the disk while it comes.
const IN_MEMORY: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::PartnerId;
    use proptest::prelude::*;

    fn complete(writes: &[(u64, Vec<u8>)]) -> (Vec<u8>, Option<Digest>) {
        let home = tempfile::tempdir().unwrap();
        let partner = PartnerId::new("acme").unwrap();
        let folder = Unfinished::open(home.path(), &partner).unwrap();
        let name = FileName::new(b"a").unwrap();
        let mut upload = Upload::new(name, 1, Timestamp::UNIX_EPOCH);
        for (offset, data) in writes {
            upload.write(*offset, data, &folder).unwrap();
        }
        match upload.complete().unwrap() {
            Complete::Bytes(bytes) => (bytes, None),
            Complete::File { file, length, digest } => {
                let mut bytes = vec![0; usize::try_from(length).unwrap()];
                file.read_exact_at(&mut bytes, 0).unwrap();
                (bytes, digest)
            }
        }
    }

    #[test]
    fn a_large_file_written_in_order_is_hashed_while_it_comes() {
        let writes = (0..5).map(|n| (n * 30_000, vec![b'a'; 30_000])).collect::<Vec<_>>();
        let (bytes, digest) = complete(&writes);
        assert_eq!(bytes, vec![b'a'; 150_000]);
        assert_eq!(digest, Some(Digest::of(&bytes)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_order_of_writes_makes_the_same_file(
            writes in proptest::collection::vec((0_u64..150_000, proptest::collection::vec(any::<u8>(), 1..40_000)), 1..8)
        ) {
            let mut model = Vec::new();
            for (offset, data) in &writes {
                let from = usize::try_from(*offset).unwrap();
                let to = from + data.len();
                if model.len() < to {
                    model.resize(to, 0);
                }
                model[from..to].copy_from_slice(data);
            }
            let (bytes, digest) = complete(&writes);
            prop_assert_eq!(&bytes, &model);
            prop_assert!(digest.is_none_or(|digest| digest == Digest::of(&model)));
        }
    }
}
