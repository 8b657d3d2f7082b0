//! The rules of a release or a guide: what SEF text becomes once it is read and resolved.
//!
//! Masks, attributes, code sets and value lists that a guide ties to a place are worked in here
//! when the rules are made: a [`Node`] of a guide has a [`SegmentRules`] of its own where the guide
//! narrows it, so whoever checks a set needs to know nothing of SEF.

use super::code_list::Codes;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// No limit, where a number of characters, repetitions or uses is asked for.
pub const UNLIMITED: u32 = u32::MAX;

/// All rules of one release of the standard, or of one guide.
#[derive(Clone, Debug, Default)]
pub struct Standard {
    /// Version, release and industry code as in GS08, such as `004010` or `004010VICS`.
    pub release: String,
    /// What the file says of itself.
    pub title: String,
    /// The transaction sets, by id.
    pub sets: BTreeMap<String, Arc<SetRules>>,
    /// The segment dictionary.
    pub segments: HashMap<SegmentId, Arc<SegmentRules>>,
    /// The element dictionary, by data element number.
    pub elements: HashMap<String, Arc<ElementRules>>,
}

/// A segment's id in one word: two or three capital letters or digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId([u8; 3]);

impl SegmentId {
    /// The id that these bytes are, if they can be one.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let plain = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match bytes {
            [a, b] if plain(a) && plain(b) => Some(Self([*a, *b, b' '])),
            [a, b, c] if plain(a) && plain(b) && plain(c) => Some(Self([*a, *b, *c])),
            _ => None,
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A transaction set: its segments in order, and the loops that they stand in.
#[derive(Clone, Debug, Default)]
pub struct SetRules {
    /// Such as `850`.
    pub id: String,
    /// Such as `Purchase Order`; empty if unknown.
    pub title: String,
    /// The functional group that it travels in, such as `PO`; empty if unknown.
    pub functional_id: String,
    /// Every place for a segment, in the order written, loops flattened; ST first, SE last.
    pub nodes: Vec<Node>,
    /// The loops, outer before inner.
    pub loops: Vec<Loop>,
    /// Rules that depend on a value elsewhere in the set.
    pub conditions: Vec<Condition>,
}

impl SetRules {
    /// The ids of the loop `innermost` and of those around it, outermost first.
    pub fn loops_around(&self, innermost: Option<usize>) -> Vec<&str> {
        let around = |index: &usize| self.loops.get(*index).and_then(|inside| inside.parent);
        let loops = std::iter::successors(innermost, around);
        let mut ids = loops
            .filter_map(|index| self.loops.get(index))
            .map(|inside| inside.id.as_str())
            .collect::<Vec<_>>();
        ids.reverse();
        ids
    }
}

/// A place for a segment in a set.
#[derive(Clone, Debug)]
pub struct Node {
    /// The segment that belongs here.
    pub id: SegmentId,
    /// Its elements, narrowed to this place.
    pub segment: Arc<SegmentRules>,
    /// Whether the standard demands it (within its loop, if it stands in one).
    pub requirement: Requirement,
    /// What the guide says of it.
    pub usage: Usage,
    /// How many times in a row, or [`UNLIMITED`]; for the first segment of a loop, once: the loop's
    /// own maximum counts.
    pub max: u32,
    /// 1 heading, 2 detail, 3 summary.
    pub table: u8,
    /// The position that the standard prints, such as 20 for BEG; unique within a table only.
    pub position: u32,
    /// The running number over the whole set, from 1, by which SEF points here.
    pub ordinal: u32,
    /// The innermost loop that it stands in, as an index of [`SetRules::loops`].
    pub parent: Option<usize>,
}

/// A loop: a run of segments that repeats as one.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Its id: usually that of its first segment.
    pub id: String,
    /// How many times, or [`UNLIMITED`].
    pub max: u32,
    /// The loop around it.
    pub parent: Option<usize>,
    /// Its first segment, as an index of [`SetRules::nodes`].
    pub head: usize,
    /// One past its last node, inner loops included.
    pub end: usize,
}

/// Whether the standard demands something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Requirement {
    /// It must be there.
    Mandatory,
    /// It may be there; relational conditions may demand it.
    #[default]
    Optional,
}

/// What a guide says of something that the standard allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Usage {
    /// Nothing: as in the standard.
    #[default]
    AsStandard,
    /// `!`: it must be there.
    Must,
    /// `.` before an id, `#` in a mask: it must not be there.
    NotUsed,
    /// `$`: recommended; a note only.
    Recommended,
    /// `-`: not recommended; a note only.
    NotRecommended,
    /// `&`: depends on something that the guide says in words.
    Dependent,
}

