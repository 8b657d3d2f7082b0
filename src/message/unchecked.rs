//! Bytes that were not held against their digest yet.

use super::content::Content;
use super::digest::Digest;
use sha2::Digest as _;
use std::io;

/// Content that may be damaged: a disk may have changed it since it was kept.
#[derive(Clone, Debug)]
pub struct Unchecked {
    content: Content,
    /// What was read from the beginning on; none: all of it was held against the digest.
    read: Option<Read>,
}

#[derive(Clone, Debug)]
struct Read {
    sha: sha2::Sha256,
    to: u64,
}

impl Unchecked {
    /// Bytes in a file that were kept long ago.
    pub fn new(content: Content) -> Self {
        Self { content, read: Some(Read { sha: sha2::Sha256::new(), to: 0 }) }
    }

    /// How many bytes.
    pub fn length(&self) -> u64 {
        self.content.length()
    }

    /// The SHA-256 that they must have.
    pub fn digest(&self) -> Digest {
        self.content.digest()
    }

    /// Holds all of it against its digest.
    pub fn check(mut self) -> io::Result<Content> {
        self.whole()?;
        Ok(self.content)
    }

    /// Fills `buffer` from `offset` on; less only where the end is. Whoever reads from the beginning
    /// to the end gets the last piece only if the digest fits; whoever leaves out something, nothing
    /// behind it.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.content.length();
        let end = offset.saturating_add(u64::try_from(buffer.len()).unwrap_or(u64::MAX));
        let gap = |read: &Read| read.to != offset && read.to < end.min(length);
        if self.read.as_ref().is_some_and(|read| read.to >= length || gap(read)) {
            self.whole()?;
        }
        let filled = self.content.read_at(offset, buffer)?;
        if let Some(read) = self.read.as_mut().filter(|read| read.to == offset) {
            read.sha.update(buffer.get(..filled).unwrap_or_default());
            read.to += u64::try_from(filled).unwrap_or(0);
            if read.to >= length {
                self.fits()?;
            }
        }
        Ok(filled)
    }

    /// Reads on to the end.
    fn whole(&mut self) -> io::Result<()> {
        let Some(read) = &self.read else { return Ok(()) };
        let left = self.content.length().saturating_sub(read.to);
        let mut buffer = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
        while let Some(read) = &mut self.read {
            if read.to >= self.content.length() {
                return self.fits();
            }
            let filled = self.content.read_at(read.to, &mut buffer)?;
            if filled == 0 {
                return Err(damaged());
            }
            read.sha.update(buffer.get(..filled).unwrap_or_default());
            read.to += u64::try_from(filled).unwrap_or(0);
        }
        Ok(())
    }

    fn fits(&mut self) -> io::Result<()> {
        let Some(read) = self.read.take() else { return Ok(()) };
        let digest = Digest::from_bytes(read.sha.clone().finalize().into());
        if digest == self.content.digest() {
            return Ok(());
        }
        // It stays as it is, however often it is asked for.
        self.read = Some(read);
        Err(damaged())
    }
}

/// Bytes that are known to be whole.
impl From<Content> for Unchecked {
    fn from(content: Content) -> Self {
        Self { content, read: None }
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the bytes are damaged")
}

/// So much is read at a time.
const PIECE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::sync::Arc;

    fn kept(bytes: &[u8], digest_of: &[u8]) -> Unchecked {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let length = u64::try_from(bytes.len()).unwrap();
        let digest = Digest::of(digest_of);
        Unchecked::new(Content::File { file: Arc::new(file), length, digest })
    }

    fn read(of: &mut Unchecked, offset: u64, length: usize) -> Option<Vec<u8>> {
        let mut buffer = vec![0; length];
        let filled = of.read_at(offset, &mut buffer).ok()?;
        buffer.truncate(filled);
        Some(buffer)
    }

    #[test]
    fn whole_bytes_are_read_in_any_order() {
        for order in [[0_u64, 4, 8], [4, 8, 0], [8, 0, 4], [0, 0, 4]] {
            let mut whole = kept(b"0123456789", b"0123456789");
            for offset in order {
                let from = usize::try_from(offset).unwrap();
                let wanted = b"0123456789"[from..].iter().copied().take(4).collect::<Vec<_>>();
                assert_eq!(read(&mut whole, offset, 4), Some(wanted), "{order:?}");
            }
            assert_eq!(read(&mut whole, 10, 4), Some(Vec::new()));
        }
        assert!(kept(b"0123456789", b"0123456789").check().is_ok());
    }

    #[test]
    fn of_damaged_bytes_the_last_are_never_given_out() {
        let mut damaged = kept(b"0123x56789", b"0123456789");
        assert!(read(&mut damaged, 0, 4).is_some());
        assert!(read(&mut damaged, 4, 4).is_some());
        for _ in 0..2 {
            assert_eq!(read(&mut damaged, 8, 4), None);
        }
        let mut damaged = kept(b"0123x56789", b"0123456789");
        assert!(read(&mut damaged, 0, 4).is_some());
        assert_eq!(read(&mut damaged, 3, 7), None, "some of it twice");
        let mut damaged = kept(b"0123x56789", b"0123456789");
        assert_eq!(read(&mut damaged, 5, 5), None, "what lies before was not read");
        assert_eq!(read(&mut damaged, 9, 1), None);
        assert!(kept(b"0123x56789", b"0123456789").check().is_err());
        assert!(kept(b"", b"").check().is_ok());
    }
}
