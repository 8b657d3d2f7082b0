//! Elements, composites and segments: the file's own, over those of the base.

use super::super::rules::{
    CompositeRules, ElementRules, ElementType, ElementUse, Part, SegmentId, SegmentRules, Standard,
    UNLIMITED,
};
use super::element_rules::Elements;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::model::{ListRecord, Member, Model};
use super::names::plain;
use super::narrow::Everywhere;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the sets of a file are made of.
#[derive(Debug, Default)]
pub(super) struct Dictionary<'m> {
    elements: Elements<'m>,
    /// The composites of which the file says other than the base.
    changed: HashSet<&'m str>,
    composites: HashMap<&'m str, Arc<CompositeRules>>,
    pub(super) composite_records: HashMap<&'m str, &'m ListRecord<'m>>,
    pub(super) segments: HashMap<SegmentId, Arc<SegmentRules>>,
    pub(super) segment_records: HashMap<SegmentId, &'m ListRecord<'m>>,
}

impl<'m> Dictionary<'m> {
    /// Nothing but elements yet.
    pub(super) fn new(elements: Elements<'m>) -> Self {
        Self { elements, ..Self::default() }
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
            self.composite(record, model, everywhere, faults);
        }
        self.changed.extend(self.composite_records.keys());
        for (id, rules) in base.into_iter().flat_map(|base| &base.segments) {
            let rules = self.segment_over(rules, everywhere);
            self.segments.insert(*id, rules);
        }
        for record in &model.segments {
            self.segment(record, model, everywhere, faults);
        }
        self.rename_segments(model);
    }

    fn composite(
        &mut self,
        record: &'m ListRecord<'m>,
        model: &Model<'_>,
        everywhere: &Everywhere<'_>,
        faults: &mut Faults,
    ) {
        if self.composite_records.insert(record.id, record).is_some() {
            faults.repeated(record.at, "the composite", record.id);
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

    fn segment(
        &mut self,
        record: &'m ListRecord<'m>,
        model: &Model<'_>,
        everywhere: &Everywhere<'_>,
        faults: &mut Faults,
    ) {
        let Some(id) = SegmentId::of(record.id.as_bytes()) else {
            let id = record.id.to_owned();
            faults.refuse(record.at, SefFaultKind::SegmentIdInvalid(id));
            return;
        };
        if self.segment_records.insert(id, record).is_some() {
            faults.repeated(record.at, "the segment", record.id);
        }
        let name = model.names.segments.get(record.id).map(|name| plain(name).into_owned());
        let old = || self.segments.get(&id).map(|old| old.name.clone());
        let rules = SegmentRules {
            id,
            name: name.or_else(old).unwrap_or_default(),
            elements: self.uses(record, false, everywhere, faults),
            relationals: record.relationals.clone(),
        };
        self.segments.insert(id, Arc::new(rules));
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
        self.elements.changed(id) || self.changed.contains(id) || everywhere.concerns(id)
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
        (self.segments, self.elements.finish())
    }
}

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

#[cfg(test)]
mod tests {
    use super::super::sample::{BASE, base, faults, guide, place, warnings};
    use super::*;

    #[test]
    fn a_dictionary_knows_lengths_names_codes_and_groups() {
        let base = base();
        let purpose = &base.elements["353"];
        assert_eq!((purpose.name.as_str(), purpose.kind), ("Purpose", ElementType::Code));
        assert_eq!((purpose.min, purpose.max), (2, 2));
        assert_eq!(purpose.codes.as_ref().unwrap().len(), 10);
        assert!(base.elements["235"].codes.is_none());
        let line = &base.segments[&SegmentId::of(b"PO1").unwrap()];
        let ids: Vec<_> = line.elements.iter().map(|place| place.part.id()).collect();
        assert_eq!(ids, ["350", "330", "355", "212", "639", "235", "234", "235", "234"]);
        let qualifier = place(&base, 2, 1);
        assert!(Arc::ptr_eq(qualifier.codes.as_ref().unwrap(), purpose.codes.as_ref().unwrap()));
        assert!(!qualifier.codes_of_guide);
        let Part::Composite(reference) = &place(&base, 3, 4).part else { panic!("composite") };
        assert_eq!(
            (reference.name.as_str(), reference.components.len()),
            ("Reference Identifier", 6)
        );
        assert_eq!((place(&base, 3, 4).min, place(&base, 3, 4).max), (0, UNLIMITED));
        assert!(Arc::ptr_eq(
            &base.sets["850"].nodes[1].segment,
            &base.segments[&SegmentId::of(b"BEG").unwrap()]
        ));
    }

    #[test]
    fn lengths_may_be_given_at_the_place() {
        let text = BASE.replace("N3=[166,M][166]", "N3=[166;:35,M][166;5:0,,3]");
        let standard = super::super::load::read("b.sef", text.as_bytes(), None).unwrap().standard;
        let (first, second) = (place(&standard, 6, 1), place(&standard, 6, 2));
        assert_eq!((first.min, first.max), (1, 35));
        assert_eq!((second.min, second.max, second.repeat), (5, UNLIMITED, 3));
    }

    #[test]
    fn what_a_guide_says_of_an_element_holds_in_the_segments_of_the_base() {
        let loaded = guide(
            ".SETS\n850=[ST,M][REF][N4][SE,M]\n.ELMS\n127=AN,1,50\n.CODES\n128=DP,VN\n.TEXT,ELMS\n128,2,Which\n.TEXT,SEGS\nN4,3,City\n",
        );
        assert_eq!(warnings(&loaded), Vec::<String>::new());
        let standard = loaded.standard;
        assert_eq!(place(&standard, 2, 2).max, 50);
        let qualifier = place(&standard, 2, 1);
        assert_eq!((qualifier.part.name(), qualifier.codes_of_guide), ("Which", false));
        assert_eq!(qualifier.codes.as_ref().unwrap().len(), 2);
        let Part::Composite(reference) = &place(&standard, 2, 4).part else { panic!("composite") };
        assert_eq!(reference.components[1].max, 50);
        assert_eq!(reference.components[0].codes.as_ref().unwrap().len(), 2);
        assert_eq!(standard.sets["850"].nodes[2].segment.name, "City");
        assert_eq!(standard.elements["127"].max, 50);
        assert_eq!(standard.elements["353"].name, "Purpose");
    }

    #[test]
    fn a_guide_may_define_what_the_base_does_not_have() {
        let loaded = guide(
            ".SETS\n850=[ST,M][ZA][SE,M]\n.SEGS\nZA=[C999][128]\n.COMS\nC999=[9999,M][128]\n.ELMS\n9999=AN,1,5\n",
        );
        let Part::Composite(own) = &place(&loaded.standard, 2, 1).part else { panic!("composite") };
        assert_eq!(own.components[0].max, 5);
        assert_eq!(place(&loaded.standard, 2, 2).part.name(), "Reference Qualifier");
    }

    #[test]
    fn things_defined_twice_or_not_at_all_are_refused() {
        let found = faults(
            ".SEGS\nREF=[128]\nREF=[7777]\nref=[128]\n.COMS\nC1=[C040]\nC1=[128]\n.ELMS\n1=AN,1,1\n1=AN,1,1\n.CODES\n66=A\n66=B\n4711=A\n",
        );
        assert_eq!(
            found,
            [
                "3:1: the segment `REF` is defined twice",
                "3:5: the element or composite `7777` is not defined",
                "4:1: `ref` is no segment id",
                "6:4: the element or composite `C040` is not defined",
                "7:1: the composite `C1` is defined twice",
                "10:1: the element `1` is defined twice",
                "13:1: the codes of element `66` is defined twice",
            ]
        );
    }
}
