//! The values of a set as JSON text: elements, components, lists of strings, qualifiers and values.

use super::convert::Kind;
use super::instances::{NONE, ODD, index};
use super::plan::{Claimant, Field, Pairs, Strings};
use super::read::Walk;
use super::text::Raw;
use crate::x12::{Element, Segment};
use std::ops::Range;

impl<'w> Walk<'w> {
    /// Fields of one segment.
    pub(super) fn fields(
        &mut self,
        pick: usize,
        fields: &Range<usize>,
        elements: Option<&(u64, Box<[u8]>)>,
    ) {
        let at = self.scratch.picks.get(pick).copied().unwrap_or(NONE);
        let Some(segment) = self.set.segment(index(at)) else { return };
        let filled = self.scratch.instances.filled(at);
        let plain = filled & ODD == 0;
        let fields = self.plan.fields.get(fields.clone()).unwrap_or_default();
        let mut taken = 0;
        if let Some((elements, of)) = elements {
            let mut left = filled & elements;
            while left != 0 {
                let number = of.get(index(left.trailing_zeros())).copied().map_or(0, usize::from);
                left &= left - 1;
                if let Some(field) = fields.get(number) {
                    taken |= self.field(field, at, &segment, plain);
                }
            }
        } else {
            for field in fields.iter().filter(|field| filled >> field.element & 1 != 0) {
                taken |= self.field(field, at, &segment, plain);
            }
        }
        self.take(at, pick, taken);
    }

    /// Writes a field of a segment and tells which element it took.
    fn field(&mut self, field: &Field, at: u32, segment: &Segment<'w>, plain: bool) -> u64 {
        let read = if field.component == 0 || (plain && field.component == 1) {
            self.value(field, raw(segment, field.element, plain))
        } else {
            self.component(field, at, segment.element(usize::from(field.element)))
        };
        if read.is_some() { 1 << field.element } else { 0 }
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

    fn component(&mut self, field: &Field, at: u32, element: Element<'w>) -> Option<()> {
        let repetition = self.set.delimiters().repetition;
        if element.bytes().iter().any(|byte| Some(*byte) == repetition) {
            return None;
        }
        let component = element.component(usize::from(field.component));
        if component.is_empty() {
            return None;
        }
        let bytes = component.bytes();
        self.value(field, Raw { bytes, rest: bytes, plain: false })?;
        let part = 1_u64.checked_shl(field.component.into()).unwrap_or(0);
        *self.scratch.parts.entry((at, field.element)).or_default() |= part;
        Some(())
    }

    /// Writes a field; `None`, and nothing written, if the value does not have its form.
    #[inline]
    fn value(&mut self, field: &Field, raw: Raw<'_>) -> Option<()> {
        let before = self.out.len();
        field.key.push(self.out);
        let read = match (field.codes, &field.alias) {
            (Some(table), _) => self.word(table, raw),
            (None, Some(alias)) => {
                let (table, given) = &**alias;
                let pair = self.plan.tables.get(*table).and_then(|table| table.of_code(raw.bytes));
                match pair.filter(|pair| pair.word.as_bytes() != raw.bytes) {
                    None => self.classes.push(raw, self.out),
                    Some(pair) => {
                        pair.escaped.push(self.out);
                        self.out.extend_from_slice(b"\",");
                        given.push(self.out);
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

    #[inline]
    fn convert(&mut self, kind: Kind, raw: Raw<'_>) -> Option<()> {
        if kind == Kind::Text {
            self.classes.push(raw, self.out)
        } else {
            kind.read(raw.bytes, self.out)
        }
    }

    /// The word for a code; a code without one stands as it is, unless it looks like a word.
    fn word(&mut self, table: usize, raw: Raw<'_>) -> Option<()> {
        let table = self.plan.tables.get(table)?;
        if let Some(pair) = table.of_code(raw.bytes) {
            pair.escaped.push(self.out);
            return Some(());
        }
        let small = raw.bytes.iter().any(u8::is_ascii_lowercase);
        if small && table.of_word(raw.bytes).is_some() {
            return None;
        }
        self.classes.push(raw, self.out)
    }

    pub(super) fn strings(&mut self, number: usize, picks: usize, chains: usize) {
        let Some(strings) = self.plan.strings.get(number) else { return };
        let before = self.out.len();
        strings.key.push(self.out);
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
        let plain = self.scratch.instances.filled(at) & ODD == 0;
        let mut taken = 0;
        for (element, kind) in (strings.from..).zip(&strings.kinds) {
            let raw = raw(&segment, element, plain);
            if raw.bytes.is_empty() {
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
    pub(super) fn pairs(&mut self, number: usize, picks: usize) {
        let Some(pairs) = self.plan.pairs.get(number) else { return };
        let at = self.scratch.picks.get(picks + pairs.pick).copied().unwrap_or(NONE);
        let Some(segment) = self.set.segment(index(at)) else { return };
        let filled = self.scratch.instances.filled(at);
        let plain = filled & ODD == 0;
        let mut left = (filled & !ODD) >> pairs.from;
        let before = self.out.len();
        pairs.key.push(self.out);
        let mut first = pairs.from;
        let mut taken = 0;
        for kinds in &pairs.kinds {
            match left & 0b11 {
                0 if left == 0 => break,
                0 => {}
                0b11 => {
                    let start = self.out.len();
                    if self.pair(pairs, *kinds, &segment, first, plain).is_none() {
                        self.out.truncate(start);
                        break;
                    }
                    taken |= 0b11 << first;
                }
                _ => break,
            }
            left >>= 2;
            first += 2;
        }
        self.take(at, picks + pairs.pick, taken);
        self.end(before, pairs.key.len(), b']');
    }

    fn pair(
        &mut self,
        pairs: &Pairs,
        [kind_one, kind_two]: [Kind; 2],
        segment: &Segment<'w>,
        first: u8,
        plain: bool,
    ) -> Option<()> {
        let [one, two] = &pairs.keys;
        one.push(self.out);
        let scheme = raw(segment, first, plain);
        match pairs.codes {
            Some(table) => self.word(table, scheme)?,
            None => self.convert(kind_one, scheme)?,
        }
        two.push(self.out);
        self.convert(kind_two, raw(segment, first + 1, plain))?;
        self.out.extend_from_slice(b"\"},");
        Some(())
    }
}

/// An element with the bytes that follow it.
#[inline]
fn raw<'w>(segment: &Segment<'w>, element: u8, plain: bool) -> Raw<'w> {
    let (rest, length) = segment.onward_from(element.into());
    Raw { bytes: rest.get(..length).unwrap_or_default(), rest, plain }
}
