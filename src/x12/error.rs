//! What makes bytes not X12.

use super::delimiters::DelimiterFault;
use thiserror::Error;

/// The input cannot be read as X12 from `offset` on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind} at byte {offset}")]
pub struct SyntaxError {
    /// Where, counted from the first byte of the input.
    pub offset: u64,
    /// The line there, counted from 1.
    pub line: u64,
    /// What is wrong.
    pub kind: SyntaxErrorKind,
}

/// What makes bytes not X12.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SyntaxErrorKind {
    /// No byte but white space.
    #[error("there is nothing to read")]
    Empty,
    /// The input is something else.
    #[error("this is not X12 but {0}")]
    NotX12(Lookalike),
    /// The input ends inside the 106 bytes of an ISA.
    #[error("the ISA segment is cut off: {0} of 106 bytes")]
    IsaTooShort(usize),
    /// An element of the ISA does not have its fixed width, so the separators cannot be known.
    #[error("the ISA segment is not of fixed width: ISA{element:02} does not end where it must")]
    IsaMisaligned {
        /// The first element that ends at the wrong place.
        element: usize,
    },
    /// A separator that no interchange may use.
    #[error(transparent)]
    Delimiter(#[from] DelimiterFault),
    /// The input ends inside a segment.
    #[error("the input ends inside the segment `{0}`")]
    Unterminated(String),
    /// A segment of more bytes than the limit.
    #[error("a segment is longer than {0} bytes")]
    SegmentTooLong(usize),
    /// A transaction set of more bytes than the limit.
    #[error("a transaction set is longer than {0} bytes")]
    SetTooLong(usize),
    /// The length that a BIN or BDS segment gives is no number, or its data does not end there.
    #[error("the length of the binary data in `{0}` is wrong")]
    BinaryLength(String),
}

impl SyntaxErrorKind {
    /// A stable name, for events, interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotX12(_) => "not_x12",
            Self::IsaTooShort(_) => "isa_too_short",
            Self::IsaMisaligned { .. } => "isa_misaligned",
            Self::Delimiter(_) => "delimiter_invalid",
            Self::Unterminated(_) => "segment_unterminated",
            Self::SegmentTooLong(_) => "segment_too_long",
            Self::SetTooLong(_) => "set_too_long",
            Self::BinaryLength(_) => "binary_length",
        }
    }

    /// What the sender, or whoever handles the file, can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "ask the sender for the file again; nothing arrived",
            Self::NotX12(Lookalike::Utf16) => "save the file as plain ASCII or UTF-8 and try again",
            Self::NotX12(Lookalike::Zip | Lookalike::Gzip) => "unpack the file first",
            Self::NotX12(_) => "an X12 file begins with the three letters ISA",
            Self::IsaTooShort(_) | Self::Unterminated(_) => {
                "the file was cut off on its way; ask the sender for it again"
            }
            Self::IsaMisaligned { .. } => {
                "each ISA element has a fixed width (ISA06 and ISA08 are 15 characters); ask the \
                 sender to pad it with spaces, or to send the file without editing it"
            }
            Self::Delimiter(_) => "ask the sender to use separators such as `*`, `:`, `^` and `~`",
            Self::SegmentTooLong(_) => "a segment terminator is probably missing",
            Self::SetTooLong(_) => "an SE segment is probably missing, or raise the limit",
            Self::BinaryLength(_) => "the first number of the segment must count its bytes exactly",
        }
    }
}

/// What input that is not X12 looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookalike {
    /// A web page, often an error page or a login.
    Html,
    /// XML.
    Xml,
    /// JSON.
    Json,
    /// EDIFACT (UNA or UNB).
    Edifact,
    /// TRADACOMS (STX=).
    Tradacoms,
    /// Text of two bytes a character.
    Utf16,
    /// A PDF document.
    Pdf,
    /// A ZIP archive.
    Zip,
    /// Gzip.
    Gzip,
    /// An X12 segment, but no ISA before it.
    NoIsa,
    /// Text of some other sort.
    Text,
    /// Binary data.
    Binary,
}

impl std::fmt::Display for Lookalike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Html => "a web page",
            Self::Xml => "XML",
            Self::Json => "JSON",
            Self::Edifact => "EDIFACT",
            Self::Tradacoms => "TRADACOMS",
            Self::Utf16 => "UTF-16 text",
            Self::Pdf => "a PDF",
            Self::Zip => "a ZIP archive",
            Self::Gzip => "gzip data",
            Self::NoIsa => "a piece of it: there is no ISA segment before this",
            Self::Text => "other text",
            Self::Binary => "binary data",
        })
    }
}

impl Lookalike {
    /// Guesses what `head`, the first bytes after white space, is instead of an ISA.
    pub(super) fn of(head: &[u8]) -> Self {
        let upper = head.iter().take(16).map(u8::to_ascii_uppercase).collect::<Vec<_>>();
        let starts = |with: &[u8]| upper.starts_with(with);
        let zeros = head.iter().take(64).filter(|b| **b == 0).count();
        if starts(&[0xFF, 0xFE])
            || starts(&[0xFE, 0xFF])
            || (zeros >= 8 && zeros * 3 >= head.len().min(64))
        {
            Self::Utf16
        } else if starts(b"<!DOCTYPE HTML") || starts(b"<HTML") || starts(b"<HEAD") {
            Self::Html
        } else if starts(b"<") {
            Self::Xml
        } else if starts(b"{") || starts(b"[") {
            Self::Json
        } else if starts(b"UNA") || starts(b"UNB") {
            Self::Edifact
        } else if starts(b"STX=") {
            Self::Tradacoms
        } else if starts(b"%PDF") {
            Self::Pdf
        } else if starts(b"PK\x03\x04") {
            Self::Zip
        } else if starts(&[0x1F, 0x8B]) {
            Self::Gzip
        } else if [&b"GS"[..], b"ST", b"GE", b"SE", b"IEA", b"BEG", b"TA1"].iter().any(|id| {
            upper
                .strip_prefix(*id)
                .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_punctuation))
        }) {
            Self::NoIsa
        } else if head.iter().take(64).all(|b| *b >= b' ' || b.is_ascii_whitespace()) {
            Self::Text
        } else {
            Self::Binary
        }
    }
}
