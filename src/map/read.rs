//! A set becomes a document: the plan is walked, and what it takes is written as JSON text.

use super::convert::Kind;
use super::error::MapErrorKind;
use super::instances::{Instance, Instances, NONE, index};
use super::plan::{Claimant, Field, LoopList, Member, Pairs, Plan, Read, Strings};
use super::text::{Classes, push_escaped};
use crate::grammar::Placement;
use crate::x12::{Element, Segment, Set};
use std::collections::HashMap;
use std::ops::Range;

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
    picks: Vec<u32>,
    /// For each chain of the plan, its first segment and its last; for each segment, the next.
    chains: Vec<(u32, u32)>,
    links: Vec<u32>,
    /// For each of the plan's loop lists, its first instance and its last; for each instance, the
    /// next, and the rank of its list's claim.
    lists: Vec<(u32, u32)>,
    followers: Vec<u32>,
    pub(super) claimed: Vec<u16>,
    /// For each level, its first level inside and its last.
    inner: Vec<(u32, u32)>,
    /// The level that has a number.
    numbers: HashMap<Box<[u8]>, u32>,
}

/// No claim won.
pub(super) const UNCLAIMED: u16 = u16::MAX;

/// A walk through the plan over one set.
pub(super) struct Walk<'w> {
    pub(super) plan: &'w Plan,
    pub(super) set: &'w Set<'w>,
    pub(super) placement: &'w Placement,
    pub(super) scratch: &'w mut ReadScratch,
    pub(super) out: &'w mut Vec<u8>,
    classes: Classes,
}

impl<'w> Walk<'w> {
    pub(super) fn new(
        plan: &'w Plan,
        set: &'w Set<'w>,
        placement: &'w Placement,
        scratch: &'w mut ReadScratch,
        out: &'w mut Vec<u8>,
    ) -> Self {
        let classes = Classes::new(set.delimiters());
        Self { plan, set, placement, scratch, out, classes }
    }

    /// Appends the document that the set is.
    pub(super) fn document(&mut self) -> Result<(), MapErrorKind> {
        let scratch = &mut *self.scratch;
        scratch.instances.build(self.set, self.placement, &self.plan.shape);
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
        self.claim_segments(member, instance);
        self.claim_instances(member, instance);
        if levels.is_some() {
            self.count_children(at, instance);
        }
        self.object(member.object, member.picks.start, member.chains.start, depth)?;
        self.unmapped(at, instance);
        let Some(levels) = levels else { return Ok(()) };
        let first = self.scratch.inner.get(index(at)).map_or(NONE, |(first, _)| *first);
        let list = self.plan.loops.get(levels);
        match list.and_then(|list| Some((list, list.contents.as_ref()?))) {
            Some((_, key)) if first != NONE => self.list(levels, key, first, depth + 1),
            _ => Ok(()),
        }
    }

    /// Gives each segment of an instance to the rule that has the foremost claim to it.
    fn claim_segments(&mut self, member: &Member, instance: Instance) {
        let scratch = &mut *self.scratch;
        fill(&mut scratch.picks, &member.picks, NONE);
        fill(&mut scratch.chains, &member.chains, (NONE, NONE));
        let mut at = instance.first;
        while at != NONE {
            let node = if at == 0 { 0 } else { self.placement.node(index(at)).unwrap_or(0) };
            let range = member.claims.get(node).cloned().unwrap_or_default();
            let claims = member.all_claims.get(range).unwrap_or_default();
            for (rank, claim) in (0_u16..).zip(claims) {
                if !self.plan.qualified(&claim.qualifiers, self.set, at) {
                    continue;
                }
                let content = scratch.instances.filled(at) & claim.elements != 0;
                match claim.by {
                    Claimant::Pick(local) => {
                        let Some(pick) = scratch.picks.get_mut(member.picks.start + local) else {
                            continue;
                        };
                        if *pick != NONE {
                            continue;
                        }
                        *pick = at;
                    }
                    Claimant::Chain(local) if content => {
                        let Some(ends) = scratch.chains.get_mut(member.chains.start + local) else {
                            continue;
                        };
                        follow(ends, &mut scratch.links, at);
                    }
                    Claimant::Chain(_) => {}
                }
                if content {
                    if let Some(slot) = scratch.ranks.get_mut(index(at)) {
                        *slot = rank;
                    }
                    break;
                }
            }
            at = scratch.instances.next(at);
        }
    }

