//! The leaf of the parser: one segment, cut by the separators that the interchange declared.
//!
//! # Why a byte loop
//! Elements average three and a half bytes, too short for a vector search to pay for its start: a
//! plain loop with the separators as data runs three times as fast as nom's own combinators, so
//! nom sees a segment as one token and does what stands above it.

use super::delimiters::Delimiters;
use nom::bytes::streaming::{take, take_while, take_while_m_n};
use nom::{IResult, Needed, Parser, character::streaming::u32 as number};

/// Parses one segment of `input`, appends to `ends` where its id and its elements end, and returns
/// what follows the terminator and the segment without it.
///
/// `Incomplete` means that the terminator is not in `input`; `ends` is then as it was.
pub(super) fn segment<'a>(
    input: &'a [u8],
    delimiters: Delimiters,
    ends: &mut Vec<u32>,
) -> IResult<&'a [u8], &'a [u8]> {
    if let Some(rest) = binary_head(input, delimiters) {
        return binary(input, rest, delimiters, ends);
    }
    let before = ends.len();
    let mut at = 0_u32;
    for byte in input {
        if *byte == delimiters.element {
            ends.push(at);
        } else if *byte == delimiters.segment {
            ends.push(at);
            return Ok(split(input, at));
        }
        at = at.saturating_add(1);
    }
    ends.truncate(before);
    Err(nom::Err::Incomplete(Needed::Unknown))
}

/// Whether this is a segment that counts its own bytes.
pub(super) fn is_binary(segment: &[u8], delimiters: Delimiters) -> bool {
    binary_head(segment, delimiters).is_some()
}

/// The segment before `at` and what stands behind its terminator, in nom's order.
fn split(input: &[u8], at: u32) -> (&[u8], &[u8]) {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    (input.get(at.saturating_add(1)..).unwrap_or_default(), input.get(..at).unwrap_or_default())
}

/// What follows the id and its separator, if this is a segment that counts its own bytes.
fn binary_head(input: &[u8], delimiters: Delimiters) -> Option<&[u8]> {
    match input {
        [b'B', b'I', b'N', separator, rest @ ..] | [b'B', b'D', b'S', separator, rest @ ..]
            if *separator == delimiters.element =>
        {
            Some(rest)
        }
        _ => None,
    }
}

/// `BIN*length*data` or `BDS*filter*length*data`: the data may hold any byte (X12.6, type B).
fn binary<'a>(
    input: &'a [u8],
    rest: &'a [u8],
    delimiters: Delimiters,
    ends: &mut Vec<u32>,
) -> IResult<&'a [u8], &'a [u8]> {
    let place = |rest: &[u8]| u32::try_from(input.len() - rest.len()).unwrap_or(u32::MAX);
    let one = |wanted: u8| take_while_m_n(1, 1, move |byte| byte == wanted);

    let id_end = place(rest) - 1;
    let (rest, filter_end) = if input.starts_with(b"BDS") {
        let plain = |byte: u8| byte != delimiters.element && byte != delimiters.segment;
        let (after, _) = take_while(plain).parse(rest)?;
        let (rest, _) = one(delimiters.element).parse(after)?;
        (rest, Some(place(after)))
    } else {
        (rest, None)
    };
    let (after, length) = number(rest)?;
    let length_end = place(after);
    let (rest, _) = one(delimiters.element).parse(after)?;
    let (rest, _) = take(length).parse(rest)?;
    let data_end = place(rest);
    one(delimiters.segment).parse(rest)?;
    ends.push(id_end);
    ends.extend(filter_end);
    ends.extend([length_end, data_end]);
    Ok(split(input, data_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexed(input: &[u8]) -> (Vec<u32>, IResult<&[u8], &[u8]>) {
        let mut ends = vec![];
        let result = segment(input, Delimiters::default(), &mut ends);
        (ends, result)
    }

    #[test]
    fn a_segment_ends_at_its_terminator() {
        let (ends, result) = lexed(b"BEG*00**4501~PO1*1~");
        assert_eq!(result, Ok((&b"PO1*1~"[..], &b"BEG*00**4501"[..])));
        assert_eq!(ends, [3, 6, 7, 12]);
    }

    #[test]
    fn a_segment_without_terminator_leaves_nothing_behind() {
        let (ends, result) = lexed(b"BEG*00*NE");
        assert!(matches!(result, Err(nom::Err::Incomplete(_))));
        assert!(ends.is_empty());
    }

    #[test]
    fn binary_data_may_hold_separators() {
        let (ends, result) = lexed(b"BIN*5*a~*\n~~SE*1~");
        assert_eq!(result, Ok((&b"SE*1~"[..], &b"BIN*5*a~*\n~"[..])));
        assert_eq!(ends, [3, 5, 11]);
        let (ends, result) = lexed(b"BDS*ASC*2*~~~X");
        assert_eq!(result, Ok((&b"X"[..], &b"BDS*ASC*2*~~"[..])));
        assert_eq!(ends, [3, 7, 9, 12]);
    }

    #[test]
    fn binary_data_of_another_length_is_an_error() {
        assert!(matches!(lexed(b"BIN*5*abcdef~").1, Err(nom::Err::Error(_))));
        assert!(matches!(lexed(b"BIN*x*abc~").1, Err(nom::Err::Error(_))));
        assert!(matches!(lexed(b"BIN*500*abc~").1, Err(nom::Err::Incomplete(_))));
    }
}
