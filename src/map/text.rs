//! The bytes of elements as JSON text.

use crate::x12::{self, Delimiters};

/// What each byte means for text in an interchange, so that a value is looked through once.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    of: [u8; 256],
    component: u8,
    /// The component separator again where there is none.
    repetition: u8,
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
                Self { padded, len: bytes.len(), long: Box::default() }
            }
            None => Self { padded, len: bytes.len(), long: bytes.into() },
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
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
        let component = delimiters.component;
        let repetition = delimiters.repetition.unwrap_or(component);
        Self { of, component, repetition }
    }

    /// Whether all of `bytes` stands in JSON as it is, and no value in it has parts.
    #[inline]
    pub(super) fn plain(&self, bytes: &[u8]) -> bool {
        let (words, rest) = bytes.as_chunks();
        let odd = words.iter().fold(0, |odd, word| odd | self.odd(u64::from_le_bytes(*word)));
        // The last bytes once more, together with some before them, so that none come one by one.
        let last = match bytes.last_chunk() {
            _ if rest.is_empty() => 0,
            Some(last) => self.odd(u64::from_le_bytes(*last)),
            None => {
                let fill = u64::from_le_bytes([b' '; 8]);
                self.odd(rest.iter().fold(fill, |word, byte| word << 8 | u64::from(*byte)))
            }
        };
        odd | last == 0
    }

    /// Not zero if one of eight bytes is not plain.
    fn odd(&self, word: u64) -> u64 {
        let (component, repetition) = (has(word, self.component), has(word, self.repetition));
        in_strings(word) | beyond_ascii(word) | component | repetition
    }

    /// Whether these are the classes of an interchange with such separators.
    pub(super) fn suit(&self, delimiters: Delimiters) -> bool {
        self.component == delimiters.component
            && self.repetition == delimiters.repetition.unwrap_or(delimiters.component)
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

/// Marks in eight bytes the first that may end a string, begin an escape, or is a control
/// character; bytes behind it may be marked wrongly.
pub(super) fn in_strings(word: u64) -> u64 {
    below(word, 0x20) | has(word, b'"') | has(word, b'\\')
}

fn beyond_ascii(word: u64) -> u64 {
    word & HIGH
}

fn has(word: u64, byte: u8) -> u64 {
    below(word ^ (EACH * u64::from(byte)), 1)
}

fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(EACH * limit) & !word & HIGH
}

const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

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
        let raw = Raw { bytes, rest: bytes, plain: classes.plain(bytes) };
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
            prop_assert_eq!(Classes::new(Delimiters::default()).plain(&bytes), !odd);
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
