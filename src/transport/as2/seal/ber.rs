//! BER as it streams: definite and indefinite lengths, strings in pieces, at every level.

use super::super::error::As2Error;
use super::super::trouble::failed;
use super::tlv::{Elements, OCTETS, put_header};
use std::io::{self, BufRead};

/// How deep elements may nest.
pub(super) const DEPTH: usize = 32;

/// The largest element that is taken into memory.
pub(super) const SMALL: usize = 262_144;

/// A tag with its length; `None` for an indefinite one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) tag: u8,
    pub(super) length: Option<u64>,
}

impl Header {
    pub(super) fn is_constructed(self) -> bool {
        self.tag & CONSTRUCTED != 0
    }
}

/// Reads elements one after another. It holds no more of them than its caller asks for.
pub(super) struct Ber<R> {
    source: R,
    /// How many bytes were read.
    at: u64,
    open: Vec<Frame>,
    /// What is left of the piece of a string that is being read.
    piece: u64,
    /// What is said to be wrong when it cannot be read.
    blame: Blame,
}

/// The error of a structure that cannot be read.
pub(super) type Blame = fn(&'static str) -> As2Error;

/// An element that was entered.
struct Frame {
    /// Where it ends, if it says so.
    end: Option<u64>,
    /// Whether its end was seen.
    ended: bool,
}

impl<R: BufRead> Ber<R> {
    pub(super) fn new(source: R, blame: Blame) -> Self {
        Self { source, at: 0, open: Vec::new(), piece: 0, blame }
    }

    /// Says what is wrong when it cannot be read, now that it is known what it is.
    pub(super) fn is(&mut self, blame: Blame) {
        self.blame = blame;
    }

    pub(super) fn broken(&self, what: &'static str) -> io::Error {
        failed((self.blame)(what))
    }

    /// The header of the next element in the one that was entered last; `None` at its end.
    pub(super) fn next(&mut self) -> io::Result<Option<Header>> {
        match self.open.last() {
            Some(frame) if frame.ended || frame.end == Some(self.at) => return Ok(None),
            Some(_) | None => {}
        }
        let tag = self.byte()?;
        if tag & LONG_TAG == LONG_TAG {
            return Err(self.broken("a tag is longer than any that is used"));
        }
        let length = self.length()?;
        if tag == 0 && length == Some(0) {
            return match self.open.last_mut() {
                Some(frame) if frame.end.is_none() => {
                    frame.ended = true;
                    Ok(None)
                }
                Some(_) | None => Err(self.broken("an end where nothing ends")),
            };
        }
        let header = Header { tag, length };
        if length.is_none() && !header.is_constructed() {
            return Err(self.broken("a primitive element of indefinite length"));
        }
        Ok(Some(header))
    }

    fn length(&mut self) -> io::Result<Option<u64>> {
        let first = self.byte()?;
        let length = match first {
            0..0x80 => u64::from(first),
            0x80 => return Ok(None),
            0x81..=0x88 => {
                let mut length: u64 = 0;
                for _ in 0x80..first {
                    if length >> 48 != 0 {
                        return Err(self.broken("a length beyond all measure"));
                    }
                    length = length << 8 | u64::from(self.byte()?);
                }
                length
            }
            0x89.. => return Err(self.broken("a length beyond all measure")),
        };
        let end = self.at.checked_add(length);
        let room = self.open.iter().rev().find_map(|frame| frame.end);
        if end.is_none_or(|end| room.is_some_and(|room| end > room)) {
            return Err(self.broken("an element is longer than the one around it"));
        }
        Ok(Some(length))
    }

    /// The header of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8, what: &'static str) -> io::Result<Header> {
        match self.next()? {
            Some(header) if header.tag == tag => Ok(header),
            Some(_) | None => Err(self.broken(what)),
        }
    }

    /// Enters an element.
    pub(super) fn enter(&mut self, header: Header) -> io::Result<()> {
        if self.open.len() >= DEPTH || !header.is_constructed() {
            return Err(self.broken("it is nested too deep, or not nested where it must be"));
        }
        let end = header.length.map(|length| self.at + length);
        self.open.push(Frame { end, ended: false });
        Ok(())
    }

    /// Enters the next element, which must have this tag.
    pub(super) fn enter_next(&mut self, tag: u8, what: &'static str) -> io::Result<()> {
        let header = self.expect(tag, what)?;
        self.enter(header)
    }

    /// Leaves the element that was entered last; what is left of it is skipped.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        while let Some(header) = self.next()? {
            self.element(header, SMALL)?;
        }
        self.open.pop();
        Ok(())
    }

    /// A whole element as DER, header and all.
    pub(super) fn element(&mut self, header: Header, limit: usize) -> io::Result<Vec<u8>> {
        let mut raw = Vec::new();
        self.raw(header, limit, &mut raw)?;
        Ok(raw)
    }

    /// Appends an element as DER: lengths as short as they can be, strings in one piece.
    fn raw(&mut self, header: Header, limit: usize, into: &mut Vec<u8>) -> io::Result<()> {
        if !header.is_constructed() {
            let length = header.length.and_then(|length| usize::try_from(length).ok());
            let length = length.filter(|length| *length <= limit.saturating_sub(into.len()));
            let length =
                length.ok_or_else(|| self.broken("an element is larger than it may be"))?;
            put_header(header.tag, length, into);
            return self.take(length, into);
        }
        let string = header.tag == OCTETS | CONSTRUCTED;
        let mut content = Vec::new();
        self.enter(header)?;
        while let Some(inner) = self.next()? {
            let room = limit.saturating_sub(into.len());
            if string {
                // A string in pieces: their contents one after another.
                let mut piece = Vec::new();
                self.raw(inner, room.saturating_sub(content.len()), &mut piece)?;
                let piece = Elements::new(&piece).expect(OCTETS);
                content.extend_from_slice(
                    piece.map_err(|()| self.broken("a string holds something else"))?,
                );
            } else {
                self.raw(inner, room, &mut content)?;
            }
        }
        self.open.pop();
        let tag = if string { OCTETS } else { header.tag };
        if content.len() > limit.saturating_sub(into.len()) {
            return Err(self.broken("an element is larger than it may be"));
        }
        put_header(tag, content.len(), into);
        into.extend_from_slice(&content);
        Ok(())
    }

    fn take(&mut self, length: usize, into: &mut Vec<u8>) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            let blame = self.blame;
            let available = self.source.fill_buf()?;
            let piece = available.get(..left.min(available.len())).unwrap_or(available);
            if piece.is_empty() {
                return Err(failed(blame(CUT)));
            }
            into.extend_from_slice(piece);
            let taken = piece.len();
            self.consumed(taken);
            left -= taken;
        }
        Ok(())
    }

    /// Begins to read a string, whole or in pieces, of which `header` was just read.
    pub(super) fn string(&mut self, header: Header) -> io::Result<Octets> {
        let depth = self.open.len();
        if header.is_constructed() {
            self.enter(header)?;
            self.piece = 0;
        } else {
            self.piece = header.length.unwrap_or(0);
        }
        Ok(Octets { depth })
    }

    /// The next bytes of a string that was begun; none at its end. [`Ber::taken`] says how many of
    /// them were used.
    pub(super) fn octets(&mut self, string: Octets) -> io::Result<&[u8]> {
        while self.piece == 0 {
            if self.open.len() == string.depth {
                return Ok(&[]);
            }
            match self.next()? {
                Some(header) if header.tag == OCTETS => {
                    self.piece = header.length.unwrap_or(0);
                }
                Some(header) if header.tag == OCTETS | CONSTRUCTED => self.enter(header)?,
                Some(_) => return Err(self.broken("a string holds something else")),
                None => drop(self.open.pop()),
            }
        }
        let most = usize::try_from(self.piece).unwrap_or(usize::MAX);
        let blame = self.blame;
        let available = self.source.fill_buf()?;
        if available.is_empty() {
            return Err(failed(blame(CUT)));
        }
        Ok(available.get(..most.min(available.len())).unwrap_or(available))
    }

    /// Says that so many bytes of the string were used.
    pub(super) fn taken(&mut self, count: usize) {
        self.piece = self.piece.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        self.consumed(count);
    }

    fn byte(&mut self) -> io::Result<u8> {
        if self.open.iter().rev().find_map(|frame| frame.end).is_some_and(|end| self.at >= end) {
            return Err(self.broken("an element is longer than the one around it"));
        }
        let byte = self.source.fill_buf()?.first().copied();
        let byte = byte.ok_or_else(|| self.broken(CUT))?;
        self.consumed(1);
        Ok(byte)
    }

    fn consumed(&mut self, count: usize) {
        self.source.consume(count);
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// A string that is being read.
#[derive(Clone, Copy)]
pub(super) struct Octets {
    depth: usize,
}

const CUT: &str = "it is cut short";
pub(super) const CONSTRUCTED: u8 = 0x20;
const LONG_TAG: u8 = 0x1f;

#[cfg(test)]
mod tests {
    use super::*;

    fn der(ber: &[u8]) -> io::Result<Vec<u8>> {
        let mut reader = Ber::new(ber, As2Error::EnvelopeUnreadable);
        let header = reader.next()?.unwrap();
        reader.element(header, 64)
    }

    #[test]
    fn any_ber_becomes_der() {
        for (ber, expected) in [
            (&[0x30, 3, 2, 1, 5][..], &[0x30, 3, 2, 1, 5][..]),
            (&[0x30, 0x80, 2, 1, 5, 0, 0], &[0x30, 3, 2, 1, 5]),
            (&[0x30, 0x83, 0, 0, 3, 2, 1, 5], &[0x30, 3, 2, 1, 5]),
            (&[0x24, 0x80, 4, 1, 1, 0x24, 4, 4, 2, 2, 3, 0, 0], &[4, 3, 1, 2, 3]),
            (&[0xa0, 0x80, 0x30, 0x80, 0, 0, 0, 0], &[0xa0, 2, 0x30, 0]),
        ] {
            assert_eq!(der(ber).unwrap(), expected, "{ber:?}");
        }
    }

    #[test]
    fn what_is_no_ber_is_an_error() {
        for ber in [
            &[0x30, 4, 2, 1, 5][..],
            &[0x30, 3, 2, 2, 5],
            &[0x30, 0x80, 2, 1, 5],
            &[0x30, 0x80, 2, 1, 5, 0],
            &[0x04, 0x80, 0, 0],
            &[0x30, 2, 0, 0],
            &[0x1f, 1, 1],
            &[0x24, 3, 2, 1, 5],
            &[0x04, 0x88, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x04, 65],
            &[0x04],
        ] {
            assert!(der(ber).is_err(), "{ber:?}");
        }
        let deep: Vec<u8> = [0x30, 0x80].repeat(DEPTH + 1);
        assert!(der(&deep).is_err());
    }

    #[test]
    fn a_string_is_read_in_the_pieces_that_it_came_in() {
        let ber = [0xa0, 0x80, 4, 2, 1, 2, 0x24, 0x80, 4, 0, 4, 1, 3, 0, 0, 0, 0, 9];
        let mut reader = Ber::new(&ber[..], As2Error::EnvelopeUnreadable);
        let header = reader.next().unwrap().unwrap();
        let string = reader.string(header).unwrap();
        let mut read = Vec::new();
        loop {
            let piece = reader.octets(string).unwrap().to_vec();
            if piece.is_empty() {
                break;
            }
            reader.taken(piece.len());
            read.extend(piece);
        }
        assert_eq!(read, [1, 2, 3]);
        assert_eq!(reader.byte().unwrap(), 9);
    }
}
