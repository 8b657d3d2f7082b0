//! Elements, composites and segments: the file's own, over those of the base.

use super::super::rules::{
    CompositeRules, ElementRules, ElementType, ElementUse, Part, Requirement, SegmentId,
    SegmentRules, Standard, UNLIMITED, Usage,
};
use super::fault::{At, Faults};
use super::kind::SefFaultKind;
use super::model::{ListRecord, Mark, Member, Model};
use super::names::plain;
use super::narrow::Everywhere;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the sets of a file are made of.
#[derive(Debug, Default)]
pub(super) struct Dictionary<'m> {
    elements: HashMap<&'m str, Arc<ElementRules>>,
    /// The elements of which the file says other than the base.
    changed: HashSet<&'m str>,
    composites: HashMap<&'m str, Arc<CompositeRules>>,
    composite_records: HashMap<&'m str, &'m ListRecord<'m>>,
    segments: HashMap<SegmentId, Arc<SegmentRules>>,
    segment_records: HashMap<SegmentId, &'m ListRecord<'m>>,
    masked: HashMap<(SegmentId, u32), Arc<SegmentRules>>,
    /// How many places of elements were copied for one place of a set.
    copied: usize,
}

impl<'m> Dictionary<'m> {
    /// The elements only; what depends on value lists and chosen codes comes later.
    pub(super) fn elements(
        model: &'m Model<'m>,
        base: Option<&'m Standard>,
        faults: &mut Faults,
    ) -> Self {
        let mut dictionary = Self::default();
        let in_base = base.into_iter().flat_map(|base| &base.elements);
        let records = model.elements.len();
        dictionary.elements.reserve(records + base.map_or(0, |base| base.elements.len()));
        dictionary.elements.extend(in_base.map(|(id, rules)| (id.as_str(), Arc::clone(rules))));
        let mut codes = HashMap::with_capacity(model.codes.len());
        for record in &model.codes {
            let list = (!record.codes.is_empty()).then_some(&record.codes);
            if codes.insert(record.element, list).is_some() {
                repeated(record.at, "the codes of element", record.element, faults);
            }
        }
        let names = &model.names.elements;
        let name = |id| names.get(id).map(|name| plain(name).into_owned());
        let mut defined = HashSet::with_capacity(records);
        for record in &model.elements {
            if !defined.insert(record.id) {
                repeated(record.at, "the element", record.id, faults);
            }
            let old = dictionary.elements.get(record.id);
            let list = codes.get(record.id).copied().flatten().cloned();
            let rules = ElementRules {
                id: record.id.to_owned(),
                name: name(record.id)
                    .or_else(|| old.map(|old| old.name.clone()))
                    .unwrap_or_default(),
                kind: record.kind,
                min: record.min,
                max: record.max,
                codes: list.or_else(|| old.and_then(|old| old.codes.clone())),
            };
            dictionary.elements.insert(record.id, Arc::new(rules));
        }
        // What the file says of elements that only the base defines.
        let renamed = names.keys().filter(|id| base.is_some() && !defined.contains(*id));
        let recoded = codes.keys().filter(|id| !defined.contains(*id));
        let touched: HashSet<&str> = renamed.chain(recoded).copied().collect();
        for id in &touched {
            let Some(rules) = dictionary.elements.get_mut(id) else { continue };
            let rules = Arc::make_mut(rules);
            if let Some(name) = name(id) {
                rules.name = name;
            }
            if let Some(list) = codes.get(id).copied().flatten() {
                rules.codes = Some(Arc::clone(list));
            }
        }
        for record in &model.codes {
            if !dictionary.elements.contains_key(record.element) {
                let id = record.element.to_owned();
                faults.warn(record.at, SefFaultKind::Undefined { what: "the element", id });
            }
        }
        if base.is_some() {
            dictionary.changed = defined.into_iter().chain(touched).collect();
        }
        dictionary
    }

    /// The rules of an element.
    pub(super) fn element(&self, id: &str) -> Option<&Arc<ElementRules>> {
        self.elements.get(id)
    }

