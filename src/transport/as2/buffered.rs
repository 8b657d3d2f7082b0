//! Small things that every layer needs of readers.

use super::error::As2Error;
use super::trouble::failed;
use crate::pki::Hasher;
use std::io::{self, BufRead, Read};

/// Reads from what a reader has buffered: `Read` by `BufRead`.
pub(super) fn read(reader: &mut impl BufRead, into: &mut [u8]) -> io::Result<usize> {
    let available = reader.fill_buf()?;
    let count = available.len().min(into.len());
    if let (Some(from), Some(to)) = (available.get(..count), into.get_mut(..count)) {
        to.copy_from_slice(from);
    }
    reader.consume(count);
    Ok(count)
}

/// Reads to the end, and gives it to nobody. Says whether it was only blanks and line ends.
pub(super) fn drain(reader: &mut dyn BufRead) -> io::Result<bool> {
    let mut blank = true;
    loop {
        let rest = reader.fill_buf()?;
        if rest.is_empty() {
            return Ok(blank);
        }
        blank &= rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let count = rest.len();
        reader.consume(count);
    }
}

/// Reads to the end, of not more than `limit` bytes.
pub(super) fn all(
    reader: &mut dyn BufRead,
    limit: usize,
    too_much: As2Error,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let more = reader.fill_buf()?;
        if more.is_empty() {
            return Ok(bytes);
        }
        if bytes.len() + more.len() > limit {
            return Err(failed(too_much));
        }
        bytes.extend_from_slice(more);
        let count = more.len();
        reader.consume(count);
    }
}

/// A reader whose bytes are hashed as they are taken.
pub(super) struct Tap<'r> {
    source: &'r mut dyn BufRead,
    hashers: &'r mut [Hasher],
}

impl<'r> Tap<'r> {
    pub(super) fn new(source: &'r mut dyn BufRead, hashers: &'r mut [Hasher]) -> Self {
        Self { source, hashers }
    }
}

impl BufRead for Tap<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What was filled before is given again without reading.
        if let Ok(piece) = self.source.fill_buf() {
            let piece = piece.get(..amount).unwrap_or(piece);
            for hasher in &mut *self.hashers {
                hasher.update(piece);
            }
        }
        self.source.consume(amount);
    }
}

impl Read for Tap<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        read(self, into)
    }
}
