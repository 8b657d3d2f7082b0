//! The bytes of a message on their way out: in memory, or in a file that is open.

use super::digest::Digest;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// Bytes that are read from anywhere within, as often as it takes; a clone is the same bytes.
#[derive(Clone, Debug)]
pub enum Content {
    /// In memory.
    Bytes(Bytes),
    /// In a file, for what is too large for memory; nobody changes it.
    File {
        /// The file.
        file: Arc<File>,
        /// How many bytes.
        length: u64,
        /// Their SHA-256.
        digest: Digest,
    },
}

impl Content {
    /// How many bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::File { length, .. } => *length,
        }
    }

    /// The SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => Digest::of(bytes),
            Self::File { digest, .. } => *digest,
        }
    }

    /// Fills `buffer` from `offset` on; less only where the end is, or the file breaks off.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Bytes(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
                rest.unwrap_or_default().read(buffer)
            }
            Self::File { file, length, .. } => {
                let left = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
                let most = buffer.len().min(left);
                let mut filled = 0;
                while let Some(rest) = buffer.get_mut(filled..most).filter(|r| !r.is_empty()) {
                    let at = offset + u64::try_from(filled).unwrap_or(0);
                    match file.read_at(rest, at) {
                        Ok(0) => break,
                        Ok(read) => filled += read,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(filled)
            }
        }
    }

    /// All of it in order, from the beginning.
    pub fn reader(&self) -> ContentReader {
        ContentReader { content: self.clone(), at: 0 }
    }

    /// All of it in memory.
    pub fn bytes(&self) -> io::Result<Bytes> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::File { length, .. } => {
                let mut bytes = vec![0; usize::try_from(*length).unwrap_or(usize::MAX)];
                let read = self.read_at(0, &mut bytes)?;
                if read < bytes.len() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(bytes.into())
            }
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// A place within some [`Content`], and the bytes from there on.
#[derive(Debug)]
pub struct ContentReader {
    content: Content,
    at: u64,
}

impl Read for ContentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read_at(self.at, buffer)?;
        if read == 0 && !buffer.is_empty() && self.at < self.content.length() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += u64::try_from(read).unwrap_or(0);
        Ok(read)
    }
}

impl Seek for ContentReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.content.length().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn both() -> [Content; 2] {
        let bytes = b"0123456789".to_vec();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let digest = Digest::of(&bytes);
        let file = Content::File { file: Arc::new(file), length: 10, digest };
        [Content::from(bytes), file]
    }

    #[test]
    fn bytes_and_files_read_the_same() {
        for content in both() {
            let mut buffer = [0; 4];
            assert_eq!(content.read_at(8, &mut buffer).unwrap(), 2);
            assert_eq!(&buffer[..2], b"89");
            assert_eq!(content.read_at(10, &mut buffer).unwrap(), 0);
            assert_eq!(content.read_at(u64::MAX, &mut buffer).unwrap(), 0);
            assert_eq!((content.length(), content.digest()), (10, Digest::of(b"0123456789")));
            assert_eq!(content.bytes().unwrap(), b"0123456789".as_slice());
            let mut reader = content.reader();
            reader.seek(SeekFrom::End(-3)).unwrap();
            assert_eq!(io::read_to_string(reader).unwrap(), "789");
        }
    }

    #[test]
    fn a_file_that_breaks_off_is_not_taken_for_whole() {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let content = Content::File { file, length: 10, digest: Digest::of(b"") };
        assert!(content.bytes().is_err());
        assert!(content.reader().read(&mut [0; 4]).is_err());
    }
}
