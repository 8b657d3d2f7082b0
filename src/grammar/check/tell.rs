//! The faults of elements, told as findings. None of this runs for a good segment.

use super::ledger::Ledger;
use super::phrases;
use super::relational::{Breach, places};
use super::site::{Address, Site, nth, rule_at};
use super::value::Fault;
use super::words::{Facts, count, shown};
use crate::grammar::kind::FindingKind;
use crate::grammar::rules::{ElementUse, Relational, SegmentRules};
use crate::x12::{Delimiters, Element};

/// A value's fault; false unless it is one of layout only.
#[cold]
pub(super) fn faulty(
    ledger: &mut Ledger<'_>,
    address: Address<'_, '_>,
    rule: &ElementUse,
    element: Element<'_>,
    fault: Fault,
) -> bool {
    ledger.report(kind_of(fault), || {
        let facts = Facts {
            subject: address.name(),
            value: shown(element.bytes()),
            ..phrases::of_value(fault, rule, element.bytes())
        };
        (address.spot(element), facts)
    });
    matches!(fault, Fault::NumberPadded | Fault::TextPadded)
}

fn kind_of(fault: Fault) -> FindingKind {
    match fault {
        Fault::Short(_) => FindingKind::ElementTooShort,
        Fault::Long(_) => FindingKind::ElementTooLong,
        Fault::Character => FindingKind::CharacterInvalid,
        Fault::Code => FindingKind::CodeInvalid,
        Fault::Date => FindingKind::DateInvalid,
        Fault::Time => FindingKind::TimeInvalid,
        Fault::NumberPadded => FindingKind::NumberPadded,
        Fault::TextPadded => FindingKind::TextPadded,
    }
}

/// Elements that must be there and are not.
#[cold]
pub(super) fn absent(ledger: &mut Ledger<'_>, site: &Site<'_>, rules: &SegmentRules, missing: u64) {
    for place in places(missing) {
        let address = site.address(place, rule_at(&rules.elements, place));
        missing_element(ledger, address, nth(site, place));
    }
}

/// One element or component that must be there and is not.
#[cold]
pub(super) fn missing_element(
    ledger: &mut Ledger<'_>,
    address: Address<'_, '_>,
    element: Element<'_>,
) {
    ledger.report(FindingKind::ElementMissing, || {
        (address.spot(element), Facts { subject: address.name(), ..Facts::default() })
    });
}

/// A broken condition, at the places that are not `known` to be wrong; returns those.
#[cold]
pub(super) fn conditional<'a, 'c: 'a>(
    ledger: &mut Ledger<'_>,
    condition: &Relational,
    breach: Breach,
    known: u64,
    name: impl Fn(u32) -> Address<'a, 'c>,
    at: impl Fn(u32) -> Element<'c>,
) -> u64 {
    let (kind, wrong) = match breach {
        Breach::Missing(absent) => (FindingKind::ElementMissingByCondition, absent & !known),
        Breach::NoneOf(places) => {
            (FindingKind::ElementMissingByCondition, places & places.wrapping_neg())
        }
        Breach::TooMany(there) => (FindingKind::ElementsExclusive, there & (there - 1)),
    };
    for place in places(wrong) {
        ledger.report(kind, || {
            let expected =
                phrases::of_condition(condition, breach, place, |place| name(place).number());
            let facts = Facts { subject: name(place).name(), expected, ..Facts::default() };
            (name(place).spot(at(place)), facts)
        });
    }
    wrong
}

/// More elements than the segment has.
#[cold]
pub(super) fn too_many(ledger: &mut Ledger<'_>, site: &Site<'_>, most: usize, number: u32) {
    ledger.report(FindingKind::TooManyElements, || {
        let element = nth(site, number);
        let facts = Facts {
            subject: shown(site.segment.id()),
            value: shown(element.bytes()),
            expected: most.to_string(),
            ..Facts::default()
        };
        (site.address(number, None).spot(element), facts)
    });
}

/// More components than the composite has, or components where there is no composite.
#[cold]
pub(super) fn too_many_components(
    ledger: &mut Ledger<'_>,
    address: Address<'_, '_>,
    most: usize,
    component: Element<'_>,
    separator: u8,
) {
    ledger.report(FindingKind::TooManyComponents, || {
        let facts = Facts {
            subject: Address { component: None, ..address }.name(),
            expected: most.to_string(),
            other: shown(&[separator]),
            ..Facts::default()
        };
        (address.spot(component), facts)
    });
}

/// More repetitions than the element may have.
#[cold]
pub(super) fn too_many_repetitions(
    ledger: &mut Ledger<'_>,
    address: Address<'_, '_>,
    rule: &ElementUse,
    repetition: Element<'_>,
    separator: u8,
) {
    ledger.report(FindingKind::TooManyRepetitions, || {
        let facts = Facts {
            subject: address.name(),
            expected: count(rule.repeat, "time"),
            other: shown(&[separator]),
            ..Facts::default()
        };
        (address.spot(repetition), facts)
    });
}

/// Separators at the end of a segment with nothing behind them.
#[cold]
pub(super) fn trailing(ledger: &mut Ledger<'_>, site: &Site<'_>, delimiters: Delimiters) {
    ledger.report(FindingKind::TrailingSeparators, || {
        let bytes = site.segment.bytes();
        let solid =
            bytes.iter().rposition(|byte| *byte != delimiters.element).map_or(0, |at| at + 1);
        let mut spot = site.spot();
        spot.value = None;
        spot.offset += u64::try_from(solid).unwrap_or(0);
        spot.length = bytes.len() - solid;
        (spot, Facts { subject: shown(site.segment.id()), ..Facts::default() })
    });
}

/// Separators at the end of a composite with nothing behind them.
#[cold]
pub(super) fn trailing_component(
    ledger: &mut Ledger<'_>,
    address: Address<'_, '_>,
    composite: Element<'_>,
) {
    ledger.report(FindingKind::TrailingSeparators, || {
        (address.spot(composite), Facts { subject: address.name(), ..Facts::default() })
    });
}
