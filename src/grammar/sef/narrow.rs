//! What a guide ties to places: the codes that it chooses, and the values that it allows.

use super::super::code_list::Codes;
use super::super::rules::{ElementUse, Part, SegmentRules, ValueList};
use super::at::At;
use super::element_rules::Elements;
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
    pub(super) fn of(model: &'m Model<'m>, elements: &Elements<'m>, faults: &mut Faults) -> Self {
        let mut ties = Self::default();
        let mut empty: Vec<At> = Vec::new();
        for record in &model.codes {
            let list = elements.get(record.element).and_then(|rules| rules.codes.as_ref());
            for set in record.sets.iter().filter(|set| !set.places.is_empty()) {
                match choose(set, list, faults) {
                    None => empty.extend(set.places.iter().map(|place| place.at)),
                    Some(narrowing) => {
                        for place in &set.places {
                            ties.tie(*place, narrowing.clone(), Some(record), elements, faults);
                        }
                    }
                }
            }
        }
        if let [first, more @ ..] = &empty[..] {
            faults.warn(*first, SefFaultKind::CodesEmpty(more.len()));
        }
        for reference in &model.value_references {
            let Some(list) = model.value_lists.get(reference.list) else {
                let (what, id) = ("the value list", reference.list.to_owned());
                faults.refuse(reference.at, SefFaultKind::Undefined { what, id });
                continue;
            };
            let values = Narrowing::Values(Arc::clone(list));
            ties.tie(reference.place, values, None, elements, faults);
        }
        ties
    }

    fn tie(
        &mut self,
        place: Place<'m>,
        narrowing: Narrowing,
        record: Option<&CodesRecord<'m>>,
        elements: &Elements<'m>,
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
                if elements.get(id).is_none() {
                    let (what, id) = ("the element", id.to_owned());
                    faults.warn(place.at, SefFaultKind::Undefined { what, id });
                }
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

#[cfg(test)]
mod tests {
    use super::super::sample::{faults, guide, place, warnings};
    use super::*;

    const SET: &str = ".SETS\n850=[ST,M][REF][REF][N1][SE,M]\n";

    fn codes(place: &ElementUse) -> Vec<String> {
        place.codes.as_ref().map(|codes| codes.iter().collect()).unwrap_or_default()
    }

    #[test]
    fn chosen_codes_hold_at_their_places_only() {
        let loaded = guide(&format!("{SET}.CODES\n128=%[DP][DP,VN{{XX}}]+850/2///1+850/3///4-3\n"));
        assert_eq!(warnings(&loaded), Vec::<String>::new());
        let standard = &loaded.standard;
        assert_eq!(codes(place(standard, 2, 1)), ["DP", "VN", "XX"]);
        assert!(place(standard, 2, 1).codes_of_guide);
        assert_eq!(codes(place(standard, 3, 1)), ["DP", "IA", "VN", "ZZ"]);
        let Part::Composite(inner) = &place(standard, 3, 4).part else { panic!("composite") };
        assert_eq!(codes(&inner.components[2]), ["DP", "VN", "XX"]);
        assert_eq!(codes(&inner.components[0]), ["DP", "IA", "VN", "ZZ"]);
        assert!(!inner.components[0].codes_of_guide);
        let Part::Composite(inner) = &place(standard, 2, 4).part else { panic!("composite") };
        assert!(!inner.components[2].codes_of_guide);
    }

    #[test]
    fn the_nearest_choice_wins() {
        let loaded = guide(&format!(
            "{SET}.CODES\n128=DP,IA,VN,ZZ%[DP,IA]+///128/[VN]+//REF//1[*]+850/3///1\n66=1:9%[*{{EQ}}]+850/4///3\n"
        ));
        let standard = &loaded.standard;
        assert_eq!(codes(place(standard, 2, 1)), ["VN"]);
        assert_eq!(codes(place(standard, 3, 1)), ["DP", "IA", "VN", "ZZ"]);
        assert!(!place(standard, 3, 1).codes_of_guide);
        let Part::Composite(inner) = &place(standard, 3, 4).part else { panic!("composite") };
        assert_eq!(codes(&inner.components[0]), ["DP", "IA"]);
        assert!(inner.components[0].codes_of_guide);
        assert_eq!(codes(place(standard, 4, 3)).len(), 10);
        assert!(place(standard, 4, 3).codes_of_guide);
    }

    #[test]
    fn empty_sets_restrict_nothing_and_unlisted_codes_are_told() {
        let loaded = guide(&format!(
            "{SET}.CODES\n128=%[]+850/2///1+850/3///1[{{QQ}}]+850/2///4-1\n66=1:9%[1,AA]+850/4///3\n"
        ));
        assert_eq!(
            warnings(&loaded),
            [
                "4:9: here and at 1 more places an empty set of codes is tied to a place; it restricts nothing there",
                "5:8: the code `AA` is chosen but is not in the list",
            ]
        );
        let standard = &loaded.standard;
        assert_eq!(codes(place(standard, 2, 1)).len(), 4);
        assert!(!place(standard, 2, 1).codes_of_guide);
        let Part::Composite(inner) = &place(standard, 2, 4).part else { panic!("composite") };
        assert_eq!(codes(&inner.components[0]), ["QQ"]);
        assert_eq!(codes(place(standard, 4, 3)), ["1", "AA"]);
    }

    #[test]
    fn codes_in_parts_are_chosen_in_parts() {
        let loaded = guide(
            ".SETS\n850=[ST,M][ZA][ZA][SE,M]\n.SEGS\nZA=[103][480]\n.ELMS\n103=AN,3,5\n480=AN,1,12\n.CODES\n103=CTN,PLT|25,94%[CTN|94{|95}]+850/2///1\n480=004010|%[004010]+850/3///2\n",
        );
        assert_eq!(warnings(&loaded), Vec::<String>::new());
        let holds = |ordinal, element, value: &[u8]| {
            place(&loaded.standard, ordinal, element).codes.as_ref().unwrap().contains(value)
        };
        assert!(holds(2, 1, b"CTN") && holds(2, 1, b"CTN94") && holds(2, 1, b"CTN95"));
        assert!(!holds(2, 1, b"CTN25") && !holds(2, 1, b"PLT94"));
        assert!(holds(3, 1, b"PLT25"));
        assert!(holds(2, 2, b"004010VICS") && !holds(3, 2, b"004010VICS"));
        assert!(holds(3, 2, b"004010"));
    }

    #[test]
    fn values_are_tied_to_segments_elements_and_places() {
        let loaded = guide(&format!(
            "{SET}.VALREFS\n850/2///2=PO\n//N1//2=DOCK\n///67/=DOCK\n.VALLISTS\nPO=\"Orders\"\n&^P[0-9]+$\nDOCK=\"Docks\"\n'Dock 3\n.SEMREFS\n850/3///2=[:APPVALUE:DOCK:]\n"
        ));
        assert_eq!(warnings(&loaded), Vec::<String>::new());
        let standard = &loaded.standard;
        let list = |ordinal, element| {
            place(standard, ordinal, element).values.as_ref().map(|list| list.name.as_str())
        };
        assert_eq!((list(2, 2), list(3, 2)), (Some("PO"), Some("DOCK")));
        assert_eq!((list(4, 2), list(4, 4), list(4, 3)), (Some("DOCK"), Some("DOCK"), None));
        assert_eq!(place(standard, 4, 2).values.as_ref().unwrap().literals, ["Dock 3"]);
    }

    #[test]
    fn places_that_lead_astray_are_refused() {
        let found = faults(&format!(
            "{SET}.CODES\n128=DP%[DP]+850/2///2+850/9///1+850/2///7+850/2///1-1+850/2///+//ZZ//1\n.VALREFS\n850/2///1=NONE\n"
        ));
        assert_eq!(
            found,
            [
                "4:13: element 127 stands at `850/2///2`, not 128",
                "4:23: nothing stands at `850/9///1`",
                "4:33: nothing stands at `850/2///7`",
                "4:43: nothing stands at `850/2///1-1`",
                "4:55: `850/2///` is no location",
                "4:64: nothing stands at `//ZZ//1`",
                "6:11: the value list `NONE` is not defined",
            ]
        );
        let loaded = guide(&format!("{SET}.CODES\n128=DP%[DP]+855/2///1+///4711/\n4711=A\n"));
        assert_eq!(
            warnings(&loaded),
            [
                "4:13: `855/2///1` is in a set that this file does not have",
                "4:23: the element `4711` is not defined",
                "5:1: the element `4711` is not defined",
            ]
        );
    }
}
