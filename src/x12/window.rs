//! The part of a source that is in hand: what is being read, and what is still needed of it.

use super::set::count_lines;
use super::source::Source;
use std::io;

/// A window on a source, with the places in it that matter.
#[derive(Debug)]
pub(super) struct Window<S> {
    source: S,
    /// The first byte not yet read.
    pub(super) at: usize,
    /// The first byte that is still needed.
    pub(super) keep: usize,
    /// The offset in the input of the window's first byte.
    base: u64,
    /// The line at `counted`, up to which lines were counted.
    line: u64,
    counted: usize,
}

impl<S: Source> Window<S> {
    pub(super) fn new(source: S) -> Self {
        Self { source, at: 0, keep: 0, base: 0, line: 1, counted: 0 }
    }

    /// All that is in hand.
    #[inline]
    pub(super) fn all(&self) -> &[u8] {
        self.source.window()
    }

    /// What is in hand and not yet read.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        self.all().get(self.at..).unwrap_or_default()
    }

    /// The bytes between two places.
    pub(super) fn slice(&self, from: usize, to: usize) -> &[u8] {
        self.all().get(from..to).unwrap_or_default()
    }

    /// The offset in the input of a place.
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.base + u64::try_from(at).unwrap_or(u64::MAX)
    }

    /// The line of a place, counted from 1; places are asked in ascending order.
    pub(super) fn line(&mut self, at: usize) -> u64 {
        self.line += count_lines(self.slice(self.counted, at));
        self.counted = self.counted.max(at);
        self.line
    }

    /// Passes the bytes in hand that are `blank`.
    pub(super) fn skip(&mut self, blank: impl Fn(u8) -> bool) {
        self.at += self.rest().iter().take_while(|byte| blank(**byte)).count();
    }

    /// Takes more in hand, dropping what stands before `keep`: by how much places have moved, and
    /// whether there was more.
    pub(super) fn fill(&mut self) -> io::Result<(usize, bool)> {
        let moved = self.keep;
        self.line(moved);
        let more = self.source.advance(moved)?;
        self.base = self.offset(moved);
        self.at -= moved;
        self.counted -= moved;
        self.keep = 0;
        Ok((moved, more))
    }
}
