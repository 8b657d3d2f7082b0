//! The 999's CTX segments: which document an error is in, and that a condition called for it.

use super::clean::clean;
use crate::grammar::FindingKind;
use crate::x12::{Set, WriteError, Writer};

/// Finds the business unit (a purchase order, an invoice, a claim) that holds a segment.
#[derive(Debug)]
pub(super) struct BusinessUnit<'a> {
    set: Set<'a>,
    segment: &'static str,
    element: usize,
    next: usize,
    last: String,
}

impl<'a> BusinessUnit<'a> {
    /// For sets whose business unit is known by one element.
    pub(super) fn of(set: &Set<'a>) -> Option<Self> {
        let (segment, element) = match set.id().as_ref() {
            "810" => ("BIG", 2),
            "812" => ("BCD", 2),
            "820" => ("TRN", 2),
            "824" => ("BGN", 2),
            "837" => ("CLM", 1),
            "846" => ("BIA", 3),
            "850" => ("BEG", 3),
            "855" => ("BAK", 3),
            "856" => ("BSN", 2),
            "860" => ("BCH", 3),
            "861" => ("BRA", 1),
            "865" => ("BCA", 3),
            "867" => ("BPT", 2),
            _ => return None,
        };
        Some(Self { set: *set, segment, element, next: 0, last: String::new() })
    }

    /// Writes the CTX of the unit that holds the segment at `position`; ask in ascending order.
    /// The number of segments written: none where the unit is not known.
    pub(super) fn write(&mut self, writer: &mut Writer, position: u32) -> Result<u32, WriteError> {
        while let Some(segment) =
            self.set.segment(self.next).filter(|segment| segment.position() <= position)
        {
            if segment.id() == self.segment.as_bytes() {
                let value = segment.element(self.element).text();
                self.last = clean(&value, writer.delimiters(), WIDEST_REFERENCE);
            }
            self.next += 1;
        }
        if self.last.is_empty() {
            return Ok(0);
        }
        let name = format!("{}{:02}", self.segment, self.element);
        writer.open("CTX")?;
        writer.composite([name.as_str(), &self.last])?;
        writer.end();
        Ok(1)
    }
}

/// Writes the CTX that says that a condition of the guide was met, if `kind` is about one. Which
/// value met it, a finding does not tell.
pub(super) fn write_trigger(writer: &mut Writer, kind: FindingKind) -> Result<u32, WriteError> {
    let situational = matches!(
        kind,
        FindingKind::SegmentMissingByCondition
            | FindingKind::SegmentNotUsedByCondition
            | FindingKind::ElementRequiredByGuideCondition
            | FindingKind::ElementNotUsedByCondition
    );
    if !situational {
        return Ok(0);
    }
    writer.segment("CTX", ["SITUATIONAL TRIGGER"])?;
    Ok(1)
}

/// The most characters in a context reference (element 9998).
const WIDEST_REFERENCE: usize = 35;
