//! The envelopes: ISA, GS, and the trailers that close them.

use super::delimiters::Delimiters;
use super::error::{Lookalike, SyntaxErrorKind};
use super::segment::Segment;
use std::borrow::Cow;

/// How many bytes an ISA has, its terminator included.
pub(super) const ISA_LENGTH: usize = 106;

/// The fixed widths of ISA01 to ISA16 (X12.5).
const ISA_WIDTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// A segment with bytes of its own, for envelopes that outlive the reader's buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    delimiters: Delimiters,
    offset: u64,
}

impl Kept {
    pub(super) fn of(segment: Segment<'_>) -> Self {
        Self {
            bytes: segment.bytes.to_vec(),
            ends: segment.ends.to_vec(),
            delimiters: segment.delimiters,
            offset: segment.offset,
        }
    }

    fn segment(&self) -> Segment<'_> {
        Segment {
            bytes: &self.bytes,
            ends: &self.ends,
            delimiters: self.delimiters,
            offset: self.offset,
            position: 0,
            line: 0,
        }
    }

    fn trimmed(&self, element: usize) -> Cow<'_, str> {
        match self.segment().element(element).text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
            Cow::Owned(text) => Cow::Owned(text.trim_end().to_owned()),
        }
    }
}

macro_rules! elements {
    ($($(#[$doc:meta])* $name:ident = $number:literal),* $(,)?) => {
        $($(#[$doc])* pub fn $name(&self) -> Cow<'_, str> { self.kept.trimmed($number) })*
    };
}

/// The header of an interchange: its ISA.
///
/// Values are given without the spaces that pad them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interchange {
    kept: Kept,
    line: u64,
}

impl Interchange {
    elements! {
        /// ISA05, how the sender's id is to be read.
        sender_qualifier = 5,
        /// ISA06, the sender's id.
        sender = 6,
        /// ISA07, how the receiver's id is to be read.
        receiver_qualifier = 7,
        /// ISA08, the receiver's id.
        receiver = 8,
        /// ISA09, as YYMMDD.
        date = 9,
        /// ISA10, as HHMM.
        time = 10,
        /// ISA12, such as `00401`.
        version = 12,
        /// ISA13, nine digits.
        control = 13,
        /// ISA14: `1` asks for a TA1.
        acknowledgment_requested = 14,
        /// ISA15: `P` production, `T` test, `I` information.
        usage = 15,
    }

    /// Reads the 106 bytes of an ISA at `offset`; `input` may hold more.
    pub(super) fn parse(input: &[u8], offset: u64, line: u64) -> Result<Self, SyntaxErrorKind> {
        if !input.starts_with(b"ISA") {
            return Err(SyntaxErrorKind::NotX12(Lookalike::of(input)));
        }
        let separator = input.get(3).copied();
        let mut ends = vec![3_u32];
        let mut end = 3;
        for (number, width) in (1..).zip(ISA_WIDTHS) {
            end += 1 + width;
            let Some(byte) = input.get(end) else {
                return Err(SyntaxErrorKind::IsaTooShort(input.len()));
            };
            let inside = input.get(end - width..end).unwrap_or_default();
            let strays = inside.iter().any(|byte| Some(*byte) == separator) && number < 16;
            if strays || (number < 16 && Some(*byte) != separator) {
                return Err(SyntaxErrorKind::IsaMisaligned { element: number });
            }
            ends.push(u32::try_from(end).unwrap_or(u32::MAX));
        }
        let byte = |at: usize| input.get(at).copied().unwrap_or(0);
        let version = input.get(84..89).unwrap_or_default();
        let repeats = version.iter().all(u8::is_ascii_digit) && version >= &b"00402"[..];
        let repetition =
            Some(byte(82)).filter(|b| repeats && !b.is_ascii_alphanumeric() && *b != b' ');
        let delimiters =
            Delimiters { element: byte(3), component: byte(104), repetition, segment: byte(105) };
        let delimiters = delimiters.validated()?;
        let bytes = input.get(..ISA_LENGTH - 1).unwrap_or_default().to_vec();
        Ok(Self { kept: Kept { bytes, ends, delimiters, offset }, line })
    }

    /// The ISA itself.
    pub fn segment(&self) -> Segment<'_> {
        self.kept.segment()
    }

    /// The separators that hold until the IEA.
    pub fn delimiters(&self) -> Delimiters {
        self.kept.delimiters
    }

    /// The line on which the ISA stands, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}

/// The header of a functional group: its GS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    kept: Kept,
    line: u64,
}

impl Group {
    elements! {
        /// GS01, such as `PO` for purchase orders.
        functional_id = 1,
        /// GS02, the application that sends.
        sender = 2,
        /// GS03, the application that receives.
        receiver = 3,
        /// GS04, as CCYYMMDD (YYMMDD before 004010).
        date = 4,
        /// GS05, as HHMM or longer.
        time = 5,
        /// GS06, the group's control number.
        control = 6,
        /// GS07: `X` for X12.
        agency = 7,
        /// GS08, such as `004010` or `004010VICS`.
        version = 8,
    }

    pub(super) fn new(segment: Segment<'_>, line: u64) -> Self {
        Self { kept: Kept::of(segment), line }
    }

    /// The GS itself.
    pub fn segment(&self) -> Segment<'_> {
        self.kept.segment()
    }

    /// The line on which the GS stands, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}

/// What closes a group or an interchange: GE or IEA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    kept: Kept,
    line: u64,
}

impl Trailer {
    elements! {
        /// GE01 or IEA01: how many sets or groups its writer counted.
        count = 1,
        /// GE02 or IEA02: the control number of the header again.
        control = 2,
    }

    pub(super) fn new(segment: Segment<'_>, line: u64) -> Self {
        Self { kept: Kept::of(segment), line }
    }

    /// The GE or IEA itself.
    pub fn segment(&self) -> Segment<'_> {
        self.kept.segment()
    }

    /// The line on which it stands, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}
