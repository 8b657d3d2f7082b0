//! A set becomes a document: the plan is walked, and what it takes is written as JSON text.

use super::error::MapErrorKind;
use super::instances::{Instances, NONE, index};
use super::plan::{LoopList, Member, Plan, Read};
use super::text::{Classes, Stamp};
use crate::grammar::Placement;
use crate::x12::Set;
use std::collections::HashMap;

/// How deep levels may nest; real documents have five.
pub(super) const MOST_LEVELS: usize = 24;

/// The memory of reading, kept from one set to the next.
#[derive(Debug, Default)]
pub(super) struct ReadScratch {
    pub(super) instances: Instances,
    /// For each segment, the elements that rules took: bit n for element n, bit 0 for any.
    pub(super) taken: Vec<u64>,
    /// For each segment, which of the claims on its place won.
    pub(super) ranks: Vec<u16>,
    /// For each composite of which components were taken, by segment and element, which.
    pub(super) parts: HashMap<(u32, u8), u64>,
    /// For each of the plan's picks, its segment.
    pub(super) picks: Vec<u32>,
    /// For each chain of the plan, its first segment and its last; for each segment, the next.
    pub(super) chains: Vec<(u32, u32)>,
    pub(super) links: Vec<u32>,
    /// For each of the plan's loop lists, its first instance and its last; for each instance, the
    /// next, and the rank of its list's claim.
    pub(super) lists: Vec<(u32, u32)>,
    pub(super) followers: Vec<u32>,
    pub(super) claimed: Vec<u16>,
    /// For each level, its first level inside and its last.
    pub(super) inner: Vec<(u32, u32)>,
    /// The level that has a number.
    pub(super) numbers: HashMap<Box<[u8]>, u32>,
}

/// All parts of an object.
const ALL: u64 = u64::MAX;

/// No claim won.
pub(super) const UNCLAIMED: u16 = u16::MAX;

/// A walk through the plan over one set.
pub(super) struct Walk<'w> {
    pub(super) plan: &'w Plan,
    pub(super) set: &'w Set<'w>,
    pub(super) placement: &'w Placement,
    pub(super) scratch: &'w mut ReadScratch,
    pub(super) out: &'w mut Vec<u8>,
    pub(super) classes: &'w Classes,
}

impl<'w> Walk<'w> {
    pub(super) fn new(
        plan: &'w Plan,
        set: &'w Set<'w>,
        placement: &'w Placement,
        scratch: &'w mut ReadScratch,
        classes: &'w Classes,
        out: &'w mut Vec<u8>,
    ) -> Self {
        Self { plan, set, placement, scratch, out, classes }
    }

    /// Appends the document that the set is.
    pub(super) fn document(&mut self) -> Result<(), MapErrorKind> {
        let scratch = &mut *self.scratch;
        let shape = &self.plan.shape;
        scratch.instances.build(self.set, self.placement, shape, self.classes);
        let (segments, instances) = (self.set.len(), scratch.instances.list.len());
        refill(&mut scratch.taken, segments, 0);
        refill(&mut scratch.ranks, segments, UNCLAIMED);
        refill(&mut scratch.links, segments, NONE);
        refill(&mut scratch.followers, instances, NONE);
        refill(&mut scratch.claimed, instances, UNCLAIMED);
        refill(&mut scratch.inner, instances, (NONE, NONE));
        refill(&mut scratch.picks, self.plan.picks.len(), NONE);
        refill(&mut scratch.chains, self.plan.linked, (NONE, NONE));
        refill(&mut scratch.lists, self.plan.loops.len(), (NONE, NONE));
        scratch.parts.clear();
        scratch.numbers.clear();
        // ST01 and ST02 are the envelope's.
        if let Some(header) = scratch.taken.first_mut() {
            *header = 0b111;
        }
        self.out.extend_from_slice(&self.plan.opening);
        let Some(root) = self.plan.members.first() else { return Ok(()) };
        self.instance(root, 0, None, 0)?;
        close(self.out, b'}');
        Ok(())
    }

