//! A segment, its elements, and their parts, all borrowed from the bytes that hold them.

use super::delimiters::Delimiters;
use std::borrow::Cow;

/// One segment: its id and its elements, without the terminator.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the id and each element end in `bytes`, in order.
    pub(super) ends: &'a [u32],
    pub(super) delimiters: Delimiters,
    pub(super) offset: u64,
    pub(super) position: u32,
    /// The line on which it begins; 0 in a set.
    pub(super) line: u32,
}

impl<'a> Segment<'a> {
    /// The bytes from the id to the end of the last element.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The segment's id, such as `BEG`: whatever stands before the first separator.
    pub fn id(&self) -> &'a [u8] {
        self.bytes.get(..self.end(0)).unwrap_or_default()
    }

    /// The id as text.
    pub fn id_text(&self) -> Cow<'a, str> {
        text(self.id())
    }

    /// Where the segment begins, counted from the first byte of the input.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The segment's place in its transaction set, ST being 1; 0 outside a set.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// The line on which a segment outside a set begins, counted from 1; `None` for one in a set,
    /// where `Set::lines` tells it.
    pub fn line(&self) -> Option<u64> {
        (self.line > 0).then_some(u64::from(self.line))
    }

    /// The separators that hold here.
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// How many elements are written, empty ones included.
    pub fn len(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// Whether no element is written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `number`, counted from 1 as the standard does; empty if it is not written.
    pub fn element(&self, number: usize) -> Element<'a> {
        let start = match number.checked_sub(1) {
            Some(before) if number < self.ends.len() => self.end(before) + 1,
            _ => return self.absent(),
        };
        self.slice(start, self.end(number))
    }

    /// All elements in order, the first being element 1.
    pub fn elements(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let this = *self;
        let mut start = this.end(0) + 1;
        this.ends.iter().skip(1).map(move |end| {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            let element = this.slice(start, end);
            start = end + 1;
            element
        })
    }

    fn end(&self, index: usize) -> usize {
        self.ends.get(index).map_or(self.bytes.len(), |end| usize::try_from(*end).unwrap_or(0))
    }

    fn slice(&self, start: usize, end: usize) -> Element<'a> {
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        let offset = self.offset + u64::try_from(start).unwrap_or(0);
        Element { bytes, delimiters: self.delimiters, offset }
    }

    fn absent(&self) -> Element<'a> {
        self.slice(self.bytes.len(), self.bytes.len())
    }
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
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where it begins, counted from the first byte of the input.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The value as text: UTF-8 if it is, else each byte as the Latin-1 character that it is.
    pub fn text(&self) -> Cow<'a, str> {
        text(self.bytes)
    }

    /// The repetitions, at least one; only one where the interchange has no repetition separator.
    pub fn repetitions(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        self.split(self.delimiters.repetition)
    }

    /// The components of this element (or of one repetition), at least one.
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
