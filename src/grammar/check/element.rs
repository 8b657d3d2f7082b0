//! The elements of a segment against its rules: presence, conditions, values, composites,
//! repetitions.
//!
//! This is the inner loop of checking, so it asks little of a good element: one look at each byte,
//! a comparison of lengths, a search in a list of codes. All else is behind a fault.

use super::classes::{COMPONENT, Class, Classes, REPETITION};
use super::ledger::Ledger;
use super::plan::mandatory;
use super::relational::{bit, breach, places};
use super::site::{Address, Site, nth, rule_at};
use super::tell;
use super::value;
use crate::grammar::rules::{CompositeRules, ElementType, ElementUse, Part, SegmentRules};
use crate::x12::{Delimiters, Element};

/// Checks elements where certain separators hold.
#[derive(Clone, Debug)]
pub(super) struct Elements {
    classes: Classes,
    delimiters: Delimiters,
}

impl Elements {
    /// A check for an interchange with these separators.
    pub(super) fn new(delimiters: Delimiters) -> Self {
        Self { classes: Classes::new(delimiters), delimiters }
    }

    /// Checks the elements of a segment of which `mandatory` must be there, but for those that are
    /// `told` of elsewhere; returns those with a fault. All three have bit n-1 for element n.
    #[inline]
    pub(super) fn check(
        &self,
        ledger: &mut Ledger<'_>,
        site: &Site<'_>,
        rules: &SegmentRules,
        mandatory: u64,
        told: u64,
    ) -> u64 {
        let (mut present, mut faulty) = (0, told);
        let (mut number, mut here, mut empty_end) = (0, 1_u64, false);
        let mut uses = rules.elements.iter();
        let mut extra = None;
        let (text, length) = site.segment.onward();
        let sketch = self.classes.sketch(text, length);
        let mut end = site.segment.id().len();
        // Only the bytes are looked at here; where they stand is found again for a finding.
        for bytes in site.segment.elements().map(|element| element.bytes()) {
            number += 1;
            let start = end + 1;
            end = start + bytes.len();
            let rule = uses.next();
            empty_end = bytes.is_empty();
            if !empty_end {
                match rule {
                    Some(rule) => {
                        present |= here;
                        let class = || self.classes.within(sketch, start, bytes);
                        if told & here == 0
                            && !self.element(ledger, site, number, rule, bytes, class)
                        {
                            faulty |= here;
                        }
                    }
                    None => extra = extra.or(Some(number)),
                }
            }
            here = here.wrapping_shl(1) & !u64::from(number >= 64);
        }
        let missing = mandatory & !present & !told;
        if missing != 0 {
            faulty |= missing;
            tell::absent(ledger, site, rules, missing);
        }
        for condition in &rules.relationals {
            if let Some(breach) = breach(condition, present) {
                let name = |place: u32| site.address(place, rule_at(&rules.elements, place));
                let at = |place: u32| nth(site, place);
                faulty |= tell::conditional(ledger, condition, breach, faulty, name, at);
            }
        }
        if let Some(number) = extra {
            tell::too_many(ledger, site, rules.elements.len(), number);
        }
        if empty_end && number > 0 {
            tell::trailing(ledger, site, self.delimiters);
        }
        faulty
    }

    /// Checks one element that is not empty; false if it has a fault.
    #[inline]
    fn element(
        &self,
        ledger: &mut Ledger<'_>,
        site: &Site<'_>,
        number: u32,
        rule: &ElementUse,
        bytes: &[u8],
        class: impl Fn() -> Class,
    ) -> bool {
        let class = match &rule.part {
            Part::Simple(rules) if rules.kind == ElementType::Binary => return true,
            Part::Simple(rules) => {
                let class = class();
                if class & (COMPONENT | REPETITION) == 0 {
                    return match value::fault(bytes, class, rule, rules.kind) {
                        None => true,
                        Some(fault) => {
                            let address = site.address(number, Some(rule));
                            tell::faulty(ledger, address, rule, nth(site, number), fault)
                        }
                    };
                }
                class
            }
            Part::Composite(_) => class(),
        };
        let address = site.address(number, Some(rule));
        self.separated(ledger, address, rule, nth(site, number), class)
    }

    /// Checks an element that is a composite, or that has a separator in it.
    fn separated(
        &self,
        ledger: &mut Ledger<'_>,
        address: Address<'_, '_>,
        rule: &ElementUse,
        element: Element<'_>,
        class: Class,
    ) -> bool {
        if class & REPETITION == 0 {
            return self.repetition(ledger, address, rule, element);
        }
        let mut good = true;
        for (number, repetition) in (1..).zip(element.repetitions()) {
            let address = Address { repetition: Some(number), ..address };
            if number > rule.repeat {
                let separator = self.delimiters.repetition.unwrap_or_default();
                tell::too_many_repetitions(ledger, address, rule, repetition, separator);
                return false;
            }
            if !repetition.is_empty() {
                good &= self.repetition(ledger, address, rule, repetition);
            }
        }
        good
    }