    /// Writes the fields of one instance; levels inside follow if it is a level.
    fn instance(
        &mut self,
        member: &'w Member,
        at: u32,
        levels: Option<usize>,
        depth: usize,
    ) -> Result<(), MapErrorKind> {
        let Some(instance) = self.scratch.instances.get(at) else { return Ok(()) };
        let reads = self.claim_segments(member, instance) | self.claim_instances(member, instance);
        if levels.is_some() {
            self.count_children(at, instance);
        }
        self.object(member.object, reads, member.picks.start, member.chains.start, depth)?;
        self.unmapped(at, instance);
        let Some(levels) = levels else { return Ok(()) };
        let first = self.scratch.inner.get(index(at)).map_or(NONE, |(first, _)| *first);
        let list = self.plan.loops.get(levels);
        match list.and_then(|list| Some((list, list.contents.as_ref()?))) {
            Some((_, key)) if first != NONE => self.list(levels, key, first, depth + 1),
            _ => Ok(()),
        }
    }

    /// Reads the parts of an object whose bits are set in `reads`, in the order of the map.
    fn object(
        &mut self,
        object: usize,
        mut reads: u64,
        picks: usize,
        chains: usize,
        depth: usize,
    ) -> Result<(), MapErrorKind> {
        let Some(object) = self.plan.objects.get(object) else { return Ok(()) };
        if let Some(beyond) =
            u32::try_from(object.reads.len()).ok().and_then(|n| ALL.checked_shl(n))
        {
            reads &= !beyond;
        }
        while reads != 0 {
            let number = index(reads.trailing_zeros());
            reads &= reads - 1;
            let several = if number == 63 { object.reads.len() } else { number + 1 };
            for read in object.reads.get(number..several).unwrap_or_default() {
                self.read(read, picks, chains, depth)?;
            }
        }
        Ok(())
    }

    fn read(
        &mut self,
        read: &'w Read,
        picks: usize,
        chains: usize,
        depth: usize,
    ) -> Result<(), MapErrorKind> {
        match read {
            Read::Fields { pick, fields, elements } => {
                self.fields(picks + pick, fields, elements.as_ref());
            }
            Read::Object { object, key } => {
                let before = self.out.len();
                key.push(self.out);
                self.object(*object, ALL, picks, chains, depth)?;
                self.end(before, key.len(), b'}');
            }
            Read::Chain(chain) => self.chain(*chain, chains, depth)?,
            Read::Strings(number) => self.strings(*number, picks, chains),
            Read::Pairs(number) => self.pairs(*number, picks),
            Read::Loop(number) => {
                let first = self.scratch.lists.get(*number).map_or(NONE, |(first, _)| *first);
                if let Some(list) = self.plan.loops.get(*number).filter(|_| first != NONE) {
                    self.list(*number, &list.key, first, depth)?;
                }
            }
        }
        Ok(())
    }

    fn chain(&mut self, chain: usize, chains: usize, depth: usize) -> Result<(), MapErrorKind> {
        let Some(chain) = self.plan.chains.get(chain) else { return Ok(()) };
        let ends = self.scratch.chains.get(chains + chain.local);
        let mut at = ends.map_or(NONE, |(first, _)| *first);
        if at == NONE {
            return Ok(());
        }
        let before = self.out.len();
        chain.key.push(self.out);
        while at != NONE {
            if let Some(pick) = self.scratch.picks.get_mut(chain.pick) {
                *pick = at;
            }
            let start = self.out.len();
            self.out.push(b'{');
            self.object(chain.object, ALL, chain.pick, chains, depth)?;
            self.end(start, 1, b'}');
            at = self.scratch.links.get(index(at)).copied().unwrap_or(NONE);
        }
        self.end(before, chain.key.len(), b']');
        Ok(())
    }

