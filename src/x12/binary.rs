//! The segment that counts its own bytes: BIN and BDS, whose data may hold any byte.

use super::delimiters::Delimiters;
use nom::bytes::streaming::{take, take_while, take_while_m_n};
use nom::{IResult, Parser, character::streaming::u32 as number};

/// Whether `input` begins with a segment that counts its own bytes.
#[inline]
pub(super) fn is_binary(input: &[u8], delimiters: Delimiters) -> bool {
    matches!(input, [b'B', b'I', b'N', separator, ..] | [b'B', b'D', b'S', separator, ..]
        if *separator == delimiters.element)
}

/// `BIN*length*data` or `BDS*filter*length*data` (X12.6, type B): where its id and its elements end.
///
/// `Incomplete` means that the terminator is not in `input`.
pub(super) fn segment(input: &[u8], delimiters: Delimiters) -> IResult<&[u8], Vec<u32>> {
    let place = |rest: &[u8]| u32::try_from(input.len() - rest.len()).unwrap_or(u32::MAX);
    let one = |wanted: u8| take_while_m_n(1, 1, move |byte| byte == wanted);
    let plain = |byte: u8| byte != delimiters.element && byte != delimiters.segment;

    let (mut rest, _) = take(3_usize).parse(input)?;
    let mut ends = vec![place(rest)];
    if input.starts_with(b"BDS") {
        (rest, _) = one(delimiters.element).parse(rest)?;
        (rest, _) = take_while(plain).parse(rest)?;
        ends.push(place(rest));
    }
    (rest, _) = one(delimiters.element).parse(rest)?;
    let (rest, length) = number(rest)?;
    ends.push(place(rest));
    let (rest, _) = one(delimiters.element).parse(rest)?;
    let (rest, _) = take(length).parse(rest)?;
    ends.push(place(rest));
    let (rest, _) = one(delimiters.segment).parse(rest)?;
    Ok((rest, ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexed(input: &[u8]) -> IResult<&[u8], Vec<u32>> {
        assert!(is_binary(input, Delimiters::default()));
        segment(input, Delimiters::default())
    }

    #[test]
    fn binary_data_may_hold_separators() {
        assert_eq!(lexed(b"BIN*5*a~*\n~~SE*1~"), Ok((&b"SE*1~"[..], vec![3, 5, 11])));
        assert_eq!(lexed(b"BDS*ASC*2*~~~X"), Ok((&b"X"[..], vec![3, 7, 9, 12])));
    }

    #[test]
    fn binary_data_of_another_length_is_an_error() {
        assert!(matches!(lexed(b"BIN*5*abcdef~"), Err(nom::Err::Error(_))));
        assert!(matches!(lexed(b"BIN*x*abc~"), Err(nom::Err::Error(_))));
        assert!(matches!(lexed(b"BIN*500*abc~"), Err(nom::Err::Incomplete(_))));
    }

    #[test]
    fn other_segments_are_not_binary() {
        for other in [&b"BI"[..], b"BIN", b"BIN~", b"BINS*1~", b"BIG*1~"] {
            assert!(!is_binary(other, Delimiters::default()));
        }
    }
}
