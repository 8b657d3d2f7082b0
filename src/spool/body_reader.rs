//! A body that is read piece by piece, and held against its digest while it is.

use super::files::{long, short};
use crate::message::Digest;
use sha2::Digest as _;
use std::fs::File;
use std::io::{self, Read};

/// A body that is read piece by piece.
#[derive(Debug)]
pub struct BodyReader {
    source: Source,
    sha: sha2::Sha256,
    left: u64,
    digest: Digest,
}

#[derive(Debug)]
enum Source {
    Bytes(io::Cursor<Vec<u8>>),
    File(File),
}

impl BodyReader {
    /// Reads what is in memory.
    pub(super) fn of_bytes(bytes: Vec<u8>, digest: Digest) -> Self {
        let length = long(bytes.len());
        Self::new(Source::Bytes(io::Cursor::new(bytes)), length, digest)
    }

    /// Reads a file that must have so many bytes.
    pub(super) fn of_file(file: File, length: u64, digest: Digest) -> Self {
        Self::new(Source::File(file), length, digest)
    }

    fn new(source: Source, left: u64, digest: Digest) -> Self {
        Self { source, sha: sha2::Sha256::new(), left, digest }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(short(self.left));
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        let read = match &mut self.source {
            Source::Bytes(bytes) => bytes.read(buffer)?,
            Source::File(file) => file.read(buffer)?,
        };
        self.sha.update(buffer.get(..read).unwrap_or_default());
        self.left = self.left.saturating_sub(long(read));
        let ended = read == 0 || self.left == 0;
        let whole = || {
            let digest: [u8; 32] = self.sha.clone().finalize().into();
            self.left == 0 && digest == *self.digest.as_bytes()
        };
        if ended && !whole() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the body is damaged"));
        }
        Ok(read)
    }
}
