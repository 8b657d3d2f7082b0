//! The compiled form of a map: what reading and writing walk.

use super::codes::{CodeTable, Index};
use super::convert::Kind;
use super::places::Places;
use super::shape::Shape;
use super::text::Stamp;
use std::ops::Range;

/// A map, resolved against the rules of a set: every list of it in one flat vector.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The set's id.
    pub(super) set: Box<str>,
    /// The document's name.
    pub(super) document: Box<str>,
    /// How the JSON of each document begins.
    pub(super) opening: Box<[u8]>,
    pub(super) shape: Shape,
    pub(super) tables: Vec<CodeTable>,
    /// The set, then each use of a loop.
    pub(super) members: Vec<Member>,
    pub(super) objects: Vec<Object>,
    pub(super) fields: Vec<Field>,
    pub(super) picks: Vec<Pick>,
    pub(super) qualifiers: Vec<Qualifier>,
    pub(super) defaults: Vec<Default>,
    pub(super) chains: Vec<Chain>,
    pub(super) strings: Vec<Strings>,
    pub(super) pairs: Vec<Pairs>,
    pub(super) loops: Vec<LoopList>,
    pub(super) counts: Vec<Count>,
    /// Which field each element is.
    pub(super) places: Places,
    /// How many chains all members have.
    pub(super) linked: usize,
    /// How many guesses all objects have.
    pub(super) guesses: usize,
}

/// What a document says of the set or of one instance of a loop.
#[derive(Debug)]
pub(super) struct Member {
    /// The scope of which instances are read.
    pub(super) scope: usize,
    /// Its fields.
    pub(super) object: usize,
    /// The segments that paths name.
    pub(super) picks: Range<usize>,
    /// The segments that lists take: the numbers of its chains among those of all members.
    pub(super) chains: Range<usize>,
    /// Which rules may take the segments at each place, the foremost first.
    pub(super) claims: Vec<Range<usize>>,
    pub(super) all_claims: Vec<Claim>,
    /// Which rules may take the instances of each scope.
    pub(super) loop_claims: Vec<Range<usize>>,
    pub(super) all_loop_claims: Vec<LoopClaim>,
}

/// A rule's claim to the segments at a place.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) qualifiers: Range<usize>,
    pub(super) by: Claimant,
    /// The elements that the rule reads.
    pub(super) elements: u64,
    /// The reads of the member's object that then have something to read: bit n for read
    /// n, the last bit for all from there on.
    pub(super) reads: u64,
}

/// Who claims a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claimant {
    /// Paths: the pick of this number in the member.
    Pick(usize),
    /// A list: the chain of this number in the member.
    Chain(usize),
}

/// A list's claim to the instances of a scope.
#[derive(Clone, Debug)]
pub(super) struct LoopClaim {
    pub(super) qualifiers: Range<usize>,
    /// Which of the plan's loop lists.
    pub(super) list: usize,
    /// The reads of the member's object that then have something to read.
    pub(super) reads: u64,
}

/// The segment that some paths of a member name, or that a list takes one of for each member.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub(super) node: usize,
    pub(super) qualifiers: Range<usize>,
    /// The elements of the qualifiers: bit n for element n.
    pub(super) qualified: u64,
    /// Where its segments come among those at the same node that other rules write.
    pub(super) rank: u16,
    /// What an element says if the document does not.
    pub(super) defaults: Range<usize>,
}

/// An element that must have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Qualifier {
    pub(super) element: u8,
    pub(super) value: Box<str>,
}

/// What an element says if a segment is written and the document does not say it.
#[derive(Clone, Debug)]
pub(super) struct Default {
    pub(super) element: u8,
    pub(super) component: u8,
    /// In X12's form.
    pub(super) value: Box<str>,
}

/// An object of the document.
#[derive(Debug, Default)]
pub(super) struct Object {
    /// What is read, in the order of the map.
    pub(super) reads: Vec<Read>,
    /// What may be written, by name.
    pub(super) keys: Vec<Key>,
    pub(super) index: Index,
    /// The number of its first guess among those of all objects: one for its first key, then one
    /// for what follows each.
    pub(super) guesses: usize,
}

impl Object {
    /// Makes the keys ready to be found.
    pub(super) fn number(&mut self) {
        self.index = Index::new(self.keys.iter().map(|key| key.name.as_bytes()));
    }
}

/// A field's name, and what its value becomes.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: Box<str>,
    /// `"name":`.
    pub(super) quoted: Stamp,
    pub(super) target: Target,
}

