//! The envelopes: ISA, GS, and the trailers that close them.

use super::delimiters::Delimiters;
use super::error::{Lookalike, SyntaxErrorKind};
use super::segment::Segment;
use std::borrow::Cow;

/// How many bytes of the input tell whether an ISA can be read: its own 106 and, where somebody
/// took its padding away or added some, the segment behind it.
pub(super) const REACH: usize = 160;

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
            bytes: segment.bytes().to_vec(),
            ends: segment.ends.iter().map(|end| end - segment.start).collect(),
            delimiters: segment.delimiters,
            offset: segment.offset(),
        }
    }

    fn segment(&self) -> Segment<'_> {
        Segment {
            text: &self.bytes,
            base: self.offset,
            start: 0,
            ends: &self.ends,
            delimiters: self.delimiters,
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
    misaligned: Option<usize>,
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

    /// Reads the ISA at `offset`, as wide as it must be or not; `input` may hold more.
    pub(super) fn read(input: &[u8], offset: u64, line: u64) -> Result<Self, SyntaxErrorKind> {
        Self::parse(input, offset, line).or_else(|kind| {
            let element = match kind {
                SyntaxErrorKind::IsaMisaligned { element } => element,
                // Without its padding a whole interchange can be shorter than an ISA.
                SyntaxErrorKind::IsaTooShort(_) => 2,
                SyntaxErrorKind::Empty
                | SyntaxErrorKind::NotX12(_)
                | SyntaxErrorKind::Delimiter(_)
                | SyntaxErrorKind::Unterminated(_)
                | SyntaxErrorKind::SegmentTooLong(_)
                | SyntaxErrorKind::SetTooLong(_)
                | SyntaxErrorKind::BinaryLength(_) => return Err(kind),
            };
            Self::parse_misaligned(input, offset, line, element).ok_or(kind)
        })
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
            ends.push(narrow(end));
        }
        Self::with_ends(input, ends, offset, line)
    }

    /// Reads an ISA whose elements are not as wide as they must be, if the segment that follows
    /// leaves no doubt where it ends; see [`Interchange::misaligned`].
    pub(super) fn parse_misaligned(
        input: &[u8],
        offset: u64,
        line: u64,
        element: usize,
    ) -> Option<Self> {
        let head = input.get(..REACH.min(input.len()))?;
        let separator = *head.get(3)?;
        let mut ends = head.iter().zip(0_usize..).filter(|(byte, _)| **byte == separator);
        let mut ends = ends.by_ref().take(16).map(|(_, at)| narrow(at)).collect::<Vec<_>>();
        if ends.len() < 16 {
            return None;
        }
        // ISA16 is one character, and the one behind it ends the segment.
        let end = usize::try_from(*ends.last()?).ok()? + 2;
        ends.push(narrow(end));
        let next = head.get(end + 1..)?.trim_ascii_start();
        let known = [&b"GS"[..], b"TA1", b"ISB", b"IEA"]
            .iter()
            .any(|id| next.strip_prefix(*id).is_some_and(|rest| rest.first() == Some(&separator)));
        let plain = head.get(..end)?.iter().all(|byte| (b' '..=b'~').contains(byte));
        let header = Self::with_ends(input, ends, offset, line).ok().filter(|_| known && plain)?;
        Some(Self { misaligned: Some(element), ..header })
    }

    /// An ISA whose id and elements end at `ends`.
    fn with_ends(
        input: &[u8],
        ends: Vec<u32>,
        offset: u64,
        line: u64,
    ) -> Result<Self, SyntaxErrorKind> {
        let end = ends.last().and_then(|end| usize::try_from(*end).ok()).unwrap_or(0);
        let byte = |at: usize| input.get(at).copied().unwrap_or(0);
        let (element, component, segment) = (byte(3), byte(end.saturating_sub(1)), byte(end));
        let delimiters = Delimiters { element, component, repetition: None, segment };
        let bytes = input.get(..end).unwrap_or_default().to_vec();
        let mut kept = Kept { bytes, ends, delimiters, offset };
        let version = kept.segment().element(12).bytes();
        if version.iter().all(u8::is_ascii_digit) && version >= &b"00402"[..] {
            let given = kept.segment().element(11).bytes().first().copied();
            kept.delimiters.repetition =
                given.filter(|byte| !byte.is_ascii_alphanumeric() && *byte != b' ');
        }
        kept.delimiters = kept.delimiters.validated()?;
        Ok(Self { kept, line, misaligned: None })
    }

    /// How many bytes the ISA has, its terminator included; 106 if it is as it must be.
    pub(super) fn length(&self) -> usize {
        self.kept.bytes.len() + 1
    }

    /// The first element that does not end where the fixed widths of X12.5 put it; `None` in an
    /// ISA that is as it must be.
    ///
    /// Somebody edited such an ISA. It is read all the same, so that whoever mends it learns what
    /// else is wrong, but nobody should rely on it.
    pub fn misaligned(&self) -> Option<usize> {
        self.misaligned
    }

    /// How many characters wide an element of the ISA must be.
    pub fn width(&self, element: usize) -> usize {
        element.checked_sub(1).and_then(|at| ISA_WIDTHS.get(at)).copied().unwrap_or(0)
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

fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
