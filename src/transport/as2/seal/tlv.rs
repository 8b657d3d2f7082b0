//! DER in memory: the elements of a small structure, one after another.

/// The elements that some bytes hold.
#[derive(Clone, Copy)]
pub(super) struct Elements<'d>(&'d [u8]);

impl<'d> Elements<'d> {
    pub(super) fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    /// The tag of the next element.
    pub(super) fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The tag, the content and the whole of the next element.
    pub(super) fn next(&mut self) -> Option<(u8, &'d [u8], &'d [u8])> {
        let [tag, first, rest @ ..] = self.0 else { return None };
        let (length, rest) = if *first < 0x80 {
            (usize::from(*first), rest)
        } else {
            let count = usize::from(first & 0x7f);
            let (bytes, rest) =
                rest.split_at_checked(count).filter(|_| (1..=4).contains(&count))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        };
        let (content, after) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - after.len())?;
        self.0 = after;
        Some((*tag, content, whole))
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<&'d [u8], ()> {
        let mut ahead = *self;
        match ahead.next() {
            Some((found, content, _)) if found == tag => {
                *self = ahead;
                Ok(content)
            }
            Some(_) | None => Err(()),
        }
    }

    /// The content of the next element, if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Option<&'d [u8]> {
        self.expect(tag).ok()
    }

    /// The elements in the next element, which must have this tag.
    pub(super) fn within(&mut self, tag: u8) -> Result<Self, ()> {
        self.expect(tag).map(Self)
    }
}

/// The bytes of an INTEGER without leading zeros, which some peers write and some do not.
pub(super) fn plain(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    integer.get(zeros..).unwrap_or_default()
}

/// An element of a few parts.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut element = Vec::with_capacity(length + 6);
    put_header(tag, length, &mut element);
    for part in parts {
        element.extend_from_slice(part);
    }
    element
}

/// A SET OF elements, in the order of DER.
pub(super) fn set(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    let parts: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
    element(SET, &parts)
}

/// Appends a header in DER.
pub(super) fn put_header(tag: u8, length: usize, into: &mut Vec<u8>) {
    put_long_header(tag, u64::try_from(length).unwrap_or(u64::MAX), into);
}

/// Appends a header in DER, of an element of any length.
pub(super) fn put_long_header(tag: u8, length: u64, into: &mut Vec<u8>) {
    into.push(tag);
    let bytes = length.to_be_bytes();
    let skip = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
    let bytes = bytes.get(skip..).unwrap_or_default();
    if length >= 0x80 {
        into.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
    }
    into.extend_from_slice(bytes);
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const NULL: [u8; 2] = [0x05, 0];
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_short_as_they_can_be() {
        for (length, expected) in [
            (0, &[4, 0][..]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (256, &[4, 0x82, 1, 0]),
            (1 << 32, &[4, 0x85, 1, 0, 0, 0, 0]),
        ] {
            let mut header = Vec::new();
            put_long_header(4, length, &mut header);
            assert_eq!(header, expected);
        }
    }
}