    /// Composites and segments, each element narrowed as the file has it for everywhere.
    pub(super) fn fill(
        &mut self,
        model: &'m Model<'m>,
        base: Option<&'m Standard>,
        everywhere: &Everywhere<'m>,
        faults: &mut Faults,
    ) {
        self.base_composites(base, everywhere);
        for record in &model.composites {
            if self.composite_records.insert(record.id, record).is_some() {
                repeated(record.at, "the composite", record.id, faults);
            }
            let name = model.names.composites.get(record.id).map(|name| plain(name).into_owned());
            let old = || self.composites.get(record.id).map(|old| old.name.clone());
            let rules = CompositeRules {
                id: record.id.to_owned(),
                name: name.or_else(old).unwrap_or_default(),
                components: self.uses(record, true, everywhere, faults),
                relationals: record.relationals.clone(),
            };
            self.composites.insert(record.id, Arc::new(rules));
        }
        let changed_composites: HashSet<&str> = self.composite_records.keys().copied().collect();
        self.changed.extend(changed_composites);
        for (id, rules) in base.into_iter().flat_map(|base| &base.segments) {
            let rules = self.segment_over(rules, everywhere);
            self.segments.insert(*id, rules);
        }
        for record in &model.segments {
            let Some(id) = SegmentId::of(record.id.as_bytes()) else {
                let id = record.id.to_owned();
                faults.refuse(record.at, SefFaultKind::SegmentIdInvalid(id));
                continue;
            };
            if self.segment_records.insert(id, record).is_some() {
                repeated(record.at, "the segment", record.id, faults);
            }
            let old = || self.segments.get(&id).map(|old| old.name.clone());
            let name = model.names.segments.get(record.id).map(|name| plain(name).into_owned());
            let rules = SegmentRules {
                id,
                name: name.or_else(old).unwrap_or_default(),
                elements: self.uses(record, false, everywhere, faults),
                relationals: record.relationals.clone(),
            };
            self.segments.insert(id, Arc::new(rules));
        }
        self.rename_segments(model);
    }

    /// Names that the file gives to segments of the base.
    fn rename_segments(&mut self, model: &Model<'_>) {
        for (word, name) in &model.names.segments {
            let id = SegmentId::of(word.as_bytes());
            let Some(id) = id.filter(|id| !self.segment_records.contains_key(id)) else { continue };
            if let Some(rules) = self.segments.get_mut(&id) {
                Arc::make_mut(rules).name = plain(name).into_owned();
            }
        }
    }

    /// A segment of the dictionary, to be narrowed.
    pub(super) fn segment_mut(&mut self, id: SegmentId) -> Option<&mut SegmentRules> {
        self.segments.get_mut(&id).map(Arc::make_mut)
    }

    /// A segment through mask `number`, 0 for none; `at` is where the set asks for it.
    pub(super) fn masked(
        &mut self,
        id: SegmentId,
        number: u32,
        at: At,
        faults: &mut Faults,
    ) -> Option<Arc<SegmentRules>> {
        let Some(rules) = self.segments.get(&id) else {
            let id = id.to_string();
            faults.refuse(at, SefFaultKind::Undefined { what: "the segment", id });
            return None;
        };
        if number == 0 {
            return Some(Arc::clone(rules));
        }
        if let Some(masked) = self.masked.get(&(id, number)) {
            return Some(Arc::clone(masked));
        }
        let record = self.segment_records.get(&id).copied();
        let Some(marks) = marks(record, number) else {
            faults.refuse(at, SefFaultKind::MaskUndefined { id: id.to_string(), number });
            return Some(Arc::clone(rules));
        };
        let mut masked = SegmentRules::clone(rules);
        let components = masked.elements.iter().map(|place| match &place.part {
            Part::Composite(composite) => composite.components.len(),
            Part::Simple(_) => 0,
        });
        if !self.copy(masked.elements.len() + components.sum::<usize>(), at, faults) {
            return None;
        }
        self.mask(&mut masked.elements, marks, at, faults);
        mandatory(&masked.elements, id.as_str(), number, at, faults);
        let masked = Arc::new(masked);
        self.masked.insert((id, number), Arc::clone(&masked));
        Some(masked)
    }

    /// Whether as many places more may be copied; a small file could otherwise ask for any number.
    pub(super) fn copy(&mut self, places: usize, at: At, faults: &mut Faults) -> bool {
        self.copied = self.copied.saturating_add(places);
        let enough = self.copied <= MAX_COPIED;
        if !enough {
            let kind = SefFaultKind::TooMany { what: "narrowed elements", limit: MAX_COPIED };
            faults.refuse(at, kind);
        }
        enough
    }

    fn mask(&self, uses: &mut [ElementUse], marks: &[Mark], at: At, faults: &mut Faults) {
        // A mask shorter than the list leaves out the rest.
        let rest = std::iter::repeat(Mark { usage: Usage::NotUsed, mask: 0 });
        for (place, mark) in uses.iter_mut().zip(marks.iter().copied().chain(rest)) {
            place.usage = mark.usage;
            if mark.mask == 0 {
                continue;
            }
            let number = mark.mask;
            let id = place.part.id().to_owned();
            let record = self.composite_records.get(id.as_str()).copied();
            match (&mut place.part, self::marks(record, number)) {
                (Part::Composite(composite), Some(marks)) => {
                    let components = &mut Arc::make_mut(composite).components;
                    self.mask(components, marks, at, faults);
                    mandatory(components, &id, number, at, faults);
                }
                _ => faults.refuse(at, SefFaultKind::MaskUndefined { id, number }),
            }
        }
    }