    /// Checks one repetition.
    fn repetition(
        &self,
        ledger: &mut Ledger<'_>,
        address: Address<'_, '_>,
        rule: &ElementUse,
        element: Element<'_>,
    ) -> bool {
        match &rule.part {
            Part::Composite(rules) => self.composite(ledger, address, rules, element),
            Part::Simple(rules) => {
                let class = self.classes.of(element.bytes());
                if class & COMPONENT != 0 {
                    let second = element.component(2);
                    let address = address.component(2, Some(rule));
                    tell::too_many_components(
                        ledger,
                        address,
                        1,
                        second,
                        self.delimiters.component,
                    );
                    return false;
                }
                value::fault(element.bytes(), class, rule, rules.kind)
                    .is_none_or(|fault| tell::faulty(ledger, address, rule, element, fault))
            }
        }
    }

    fn composite(
        &self,
        ledger: &mut Ledger<'_>,
        address: Address<'_, '_>,
        rules: &CompositeRules,
        composite: Element<'_>,
    ) -> bool {
        let (mut present, mut good, mut number, mut empty_end) = (0, true, 0, false);
        let mut wrong = 0;
        for component in composite.components() {
            number += 1;
            empty_end = component.is_empty();
            if empty_end {
                continue;
            }
            let rule = rule_at(&rules.components, number);
            let address = address.component(number, rule);
            let Some(rule) = rule else {
                let most = rules.components.len();
                tell::too_many_components(
                    ledger,
                    address,
                    most,
                    component,
                    self.delimiters.component,
                );
                return false;
            };
            present |= bit(number);
            let Part::Simple(element) = &rule.part else { continue };
            let class = self.classes.of(component.bytes());
            if let Some(fault) = value::fault(component.bytes(), class, rule, element.kind) {
                good &= tell::faulty(ledger, address, rule, component, fault);
                wrong |= bit(number);
            }
        }
        let missing = mandatory(&rules.components) & !present;
        let at = |place: u32| composite.component(usize::try_from(place).unwrap_or(0));
        for place in places(missing) {
            let address = address.component(place, rule_at(&rules.components, place));
            tell::missing_element(ledger, address, at(place));
            good = false;
        }
        let name = |place: u32| address.component(place, rule_at(&rules.components, place));
        for condition in &rules.relationals {
            if let Some(breach) = breach(condition, present) {
                good &=
                    tell::conditional(ledger, condition, breach, wrong | missing, name, at) == 0;
            }
        }
        if empty_end && number > 1 {
            tell::trailing_component(ledger, address, composite);
        }
        good
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{standard, with_set};
    use super::*;
    use crate::grammar::finding::Finding;
    use crate::grammar::kind::FindingKind;
    use crate::grammar::rules::SegmentId;
    use crate::grammar::severity::Severities;

    /// The findings of one segment of the little standard.
    fn findings(segment: &str) -> Vec<Finding> {
        let standard = standard();
        let severities = Severities::default();
        with_set(&format!("ST*850*0001~{segment}~SE*3*0001~"), |set| {
            let mut ledger = Ledger::new(&severities);
            let segment = set.segment(1).unwrap();
            let rules = &standard.segments[&SegmentId::of(segment.id()).unwrap()];
            let site = Site { segment, loop_id: None };
            let must = mandatory(&rules.elements);
            Elements::new(set.delimiters()).check(&mut ledger, &site, rules, must, 0);
            ledger.finish(set)
        })
    }

    /// The only finding: its kind, element and component, and message.
    fn only(segment: &str) -> (FindingKind, Option<u32>, Option<u32>, String) {
        let mut findings = findings(segment);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = findings.remove(0);
        (finding.kind, finding.place.element, finding.place.component, finding.message)
    }

    #[test]
    fn good_segments_have_no_findings() {
        for segment in [
            "BEG*00*NE*4501**20240115",
            "REF*DP*12",
            "REF*DP*1**IA:7",
            "REF*DP*1**IA:7:DP:8",
            "PER*IC*JO*TE^FX^EM",
            "PO1*1*10*EA*12.50",
            "BIN*5*a:~^b",
            "N4*Z\u{fc}rich",
        ] {
            assert!(findings(segment).is_empty(), "{segment}: {:#?}", findings(segment));
        }
    }

    #[test]
    fn a_mandatory_element_that_is_empty_is_missing() {
        let (kind, element, _, message) = only("BEG*00*NE***20240115");
        assert_eq!((kind, element), (FindingKind::ElementMissing, Some(3)));
        assert_eq!(message, "BEG03 is missing");
        assert_eq!(only("BEG*00*NE*1").1, Some(5));
    }

    #[test]
    fn a_date_that_is_none_is_told_with_its_name_and_place() {
        let finding = findings("BEG*00*NE*4501**20241332").remove(0);
        assert_eq!(finding.message, "BEG05 (Date) `20241332` is not a date");
        assert_eq!(finding.hint, "write the date as CCYYMMDD, such as 20240115");
        assert_eq!(finding.place.data_element.as_deref(), Some("373"));
        assert_eq!(finding.value.as_deref(), Some("20241332"));
        assert_eq!(finding.length, 8);
    }

    #[test]
    fn conditions_name_what_is_missing_and_why() {
        let condition = FindingKind::ElementMissingByCondition;
        assert_eq!(
            only("N1*ST*Clinic*92"),
            (condition, Some(4), None, "N104 is missing: N103 and N104 come together".into())
        );
        assert_eq!(
            only("N1*ST"),
            (
                condition,
                Some(2),
                None,
                "N102 is missing: one of N102 and N103 must be there".into()
            )
        );
        assert_eq!(
            only("PO1*1**EA"),
            (condition, Some(2), None, "PO102 is missing: PO103 asks for it".into())
        );
    }

    #[test]
    fn elements_that_exclude_each_other_are_told_at_the_second() {
        let (kind, element, _, message) = only("N4*Rome*IL*60601");
        assert_eq!((kind, element), (FindingKind::ElementsExclusive, Some(3)));
        assert_eq!(message, "N403 must not be there: N402 is there already, and only one may be");
    }

    #[test]
    fn more_elements_than_the_segment_has_are_told_once() {
        let (kind, element, _, _) = only("N3*a*b*c*d");
        assert_eq!((kind, element), (FindingKind::TooManyElements, Some(3)));
    }

    #[test]
    fn trailing_separators_are_a_warning_where_they_begin() {
        let finding = findings("N3*a***").remove(0);
        assert_eq!((finding.kind, finding.length), (FindingKind::TrailingSeparators, 3));
        assert_eq!(only("N3*a***").1, None);
        assert_eq!(only("REF*DP*1**IA:7:").0, FindingKind::TrailingSeparators);
    }

    #[test]
    fn components_are_held_to_their_own_rules() {
        let (kind, element, component, _) = only("REF*DP*1**IAXX:7");
        assert_eq!((kind, element, component), (FindingKind::ElementTooLong, Some(4), Some(1)));
        let (kind, _, component, message) = only("REF*DP*1**:7");
        assert_eq!((kind, component), (FindingKind::ElementMissing, Some(1)));
        assert_eq!(message, "REF04-01 is missing");
        let (kind, _, component, _) = only("REF*DP*1**IA:7:DP");
        assert_eq!((kind, component), (FindingKind::ElementMissingByCondition, Some(4)));
        let (kind, _, component, _) = only("REF*DP*1**IA:7:DP:8:9");
        assert_eq!((kind, component), (FindingKind::TooManyComponents, Some(5)));
    }

    #[test]
    fn a_component_separator_in_plain_text_is_told() {
        let (kind, element, component, _) = only("N3*Attn: Joe");
        assert_eq!((kind, element, component), (FindingKind::TooManyComponents, Some(1), Some(2)));
    }

    #[test]
    fn repetitions_are_each_held_to_the_rule_and_counted() {
        assert_eq!(only("PER*IC*JO*TE^XX").0, FindingKind::CodeInvalid);
        assert_eq!(only("PER*IC*JO*TE^FX^EM^TE").0, FindingKind::TooManyRepetitions);
        assert_eq!(only("N3*a^b").0, FindingKind::TooManyRepetitions);
    }

    #[test]
    fn each_fault_of_a_value_is_told_in_words() {
        let message = |segment: &str| only(segment).3;
        assert_eq!(message("BEG*07*NE*1**20240115"), "BEG01 `07` is not a code of this element");
        assert_eq!(
            message("BEG*00*NE*1**240115"),
            "BEG05 (Date) `240115` has 6 characters; 8 are needed"
        );
        assert_eq!(message("PO1**1,000*EA"), "PO102 `1,000` is not a number");
        assert_eq!(message("N3*a\tb"), "N301 `a\\tb` holds a character that cannot be sent");
        assert_eq!(message("N3*a "), "N301 `a ` ends with spaces");
        assert_eq!(message("PO1**010*EA"), "PO102 `010` has zeros, or a point, that say nothing");
        assert_eq!(message("DTM*002**2560"), "DTM03 `2560` is not a time");
    }
}
