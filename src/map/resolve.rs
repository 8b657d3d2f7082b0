//! What the paths of a map name in the grammar: places, elements and their types; and its tables.

use super::codes::CodeTable;
use super::compile::{Compiler, Draft, DraftPick, Place};
use super::convert::Kind;
use super::error::{FaultKind, nearest};
use super::file::{Item, Span};
use super::path::Path;
use super::plan::{Pick, Qualifier};
use super::rule::Named;
use super::shape::{Found, find};
use crate::grammar::{ElementUse, Part, SegmentId};
use std::collections::HashMap;
use std::ops::Range;

/// An element that a path names.
pub(super) struct Spot {
    /// Which pick of the member.
    pub(super) pick: usize,
    pub(super) node: usize,
    pub(super) element: u8,
    /// 0 for an element that is no composite.
    pub(super) component: u8,
    pub(super) kind: Kind,
}

/// The most elements of a segment that maps can name: one bit each in a word.
pub(super) const MOST: u8 = 61;

impl Compiler<'_> {
    /// The element that `path` names; `None` if the set has none, which is a fault where it must.
    pub(super) fn spot(
        &mut self,
        draft: &mut Draft,
        path: &Path,
        span: Span,
        shared: bool,
    ) -> Option<Spot> {
        let (pick, node) = self.pick(draft, path, span, shared)?;
        let element = path.element?;
        let (component, kind) = self.element(node, element, path.component, span)?;
        Some(Spot { pick, node, element, component, kind })
    }

    /// The component that is meant and the type of an element.
    pub(super) fn element(
        &mut self,
        node: usize,
        element: u8,
        component: u8,
        span: Span,
    ) -> Option<(u8, Kind)> {
        let rules = self.rules;
        let segment = || self.plan.shape.id(node).map(|id| id.to_string()).unwrap_or_default();
        let has = rules.nodes.get(node).map_or(0, |node| node.segment.elements.len());
        let place = usize::from(element).checked_sub(1)?;
        let Some(found) = rules.nodes.get(node).and_then(|node| node.segment.elements.get(place))
        else {
            let kind = FaultKind::ElementBeyond { segment: segment(), element, has };
            return self.missing(span, kind);
        };
        if element > MOST {
            let has = usize::from(MOST);
            let kind = FaultKind::ElementBeyond { segment: segment(), element, has };
            return self.missing(span, kind);
        }
        match &found.part {
            // Releases differ in whether a unit is a composite: its first component is the same.
            Part::Simple(_) if component <= 1 => Some((0, kind_of(found))),
            Part::Composite(_) if component == 0 && self.strict(span) => {
                let kind = FaultKind::Composite { segment: segment(), element };
                self.missing(span, kind)
            }
            Part::Composite(composite) => {
                let component = component.max(1);
                if let Some(part) = composite.components.get(usize::from(component) - 1) {
                    return Some((component, kind_of(part)));
                }
                let kind = FaultKind::NoComponent { segment: segment(), element, component };
                self.missing(span, kind)
            }
            Part::Simple(_) => {
                let kind = FaultKind::NoComponent { segment: segment(), element, component };
                self.missing(span, kind)
            }
        }
    }

    /// How many components an element has.
    pub(super) fn parts(&self, node: usize, element: u8) -> u8 {
        let at = usize::from(element).saturating_sub(1);
        let node = self.rules.nodes.get(node);
        match node.and_then(|node| node.segment.elements.get(at)).map(|element| &element.part) {
            Some(Part::Composite(composite)) => {
                u8::try_from(composite.components.len()).unwrap_or(u8::MAX)
            }
            Some(Part::Simple(_)) | None => 0,
        }
    }

    /// The pick for the segment that `path` names, made if there is none yet.
    pub(super) fn pick(
        &mut self,
        draft: &mut Draft,
        path: &Path,
        span: Span,
        shared: bool,
    ) -> Option<(usize, usize)> {
        let node = match self.found(draft.place, path, span, shared)? {
            Found::Segment(node) => node,
            Found::Loop(at) => {
                let one = self.rules.loops.get(at)?;
                if self.repeats(at) {
                    let head = self.plan.shape.id(one.head).map(|id| id.to_string());
                    return self.missing(span, FaultKind::LoopRepeats(head.unwrap_or_default()));
                }
                one.head
            }
        };
        if draft.place == Place::Segment(node) && path.qualifiers.is_empty() {
            return Some((0, node));
        }
        let known = draft.picks.iter().position(|one| {
            one.pick.node == node && self.has_qualifiers(&one.pick.qualifiers, &path.qualifiers)
        });
        if let Some(known) = known {
            return Some((known, node));
        }
        let (qualifiers, qualified) = self.qualifiers(path, node, span)?;
        let pick = Pick { node, qualifiers, qualified, rank: 0, defaults: 0..0 };
        draft.picks.push(DraftPick { pick, elements: 0, presets: vec![] });
        Some((draft.picks.len() - 1, node))
    }

    /// What the segment of `path` names from `place`.
    pub(super) fn found(
        &mut self,
        place: Place,
        path: &Path,
        span: Span,
        shared: bool,
    ) -> Option<Found> {
        let (mut around, Some(id)) = (place, path.segment) else {
            return match place {
                Place::Segment(node) => Some(Found::Segment(node)),
                Place::Loop(Some(at)) => {
                    self.rules.loops.get(at).map(|one| Found::Segment(one.head))
                }
                Place::Loop(None) => {
                    let kind = FaultKind::Wanted("a path with a segment");
                    self.faults.push(span, kind);
                    None
                }
            };
        };
        for through in &path.through {
            match self.from(around, *through) {
                Some(Found::Loop(at)) if self.repeats(at) => {
                    return self.missing(span, FaultKind::LoopRepeats(through.to_string()));
                }
                Some(Found::Loop(at)) => around = Place::Loop(Some(at)),
                Some(Found::Segment(_)) | None => {
                    return self.no_segment(around, *through, span, shared);
                }
            }
        }
        match self.from(around, id) {
            Some(found) => Some(found),
            None => self.no_segment(around, id, span, shared),
        }
    }

    /// Whether a loop is one of which there are several, or which some rule makes a list of.
    fn repeats(&self, at: usize) -> bool {
        self.kept.contains(&at) || self.rules.loops.get(at).is_none_or(|one| one.max != 1)
    }

    fn from(&self, place: Place, id: SegmentId) -> Option<Found> {
        match place {
            Place::Loop(around) => find(self.rules, around, id),
            Place::Segment(node) => {
                Some(Found::Segment(node)).filter(|_| self.plan.shape.id(node) == Some(id))
            }
        }
    }

    fn no_segment<T>(
        &mut self,
        place: Place,
        id: SegmentId,
        span: Span,
        shared: bool,
    ) -> Option<T> {
        if shared {
            return None;
        }
        let place = match place {
            Place::Loop(None) => format!("the set {}", self.rules.id),
            Place::Loop(Some(at)) => {
                format!("the loop {}", self.rules.loops.get(at).map_or("", |one| &one.id))
            }
            Place::Segment(node) => {
                self.plan.shape.id(node).map(|id| id.to_string()).unwrap_or_default()
            }
        };
        self.missing(span, FaultKind::UnknownSegment { segment: id.to_string(), place })
    }

    /// Something that the grammar does not have: a fault where rules must have their place.
    pub(super) fn missing<T>(&mut self, span: Span, kind: FaultKind) -> Option<T> {
        if self.strict(span) {
            self.faults.push(span, kind);
        }
        None
    }

    /// Adds the qualifiers of a path to the plan, and tells which elements they are.
    pub(super) fn qualifiers(
        &mut self,
        path: &Path,
        node: usize,
        span: Span,
    ) -> Option<(Range<usize>, u64)> {
        let first = self.plan.qualifiers.len();
        let mut elements = 0;
        for (element, value) in &path.qualifiers {
            self.element(node, *element, 0, span)?;
            let value = value.as_str().into();
            self.plan.qualifiers.push(Qualifier { element: *element, value });
            elements |= 1 << *element;
        }
        Some((first..self.plan.qualifiers.len(), elements))
    }

    pub(super) fn has_qualifiers(&self, have: &Range<usize>, want: &[(u8, String)]) -> bool {
        let have = self.plan.qualifiers.get(have.clone()).unwrap_or_default();
        let pairs = have.iter().map(|one| (one.element, &*one.value));
        pairs.eq(want.iter().map(|(element, value)| (*element, value.as_str())))
    }

    /// The table that a rule names, compiled if it is not yet; aliases need not go both ways.
    pub(super) fn table(&mut self, named: &Named, alias: bool) -> Option<usize> {
        let key = (named.text.clone(), alias);
        if let Some(known) = self.tables.get(&key) {
            return *known;
        }
        let table = self.codes.get(&named.text).and_then(Item::table);
        let number = match table {
            None => {
                let nearest = nearest(&named.text, self.codes.keys()).map(str::to_owned);
                let kind = FaultKind::UnknownTable { name: named.text.clone(), nearest };
                self.faults.push(named.span, kind);
                None
            }
            Some(table) => {
                let mut pairs = vec![];
                let mut seen = HashMap::new();
                for entry in table.entries() {
                    let Some(word) = entry.item.text() else {
                        self.faults.push(entry.item.span, FaultKind::Wanted("text in quotes"));
                        continue;
                    };
                    if !alias {
                        self.word(word, &entry.key, entry.item.span, &mut seen);
                    }
                    pairs.push((entry.key.as_str(), word));
                }
                self.plan.tables.push(CodeTable::new(pairs));
                Some(self.plan.tables.len() - 1)
            }
        };
        self.tables.insert(key, number);
        number
    }

    /// Whether a word can stand for its code alone, and cannot be taken for a code itself.
    fn word(&mut self, word: &str, code: &str, span: Span, seen: &mut HashMap<String, String>) {
        if !word.bytes().any(|byte| byte.is_ascii_lowercase()) {
            self.faults.push(span, FaultKind::WordLikeCode(word.to_owned()));
        }
        if let Some(first) = seen.insert(word.to_owned(), code.to_owned()) {
            let (word, second) = (word.to_owned(), code.to_owned());
            self.faults.push(span, FaultKind::TwoCodesOneWord { word, first, second });
        }
    }
}

fn kind_of(place: &ElementUse) -> Kind {
    match &place.part {
        Part::Simple(element) => Kind::of(element.kind, place.min, place.max),
        Part::Composite(_) => Kind::Text,
    }
}
