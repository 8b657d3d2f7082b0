//! The values of a segment against a guide: not used, must be there, codes, lists, lengths.

use super::classes::{COMPONENT, Classes, REPETITION};
use super::ledger::Ledger;
use super::phrases;
use super::site::{Address, rule_at};
use super::tell;
use super::value::{self, Fault};
use super::words::{Facts, shown};
use crate::grammar::kind::FindingKind;
use crate::grammar::rules::{ElementUse, Part, Requirement, Usage, ValueList};
use crate::x12::{Delimiters, Element};

/// Checks values where certain separators hold.
#[derive(Clone, Debug)]
pub(super) struct Guided {
    classes: Classes,
    delimiters: Delimiters,
}

/// Whether a place must be filled by the guide.
pub(super) fn is_demanded(rule: &ElementUse) -> bool {
    rule.usage == Usage::Must
        || (rule.requirement == Requirement::Mandatory && rule.usage != Usage::NotUsed)
}

/// Tells that the guide demands what is empty.
pub(super) fn missing(ledger: &mut Ledger<'_>, address: Address<'_, '_>, element: Element<'_>) {
    say(ledger, FindingKind::ElementMissingByGuide, address, element, Facts::default());
}

/// Tells that the guide has no use for what stands there.
pub(super) fn not_used(ledger: &mut Ledger<'_>, address: Address<'_, '_>, element: Element<'_>) {
    say(ledger, FindingKind::ElementNotUsed, address, element, Facts::default());
}

/// Takes back what the release said of a code that the guide adds to the standard's, in the
/// segment at `since`.
pub(super) fn forgive(
    ledger: &mut Ledger<'_>,
    since: u64,
    rule: &ElementUse,
    element: Element<'_>,
) {
    for repetition in element.repetitions() {
        match &rule.part {
            Part::Simple(_) => forgive_code(ledger, since, rule, repetition),
            Part::Composite(composite) => {
                for (rule, component) in composite.components.iter().zip(repetition.components()) {
                    forgive_code(ledger, since, rule, component);
                }
            }
        }
    }
}

impl Guided {
    /// A check for an interchange with these separators.
    pub(super) fn new(delimiters: Delimiters) -> Self {
        Self { classes: Classes::new(delimiters), delimiters }
    }

    /// Holds an element that the release found good against the guide.
    pub(super) fn element(
        &self,
        ledger: &mut Ledger<'_>,
        address: Address<'_, '_>,
        rule: &ElementUse,
        base: Option<&ElementUse>,
        element: Element<'_>,
    ) {
        if self.classes.of(element.bytes()) & REPETITION == 0 {
            return self.repetition(ledger, address, rule, base, element);
        }
        for (number, repetition) in (1..).zip(element.repetitions()) {
            let address = Address { repetition: Some(number), ..address };
            if number > rule.repeat {
                let separator = self.delimiters.repetition.unwrap_or_default();
                tell::too_many_repetitions(ledger, address, rule, repetition, separator);
                return;
            }
            if !repetition.is_empty() {
                self.repetition(ledger, address, rule, base, repetition);
            }
        }
    }

    fn repetition(
        &self,
        ledger: &mut Ledger<'_>,
        address: Address<'_, '_>,
        rule: &ElementUse,
        base: Option<&ElementUse>,
        element: Element<'_>,
    ) {
        let composite = match &rule.part {
            Part::Simple(_) => return self.value(ledger, address, rule, element),
            Part::Composite(composite) => composite,
        };
        let base = match base.map(|base| &base.part) {
            Some(Part::Composite(base)) => base.components.as_slice(),
            Some(Part::Simple(_)) | None => &[],
        };
        for (number, rule) in (1..).zip(&composite.components) {
            let component = element.component(usize::try_from(number).unwrap_or(0));
            let address = address.component(number, Some(rule));
            let known =
                rule_at(base, number).is_some_and(|r| r.requirement == Requirement::Mandatory);
            if component.is_empty() {
                if is_demanded(rule) && !known {
                    missing(ledger, address, component);
                }
            } else if rule.usage == Usage::NotUsed {
                not_used(ledger, address, component);
            } else {
                self.value(ledger, address, rule, component);
            }
        }
    }

    fn value(
        &self,
        ledger: &mut Ledger<'_>,
        address: Address<'_, '_>,
        rule: &ElementUse,
        element: Element<'_>,
    ) {
        let Part::Simple(rules) = &rule.part else { return };
        let class = self.classes.of(element.bytes());
        if class & COMPONENT != 0 {
            return;
        }
        match value::fault(element.bytes(), class, rule, rules.kind) {
            Some(Fault::Code) => {
                let expected = phrases::codes_of_guide(rule.codes.as_deref(), element.bytes());
                let facts = Facts { expected, ..Facts::default() };
                say(ledger, FindingKind::CodeNotUsed, address, element, facts);
            }
            Some(fault @ (Fault::Short(_) | Fault::Long(_))) => {
                tell::faulty(ledger, address, rule, element, fault);
            }
            // The release has told of these.
            Some(
                Fault::Character
                | Fault::Date
                | Fault::Time
                | Fault::NumberPadded
                | Fault::TextPadded,
            )
            | None => {}
        }
        if let Some(list) = &rule.values
            && !allows(list, &element.text())
        {
            let facts = Facts { expected: described(list), ..Facts::default() };
            say(ledger, FindingKind::ValueNotAllowed, address, element, facts);
        }
    }
}

fn allows(list: &ValueList, value: &str) -> bool {
    list.literals.iter().any(|literal| literal == value)
        || list.patterns.iter().any(|pattern| pattern.is_match(value))
}

fn described(list: &ValueList) -> String {
    if list.description.is_empty() { list.name.clone() } else { list.description.clone() }
}

fn forgive_code(ledger: &mut Ledger<'_>, since: u64, rule: &ElementUse, element: Element<'_>) {
    let added = rule.codes_of_guide
        && rule.codes.as_ref().is_some_and(|codes| codes.contains(element.bytes()));
    if added {
        ledger.withdraw_code(since, element.offset());
    }
}

fn say(
    ledger: &mut Ledger<'_>,
    kind: FindingKind,
    address: Address<'_, '_>,
    element: Element<'_>,
    facts: Facts,
) {
    ledger.report(kind, || {
        let facts = Facts { subject: address.name(), value: shown(element.bytes()), ..facts };
        (address.spot(element), facts)
    });
}
