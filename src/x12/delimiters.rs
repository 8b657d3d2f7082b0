//! The separators that an interchange declares in its ISA.

use thiserror::Error;

/// The separators of one interchange.
///
/// X12 has no escape: a byte that is a separator can never be data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// Between elements, and after the segment's id: byte 4 of the ISA.
    pub element: u8,
    /// Between the components of a composite: ISA16.
    pub component: u8,
    /// Between repetitions of an element: ISA11, from release 00402 on.
    pub repetition: Option<u8>,
    /// After each segment: the byte behind ISA16.
    pub segment: u8,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { element: b'*', component: b':', repetition: Some(b'^'), segment: b'~' }
    }
}

impl Delimiters {
    /// The same separators if an interchange may use them.
    ///
    /// # Errors
    /// Names the first separator that is a letter, a digit, a space, a byte outside ASCII, or equal
    /// to another.
    pub fn validated(self) -> Result<Self, DelimiterFault> {
        let named = [
            (DelimiterRole::Element, Some(self.element)),
            (DelimiterRole::Component, Some(self.component)),
            (DelimiterRole::Repetition, self.repetition),
            (DelimiterRole::Segment, Some(self.segment)),
        ];
        let mut seen: [Option<(DelimiterRole, u8)>; 4] = [None; 4];
        for (slot, (role, byte)) in seen.iter_mut().zip(named) {
            let Some(byte) = byte else { continue };
            if byte.is_ascii_alphanumeric() || byte == b' ' || byte == 0 || !byte.is_ascii() {
                return Err(DelimiterFault::NotADelimiter { role, byte });
            }
            *slot = Some((role, byte));
        }
        for (at, first) in seen.iter().enumerate() {
            for second in seen.iter().skip(at + 1) {
                if let (Some((first, byte)), Some((second, other))) = (first, second)
                    && byte == other
                {
                    let (first, second, byte) = (*first, *second, *byte);
                    return Err(DelimiterFault::Equal { first, second, byte });
                }
            }
        }
        Ok(self)
    }

    /// Whether `byte` is only layout where a segment may begin: white space that separates nothing,
    /// or the end of an empty line where segments end with their lines.
    #[inline]
    pub(super) fn is_blank(self, byte: u8) -> bool {
        byte.is_ascii_whitespace() && (!self.contains(byte) || byte == self.segment)
    }

    /// Whether `byte` separates something in this interchange.
    #[inline]
    pub fn contains(self, byte: u8) -> bool {
        byte == self.element
            || byte == self.segment
            || byte == self.component
            || Some(byte) == self.repetition
    }
}

/// Which of the separators is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelimiterRole {
    /// Between elements.
    Element,
    /// Between components.
    Component,
    /// Between repetitions.
    Repetition,
    /// After a segment.
    Segment,
}

impl std::fmt::Display for DelimiterRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Element => "element separator",
            Self::Component => "component separator",
            Self::Repetition => "repetition separator",
            Self::Segment => "segment terminator",
        })
    }
}

/// Why a byte cannot be a separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DelimiterFault {
    /// A letter, a digit, a space, NUL, or a byte outside ASCII.
    #[error("the {role} cannot be `{}`", byte.escape_ascii())]
    NotADelimiter {
        /// Which separator.
        role: DelimiterRole,
        /// What stands there.
        byte: u8,
    },
    /// Two separators are the same byte.
    #[error("the {first} and the {second} are both `{}`", byte.escape_ascii())]
    Equal {
        /// The separator named first in the ISA.
        first: DelimiterRole,
        /// The one that repeats it.
        second: DelimiterRole,
        /// The byte.
        byte: u8,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_separators_are_valid() {
        assert!(Delimiters::default().validated().is_ok());
        let newline = Delimiters { segment: b'\n', ..Delimiters::default() };
        assert!(newline.validated().is_ok());
    }

    #[test]
    fn letters_spaces_and_twins_are_refused() {
        for byte in [b'A', b'7', b' ', 0, 0xE9] {
            let odd = Delimiters { component: byte, ..Delimiters::default() };
            assert_eq!(
                odd.validated(),
                Err(DelimiterFault::NotADelimiter { role: DelimiterRole::Component, byte })
            );
        }
        let twins = Delimiters { component: b'*', ..Delimiters::default() };
        assert!(matches!(twins.validated(), Err(DelimiterFault::Equal { byte: b'*', .. })));
    }
}
