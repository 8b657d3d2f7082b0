//! The places of a set as a map sees them: which loop each segment belongs to.
//!
//! A loop that occurs once and that no rule makes a list of is no loop to a document: its segments
//! count as those of the loop around it (`CTT` and its `AMT` in an order's summary).

use crate::grammar::{SegmentId, SetRules};
use std::collections::{BTreeSet, HashMap};

/// The places and loops of a set.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The places for segments, by the index of the grammar's nodes.
    pub(super) spots: Vec<Spot>,
    /// The loops: the set itself, then the grammar's loops, so that loop `n` is scope `n + 1`.
    pub(super) scopes: Vec<Scope>,
}

/// A place for a segment.
#[derive(Debug)]
pub(super) struct Spot {
    pub(super) id: SegmentId,
    /// The scope that it belongs to.
    pub(super) scope: usize,
    /// Whether it opens a new instance of its scope.
    pub(super) heads: bool,
    /// How many elements the segment has.
    pub(super) width: usize,
    /// Which place of this id in its scope, counted from 0.
    pub(super) nth: usize,
    /// The elements of which rules take components: bit n for element n.
    pub(super) split: u64,
}

/// The set or a loop.
#[derive(Debug)]
pub(super) struct Scope {
    /// The place of its first segment.
    pub(super) head: usize,
    /// The scope around it.
    pub(super) parent: usize,
    /// Whether it counts as part of the scope around it.
    pub(super) merged: bool,
    /// The scopes inside, at any depth.
    pub(super) below: Vec<usize>,
    /// Which loop with this head in its parent, counted from 0.
    pub(super) nth: usize,
}

/// The set itself among the scopes.
pub(super) const ROOT: usize = 0;

impl Shape {
    /// The shape of a set in which the loops in `kept` are lists, however seldom they may occur.
    pub(super) fn of(rules: &SetRules, kept: &BTreeSet<usize>) -> Self {
        let mut shape = Self::default();
        let root = Scope { head: 0, parent: ROOT, merged: false, below: vec![], nth: 0 };
        shape.scopes.push(root);
        for (at, one) in rules.loops.iter().enumerate() {
            let around = one.parent.map_or(ROOT, |parent| parent + 1);
            let parent = shape.whole(around);
            let merged = one.max == 1 && !kept.contains(&at);
            let below = vec![];
            shape.scopes.push(Scope { head: one.head, parent, merged, below, nth: 0 });
        }
        for at in (1..shape.scopes.len()).rev() {
            let parent = shape.parent(at);
            let below = shape.scopes.get(at).map_or(vec![], |scope| scope.below.clone());
            if let Some(scope) = shape.scopes.get_mut(parent).filter(|_| parent != at) {
                scope.below.push(at);
                scope.below.extend(below);
            }
        }
        for (at, node) in rules.nodes.iter().enumerate() {
            let own = node.parent.map_or(ROOT, |parent| parent + 1);
            let scope = shape.whole(own);
            let heads = scope == own && scope != ROOT && shape.head(scope) == at;
            let width = node.segment.elements.len();
            let spot = Spot { id: node.id, scope, heads, width, nth: 0, split: 0 };
            shape.spots.push(spot);
        }
        shape.number();
        shape
    }

    /// Tells apart places with the same id, and loops with the same head, in the same scope.
    fn number(&mut self) {
        let mut seen: HashMap<(usize, SegmentId), usize> = HashMap::new();
        for spot in &mut self.spots {
            let count = seen.entry((spot.scope, spot.id)).or_default();
            spot.nth = *count;
            *count += 1;
        }
        seen.clear();
        for at in 1..self.scopes.len() {
            let Some(scope) = self.scopes.get_mut(at) else { continue };
            let head = self.spots.get(scope.head).map(|spot| spot.id);
            let Some(id) = head.filter(|_| !scope.merged) else { continue };
            let count = seen.entry((scope.parent, id)).or_default();
            scope.nth = *count;
            *count += 1;
        }
    }

    /// The scope that `scope` counts as part of.
    fn whole(&self, scope: usize) -> usize {
        match self.scopes.get(scope) {
            Some(one) if one.merged => one.parent,
            _ => scope,
        }
    }

    pub(super) fn parent(&self, scope: usize) -> usize {
        self.scopes.get(scope).map_or(ROOT, |scope| scope.parent)
    }

    pub(super) fn head(&self, scope: usize) -> usize {
        self.scopes.get(scope).map_or(0, |scope| scope.head)
    }

    /// The id of the segment at `node`.
    pub(super) fn id(&self, node: usize) -> Option<SegmentId> {
        self.spots.get(node).map(|spot| spot.id)
    }

    /// The `nth` place of segment `id` in `scope`.
    pub(super) fn spot(&self, scope: usize, id: SegmentId, nth: usize) -> Option<usize> {
        self.spots.iter().position(|spot| spot.scope == scope && spot.id == id && spot.nth == nth)
    }

    /// The `nth` loop in `scope` that segment `id` heads.
    pub(super) fn inner(&self, scope: usize, id: SegmentId, nth: usize) -> Option<usize> {
        (1..self.scopes.len()).find(|at| {
            self.scopes.get(*at).is_some_and(|one| {
                !one.merged
                    && one.parent == scope
                    && one.nth == nth
                    && self.id(one.head) == Some(id)
            })
        })
    }
}

/// Where `id` is found from loop `around` of the grammar (`None` for the set): a segment of that
/// loop itself, or the head of a loop in it.
pub(super) fn find(rules: &SetRules, around: Option<usize>, id: SegmentId) -> Option<Found> {
    let direct = rules.nodes.iter().position(|node| node.parent == around && node.id == id);
    if let Some(node) = direct {
        return Some(Found::Segment(node));
    }
    let heads = |at: &usize| {
        rules.loops.get(*at).is_some_and(|one| {
            let head = rules.nodes.get(one.head);
            one.parent == around && head.is_some_and(|head| head.id == id)
        })
    };
    (0..rules.loops.len()).find(heads).map(Found::Loop)
}

/// What an id names in a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A segment of the loop itself, by its node.
    Segment(usize),
    /// A loop inside, by its index in the grammar.
    Loop(usize),
}