    /// Gives each inner instance to the list that has the foremost claim to it.
    fn claim_instances(&mut self, member: &Member, instance: Instance) {
        for claim in &member.all_loop_claims {
            if let Some(ends) = self.scratch.lists.get_mut(claim.list) {
                *ends = (NONE, NONE);
            }
        }
        let mut at = instance.child;
        while let Some(inner) = self.scratch.instances.get(at) {
            let range = member.loop_claims.get(inner.scope).cloned().unwrap_or_default();
            let claims = member.all_loop_claims.get(range).unwrap_or_default();
            let won = (0_u16..)
                .zip(claims)
                .find(|(_, claim)| self.plan.qualified(&claim.qualifiers, self.set, inner.first));
            if let Some((rank, claim)) = won {
                let levels =
                    self.plan.loops.get(claim.list).is_some_and(|list| list.contents.is_some());
                let parent = if levels { self.parent(at, inner.first) } else { NONE };
                let scratch = &mut *self.scratch;
                if let Some(claimed) = scratch.claimed.get_mut(index(at)) {
                    *claimed = rank;
                }
                let ends = match scratch.inner.get_mut(index(parent)) {
                    Some(ends) => Some(ends),
                    None => scratch.lists.get_mut(claim.list),
                };
                if let Some(ends) = ends {
                    follow(ends, &mut scratch.followers, at);
                }
            }
            at = inner.sibling;
        }
    }

    /// The level that HL02 names, among those before; HL01 is kept for those that follow.
    fn parent(&mut self, at: u32, head: u32) -> u32 {
        let Some(segment) = self.set.segment(index(head)) else { return NONE };
        let parent = segment.element(2).bytes();
        let found = self.scratch.numbers.get(parent).copied().unwrap_or(NONE);
        if let Some(taken) = self.scratch.taken.get_mut(index(head)) {
            *taken |= if found == NONE { 0b011 } else { 0b111 };
        }
        let number = segment.element(1).bytes();
        if !number.is_empty() {
            self.scratch.numbers.insert(number.into(), at);
        }
        found
    }

    /// HL04 is computed on writing; one that says otherwise is left over.
    fn count_children(&mut self, at: u32, instance: Instance) {
        let inner = self.scratch.inner.get(index(at)).is_some_and(|(first, _)| *first != NONE);
        let expected: &[u8] = if inner { b"1" } else { b"0" };
        let said = self.set.segment(index(instance.first)).map(|head| head.element(4).bytes());
        if said == Some(expected)
            && let Some(taken) = self.scratch.taken.get_mut(index(instance.first))
        {
            *taken |= 1 << 4;
        }
    }

