//! Where a reader's bytes come from.

use std::io;

/// Bytes that are shown through a window, which slides forward.
pub trait Source {
    /// What the window shows.
    fn window(&self) -> &[u8];

    /// Drops the first `read` bytes of the window and shows more behind the others; false where
    /// there is no more.
    ///
    /// # Errors
    /// The source cannot be read.
    fn advance(&mut self, read: usize) -> io::Result<bool>;
}

/// How many bytes are asked for at a time.
const CHUNK: usize = 256 << 10;

/// Bytes that are all in memory; they are read where they are.
#[derive(Clone, Copy, Debug)]
pub struct InMemory<'a> {
    window: &'a [u8],
    /// What the window begins with and goes on into.
    rest: &'a [u8],
}

impl<'a> InMemory<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { window: &[], rest: bytes }
    }
}

impl Source for InMemory<'_> {
    #[inline]
    fn window(&self) -> &[u8] {
        self.window
    }

    fn advance(&mut self, read: usize) -> io::Result<bool> {
        let kept = self.window.len() - read;
        self.rest = self.rest.get(read..).unwrap_or_default();
        let length = self.rest.len().min(kept + CHUNK);
        self.window = self.rest.get(..length).unwrap_or_default();
        Ok(length > kept)
    }
}

/// Bytes that come one after another, from a file or a pipe.
#[derive(Debug)]
pub struct Streamed<R> {
    input: R,
    /// What was read stands before `filled`; behind it is room for more.
    buffer: Vec<u8>,
    filled: usize,
    ended: bool,
}

impl<R: io::Read> Streamed<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), filled: 0, ended: false }
    }
}

impl<R: io::Read> Source for Streamed<R> {
    #[inline]
    fn window(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }

    /// The room doubles when it is full of what is needed, so that no byte is moved often.
    fn advance(&mut self, read: usize) -> io::Result<bool> {
        if read > 0 {
            self.buffer.copy_within(read..self.filled, 0);
            self.filled -= read;
        }
        if self.ended {
            return Ok(false);
        }
        if self.buffer.len() - self.filled < CHUNK / 2 {
            self.buffer.resize(self.buffer.len() * 2 + CHUNK, 0);
        }
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let count = loop {
            match self.input.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        };
        self.filled += count;
        self.ended = count == 0;
        Ok(count > 0)
    }
}
