//! The bytes of elements as JSON text.

use crate::x12::{self, Delimiters};
use wide::u8x16;

/// What each byte means for text in an interchange, so that a value is looked through once.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    of: [u8; 256],
    /// The separators of components and of repetitions; the first again where there is no second.
    parts: [u8; 2],
    /// All bytes below the first of these stop, and the others.
    odd: [u8x16; 4],
}

/// Must be escaped in JSON, or is not ASCII.
const SPECIAL: u8 = 1;
/// Separates components or repetitions.
const SEPARATOR: u8 = 2;

/// A value and the bytes of its set from it on, of which short values are copied in one piece.
#[derive(Clone, Copy)]
pub(super) struct Raw<'r> {
    pub(super) bytes: &'r [u8],
    pub(super) rest: &'r [u8],
    /// Whether it is known to be text that stands in JSON as it is.
    pub(super) plain: bool,
}

/// A few bytes that are written often, such as a name with its quotes: copied in one piece.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    padded: [u8; STAMP],
    len: usize,
    /// A bit for each byte behind the last.
    unused: u32,
    /// The bytes if they are too many.
    long: Box<[u8]>,
}

const STAMP: usize = 32;
const SHORT: usize = 16;

impl Stamp {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut padded = [0; STAMP];
        match padded.get_mut(..bytes.len()) {
            Some(start) => {
                start.copy_from_slice(bytes);
                let unused = u32::try_from(bytes.len()).ok().and_then(|n| u32::MAX.checked_shl(n));
                let unused = unused.unwrap_or(0);
                Self { padded, len: bytes.len(), unused, long: Box::default() }
            }
            None => Self { padded, len: bytes.len(), unused: 0, long: bytes.into() },
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether `text` begins with these bytes.
    #[inline]
    pub(super) fn begins(&self, text: &[u8]) -> bool {
        if let Some(block) = text.first_chunk::<STAMP>().filter(|_| self.long.is_empty()) {
            let same = block.as_chunks().0.iter().zip(self.padded.as_chunks().0).rev().fold(
                0,
                |same, (one, two)| {
                    same << 16 | u8x16::from(*one).simd_eq(u8x16::from(*two)).to_bitmask()
                },
            );
            return same | self.unused == u32::MAX;
        }
        let own = self.padded.get(..self.len).unwrap_or(&self.long);
        text.starts_with(own)
    }

    #[inline]
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        if self.long.is_empty() {
            out.extend_from_slice(&self.padded);
            out.truncate(out.len() - STAMP + self.len);
        } else {
            out.extend_from_slice(&self.long);
        }
    }
}

impl Classes {
    pub(super) fn new(delimiters: Delimiters) -> Self {
        let mut of = [0; 256];
        for (byte, class) in (0..=u8::MAX).zip(&mut of) {
            if matches!(byte, 0..0x20 | b'"' | b'\\' | 0x80..) {
                *class = SPECIAL;
            }
            if byte == delimiters.component || Some(byte) == delimiters.repetition {
                *class |= SEPARATOR;
            }
        }
        let parts = part_separators(delimiters);
        let [component, repetition] = parts;
        Self { of, parts, odd: [b'"', b'\\', component, repetition].map(u8x16::splat) }
    }

    /// Whether the first `length` of `bytes` stand in JSON as they are, and no value among them has
    /// parts; what is behind them does not count.
    #[inline]
    pub(super) fn plain(&self, mut bytes: &[u8], mut length: usize) -> bool {
        while let Some((block, behind)) = bytes.split_first_chunk() {
            let odd = self.odd(*block);
            if length <= block.len() {
                return odd & !(u32::MAX << length) == 0;
            }
            if odd != 0 {
                return false;
            }
            length -= block.len();
            bytes = behind;
        }
        // A window ends here.
        let class = |byte: &u8| self.of.get(usize::from(*byte)).copied().unwrap_or(SPECIAL);
        bytes.iter().take(length).all(|byte| class(byte) == 0)
    }

    /// A bit for each of these bytes that is not plain.
    #[inline]
    fn odd(&self, block: [u8; 16]) -> u32 {
        let block = u8x16::from(block);
        // Beyond ASCII the highest bit is set, which is the one that counts.
        let odd =
            self.odd.iter().fold(block | controls(block), |odd, stop| odd | block.simd_eq(*stop));
        odd.to_bitmask()
    }

    /// Whether these are the classes of an interchange with such separators.
    pub(super) fn suit(&self, delimiters: Delimiters) -> bool {
        self.parts == part_separators(delimiters)
    }