/// A segment: its elements in order.
#[derive(Clone, Debug)]
pub struct SegmentRules {
    /// Such as `BEG`.
    pub id: SegmentId,
    /// Such as `Beginning Segment for Purchase Order`; empty if unknown.
    pub name: String,
    /// Element 1 first.
    pub elements: Vec<ElementUse>,
    /// Conditions between its elements.
    pub relationals: Vec<Relational>,
}

/// A composite: its components in order.
#[derive(Clone, Debug)]
pub struct CompositeRules {
    /// Such as `C040`.
    pub id: String,
    /// Empty if unknown.
    pub name: String,
    /// Component 1 first; never composites themselves.
    pub components: Vec<ElementUse>,
    /// Conditions between its components.
    pub relationals: Vec<Relational>,
}

/// An element at its place in a segment or composite.
#[derive(Clone, Debug)]
pub struct ElementUse {
    /// What stands here.
    pub part: Part,
    /// Whether the standard demands it.
    pub requirement: Requirement,
    /// What the guide says of it.
    pub usage: Usage,
    /// Fewest characters; 0 for a composite.
    pub min: u32,
    /// Most characters, or [`UNLIMITED`].
    pub max: u32,
    /// How often it may repeat.
    pub repeat: u32,
    /// The closed list of codes that hold here, if there is one.
    pub codes: Option<Arc<Codes>>,
    /// Whether `codes` are the guide's for this place, not the standard's.
    pub codes_of_guide: bool,
    /// Values that the guide allows here (SEF's value lists).
    pub values: Option<Arc<ValueList>>,
}

/// A plain element or a composite.
#[derive(Clone, Debug)]
pub enum Part {
    /// A plain element.
    Simple(Arc<ElementRules>),
    /// A composite.
    Composite(Arc<CompositeRules>),
}

impl Part {
    /// The data element number or composite id.
    pub fn id(&self) -> &str {
        match self {
            Self::Simple(element) => &element.id,
            Self::Composite(composite) => &composite.id,
        }
    }

    /// The name; empty if unknown.
    pub fn name(&self) -> &str {
        match self {
            Self::Simple(element) => &element.name,
            Self::Composite(composite) => &composite.name,
        }
    }
}

/// A data element as the dictionary has it.
#[derive(Clone, Debug)]
pub struct ElementRules {
    /// The data element number, such as `353`.
    pub id: String,
    /// Such as `Transaction Set Purpose Code`; empty if unknown.
    pub name: String,
    /// What it may hold.
    pub kind: ElementType,
    /// Fewest characters.
    pub min: u32,
    /// Most characters, or [`UNLIMITED`].
    pub max: u32,
    /// The standard's list of codes, if it is closed and known.
    pub codes: Option<Arc<Codes>>,
}

/// The types of X12.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// AN: text.
    Text,
    /// ID: a code.
    Code,
    /// DT: a date, CCYYMMDD or YYMMDD by its length.
    Date,
    /// TM: a time, HHMM to HHMMSSDD.
    Time,
    /// R: a decimal with its point written.
    Decimal,
    /// N0 to N9: a number with that many implied decimals.
    Number(u8),
    /// B: any bytes.
    Binary,
}

/// A condition between elements of a segment or components of a composite (X12.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relational {
    /// Which condition.
    pub kind: RelationalKind,
    /// The place named first, from 1.
    pub first: u8,
    /// All places named, the first included: bit n-1 for place n. Places over 64 do not occur.
    pub places: u64,
}

/// The five conditions of X12.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationalKind {
    /// P: all or none.
    Paired,
    /// R: at least one.
    Required,
    /// E: at most one.
    Exclusive,
    /// C: if the first, then all others.
    Conditional,
    /// L: if the first, then at least one other.
    ListConditional,
}

/// Values that a guide allows at a place: literals and patterns, any of which suffices.
#[derive(Clone, Debug)]
pub struct ValueList {
    /// Its name in the guide.
    pub name: String,
    /// What the guide says of it.
    pub description: String,
    /// Values as they stand.
    pub literals: Vec<String>,
    /// Regular expressions, matched in linear time.
    pub patterns: Vec<regex::Regex>,
}

/// A guide's rule that depends on a value elsewhere: SEF's SEMREFS with USAGE.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What is governed.
    pub governs: Location,
    /// What must be so for the rule to hold; empty means always. Joined by "or" of "and"s.
    pub when: Vec<Vec<Test>>,
    /// What then holds.
    pub usage: Usage,
}

/// One comparison of a [`Condition`].
#[derive(Clone, Debug)]
pub struct Test {
    /// Where the value stands.
    pub location: Location,
    /// Whether it must be equal, or must differ.
    pub equal: bool,
    /// The value to compare with.
    pub value: String,
}

/// A place in a set: a segment by ordinal, an element, a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The node's ordinal.
    pub ordinal: u32,
    /// The element, from 1; 0 for the segment itself.
    pub element: u8,
    /// The component, from 1; 0 for the whole element.
    pub component: u8,
}
