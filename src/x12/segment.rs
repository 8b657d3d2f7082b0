//! A segment, its elements, and their parts, all borrowed from the bytes that hold them.

use super::delimiters::Delimiters;
use std::borrow::Cow;

/// One segment: its id and its elements, without the terminator.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// What holds the segment, and the offset of its first byte in the input.
    pub(super) text: &'a [u8],
    pub(super) base: u64,
    /// Where in `text` the segment begins.
    pub(super) start: u32,
    /// Where in `text` the id and each element end, in order.
    pub(super) ends: &'a [u32],
    pub(super) delimiters: Delimiters,
    pub(super) position: u32,
    /// The line on which it begins; 0 in a set.
    pub(super) line: u32,
}

impl<'a> Segment<'a> {
    /// The bytes from the id to the end of the last element.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.text.get(place(self.start)..self.end(self.len())).unwrap_or_default()
    }

    /// The segment's id, such as `BEG`: whatever stands before the first separator.
    #[inline]
    pub fn id(&self) -> &'a [u8] {
        self.text.get(place(self.start)..self.end(0)).unwrap_or_default()
    }

    /// The id as text.
    pub fn id_text(&self) -> Cow<'a, str> {
        text(self.id())
    }

    /// Where the segment begins, counted from the first byte of the input.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.base + u64::from(self.start)
    }

    /// The segment's place in its transaction set, ST being 1; 0 outside a set.
    #[inline]
    pub fn position(&self) -> u32 {
        self.position
    }

    /// The line on which a segment outside a set begins, counted from 1; `None` for one in a set,
    /// where `Set::lines` tells it.
    pub fn line(&self) -> Option<u64> {
        (self.line > 0).then_some(u64::from(self.line))
    }

    /// The separators that hold here.
    #[inline]
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// How many elements are written, empty ones included.
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// Whether no element is written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `number`, counted from 1 as the standard does; empty if it is not written.
    #[inline]
    pub fn element(&self, number: usize) -> Element<'a> {
        match self.between(number) {
            Some((start, end)) => self.slice(start, end),
            None => self.slice(self.end(self.len()), self.end(self.len())),
        }
    }

    /// All in hand from the segment's first byte on, and how much of it is the segment.
    #[inline]
    pub(crate) fn onward(&self) -> (&'a [u8], usize) {
        let start = place(self.start);
        let length = self.end(self.len()).saturating_sub(start);
        (self.text.get(start..).unwrap_or_default(), length)
    }

    /// All in hand from the first byte of element `number` on, and how much of it is the element.
    #[inline]
    pub(crate) fn onward_from(&self, number: usize) -> (&'a [u8], usize) {
        let (start, end) = self.between(number).unwrap_or_default();
        (self.text.get(start..).unwrap_or_default(), end.saturating_sub(start))
    }

    /// Which elements are not empty: bit n for element n, bit 62 for all from the 62nd on.
    pub fn filled(&self) -> u64 {
        let mut ends = self.ends.iter();
        let mut before = ends.next().copied().unwrap_or(0);
        let (mut filled, mut bit) = (0, 2);
        for end in ends {
            if *end > before + 1 {
                filled |= bit;
            }
            before = *end;
            bit = (bit << 1).min(1 << 62);
        }
        filled
    }

    /// All elements in order, the first being element 1.
    #[inline]
    pub fn elements(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let this = *self;
        let mut start = this.end(0) + 1;
        this.ends.get(1..).unwrap_or_default().iter().map_while(move |end| {
            let end = place(*end);
            let bytes = this.text.get(start..end)?;
            let element =
                Element { bytes, delimiters: this.delimiters, offset: this.offset_of(start) };
            start = end + 1;
            Some(element)
        })
    }

    /// Where element `number` begins, and where it ends, if it is written.
    #[inline]
    fn between(&self, number: usize) -> Option<(usize, usize)> {
        let ends = self.ends.get(number.checked_sub(1)?..)?;
        let [before, end] = ends.first_chunk()?;
        Some((place(*before) + 1, place(*end)))
    }

    #[inline]
    fn end(&self, index: usize) -> usize {
        self.ends.get(index).map_or(place(self.start), |end| place(*end))
    }

    #[inline]
    fn slice(&self, start: usize, end: usize) -> Element<'a> {
        let bytes = self.text.get(start..end).unwrap_or_default();
        Element { bytes, delimiters: self.delimiters, offset: self.offset_of(start) }
    }

    #[inline]
    fn offset_of(&self, at: usize) -> u64 {
        self.base + u64::try_from(at).unwrap_or(0)
    }
}

#[inline]
fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// One element, or one repetition or component of it.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
    offset: u64,
}

impl<'a> Element<'a> {
    /// The bytes as they stand.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether nothing is written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where it begins, counted from the first byte of the input.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The value as text: UTF-8 if it is, else each byte as the Latin-1 character that it is.
    pub fn text(&self) -> Cow<'a, str> {
        text(self.bytes)
    }

    /// The repetitions, at least one; only one where the interchange has no repetition separator.
    #[inline]
    pub fn repetitions(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        self.split(self.delimiters.repetition)
    }

    /// The components of this element (or of one repetition), at least one.
    #[inline]
    pub fn components(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        self.split(Some(self.delimiters.component))
    }

    /// Component `number`, counted from 1; empty if it is not written.
    #[must_use]
    pub fn component(&self, number: usize) -> Element<'a> {
        let end = self.offset + u64::try_from(self.bytes.len()).unwrap_or(0);
        let absent = Element { bytes: &[], delimiters: self.delimiters, offset: end };
        number.checked_sub(1).and_then(|skip| self.components().nth(skip)).unwrap_or(absent)
    }

    #[inline]
    fn split(&self, separator: Option<u8>) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let this = *self;
        let mut offset = this.offset;
        this.bytes.split(move |byte| Some(*byte) == separator).map(move |bytes| {
            let part = Element { bytes, delimiters: this.delimiters, offset };
            offset += u64::try_from(bytes.len()).unwrap_or(0) + 1;
            part
        })
    }
}

/// Bytes of an interchange as text: UTF-8 if they are, else Latin-1.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}