    /// Appends a value as it stands inside a JSON string; `None`, and nothing appended, if it holds
    /// separators.
    #[inline]
    pub(super) fn push(&self, raw: Raw<'_>, out: &mut Vec<u8>) -> Option<()> {
        let bytes = raw.bytes;
        let mut met = 0;
        if !raw.plain {
            for byte in bytes {
                met |= self.of.get(usize::from(*byte)).copied().unwrap_or(SPECIAL);
            }
        }
        if met == 0 {
            match raw.rest.first_chunk::<SHORT>() {
                Some(chunk) if bytes.len() <= SHORT => {
                    out.extend_from_slice(chunk);
                    out.truncate(out.len() - SHORT + bytes.len());
                }
                _ => out.extend_from_slice(bytes),
            }
            return Some(());
        }
        if met & SEPARATOR != 0 {
            return None;
        }
        push_escaped(&x12::text(bytes), out);
        Some(())
    }
}

/// A bit for each of sixteen bytes that may end a string, begins an escape, or is a control
/// character; the first byte's is the lowest.
#[inline]
pub(super) fn in_strings(block: [u8; 16]) -> u32 {
    let block = u8x16::from(block);
    let (quote, escape) = (u8x16::splat(b'"'), u8x16::splat(b'\\'));
    (controls(block) | block.simd_eq(quote) | block.simd_eq(escape)).to_bitmask()
}

/// All bits of each byte that is a control character of ASCII.
#[inline]
fn controls(block: u8x16) -> u8x16 {
    block.min(u8x16::splat(0x1F)).simd_eq(block)
}

/// The separators of components and of repetitions; the first twice where there is no second.
fn part_separators(delimiters: Delimiters) -> [u8; 2] {
    [delimiters.component, delimiters.repetition.unwrap_or(delimiters.component)]
}

/// Appends text as it stands inside a JSON string.
pub(super) fn push_escaped(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                let digit =
                    |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                let (high, low) = (digit(byte >> 4), digit(byte & 15));
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pushed(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut out = vec![];
        let classes = Classes::new(Delimiters::default());
        let raw = Raw { bytes, rest: bytes, plain: classes.plain(bytes, bytes.len()) };
        classes.push(raw, &mut out).map(|()| out)
    }

    #[test]
    fn separators_are_not_text() {
        assert_eq!(pushed(b"a:b"), None);
        assert_eq!(pushed(b"a^b"), None);
        assert_eq!(pushed(b"a*b").as_deref(), Some(&b"a*b"[..]));
    }

    #[test]
    fn what_is_not_utf_8_is_latin_1() {
        assert_eq!(pushed(b"caf\xE9").unwrap(), "café".as_bytes());
    }

    #[test]
    fn short_and_long_pieces_are_copied_whole() {
        let long = [b'x'; 40];
        for len in 0..long.len() {
            let mut out = b"before".to_vec();
            Stamp::new(&long[..len]).push(&mut out);
            let raw = Raw { bytes: &long[..len], rest: &long, plain: true };
            Classes::new(Delimiters::default()).push(raw, &mut out).unwrap();
            assert_eq!(out.len(), 6 + 2 * len);
        }
    }

    #[test]
    fn a_stamp_knows_what_begins_with_it() {
        let text: Vec<u8> = (b'0'..b'0' + 70).collect();
        for len in 0..40 {
            let stamp = Stamp::new(&text[..len]);
            for end in 0..text.len() {
                assert_eq!(stamp.begins(&text[..end]), end >= len, "{len} {end}");
            }
            let mut other = text.clone();
            for at in 0..len {
                other[at] ^= 1;
                assert!(!stamp.begins(&other), "{len} {at}");
                other[at] ^= 1;
            }
        }
    }

    proptest! {
        #[test]
        fn plain_text_is_told_from_what_needs_a_look(
            mut bytes in proptest::collection::vec(b'A'..=b'Z', 1..40),
            at in any::<proptest::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let odd = matches!(byte, 0..0x20 | b'"' | b'\\' | b':' | b'^' | 0x80..);
            let classes = Classes::new(Delimiters::default());
            let length = bytes.len();
            prop_assert_eq!(classes.plain(&bytes, length), !odd);
            bytes.extend([b'"'; 20]);
            prop_assert_eq!(classes.plain(&bytes, length), !odd);
        }

        #[test]
        fn any_text_reads_back_from_json(text in "[^:^]{0,20}") {
            let mut json = vec![b'"'];
            json.extend(pushed(text.as_bytes()).unwrap());
            json.push(b'"');
            prop_assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text);
        }
    }
}
