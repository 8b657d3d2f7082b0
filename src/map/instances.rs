//! The instances of a set's loops, as flat lists: which segments and which inner instances each has.

use super::shape::{ROOT, Shape};
use super::text::Classes;
use crate::grammar::Placement;
use crate::x12::{Segment, Set};

/// No segment, no instance.
pub(super) const NONE: u32 = u32::MAX;

/// The instances of the loops of one set; the first is the set itself.
#[derive(Debug, Default)]
pub(super) struct Instances {
    pub(super) list: Vec<Instance>,
    /// For each segment, the next one of the same instance.
    next: Vec<u32>,
    /// For each segment, which elements are not empty: bit n for element n, bit 62 for all from the
    /// 62nd on; and [`ODD`].
    filled: Vec<u64>,
    /// Segments that have no place, in order.
    pub(super) strays: Vec<u32>,
    /// The instance of each scope that is open.
    current: Vec<u32>,
}

/// The set, or one instance of a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) scope: usize,
    /// Its first segment and its last of its own.
    pub(super) first: u32,
    last: u32,
    /// Its first inner instance and its last.
    pub(super) child: u32,
    last_child: u32,
    /// The next instance in the one around it.
    pub(super) sibling: u32,
}

impl Instances {
    /// Finds the instances of `set`; the SE is left out.
    pub(super) fn build(
        &mut self,
        set: &Set<'_>,
        placement: &Placement,
        shape: &Shape,
        classes: &Classes,
    ) {
        let count = set.len() - usize::from(set.trailer().is_some());
        self.list.clear();
        self.strays.clear();
        self.next.clear();
        self.next.resize(count, NONE);
        self.filled.clear();
        self.current.clear();
        self.current.resize(shape.scopes.len().max(1), NONE);
        self.open(ROOT);
        for (at, segment) in (0_u32..).zip(set.segments().take(count)) {
            self.filled.push(filled(&segment, classes));
            let node = if at == 0 { Some(0) } else { placement.node(index(at)) };
            let spot = node.and_then(|node| shape.spots.get(node));
            let instance = match spot {
                Some(spot) if spot.heads => self.begin(spot.scope, shape),
                Some(spot) => self.current.get(spot.scope).copied().filter(|at| *at != NONE),
                None => None,
            };
            match instance {
                Some(instance) => self.append(instance, at),
                None => self.strays.push(at),
            }
        }
    }

    pub(super) fn get(&self, at: u32) -> Option<Instance> {
        self.list.get(index(at)).copied()
    }

    /// The segment after `at` of the same instance, or [`NONE`].
    pub(super) fn next(&self, at: u32) -> u32 {
        self.next.get(index(at)).copied().unwrap_or(NONE)
    }

    /// The elements of segment `at` that are not empty.
    pub(super) fn filled(&self, at: u32) -> u64 {
        self.filled.get(index(at)).copied().unwrap_or(0)
    }

    /// The segments of instance `at` and of all instances inside, in the order of the set.
    pub(super) fn whole(&self, at: u32) -> Vec<u32> {
        let mut segments = vec![];
        let mut open = vec![at];
        while let Some(instance) = open.pop().and_then(|at| self.get(at)) {
            let mut segment = instance.first;
            while segment != NONE {
                segments.push(segment);
                segment = self.next(segment);
            }
            let mut child = instance.child;
            while let Some(inner) = self.get(child) {
                open.push(child);
                child = inner.sibling;
            }
        }
        segments.sort_unstable();
        segments
    }

    /// A new instance of `scope` in the open one around it, if there is one.
    fn begin(&mut self, scope: usize, shape: &Shape) -> Option<u32> {
        let around = self.current.get(shape.parent(scope)).copied()?;
        let before = self.list.get(index(around))?.last_child;
        let at = self.open(scope);
        match self.list.get_mut(index(before)) {
            Some(before) => before.sibling = at,
            None => {
                if let Some(around) = self.list.get_mut(index(around)) {
                    around.child = at;
                }
            }
        }
        if let Some(around) = self.list.get_mut(index(around)) {
            around.last_child = at;
        }
        for below in shape.scopes.get(scope).into_iter().flat_map(|scope| &scope.below) {
            if let Some(current) = self.current.get_mut(*below) {
                *current = NONE;
            }
        }
        Some(at)
    }

    fn open(&mut self, scope: usize) -> u32 {
        let at = u32::try_from(self.list.len()).unwrap_or(NONE);
        let (first, last, child, last_child, sibling) = (NONE, NONE, NONE, NONE, NONE);
        self.list.push(Instance { scope, first, last, child, last_child, sibling });
        if let Some(current) = self.current.get_mut(scope) {
            *current = at;
        }
        at
    }

    fn append(&mut self, instance: u32, segment: u32) {
        let Some(instance) = self.list.get_mut(index(instance)) else { return };
        match self.next.get_mut(index(instance.last)) {
            Some(next) => *next = segment,
            None => instance.first = segment,
        }
        instance.last = segment;
    }
}

/// A number of a list as its index.
pub(super) fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// The elements of a segment that say something; separators alone say nothing.
fn filled(segment: &Segment<'_>, classes: &Classes) -> u64 {
    let filled = segment.filled();
    let (bytes, length) = segment.onward();
    if classes.plain(bytes, length) {
        return filled;
    }
    let delimiters = segment.delimiters();
    let separates = |byte: u8| byte == delimiters.component || Some(byte) == delimiters.repetition;
    let mut says = ODD;
    for (number, element) in (1_u32..).zip(segment.elements()) {
        if !element.bytes().iter().all(|byte| separates(*byte)) {
            says |= 1 << number.min(62);
        }
    }
    says
}

/// A segment of which some byte needs a look: a part separator, or one that JSON escapes.
pub(super) const ODD: u64 = 1 << 63;
