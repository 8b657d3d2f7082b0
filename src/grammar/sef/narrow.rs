//! What a guide ties to places: the codes that it chooses, and the values that it allows.

use super::super::rules::{Codes, ElementUse, Part, SegmentRules, ValueList};
use super::dictionary::Dictionary;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::model::{CodeSet, CodesRecord, Model, Place, Spot};
use std::collections::HashMap;
use std::sync::Arc;

/// What is tied to a place.
#[derive(Clone, Debug)]
pub(super) enum Narrowing {
    /// Codes; `None` if any may stand there.
    Codes { codes: Option<Arc<Codes>>, of_guide: bool },
    /// Values.
    Values(Arc<ValueList>),
}

/// A narrowing and its place.
#[derive(Debug)]
pub(super) struct Tied<'m> {
    pub(super) place: Place<'m>,
    narrowing: Narrowing,
    /// The element that must stand there, for codes.
    element: Option<&'m str>,
}

/// What is tied to an element wherever it stands.
#[derive(Debug, Default)]
pub(super) struct Everywhere<'m> {
    codes: HashMap<&'m str, Narrowing>,
    values: HashMap<&'m str, Narrowing>,
}

/// Everything that is tied, by how near the place is.
#[derive(Debug, Default)]
pub(super) struct Ties<'m> {
    /// To an element, wherever it stands.
    pub(super) everywhere: Everywhere<'m>,
    /// To a segment, wherever it stands.
    pub(super) in_segments: Vec<Tied<'m>>,
    /// To a place of a set, by set.
    pub(super) in_sets: HashMap<&'m str, Vec<Tied<'m>>>,
}

impl Narrowing {
    /// Narrows a place to what the guide allows there.
    fn apply(&self, place: &mut ElementUse) {
        match self {
            Self::Codes { codes, of_guide } => {
                place.codes.clone_from(codes);
                place.codes_of_guide = *of_guide;
            }
            Self::Values(values) => place.values = Some(Arc::clone(values)),
        }
    }
}

impl Everywhere<'_> {
    /// Whether something is tied to this element.
    pub(super) fn concerns(&self, id: &str) -> bool {
        self.codes.contains_key(id) || self.values.contains_key(id)
    }

    /// Narrows a place where an element stands.
    pub(super) fn narrow(&self, place: &mut ElementUse) {
        for narrowings in [&self.codes, &self.values].into_iter().filter(|list| !list.is_empty()) {
            if let Some(narrowing) = narrowings.get(place.part.id()) {
                narrowing.apply(place);
            }
        }
    }
}

impl<'m> Ties<'m> {
    /// Gathers what the file ties to places.
    pub(super) fn of(
        model: &'m Model<'m>,
        dictionary: &Dictionary<'m>,
        faults: &mut Faults,
    ) -> Self {
        let mut ties = Self::default();
        for record in &model.codes {
            let list = dictionary.element(record.element).and_then(|rules| rules.codes.as_ref());
            for set in record.sets.iter().filter(|set| !set.places.is_empty()) {
                let Some(narrowing) = choose(set, list, faults) else { continue };
                for place in &set.places {
                    ties.tie(*place, narrowing.clone(), Some(record), faults);
                }
            }
        }
        for reference in &model.value_references {
            let Some(list) = model.value_lists.get(reference.list) else {
                let (what, id) = ("the value list", reference.list.to_owned());
                faults.refuse(reference.at, SefFaultKind::Undefined { what, id });
                continue;
            };
            ties.tie(reference.place, Narrowing::Values(Arc::clone(list)), None, faults);
        }
        ties
    }

    fn tie(
        &mut self,
        place: Place<'m>,
        narrowing: Narrowing,
        record: Option<&CodesRecord<'m>>,
        faults: &mut Faults,
    ) {
        let element = record.map(|record| record.element);
        let tied = Tied { place, narrowing, element };
        match place.spot {
            Spot::InSet { element: 0, .. } | Spot::InSegment { element: 0, .. } => {
                let text = place.text.to_owned();
                faults.refuse(place.at, SefFaultKind::LocationInvalid(text));
            }
            Spot::InSet { set, .. } => self.in_sets.entry(set).or_default().push(tied),
            Spot::InSegment { .. } => self.in_segments.push(tied),
            Spot::Element(id) => {
                let list = match tied.narrowing {
                    Narrowing::Codes { .. } => &mut self.everywhere.codes,
                    Narrowing::Values(_) => &mut self.everywhere.values,
                };
                list.insert(id, tied.narrowing);
            }
        }
    }
}

/// The codes that a set of codes leaves; `None` if it restricts nothing.
fn choose(set: &CodeSet<'_>, list: Option<&Arc<Codes>>, faults: &mut Faults) -> Option<Narrowing> {
    let chosen = if set.whole {
        match list.filter(|_| !set.added.is_empty()) {
            // `[*]` puts back what a wider choice took away.
            None => return Some(Narrowing::Codes { codes: list.cloned(), of_guide: false }),
            Some(list) => list,
        }
    } else {
        &set.chosen
    };
    if chosen.is_empty() && set.added.is_empty() {
        faults.warn(set.at, SefFaultKind::CodesEmpty);
        return None;
    }
    let unlisted = |code: &String| list.is_some_and(|list| !list.contains(code.as_bytes()));
    if let Some(code) = chosen.iter().find(unlisted) {
        faults.warn(set.at, SefFaultKind::CodeUnlisted(code));
    }
    Some(Narrowing::Codes { codes: Some(Arc::new(chosen.with(&set.added))), of_guide: true })
}

impl Tied<'_> {
    /// Narrows the place in `segment`; says so if nothing, or another element, stands there.
    pub(super) fn apply(&self, segment: &mut SegmentRules, faults: &mut Faults) {
        let (element, component) = match self.place.spot {
            Spot::InSet { element, component, .. } | Spot::InSegment { element, component, .. } => {
                (element, component)
            }
            Spot::Element(_) => return,
        };
        let found = nth(&mut segment.elements, element).and_then(|found| {
            if component == 0 {
                return Some(found);
            }
            match &mut found.part {
                Part::Composite(composite) => {
                    nth(&mut Arc::make_mut(composite).components, component)
                }
                Part::Simple(_) => None,
            }
        });
        let text = || self.place.text.to_owned();
        let Some(found) = found else {
            faults.refuse(self.place.at, SefFaultKind::LocationEmpty(text()));
            return;
        };
        match self.element.filter(|wanted| *wanted != found.part.id()) {
            None => self.narrowing.apply(found),
            Some(wanted) => {
                let (location, found) = (text(), found.part.id().to_owned());
                let wanted = wanted.to_owned();
                let kind = SefFaultKind::LocationDiffers { location, found, wanted };
                faults.refuse(self.place.at, kind);
            }
        }
    }
}

fn nth(uses: &mut [ElementUse], number: u8) -> Option<&mut ElementUse> {
    uses.get_mut(usize::from(number).checked_sub(1)?)
}