    /// Members of a list of loops, from instance `at` on.
    fn list(
        &mut self,
        number: usize,
        key: &Stamp,
        mut at: u32,
        depth: usize,
    ) -> Result<(), MapErrorKind> {
        let Some(list) = self.plan.loops.get(number) else { return Ok(()) };
        let Some(member) = self.plan.members.get(list.member) else { return Ok(()) };
        let levels = list.contents.is_some();
        if levels && depth > MOST_LEVELS {
            return Err(MapErrorKind::TooDeep(MOST_LEVELS));
        }
        let before = self.out.len();
        key.push(self.out);
        while at != NONE {
            let follower = self.scratch.followers.get(index(at)).copied().unwrap_or(NONE);
            self.qualify(list, at);
            let start = self.out.len();
            self.out.push(b'{');
            self.instance(member, at, levels.then_some(number), depth)?;
            if levels && self.out.len() == start + 1 {
                self.out.extend_from_slice(b"},");
            } else {
                self.end(start, 1, b'}');
            }
            at = follower;
        }
        self.end(before, key.len(), b']');
        Ok(())
    }

    /// Marks the elements that made an instance a member of a list.
    fn qualify(&mut self, list: &LoopList, at: u32) {
        let head = self.scratch.instances.get(at).map_or(NONE, |instance| instance.first);
        let qualifiers = self.plan.qualifiers.get(list.qualifiers.clone()).unwrap_or_default();
        let elements = qualifiers.iter().fold(0, |bits, one| bits | 1 << one.element);
        self.take(head, usize::MAX, elements);
    }

    /// Ends what was opened at `start` with `opening` bytes, or takes it back if it is empty.
    pub(super) fn end(&mut self, start: usize, opening: usize, closing: u8) {
        if self.out.len() == start + opening {
            self.out.truncate(start);
        } else {
            close(self.out, closing);
            self.out.push(b',');
        }
    }
}

/// Puts `closing` in the place of the comma behind the last member.
fn close(out: &mut Vec<u8>, closing: u8) {
    match out.last_mut() {
        Some(last) if *last == b',' => *last = closing,
        _ => out.push(closing),
    }
}

fn refill<T: Copy>(list: &mut Vec<T>, len: usize, value: T) {
    list.clear();
    list.resize(len, value);
}

#[cfg(test)]
mod tests {
    use crate::map::specimen::{ORDER, ORDER_MAP, map, read, rules};
    use serde_json::json;

    fn document(body: &str) -> serde_json::Value {
        let rules = rules("850", ORDER);
        read(&map(&rules, ORDER_MAP), &rules, body)
    }

    #[test]
    fn a_set_becomes_a_document() {
        let order = document(
            "BEG*00*SA*4501**20240115
             CUR*BY*USD
             REF*DP*123
             N1*ST*Hospital
             N2*East*Wing
             N3*1 Main St
             N3*Dock 2
             REF*IA*99
             PO1*1*10*CS*9.50**VN*A-1*UP*123
             PID*F****Gloves
             PO1*2*.5*EA
             CTT*2
             AMT*TT*95.",
        );
        assert_eq!(
            order,
            json!({
                "document": "purchase-order",
                "purpose": "original",
                "number": "4501",
                "ordered_on": "2024-01-15",
                "currency": "USD",
                "references": [{ "scheme": "DP", "value": "123" }],
                "parties": [{
                    "role": "ST",
                    "names": ["East", "Wing"],
                    "address": { "lines": ["1 Main St", "Dock 2"] },
                    "references": [{ "scheme": "IA", "value": "99" }],
                    "unmapped": [{ "segment": "N1", "index": 0, "elements": ["", "Hospital"], "partial": true }],
                }],
                "lines": [
                    {
                        "line_number": "1",
                        "quantity": "10",
                        "unit": "CA",
                        "unit_given": "CS",
                        "item_ids": [{ "scheme": "vendor_item", "value": "A-1" }, { "scheme": "UP", "value": "123" }],
                        "descriptions": [{
                            "text": "Gloves",
                            "unmapped": [{ "segment": "PID", "index": 0, "elements": ["F"], "partial": true }],
                        }],
                        "unmapped": [{ "segment": "PO1", "index": 0, "elements": ["", "", "", "9.50"], "partial": true }],
                    },
                    { "line_number": "2", "quantity": "0.5", "unit": "EA" },
                ],
                "line_count": "2",
                "totals": [{ "kind": "TT", "amount": "95" }],
                "unmapped": [
                    { "segment": "BEG", "index": 0, "elements": ["", "SA"], "partial": true },
                    { "segment": "CUR", "index": 0, "elements": ["BY"], "partial": true },
                ],
            })
        );
    }
}
