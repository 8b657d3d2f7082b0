//! A transaction set, ST to SE, borrowed from the reader's buffer.

use super::delimiters::Delimiters;
use super::segment::Segment;
use std::borrow::Cow;

/// Where the segments of a set and their elements stand in its bytes.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) segments: Vec<Span>,
    pub(super) ends: Vec<u32>,
}

impl Index {
    pub(super) fn clear(&mut self) {
        self.segments.clear();
        self.ends.clear();
    }

    /// How many bytes of memory the index takes.
    pub(super) fn weight(&self) -> usize {
        size_of_val(self.segments.as_slice()) + size_of_val(self.ends.as_slice())
    }
}

/// One segment of an [`Index`]: its bytes, and its first entry in `ends`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) first: u32,
}

/// A transaction set: its segments from ST to SE, or to where the SE is missing.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) index: &'a Index,
    pub(super) delimiters: Delimiters,
    pub(super) offset: u64,
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
            bytes: &[],
            ends: &[],
            delimiters: self.delimiters,
            offset: self.offset,
            position: 1,
            line: 0,
        })
    }

    /// The SE segment, if the set has one.
    pub fn trailer(&self) -> Option<Segment<'a>> {
        if self.closed { self.segment(self.len().checked_sub(1)?) } else { None }
    }

    /// How many segments, ST and SE included.
    pub fn len(&self) -> usize {
        self.index.segments.len()
    }

    /// Whether there is no segment; never so for a set that a reader gave out.
    pub fn is_empty(&self) -> bool {
        self.index.segments.is_empty()
    }

    /// Segment `index`, ST being 0.
    pub fn segment(&self, index: usize) -> Option<Segment<'a>> {
        let span = self.index.segments.get(index)?;
        let next = self.index.segments.get(index + 1);
        Some(self.at(index, *span, next.copied()))
    }

    /// All segments in order, ST first.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = Segment<'a>> + use<'a> {
        let this = *self;
        let spans = &this.index.segments;
        spans
            .iter()
            .enumerate()
            .map(move |(at, span)| this.at(at, *span, spans.get(at + 1).copied()))
    }

    /// The set's bytes, from `ST` to the terminator of the last segment.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the set begins, counted from the first byte of the input.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The line on which the set begins, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The separators that hold here.
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// A counter that tells the lines of places in this set, asked in ascending order.
    pub fn lines(&self) -> Lines<'a> {
        Lines { rest: self.bytes, offset: self.offset, line: self.line }
    }

    fn at(&self, index: usize, span: Span, next: Option<Span>) -> Segment<'a> {
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let last = next.map_or(self.index.ends.len(), |next| place(next.first));
        Segment {
            bytes: self.bytes.get(place(span.start)..place(span.end)).unwrap_or_default(),
            ends: self.index.ends.get(place(span.first)..last).unwrap_or_default(),
            delimiters: self.delimiters,
            offset: self.offset + u64::from(span.start),
            position: u32::try_from(index + 1).unwrap_or(u32::MAX),
            line: 0,
        }
    }
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