    fn uses(
        &self,
        record: &ListRecord<'_>,
        in_composite: bool,
        everywhere: &Everywhere<'_>,
        faults: &mut Faults,
    ) -> Vec<ElementUse> {
        let mut uses = Vec::with_capacity(record.members.len());
        for member in &record.members {
            let composite = self.composites.get(member.id).filter(|_| !in_composite);
            let part = match (composite, self.elements.get(member.id)) {
                (Some(composite), _) => Part::Composite(Arc::clone(composite)),
                (None, Some(element)) => Part::Simple(Arc::clone(element)),
                (None, None) => {
                    let (what, id) = ("the element or composite", member.id.to_owned());
                    faults.refuse(member.at, SefFaultKind::Undefined { what, id });
                    Part::Simple(unknown(member.id))
                }
            };
            let mut placed = element_use(part, member);
            everywhere.narrow(&mut placed);
            uses.push(placed);
        }
        uses
    }

    /// The composites of the base, which stand only in its segments.
    fn base_composites(&mut self, base: Option<&'m Standard>, everywhere: &Everywhere<'_>) {
        let segments = base.into_iter().flat_map(|base| base.segments.values());
        for place in segments.flat_map(|segment| &segment.elements) {
            let Part::Composite(composite) = &place.part else { continue };
            if self.composites.contains_key(composite.id.as_str()) {
                continue;
            }
            let mut over = Arc::clone(composite);
            if composite.components.iter().any(|part| self.differs(part, everywhere)) {
                for part in &mut Arc::make_mut(&mut over).components {
                    self.element_over(part, everywhere);
                }
                self.changed.insert(composite.id.as_str());
            }
            self.composites.insert(composite.id.as_str(), over);
        }
    }

    /// A segment of the base with what the file says of its elements.
    fn segment_over(
        &self,
        rules: &Arc<SegmentRules>,
        everywhere: &Everywhere<'_>,
    ) -> Arc<SegmentRules> {
        let mut over = Arc::clone(rules);
        if rules.elements.iter().any(|place| self.differs(place, everywhere)) {
            for place in &mut Arc::make_mut(&mut over).elements {
                self.element_over(place, everywhere);
            }
        }
        over
    }

    fn differs(&self, place: &ElementUse, everywhere: &Everywhere<'_>) -> bool {
        let id = place.part.id();
        self.changed.contains(id) || everywhere.concerns(id)
    }

    fn element_over(&self, place: &mut ElementUse, everywhere: &Everywhere<'_>) {
        match &mut place.part {
            Part::Composite(composite) => {
                if let Some(over) = self.composites.get(composite.id.as_str()) {
                    *composite = Arc::clone(over);
                }
            }
            Part::Simple(element) => {
                if let Some(over) = self.elements.get(element.id.as_str()) {
                    if (place.min, place.max) == (element.min, element.max) {
                        (place.min, place.max) = (over.min, over.max);
                    }
                    place.codes.clone_from(&over.codes);
                    *element = Arc::clone(over);
                }
            }
        }
        everywhere.narrow(place);
    }

    /// What goes into the finished standard.
    pub(super) fn finish(
        self,
    ) -> (HashMap<SegmentId, Arc<SegmentRules>>, HashMap<String, Arc<ElementRules>>) {
        let elements = self.elements.into_iter().map(|(id, rules)| (id.to_owned(), rules));
        (self.segments, elements.collect())
    }
}

/// Real guides narrow a few thousand.
const MAX_COPIED: usize = 2_000_000;

fn element_use(part: Part, member: &Member<'_>) -> ElementUse {
    let (min, max, codes) = match &part {
        Part::Simple(element) => (element.min, element.max, element.codes.clone()),
        Part::Composite(_) => (0, UNLIMITED, None),
    };
    ElementUse {
        part,
        requirement: member.requirement,
        usage: member.usage,
        min: member.min.unwrap_or(min),
        max: member.max.map_or(max, |max| if max == 0 { UNLIMITED } else { max }),
        repeat: member.repeat,
        codes,
        codes_of_guide: false,
        values: None,
    }
}

fn marks<'r>(record: Option<&'r ListRecord<'_>>, number: u32) -> Option<&'r [Mark]> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    record?.masks.get(index)?.marks.as_deref()
}

fn mandatory(uses: &[ElementUse], id: &str, number: u32, at: At, faults: &mut Faults) {
    let forbidden = |place: &ElementUse| {
        place.requirement == Requirement::Mandatory && place.usage == Usage::NotUsed
    };
    if let Some(index) = uses.iter().position(forbidden) {
        let kind = SefFaultKind::MandatoryNotUsed { id: id.to_owned(), number, place: index + 1 };
        faults.warn(at, kind);
    }
}

fn repeated(at: At, what: &'static str, id: &str, faults: &mut Faults) {
    faults.refuse(at, SefFaultKind::Repeated { what, id: id.to_owned() });
}

/// Stands in for an element that is not defined, so that the places after it keep their numbers;
/// the file is refused.
fn unknown(id: &str) -> Arc<ElementRules> {
    let (kind, max) = (ElementType::Text, UNLIMITED);
    Arc::new(ElementRules {
        id: id.to_owned(),
        name: String::new(),
        kind,
        min: 0,
        max,
        codes: None,
    })
}
