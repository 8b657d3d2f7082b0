//! The part of a source that is in memory: what is being read, and what is still needed of it.

use super::set::count_lines;
use std::io;

/// A window on a source, sliding forward.
#[derive(Debug)]
pub(super) struct Window<R> {
    input: R,
    /// What was read stands before `filled`; behind it is room for more.
    buffer: Vec<u8>,
    filled: usize,
    /// The first byte not yet read.
    pub(super) at: usize,
    /// The first byte that is still needed.
    pub(super) keep: usize,
    /// The offset in the input of the buffer's first byte.
    base: u64,
    /// The line at `counted`, up to which lines were counted.
    line: u64,
    counted: usize,
    ended: bool,
}

/// How much is asked of the source at a time.
const CHUNK: usize = 256 << 10;

impl<R: io::Read> Window<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            filled: 0,
            at: 0,
            keep: 0,
            base: 0,
            line: 1,
            counted: 0,
            ended: false,
        }
    }

    /// What is in memory and not yet read.
    pub(super) fn rest(&self) -> &[u8] {
        self.slice(self.at, self.filled)
    }

    /// The bytes between two places.
    pub(super) fn slice(&self, from: usize, to: usize) -> &[u8] {
        self.buffer.get(from..to).unwrap_or_default()
    }

    /// The place behind the last byte in memory.
    pub(super) fn end(&self) -> usize {
        self.filled
    }

    /// The offset in the input of a place.
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.base + wide(at)
    }

    /// The line of a place, counted from 1; places are asked in ascending order.
    pub(super) fn line(&mut self, at: usize) -> u64 {
        self.line += count_lines(self.slice(self.counted, at));
        self.counted = self.counted.max(at);
        self.line
    }

    /// Passes the bytes in memory that are `blank`.
    pub(super) fn skip(&mut self, blank: impl Fn(u8) -> bool) {
        self.at += self.rest().iter().take_while(|byte| blank(**byte)).count();
    }

    /// Puts `byte` behind the last one that is not white space, at the end of the input.
    pub(super) fn finish_with(&mut self, byte: u8) {
        self.filled = self.slice(0, self.filled).trim_ascii_end().len();
        if let Some(last) = self.buffer.get_mut(self.filled) {
            *last = byte;
        } else {
            self.buffer.push(byte);
        }
        self.filled += 1;
    }

    /// Reads more, dropping what stands before `keep`; false at the end of the input.
    ///
    /// The room doubles when it is full of what is needed, so that no byte is moved often.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.keep > 0 {
            self.line(self.keep);
            self.buffer.copy_within(self.keep..self.filled, 0);
            self.filled -= self.keep;
            self.base += wide(self.keep);
            self.at -= self.keep;
            self.counted -= self.keep;
            self.keep = 0;
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

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
