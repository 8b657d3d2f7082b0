//! A set's rules laid out for walking: which places a segment's id can have, what loop each is in,
//! what must come next.
//!
//! # Why
//! The rules are a list of nodes and loops as SEF writes them. A walk asks at each segment for the
//! places of its id, in order, and at each step forward for what was left out; both are a look-up
//! here instead of a search through two hundred nodes.

use super::relational::bit;
use super::scene::Role;
use crate::grammar::code_list::Codes;
use crate::grammar::rules::{ElementUse, Node, Requirement, SegmentId, SetRules, Usage};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An index of a node or loop that does not exist; the loop of what stands in no loop.
pub(super) const NONE: u16 = u16::MAX;

/// The segments of a set, by the order in which they may come.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Open addressing: ids, each with its symbol.
    slots: Vec<Slot>,
    /// The places of all ids, those of one id together, ascending.
    occurrences: Vec<u16>,
    /// By symbol.
    symbols: Vec<Symbol>,
    /// By node.
    seats: Vec<Seat>,
    /// By loop.
    rings: Vec<Ring>,
    /// Places in no loop, and the heads of outermost loops: ascending.
    outermost: Vec<u16>,
    /// The first place in no loop that must be filled.
    first_required: u16,
    /// Places of one id, one beside the other: a guide that splits a loop by its code writes it
    /// once for each, and the order of those in a set is free.
    groups: Vec<Vec<u16>>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u32,
    symbol: u16,
}

/// An id that occurs in the set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol {
    first: u32,
    last: u32,
    /// Whether its places differ in the codes that tell them apart.
    pub(super) split: bool,
}

impl Symbol {
    /// Whether it has one place only.
    pub(super) fn is_unique(self) -> bool {
        self.last - self.first == 1
    }
}

/// A node, as the walk needs it.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// Which id.
    pub(super) symbol: u16,
    /// The innermost loop that it stands in.
    pub(super) parent: u16,
    /// The innermost loop that it begins.
    pub(super) heads: u16,
    /// The loop in which it is met: `parent`, but for the first segment of a loop the one around.
    pub(super) level: u16,
    /// How often in a row.
    pub(super) max: u32,
    /// 1 heading, 2 detail, 3 summary.
    pub(super) table: u8,
    /// The next place behind it in `parent` that must be filled.
    pub(super) next_required: u16,
    /// The same in `level`.
    pub(super) next_beside: u16,
    /// What it is to the checks of the whole set.
    pub(super) role: Role,
    /// Whether it must be filled.
    required: bool,
    /// Elements that must be there, as bits.
    pub(super) mandatory: u64,
    /// The places beside it with the same id, which may come in any order, as an index of
    /// [`Plan::group`].
    pub(super) group: u16,
    /// Whether the guide does not use it, or a loop that it stands in.
    pub(super) unused: bool,
    /// The codes that tell it from other places of its id.
    qualifier: Option<Arc<Codes>>,
}

/// A loop, as the walk needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ring {
    /// Its first node.
    pub(super) head: u16,
    /// One past its last.
    pub(super) end: u16,
    /// The loop around it.
    pub(super) parent: u16,
    /// How many times.
    pub(super) max: u32,
    /// The next place behind the loop, in the loop around it, that must be filled.
    pub(super) next_required: u16,
}

impl Ring {
    /// Whether `node` stands in it.
    pub(super) fn holds(&self, node: u16) -> bool {
        (self.head..self.end).contains(&node)
    }
}

impl Plan {
    /// The plan of these rules. Nodes beyond the 65,534th have no place in it; no set is so long.
    pub(super) fn new(rules: &SetRules) -> Self {
        let mut plan = Self { first_required: NONE, ..Self::default() };
        plan.rings = rules
            .loops
            .iter()
            .map(|ring| Ring {
                head: narrow(ring.head),
                end: narrow(ring.end),
                parent: ring.parent.map_or(NONE, narrow),
                max: ring.max,
                next_required: NONE,
            })
            .collect();
        let mut symbols: BTreeMap<SegmentId, Vec<u16>> = BTreeMap::new();
        for (index, node) in (0..NONE).zip(&rules.nodes) {
            symbols.entry(node.id).or_default().push(index);
            plan.seats.push(plan.new_seat(index, node));
        }
        plan.index(&symbols);
        plan.require();
        plan
    }