impl Key {
    pub(super) fn new(name: &str, target: Target) -> Self {
        let quoted = Stamp::new(format!("{}:", serde_json::Value::from(name)).as_bytes());
        Self { name: name.into(), quoted, target }
    }
}

/// What becomes of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `"document"`: compared with the plan's.
    Document,
    /// An element.
    Field(usize),
    /// The unit as given, beside a field with an alias.
    Given(usize),
    /// A nested object.
    Object(usize),
    /// A list of segments.
    Chain(usize),
    /// A list of strings.
    Strings(usize),
    /// A list of qualifier and value.
    Pairs(usize),
    /// A list of loops, or the levels of a hierarchy.
    Loop(usize),
    /// The levels in this level.
    Contents(usize),
    /// What no rule took.
    Unmapped,
    /// Nothing: the release has no place for it.
    Absent,
}

/// What is read next into an object.
#[derive(Clone, Debug)]
pub(super) enum Read {
    /// Fields of one pick.
    Fields {
        pick: usize,
        fields: Range<usize>,
        /// The elements of the fields, and which field each is, where they come in the order of the
        /// elements, each once.
        elements: Option<(u64, Box<[u8]>)>,
    },
    /// A nested object: its number and `"name":`.
    Object { object: usize, key: Stamp },
    /// A list of segments.
    Chain(usize),
    /// A list of strings.
    Strings(usize),
    /// A list of qualifier and value.
    Pairs(usize),
    /// A list of loops, or a hierarchy.
    Loop(usize),
}

impl Read {
    /// The bit of the read of this number; the last bit stands for all that have none of their own.
    pub(super) fn bit(number: usize) -> u64 {
        1 << number.min(63)
    }
}

/// A value of the document and the element that holds it.
#[derive(Debug)]
pub(super) struct Field {
    /// `"name":"`, ready to be written.
    pub(super) key: Stamp,
    /// The segment: the pick of this number in the member or list.
    pub(super) pick: usize,
    pub(super) element: u8,
    /// From 1; 0 for an element that is no composite.
    pub(super) component: u8,
    /// How many components the element has.
    pub(super) parts: u8,
    pub(super) kind: Kind,
    /// The table of words, as one of the plan's tables.
    pub(super) codes: Option<usize>,
    /// The table of what the partner means, and `"name_given":"`.
    pub(super) alias: Option<Box<(usize, Stamp)>>,
}

/// A list with a member for each segment.
#[derive(Debug)]
pub(super) struct Chain {
    /// `"name":[`; empty for the chain of a list of strings.
    pub(super) key: Stamp,
    /// Its number in the member, from 0.
    pub(super) local: usize,
    /// The plan's pick that its members write.
    pub(super) pick: usize,
    pub(super) object: usize,
}

/// A list of strings: some elements of a segment, or of each segment of a chain.
#[derive(Debug)]
pub(super) struct Strings {
    /// `"name":[`.
    pub(super) key: Stamp,
    pub(super) source: Claimant,
    /// The plan's pick that is written.
    pub(super) pick: usize,
    pub(super) from: u8,
    /// The type of each element from `from` on.
    pub(super) kinds: Vec<Kind>,
}

/// A list of qualifier and value from an element on.
#[derive(Debug)]
pub(super) struct Pairs {
    /// `"name":[`.
    pub(super) key: Stamp,
    /// `{"scheme":"`, and `,"value":"`.
    pub(super) keys: [Stamp; 2],
    /// The names alone, and as `"name":`.
    pub(super) names: [Key; 2],
    pub(super) pick: usize,
    pub(super) from: u8,
    /// The types of each pair.
    pub(super) kinds: Vec<[Kind; 2]>,
    pub(super) codes: Option<usize>,
}

/// A list with a member for each instance of a loop.
#[derive(Debug)]
pub(super) struct LoopList {
    /// `"name":[`.
    pub(super) key: Stamp,
    pub(super) member: usize,
    pub(super) rank: u16,
    /// The elements that the head must have.
    pub(super) qualifiers: Range<usize>,
    /// For a hierarchy: `"contents":[`, the levels inside a level.
    pub(super) contents: Option<Stamp>,
}

/// A number that is counted if the document does not give it.
#[derive(Debug)]
pub(super) struct Count {
    /// The field that holds it.
    pub(super) field: usize,
    /// Of which loop list the members are counted.
    pub(super) list: usize,
}
