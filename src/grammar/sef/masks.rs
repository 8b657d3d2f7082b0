//! Segments through the masks of a guide.

use super::super::rules::{ElementUse, Part, Requirement, SegmentId, SegmentRules, Usage};
use super::at::At;
use super::dictionary::Dictionary;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::model::{ListRecord, Mark};
use std::collections::HashMap;
use std::sync::Arc;

/// Segments as sets ask for them, each through its mask.
#[derive(Debug)]
pub(super) struct Masks<'m> {
    dictionary: Dictionary<'m>,
    masked: HashMap<(SegmentId, u32), Arc<SegmentRules>>,
    /// How many places of elements were copied for one place of a set.
    copied: usize,
}

impl<'m> Masks<'m> {
    /// Over this dictionary, which is finished.
    pub(super) fn new(dictionary: Dictionary<'m>) -> Self {
        Self { dictionary, masked: HashMap::new(), copied: 0 }
    }

    /// The dictionary again.
    pub(super) fn into_dictionary(self) -> Dictionary<'m> {
        self.dictionary
    }

    /// A segment through mask `number`, 0 for none; `at` is where the set asks for it.
    pub(super) fn masked(
        &mut self,
        id: SegmentId,
        number: u32,
        at: At,
        faults: &mut Faults,
    ) -> Option<Arc<SegmentRules>> {
        let Some(rules) = self.dictionary.segments.get(&id) else {
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
        let record = self.dictionary.segment_records.get(&id).copied();
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
            let record = self.dictionary.composite_records.get(id.as_str()).copied();
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

/// Real guides narrow a few thousand.
const MAX_COPIED: usize = 2_000_000;

#[cfg(test)]
mod tests {
    use super::super::sample::{faults, guide, place, warnings};
    use super::*;

    #[test]
    fn masks_reach_into_composites_and_short_ones_leave_out_the_rest() {
        let loaded = guide(
            ".SETS\n850=[ST,M][REF*1][REF*2][REF*0][REF][SE,M]\n.SEGS\nREF=[128,M][127][352][.C040]+R0203,..#.*2,#.\n.COMS\nC040=[128,M][127,M]{2[128][127]},.#,..!&\n",
        );
        let standard = &loaded.standard;
        let usages =
            |ordinal| -> Vec<_> { (1..=4).map(|e| place(standard, ordinal, e).usage).collect() };
        let (used, not) = (Usage::AsStandard, Usage::NotUsed);
        assert_eq!(usages(2), [used, used, not, used]);
        assert_eq!(usages(3), [not, used, not, not]);
        assert_eq!(usages(4), [used, used, used, not]);
        assert_eq!(usages(5), [used, used, used, not]);
        let Part::Composite(inner) = &place(standard, 2, 4).part else { panic!("composite") };
        let usages: Vec<_> = inner.components.iter().map(|place| place.usage).collect();
        assert_eq!(usages, [used, used, Usage::Must, Usage::Dependent, not, not]);
        assert_eq!(
            warnings(&loaded),
            ["2:18: mask 2 of `REF` leaves out what the standard demands: place 01"]
        );
    }

    #[test]
    fn masks_that_are_not_there_are_refused_where_they_are_asked_for() {
        let found = faults(
            ".SETS\n850=[ST,M][REF*3][N1*1][N2*1][SE,M]\n.SEGS\nREF=[128,M][127],..\nN1=[98,M][93],.C\nN2=[93,M][93],.*1\n",
        );
        assert_eq!(
            found,
            ["2:11: `REF` has no mask 3", "2:18: `N1` has no mask 1", "2:24: `93` has no mask 1"]
        );
    }

    #[test]
    fn masks_cannot_be_made_to_fill_the_memory() {
        let masks = ",.".repeat(999);
        let nodes: Vec<_> = (1..=999).map(|mask| format!("[AB*{mask}]")).collect();
        let nodes = nodes.concat();
        let composite = "[C9]".repeat(99);
        let found = faults(&format!(
            ".SETS\n850=[ST,M]{nodes}[SE,M]\n.SEGS\nAB={composite}{masks}\n.COMS\nC9={{99[93]}}\n"
        ));
        assert!(
            found[0].ends_with("there are more than 2000000 narrowed elements"),
            "{}",
            found[0]
        );
    }
}
