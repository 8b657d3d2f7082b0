//! Why something cannot be written.

use super::delimiters::DelimiterFault;
use thiserror::Error;

/// Why something cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WriteError {
    /// Data holds a separator of the interchange; X12 has no escape.
    #[error("{segment}{element:02} holds the separator `{}`: `{value}`", separator.escape_ascii())]
    DelimiterInData {
        /// The segment's id.
        segment: String,
        /// The element's number, from 1.
        element: usize,
        /// The separator met.
        separator: u8,
        /// The value as given.
        value: String,
    },
    /// A value that does not fit the fixed width of the ISA.
    #[error("ISA{element:02} holds at most {width} characters: `{value}`")]
    TooWide {
        /// The element's number.
        element: usize,
        /// Its width.
        width: usize,
        /// The value as given.
        value: String,
    },
    /// The separators cannot be used.
    #[error(transparent)]
    Delimiter(#[from] DelimiterFault),
}