    /// The symbol of a segment's id; `None` if the set has no such segment.
    #[inline]
    pub(super) fn symbol(&self, id: &[u8]) -> Option<u16> {
        let key = key(id);
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash(key) & mask;
        loop {
            let slot = self.slots.get(at)?;
            if slot.key == key {
                return (slot.symbol != NONE).then_some(slot.symbol);
            }
            if slot.symbol == NONE {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    /// What is known of a symbol.
    #[inline]
    pub(super) fn about(&self, symbol: u16) -> Symbol {
        let nothing = Symbol { first: 0, last: 0, split: false };
        self.symbols.get(usize::from(symbol)).copied().unwrap_or(nothing)
    }

    /// The places of a symbol, ascending.
    #[inline]
    pub(super) fn places(&self, symbol: u16) -> &[u16] {
        let Symbol { first, last, .. } = self.about(symbol);
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        self.occurrences.get(place(first)..place(last)).unwrap_or_default()
    }

    /// How many symbols there are.
    pub(super) fn symbols(&self) -> usize {
        self.symbols.len()
    }

    /// The seat of a node.
    #[inline]
    pub(super) fn seat(&self, node: u16) -> Option<&Seat> {
        self.seats.get(usize::from(node))
    }

    /// A loop.
    #[inline]
    pub(super) fn ring(&self, ring: u16) -> Option<&Ring> {
        self.rings.get(usize::from(ring))
    }

    /// How many loops there are.
    pub(super) fn rings(&self) -> usize {
        self.rings.len()
    }

    /// The first place in no loop that must be filled.
    pub(super) fn first_required(&self) -> u16 {
        self.first_required
    }

    /// Whether any places form a group.
    pub(super) fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// How many nodes there are.
    pub(super) fn seats(&self) -> usize {
        self.seats.len()
    }

    /// The members of a group.
    pub(super) fn group(&self, group: u16) -> &[u16] {
        self.groups.get(usize::from(group)).map_or(&[], Vec::as_slice)
    }

    /// Whether this place must be filled.
    pub(super) fn is_required(&self, node: u16) -> bool {
        self.seat(node).is_some_and(|seat| seat.required)
    }

    /// Places in no loop, and the heads of outermost loops, that stand from the one that `node` is
    /// in up to `end`.
    pub(super) fn outermost(&self, node: u16, end: u16) -> impl Iterator<Item = &Seat> {
        let from = self.outermost.partition_point(|at| *at <= node).saturating_sub(1);
        let places = self.outermost.get(from..).unwrap_or_default().iter();
        places.take_while(move |at| **at < end).filter_map(|at| self.seat(*at))
    }

    /// Whether the codes that `node` takes at the place that tells its id's places apart hold
    /// `value`; every code is right where the node has no list.
    pub(super) fn admits(&self, node: u16, value: &[u8]) -> bool {
        let codes = self.seat(node).and_then(|seat| seat.qualifier.as_ref());
        codes.is_none_or(|codes| codes.contains(value))
    }

    fn new_seat(&self, index: u16, node: &Node) -> Seat {
        let parent = node.parent.map_or(NONE, narrow);
        let mut level = parent;
        while let Some(ring) = self.ring(level)
            && ring.head == index
        {
            level = ring.parent;
        }
        Seat {
            symbol: NONE,
            parent,
            heads: if level == parent { NONE } else { parent },
            level,
            max: node.max,
            table: node.table,
            next_required: NONE,
            next_beside: NONE,
            group: NONE,
            unused: node.usage == Usage::NotUsed,
            role: Role::of(node.id.as_str()),
            required: is_required(node),
            mandatory: mandatory(&node.segment.elements),
            qualifier: qualifier(node),
        }
    }

    /// Gives each id its symbol, and each symbol its places and its slot.
    fn index(&mut self, symbols: &BTreeMap<SegmentId, Vec<u16>>) {
        let size = (symbols.len() * 4).next_power_of_two();
        self.slots = vec![Slot { key: 0, symbol: NONE }; size];
        for (symbol, (id, places)) in (0..NONE).zip(symbols) {
            let first = self.occurrences.len();
            self.occurrences.extend(places);
            let last = self.occurrences.len();
            for place in places {
                if let Some(seat) = self.seats.get_mut(usize::from(*place)) {
                    seat.symbol = symbol;
                }
            }
            let split = self.differ(places);
            self.symbols.push(Symbol { first: wide(first), last: wide(last), split });
            let key = key(id.as_str().as_bytes());
            let mut at = hash(key);
            while let Some(slot) = self.slots.get_mut(at & (size - 1)) {
                if slot.symbol == NONE {
                    *slot = Slot { key, symbol };
                    break;
                }
                at += 1;
            }
        }
    }

    /// Whether these places have different lists of codes to tell them apart.
    fn differ(&self, places: &[u16]) -> bool {
        let mut lists = places
            .iter()
            .filter_map(|place| self.seat(*place))
            .map(|seat| seat.qualifier.as_ref().map(Arc::as_ptr));
        let first = lists.next();
        lists.any(|list| Some(list) != first)
    }

    /// Links each place to the next that must be filled, in the loop that it is met in.
    fn require(&mut self) {
        let mut members: Vec<Vec<u16>> = vec![Vec::new(); self.rings.len()];
        for (index, seat) in (0..NONE).zip(&self.seats) {
            match members.get_mut(usize::from(seat.level)) {
                Some(ring) => ring.push(index),
                None => self.outermost.push(index),
            }
        }
        let outermost = std::mem::take(&mut self.outermost);
        self.first_required = self.link(&outermost);
        self.outermost = outermost;
        self.hide();
        let mut first_inside = vec![NONE; self.rings.len()];
        for (members, first) in members.iter().zip(&mut first_inside) {
            *first = self.link(members);
        }
        // A loop's head is met in the loop around it, and stands before all others in its own.
        for (index, first) in (0..NONE).zip(&first_inside) {
            let Some(ring) = self.ring(index).copied() else { continue };
            if let Some(seat) = self.seats.get_mut(usize::from(ring.head))
                && seat.heads == index
            {
                seat.next_required = *first;
            }
            let around = self.ring(ring.parent).is_some_and(|around| around.head == ring.head);
            let next = if around {
                first_inside.get(usize::from(ring.parent)).copied().unwrap_or(NONE)
            } else {
                self.seat(ring.head).map_or(NONE, |seat| seat.next_beside)
            };
            if let Some(ring) = self.rings.get_mut(usize::from(index)) {
                ring.next_required = next;
            }
        }
    }

    /// What stands in a loop that is not used is not used either.
    fn hide(&mut self) {
        for ring in self.rings.clone() {
            if self.seat(ring.head).is_some_and(|head| head.unused) {
                let range = usize::from(ring.head)..usize::from(ring.end);
                for seat in self.seats.get_mut(range).unwrap_or_default() {
                    seat.unused = true;
                }
            }
        }
    }

    /// Links the members of one loop; the first of them that must be filled is returned.
    fn link(&mut self, members: &[u16]) -> u16 {
        let mut next = NONE;
        for member in members.iter().rev() {
            if let Some(seat) = self.seats.get_mut(usize::from(*member)) {
                seat.next_beside = next;
                seat.next_required = next;
            }
            if self.is_required(*member) {
                next = *member;
            }
        }
        self.gather(members);
        next
    }

    /// Puts members of one id that stand one beside the other into a group.
    fn gather(&mut self, members: &[u16]) {
        let symbol = |plan: &Self, node: &u16| plan.seat(*node).map(|seat| seat.symbol);
        let runs = members.chunk_by(|one, next| symbol(self, one) == symbol(self, next));
        let runs: Vec<Vec<u16>> = runs.filter(|run| run.len() > 1).map(<[u16]>::to_vec).collect();
        for run in runs {
            for member in &run {
                if let Some(seat) = self.seats.get_mut(usize::from(*member)) {
                    seat.group = narrow(self.groups.len());
                }
            }
            self.groups.push(run);
        }
    }
}

/// Whether the standard or the guide demands the segment at `node`.
fn is_required(node: &Node) -> bool {
    (node.requirement == Requirement::Mandatory || node.usage == Usage::Must)
        && node.usage != Usage::NotUsed
}

/// Which of these elements must be there, as bits; beyond the 64th nothing is mandatory in X12.
pub(super) fn mandatory(elements: &[ElementUse]) -> u64 {
    (1_u32..)
        .zip(elements)
        .filter(|(_, element)| element.requirement == Requirement::Mandatory)
        .fold(0, |bits, (number, _)| bits | bit(number))
}

/// Where the code stands that tells what a segment is about: guides split loops by it.
pub(super) fn qualifying_element(id: &[u8]) -> usize {
    if id == b"HL" { 3 } else { 1 }
}

fn qualifier(node: &Node) -> Option<Arc<Codes>> {
    let place = qualifying_element(node.id.as_str().as_bytes());
    node.segment.elements.get(place - 1)?.codes.clone()
}

/// An id of two or three bytes in one word; zero for what can be none.
#[inline]
fn key(id: &[u8]) -> u32 {
    match id {
        [a, b] => u32::from_be_bytes([1, *a, *b, b' ']),
        [a, b, c] => u32::from_be_bytes([1, *a, *b, *c]),
        _ => 0,
    }
}

/// Spreads keys over the slots.
#[inline]
fn hash(key: u32) -> usize {
    usize::try_from(key.wrapping_mul(0x9E37_79B1) >> 16).unwrap_or(0)
}

fn narrow(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(NONE)
}

fn wide(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::testing::set;
    use super::*;

    #[test]
    fn every_id_of_a_set_has_a_symbol_and_its_places_in_order() {
        let rules = set("ST! BEG! REF {N1*200 N1 N3*2 REF} {PO1*9 PO1 {N1*5 N1 REF}} SE!");
        let plan = Plan::new(&rules);
        for (index, node) in (0..).zip(&rules.nodes) {
            let symbol = plan.symbol(node.id.as_str().as_bytes()).unwrap();
            assert!(plan.places(symbol).contains(&index), "{}", node.id);
            assert!(plan.places(symbol).is_sorted());
        }
        assert_eq!(plan.symbol(b"ZZZ"), None);
        assert_eq!(plan.symbol(b""), None);
        assert_eq!(plan.symbol(b"ST*"), None);
    }

    #[test]
    fn what_must_come_next_is_linked_within_each_loop() {
        let rules = set("ST! BEG! REF {N1*9 N1 N3! N4} {PO1!*9 PO1 PID} SE!");
        let plan = Plan::new(&rules);
        let at = |id: &str| {
            let node = rules.nodes.iter().position(|node| node.id.as_str() == id).unwrap();
            u16::try_from(node).unwrap()
        };
        assert_eq!(plan.first_required(), at("ST"));
        assert_eq!(plan.seat(at("BEG")).unwrap().next_required, at("PO1"));
        assert_eq!(plan.seat(at("N1")).unwrap().next_required, at("N3"));
        assert_eq!(plan.seat(at("N1")).unwrap().next_beside, at("PO1"));
        assert_eq!(plan.seat(at("N3")).unwrap().next_required, NONE);
        assert_eq!(plan.ring(0).unwrap().next_required, at("PO1"));
        assert_eq!(plan.ring(1).unwrap().next_required, at("SE"));
        assert_eq!(plan.seat(at("SE")).unwrap().next_required, NONE);
    }

    #[test]
    fn rules_without_nodes_make_a_plan_without_places() {
        let plan = Plan::new(&SetRules::default());
        assert_eq!(plan.symbol(b"ST"), None);
        assert_eq!(plan.first_required(), NONE);
    }
}
