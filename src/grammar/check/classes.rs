//! What sort of character each byte is, as one look into a table.

use crate::x12::Delimiters;
use wide::u8x16;

/// Sorts of characters in a value: the union over its bytes.
pub(super) type Class = u8;

/// Neither a digit nor anything below: letters, marks and the space.
pub(super) const PLAIN: Class = 1;
/// A control character, which no element may hold but a binary one (X12.5).
pub(super) const CONTROL: Class = 2;
/// A byte outside ASCII: part of a UTF-8 sequence, or a Latin-1 letter.
pub(super) const HIGH: Class = 4;
/// The component separator of the interchange.
pub(super) const COMPONENT: Class = 8;
/// The repetition separator of the interchange.
pub(super) const REPETITION: Class = 16;

/// The class of each byte in one interchange; a digit has none.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    of: [Class; 256],
    /// The separators within elements; the first again where there is no second.
    separators: [u8x16; 2],
}

/// The first bytes of a segment, looked at sixteen at a time: a bit for each, the first the lowest.
///
/// Elements are a few bytes long. A loop over each costs more for its start and its end than for
/// the bytes between.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sketch {
    /// Bytes that are no digits.
    other: u64,
    /// Bytes that are neither digits nor [`PLAIN`], or that were not looked at.
    odd: u64,
}

impl Classes {
    /// The classes where these separators hold.
    pub(super) fn new(delimiters: Delimiters) -> Self {
        let mut classes = PLAIN_CLASSES;
        let separators =
            [(delimiters.repetition, REPETITION), (Some(delimiters.component), COMPONENT)];
        for (byte, separator) in separators {
            let class = byte.and_then(|byte| classes.get_mut(usize::from(byte)));
            if let Some(class) = class.filter(|class| **class != 0) {
                *class = separator;
            }
        }
        let component = delimiters.component;
        let repetition = delimiters.repetition.unwrap_or(component);
        Self { of: classes, separators: [component, repetition].map(u8x16::splat) }
    }

    /// Looks at the segment that is the first `length` of `bytes`.
    #[inline]
    pub(super) fn sketch(&self, bytes: &[u8], length: usize) -> Sketch {
        let mut sketch = Sketch { other: 0, odd: u64::MAX };
        for (block, shift) in bytes.as_chunks().0.iter().zip([0, 16, 32, 48]) {
            let (other, odd) = self.block(*block);
            sketch.other |= u64::from(other) << shift;
            sketch.odd ^= u64::from(!odd & 0xFFFF) << shift;
            if length <= shift + 16 {
                break;
            }
        }
        sketch
    }

    /// The bytes of a block that are no digits, and those that are not plain either.
    #[inline]
    fn block(&self, block: [u8; 16]) -> (u32, u32) {
        let block = u8x16::from(block);
        let digits = block - u8x16::splat(b'0');
        let digits = digits.min(u8x16::splat(9)).simd_eq(digits);
        // Beyond ASCII the highest bit is set, which is the one that counts.
        let controls = block.min(u8x16::splat(0x1F)).simd_eq(block) | block;
        let deleted = block.simd_eq(u8x16::splat(0x7F));
        let odd = self
            .separators
            .iter()
            .fold(controls | deleted, |odd, separator| odd | block.simd_eq(*separator));
        (!digits.to_bitmask() & 0xFFFF, odd.to_bitmask())
    }

    /// The classes that occur in `bytes`, which stand at `start` in the segment of `sketch`.
    #[inline]
    pub(super) fn within(&self, sketch: Sketch, start: usize, bytes: &[u8]) -> Class {
        if start + bytes.len() < 64 {
            let bits = !(u64::MAX << bytes.len()) << start;
            if sketch.odd & bits == 0 {
                return if sketch.other & bits == 0 { 0 } else { PLAIN };
            }
        }
        self.of(bytes)
    }

    /// The classes that occur in `bytes`; zero if all are digits.
    #[inline]
    pub(super) fn of(&self, bytes: &[u8]) -> Class {
        bytes.iter().fold(0, |union, byte| {
            union | self.of.get(usize::from(*byte)).copied().unwrap_or(CONTROL)
        })
    }
}

/// The class of each byte before anything is a separator.
const PLAIN_CLASSES: [Class; 256] = {
    let mut classes = [PLAIN; 256];
    let mut rest: &mut [Class] = &mut classes;
    let mut byte = 0_u8;
    while let [class, behind @ ..] = rest {
        match byte {
            b'0'..=b'9' => *class = 0,
            0..0x20 | 0x7F => *class = CONTROL,
            0x80.. => *class = HIGH,
            _ => {}
        }
        rest = behind;
        byte = byte.wrapping_add(1);
    }
    classes
};

/// How many characters `bytes` are, of class `class`: UTF-8 if they can be, else one a byte.
#[inline]
pub(super) fn characters(bytes: &[u8], class: Class) -> usize {
    if class & HIGH == 0 { bytes.len() } else { wide_characters(bytes) }
}

/// Whether a control character is among `bytes`, of class `class`.
#[inline]
pub(super) fn has_control(bytes: &[u8], class: Class) -> bool {
    class & CONTROL != 0 || (class & HIGH != 0 && has_wide_control(bytes))
}

#[cold]
fn wide_characters(bytes: &[u8]) -> usize {
    std::str::from_utf8(bytes).map_or(bytes.len(), |text| text.chars().count())
}

/// Control characters beyond ASCII count only where they are written as UTF-8: alone, the same
/// bytes are Windows' quotation marks and dashes, which nobody means as controls.
#[cold]
fn has_wide_control(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_no_class_and_separators_their_own() {
        let classes = Classes::new(Delimiters::default());
        assert_eq!(classes.of(b"0123456789"), 0);
        assert_eq!(classes.of(b"A 1"), PLAIN);
        assert_eq!(classes.of(b"A:B"), PLAIN | COMPONENT);
        assert_eq!(classes.of(b"1^2"), REPETITION);
        assert_eq!(classes.of(b"\t\x7F"), CONTROL);
        let old = Delimiters { repetition: None, ..Delimiters::default() };
        assert_eq!(Classes::new(old).of(b"^"), PLAIN);
    }

    #[test]
    fn a_sketch_says_what_a_look_at_each_byte_says() {
        let classes = Classes::new(Delimiters::default());
        for byte in 0..=u8::MAX {
            for at in [0, 5, 15, 16, 40, 62, 63, 64, 80] {
                let mut text = [b'7'; 96];
                text[at] = byte;
                for length in [20, 64, 70, 96] {
                    let text = &text[..length];
                    let sketch = classes.sketch(text, length);
                    for (start, end) in [(0, 6), (3, 3), (5, 17), (39, 63), (16, 64), (60, 96)] {
                        if let Some(part) = text.get(start..end) {
                            let class = classes.within(sketch, start, part);
                            assert_eq!(class, classes.of(part), "{byte} {at} {start}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let classes = Classes::new(Delimiters::default());
        let count = |bytes: &[u8]| characters(bytes, classes.of(bytes));
        assert_eq!(count("Köln".as_bytes()), 4);
        assert_eq!(count(b"K\xF6ln"), 4);
        assert_eq!(count(b"Koeln"), 5);
    }

    #[test]
    fn control_characters_hide_neither_in_ascii_nor_in_utf8() {
        let classes = Classes::new(Delimiters::default());
        let control = |bytes: &[u8]| has_control(bytes, classes.of(bytes));
        assert!(control(b"a\nb"));
        assert!(control("a\u{85}b".as_bytes()));
        assert!(!control(b"Owner\x92s"));
        assert!(!control("Köln".as_bytes()));
    }
}
