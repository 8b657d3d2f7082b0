//! A transaction set, ST to SE, borrowed from the reader's buffer.

use super::delimiters::Delimiters;
use super::marks::Span;
use super::segment::Segment;
use std::borrow::Cow;

/// A transaction set: its segments from ST to SE, or to where the SE is missing.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    /// What holds the set, and the offset of its first byte in the input.
    pub(super) text: &'a [u8],
    pub(super) base: u64,
    /// Where in `text` the set ends.
    pub(super) end: usize,
    pub(super) segments: &'a [Span],
    /// Where in `text` elements end; each span says which are its own.
    pub(super) ends: &'a [u32],
    pub(super) delimiters: Delimiters,
    pub(super) line: u64,
    pub(super) closed: bool,
}

impl<'a> Set<'a> {
    /// The set's id, such as `850`: ST01.
    pub fn id(&self) -> Cow<'a, str> {
        self.header().element(1).text()
    }

    /// The set's control number: ST02.
    pub fn control(&self) -> Cow<'a, str> {
        self.header().element(2).text()
    }

    /// The guide that the set says it follows: ST03, from release 005010 on; empty if not given.
    pub fn guide(&self) -> Cow<'a, str> {
        self.header().element(3).text()
    }

    /// The ST segment.
    pub fn header(&self) -> Segment<'a> {
        self.segment(0).unwrap_or(Segment {
            text: &[],
            base: self.base,
            start: 0,
            ends: &[],
            delimiters: self.delimiters,
            position: 1,
            line: 0,
        })
    }

    /// The SE segment, if the set has one.
    pub fn trailer(&self) -> Option<Segment<'a>> {
        if self.closed { self.segment(self.len().checked_sub(1)?) } else { None }
    }

    /// How many segments, ST and SE included.
    #[inline]
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether there is no segment; never so for a set that a reader gave out.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Segment `index`, ST being 0.
    #[inline]
    pub fn segment(&self, index: usize) -> Option<Segment<'a>> {
        self.segments.get(index).map(|span| self.at(index, *span))
    }

    /// All segments in order, ST first.
    #[inline]
    pub fn segments(&self) -> impl ExactSizeIterator<Item = Segment<'a>> + use<'a> {
        let this = *self;
        this.segments.iter().enumerate().map(move |(index, span)| this.at(index, *span))
    }

    /// The set's bytes, from `ST` to the terminator of the last segment.
    pub fn bytes(&self) -> &'a [u8] {
        self.text.get(place(self.start())..self.end).unwrap_or_default()
    }

    /// Where the set begins, counted from the first byte of the input.
    pub fn offset(&self) -> u64 {
        self.base + u64::from(self.start())
    }

    /// The line on which the set begins, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The separators that hold here.
    #[inline]
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// A counter that tells the lines of places in this set, asked in ascending order.
    pub fn lines(&self) -> Lines<'a> {
        Lines { rest: self.bytes(), offset: self.offset(), line: self.line }
    }

    fn start(&self) -> u32 {
        self.segments.first().map_or(0, |span| span.start)
    }

    #[inline]
    fn at(&self, index: usize, span: Span) -> Segment<'a> {
        Segment {
            text: self.text,
            base: self.base,
            start: span.start,
            ends: self.ends.get(place(span.first)..place(span.last) + 1).unwrap_or_default(),
            delimiters: self.delimiters,
            position: u32::try_from(index + 1).unwrap_or(u32::MAX),
            line: 0,
        }
    }
}

#[inline]
fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Tells the line of each of a series of ascending offsets in one pass.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a [u8],
    offset: u64,
    line: u64,
}

impl Lines<'_> {
    /// The line of `offset`, counted from 1; an offset before the last one asked gets that one's.
    pub fn at(&mut self, offset: u64) -> u64 {
        let ahead = usize::try_from(offset.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let (passed, rest) = self.rest.split_at(ahead.min(self.rest.len()));
        self.line += count_lines(passed);
        self.offset = self.offset.max(offset);
        self.rest = rest;
        self.line
    }
}

/// How many lines end in `bytes`.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}