    fn object(
        &mut self,
        object: usize,
        picks: usize,
        chains: usize,
        depth: usize,
    ) -> Result<(), MapErrorKind> {
        let Some(object) = self.plan.objects.get(object) else { return Ok(()) };
        for read in &object.reads {
            match read {
                Read::Fields { pick, fields } => self.fields(picks + pick, fields),
                Read::Object { object, key } => {
                    let before = self.out.len();
                    self.out.extend_from_slice(key);
                    self.object(*object, picks, chains, depth)?;
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
        }
        Ok(())
    }

    /// Fields of one segment.
    fn fields(&mut self, pick: usize, fields: &Range<usize>) {
        let at = self.scratch.picks.get(pick).copied().unwrap_or(NONE);
        let Some(segment) = self.set.segment(index(at)) else { return };
        let filled = self.scratch.instances.filled(at);
        let mut taken = 0;
        for field in self.plan.fields.get(fields.clone()).unwrap_or_default() {
            let bit = 1 << field.element;
            if filled & bit == 0 {
                continue;
            }
            let element = segment.element(usize::from(field.element));
            let read = if field.component == 0 {
                self.value(field, element.bytes())
            } else {
                self.component(field, at, element)
            };
            if read.is_some() {
                taken |= bit;
            }
        }
        self.take(at, pick, taken);
    }

    /// Marks elements of segment `at` as taken, and those that qualified it.
    pub(super) fn take(&mut self, at: u32, pick: usize, elements: u64) {
        if elements != 0
            && let Some(taken) = self.scratch.taken.get_mut(index(at))
        {
            let qualified = self.plan.picks.get(pick).map_or(0, |pick| pick.qualified);
            *taken |= elements | qualified | 1;
        }
    }

    fn component(&mut self, field: &Field, at: u32, element: Element<'_>) -> Option<()> {
        let repetition = self.set.delimiters().repetition;
        if element.bytes().iter().any(|byte| Some(*byte) == repetition) {
            return None;
        }
        let component = element.component(usize::from(field.component));
        if component.is_empty() {
            return None;
        }
        self.value(field, component.bytes())?;
        let part = 1_u64.checked_shl(field.component.into()).unwrap_or(0);
        *self.scratch.parts.entry((at, field.element)).or_default() |= part;
        Some(())
    }

    /// Writes a field; `None`, and nothing written, if the value does not have its form.
    fn value(&mut self, field: &Field, raw: &[u8]) -> Option<()> {
        let before = self.out.len();
        self.out.extend_from_slice(&field.key);
        let read = match (field.codes, &field.alias) {
            (Some(table), _) => self.word(table, raw),
            (None, Some((table, given))) => {
                let meant = self.plan.tables.get(*table).and_then(|table| table.word(raw));
                match meant.filter(|meant| meant.as_bytes() != raw) {
                    None => self.classes.push(raw, self.out),
                    Some(meant) => {
                        push_escaped(meant, self.out);
                        self.out.extend_from_slice(b"\",");
                        self.out.extend_from_slice(given);
                        self.classes.push(raw, self.out)
                    }
                }
            }
            (None, None) => self.convert(field.kind, raw),
        };
        if read.is_none() {
            self.out.truncate(before);
            return None;
        }
        self.out.extend_from_slice(b"\",");
        Some(())
    }

    fn convert(&mut self, kind: Kind, raw: &[u8]) -> Option<()> {
        match kind {
            Kind::Text => self.classes.push(raw, self.out),
            other => other.read(raw, self.out),
        }
    }

    /// The word for a code; a code without one stands as it is, unless it looks like a word.
    fn word(&mut self, table: usize, raw: &[u8]) -> Option<()> {
        let table = self.plan.tables.get(table)?;
        if let Some(word) = table.word(raw) {
            push_escaped(word, self.out);
            return Some(());
        }
        let small = raw.iter().any(u8::is_ascii_lowercase);
        if small && table.code(raw).is_some() {
            return None;
        }
        self.classes.push(raw, self.out)
    }

    fn chain(&mut self, chain: usize, chains: usize, depth: usize) -> Result<(), MapErrorKind> {
        let Some(chain) = self.plan.chains.get(chain) else { return Ok(()) };
        let ends = self.scratch.chains.get(chains + chain.local);
        let mut at = ends.map_or(NONE, |(first, _)| *first);
        if at == NONE {
            return Ok(());
        }
        let before = self.out.len();
        self.out.extend_from_slice(&chain.key);
        while at != NONE {
            if let Some(pick) = self.scratch.picks.get_mut(chain.pick) {
                *pick = at;
            }
            let start = self.out.len();
            self.out.push(b'{');
            self.object(chain.object, chain.pick, chains, depth)?;
            self.end(start, 1, b'}');
            at = self.scratch.links.get(index(at)).copied().unwrap_or(NONE);
        }
        self.end(before, chain.key.len(), b']');
        Ok(())
    }

    fn strings(&mut self, number: usize, picks: usize, chains: usize) {
        let Some(strings) = self.plan.strings.get(number) else { return };
        let before = self.out.len();
        self.out.extend_from_slice(&strings.key);
        match strings.source {
            Claimant::Pick(pick) => {
                let at = self.scratch.picks.get(picks + pick).copied().unwrap_or(NONE);
                self.some_strings(strings, at, picks + pick);
            }
            Claimant::Chain(chain) => {
                let ends = self.scratch.chains.get(chains + chain);
                let mut at = ends.map_or(NONE, |(first, _)| *first);
                while at != NONE {
                    self.some_strings(strings, at, strings.pick);
                    at = self.scratch.links.get(index(at)).copied().unwrap_or(NONE);
                }
            }
        }
        self.end(before, strings.key.len(), b']');
    }

    /// The strings of one segment, up to one that does not have its form.
    fn some_strings(&mut self, strings: &Strings, at: u32, pick: usize) {
        let Some(segment) = self.set.segment(index(at)) else { return };
        let mut taken = 0;
        for (element, kind) in (strings.from..).zip(&strings.kinds) {
            let raw = segment.element(element.into()).bytes();
            if raw.is_empty() {
                continue;
            }
            let before = self.out.len();
            self.out.push(b'"');
            if self.convert(*kind, raw).is_none() {
                self.out.truncate(before);
                break;
            }
            self.out.extend_from_slice(b"\",");
            taken |= 1 << element;
        }
        self.take(at, pick, taken);
    }

    /// Qualifiers and values, up to one without the other.
    fn pairs(&mut self, number: usize, picks: usize) {
        let Some(pairs) = self.plan.pairs.get(number) else { return };
        let at = self.scratch.picks.get(picks + pairs.pick).copied().unwrap_or(NONE);
        let Some(segment) = self.set.segment(index(at)) else { return };
        let filled = self.scratch.instances.filled(at) >> pairs.from;
        if filled == 0 {
            return;
        }
        let before = self.out.len();
        self.out.extend_from_slice(&pairs.key);
        let mut taken = 0;
        for (number, kinds) in pairs.kinds.iter().enumerate() {
            match filled >> (2 * number) & 0b11 {
                0 => continue,
                0b11 => {}
                _ => break,
            }
            let first = usize::from(pairs.from) + 2 * number;
            let start = self.out.len();
            if self.pair(pairs, *kinds, &segment, first).is_none() {
                self.out.truncate(start);
                break;
            }
            taken |= 0b11 << first;
        }
        self.take(at, picks + pairs.pick, taken);
        self.end(before, pairs.key.len(), b']');
    }

    fn pair(
        &mut self,
        pairs: &Pairs,
        kinds: [Kind; 2],
        segment: &Segment<'_>,
        first: usize,
    ) -> Option<()> {
        let [one, two] = &pairs.keys;
        self.out.extend_from_slice(one);
        let raw = segment.element(first).bytes();
        match pairs.codes {
            Some(table) => self.word(table, raw)?,
            None => self.convert(kinds[0], raw)?,
        }
        self.out.push(b'"');
        self.out.extend_from_slice(two);
        self.convert(kinds[1], segment.element(first + 1).bytes())?;
        self.out.extend_from_slice(b"\"},");
        Some(())
    }

    /// Members of a list of loops, from instance `at` on.
    fn list(
        &mut self,
        number: usize,
        key: &[u8],
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
        self.out.extend_from_slice(key);
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
    fn end(&mut self, start: usize, opening: usize, closing: u8) {
        if self.out.len() == start + opening {
            self.out.truncate(start);
        } else {
            close(self.out, closing);
            self.out.push(b',');
        }
    }
}

impl Plan {
    /// Whether segment `at` has the values that a rule wants.
    fn qualified(&self, qualifiers: &Range<usize>, set: &Set<'_>, at: u32) -> bool {
        if qualifiers.is_empty() {
            return true;
        }
        let Some(segment) = set.segment(index(at)) else { return false };
        let wanted = self.qualifiers.get(qualifiers.clone()).unwrap_or_default();
        wanted.iter().all(|one| segment.element(one.element.into()).bytes() == one.value.as_bytes())
    }
}

/// Puts `closing` in the place of the comma behind the last member.
fn close(out: &mut Vec<u8>, closing: u8) {
    match out.last_mut() {
        Some(last) if *last == b',' => *last = closing,
        _ => out.push(closing),
    }
}

/// Appends `at` to the list with these ends.
fn follow(ends: &mut (u32, u32), links: &mut [u32], at: u32) {
    match links.get_mut(index(ends.1)) {
        Some(link) => *link = at,
        None => ends.0 = at,
    }
    ends.1 = at;
}

fn refill<T: Copy>(list: &mut Vec<T>, len: usize, value: T) {
    list.clear();
    list.resize(len, value);
}

fn fill<T: Copy>(list: &mut [T], range: &Range<usize>, value: T) {
    if let Some(part) = list.get_mut(range.clone()) {
        part.fill(value);
    }
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
