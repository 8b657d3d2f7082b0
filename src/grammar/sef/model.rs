//! A SEF file as it is written: records with their places, nothing looked up yet.

use super::super::code_list::Codes;
use super::super::rules::{
    ElementType, Loop, Relational, Requirement, SegmentId, Usage, ValueList,
};
use super::at::At;
use std::collections::HashMap;
use std::sync::Arc;

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct Model<'t> {
    /// `.INI`.
    pub(super) header: Option<Header<'t>>,
    /// `.SETS`.
    pub(super) sets: Vec<SetRecord<'t>>,
    /// `.SEGS`.
    pub(super) segments: Vec<ListRecord<'t>>,
    /// `.COMS`.
    pub(super) composites: Vec<ListRecord<'t>>,
    /// `.ELMS`.
    pub(super) elements: Vec<ElementRecord<'t>>,
    /// `.CODES`.
    pub(super) codes: Vec<CodesRecord<'t>>,
    /// `.VALREFS`, and rules that say the same.
    pub(super) value_references: Vec<ValueReference<'t>>,
    /// `.VALLISTS`, by name.
    pub(super) value_lists: HashMap<&'t str, Arc<ValueList>>,
    /// `.OBJVARS`, by name.
    pub(super) variables: HashMap<&'t str, Place<'t>>,
    /// `.SEMREFS` of type USAGE.
    pub(super) rules: Vec<RuleRecord<'t>>,
    /// `.TEXT`, as far as it holds names.
    pub(super) names: Names<'t>,
}

/// `.INI`.
#[derive(Debug)]
pub(super) struct Header<'t> {
    pub(super) at: At,
    /// Version, release and industry code, joined.
    pub(super) release: String,
    pub(super) title: &'t str,
}

/// A record of `.SETS`, its loops flattened.
#[derive(Debug)]
pub(super) struct SetRecord<'t> {
    pub(super) at: At,
    pub(super) id: &'t str,
    pub(super) nodes: Vec<SetNode>,
    pub(super) loops: Vec<Loop>,
    /// Whether a segment of it could not be read, so that ordinals cannot be trusted.
    pub(super) broken: bool,
}

/// A segment in a set.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetNode {
    pub(super) at: At,
    pub(super) id: SegmentId,
    pub(super) usage: Usage,
    /// 0 for none.
    pub(super) mask: u32,
    pub(super) requirement: Requirement,
    pub(super) max: u32,
    pub(super) table: u8,
    pub(super) position: u32,
    pub(super) ordinal: u32,
    pub(super) parent: Option<usize>,
}

/// A record of `.SEGS` or `.COMS`.
#[derive(Debug)]
pub(super) struct ListRecord<'t> {
    pub(super) at: At,
    pub(super) id: &'t str,
    pub(super) members: Vec<Member<'t>>,
    pub(super) relationals: Vec<Relational>,
    pub(super) masks: Vec<Mask>,
}

/// An element or composite in such a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'t> {
    pub(super) at: At,
    pub(super) id: &'t str,
    pub(super) usage: Usage,
    pub(super) requirement: Requirement,
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
    pub(super) repeat: u32,
}

/// A mask: what a guide says of each place of a list.
#[derive(Debug)]
pub(super) struct Mask {
    /// `None` for a mask that could not be read.
    pub(super) marks: Option<Vec<Mark>>,
}

/// One character of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) usage: Usage,
    /// The mask of the composite that stands here; 0 for none.
    pub(super) mask: u32,
}

/// A record of `.ELMS`.
#[derive(Debug)]
pub(super) struct ElementRecord<'t> {
    pub(super) at: At,
    pub(super) id: &'t str,
    pub(super) kind: ElementType,
    pub(super) min: u32,
    pub(super) max: u32,
}

/// A record of `.CODES`.
#[derive(Debug)]
pub(super) struct CodesRecord<'t> {
    pub(super) at: At,
    pub(super) element: &'t str,
    pub(super) codes: Arc<Codes>,
    pub(super) sets: Vec<CodeSet<'t>>,
}

/// Codes that a guide chooses, and where.
#[derive(Debug)]
pub(super) struct CodeSet<'t> {
    pub(super) at: At,
    /// `[*]`: the whole list, with `added` if there are any.
    pub(super) whole: bool,
    /// The codes chosen.
    pub(super) chosen: Codes,
    /// The codes that the guide adds to the standard's.
    pub(super) added: Codes,
    pub(super) places: Vec<Place<'t>>,
}

/// A location as written, and as understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'t> {
    pub(super) at: At,
    pub(super) text: &'t str,
    pub(super) spot: Spot<'t>,
}

/// What a location points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot<'t> {
    /// `850/26///1-2`: in a set, by the segment's ordinal. Element 0 is the segment itself.
    InSet { set: &'t str, ordinal: u32, element: u8, component: u8 },
    /// `//REF//1`: wherever the segment stands.
    InSegment { segment: SegmentId, element: u8, component: u8 },
    /// `///310/`: wherever the element stands.
    Element(&'t str),
}

/// A place that a value list is tied to.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueReference<'t> {
    pub(super) place: Place<'t>,
    pub(super) at: At,
    pub(super) list: &'t str,
}

/// A rule of type USAGE.
#[derive(Debug)]
pub(super) struct RuleRecord<'t> {
    pub(super) place: Place<'t>,
    /// "Or" of "and"s.
    pub(super) when: Vec<Vec<Comparison<'t>>>,
    pub(super) usage: Usage,
}

/// One comparison of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison<'t> {
    pub(super) at: At,
    pub(super) variable: &'t str,
    pub(super) equal: bool,
    pub(super) value: &'t str,
}

/// Names from `.TEXT`, still with their escapes.
#[derive(Debug, Default)]
pub(super) struct Names<'t> {
    /// By set id.
    pub(super) titles: HashMap<&'t str, &'t str>,
    /// Functional groups by set id.
    pub(super) groups: HashMap<&'t str, &'t str>,
    /// By segment id.
    pub(super) segments: HashMap<&'t str, &'t str>,
    /// By composite id.
    pub(super) composites: HashMap<&'t str, &'t str>,
    /// By data element number.
    pub(super) elements: HashMap<&'t str, &'t str>,
    /// Names that a guide gives to segments of a set, by set: ordinal and name.
    pub(super) places: HashMap<&'t str, Vec<(u32, &'t str)>>,
}
