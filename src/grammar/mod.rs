//! Grammars: SEF files to rules, and sets held against rules to findings.
//!
//! Knows the structure that a release or a guide demands, and the standard's codes for what breaks
//! it. Does not know what a document means to a buyer, nor who the partner is.
//!
//! Invariants: checking is pure and takes linear time; a segment that does not belong never hides
//! what follows it; every finding has its code in the standard's acknowledgments, or none because
//! no acknowledgment has one.

mod check;
mod code_list;
mod controls;
mod envelope;
mod examine;
mod finding;
mod kind;
mod laid;
mod library;
mod meanings;
mod placement;
mod rules;
mod sef;
mod severity;
mod standing;
mod verdict;

pub use check::{Checked, MAX_FINDINGS, Rules, check};
pub use code_list::Codes;
pub use examine::{Agreed, Examined, Examiner, Options};
pub use finding::{Finding, Place};
pub use kind::{FindingKind, Scope, Severity};
pub use laid::Shelf;
pub use library::Library;
pub use meanings::Meanings;
pub use placement::Placement;
pub use rules::{
    CompositeRules, Condition, ElementRules, ElementType, ElementUse, Location, Loop, Node, Part,
    Relational, RelationalKind, Requirement, SegmentId, SegmentRules, SetRules, Standard, Test,
    UNLIMITED, Usage, ValueList,
};
pub use sef::{Loaded, SefFault, SefFaultKind, SefFaults};
pub use severity::Severities;
pub use verdict::Verdict;
