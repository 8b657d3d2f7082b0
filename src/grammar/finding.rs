//! A finding: one thing wrong, where it is, and what to do.

use super::kind::{FindingKind, Severity};
use serde::Serialize;

/// One thing wrong with an interchange, in words that a clerk understands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which kind.
    pub kind: FindingKind,
    /// What it means for the set, group or interchange.
    pub severity: Severity,
    /// Where in the structure.
    pub place: Place,
    /// What stands there, cut at 80 characters; `None` if nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong: one sentence.
    pub message: String,
    /// What to do about it: one sentence.
    pub hint: String,
    /// Where it begins, counted from the first byte of the input.
    pub offset: u64,
    /// How many bytes it covers; at least 1.
    pub length: u32,
    /// The line there, counted from 1.
    pub line: u64,
}

/// Where a finding is: as much of it as applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// ISA13.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interchange: Option<String>,
    /// GS06.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// ST01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// ST02.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_control: Option<String>,
    /// The loop's id.
    #[serde(rename = "loop", skip_serializing_if = "Option::is_none")]
    pub loop_id: Option<String>,
    /// The segment's id, or of the one that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The segment's number in its set, ST being 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The element's number in its segment, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<u32>,
    /// The component's number, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<u32>,
    /// The repetition's number, from 1, where the element repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repetition: Option<u32>,
    /// The data element number, such as `353`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_element: Option<String>,
}
