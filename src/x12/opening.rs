//! What an interchange and a group say at their beginning, for writing.

/// What an ISA says, for writing; each value is padded to its width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterchangeHeader {
    /// ISA05 and ISA06.
    pub sender: (String, String),
    /// ISA07 and ISA08.
    pub receiver: (String, String),
    /// ISA09, as YYMMDD.
    pub date: String,
    /// ISA10, as HHMM.
    pub time: String,
    /// ISA12, such as `00401`.
    pub version: String,
    /// ISA13, written with nine digits.
    pub control: u32,
    /// ISA14: whether a TA1 is asked for.
    pub acknowledgment_requested: bool,
    /// ISA15: `P`, `T` or `I`.
    pub usage: char,
}

/// What a GS says, for writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHeader {
    /// GS01, such as `PO`.
    pub functional_id: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04, as CCYYMMDD, or YYMMDD before 004010.
    pub date: String,
    /// GS05, as HHMM.
    pub time: String,
    /// GS06.
    pub control: u32,
    /// GS08, such as `004010`.
    pub version: String,
}
