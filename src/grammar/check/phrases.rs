//! The parts of a finding's sentence that depend on the rule: how long, which code, what with.

use super::relational::{Breach, places};
use super::value::Fault;
use super::words::{Facts, any_of, count, named};
use crate::grammar::code_list::Codes;
use crate::grammar::rules::{
    ElementType, ElementUse, Node, Part, Relational, RelationalKind, SegmentRules, SetRules,
    UNLIMITED,
};

/// What `rule` expects of a value, and what the value is instead.
pub(super) fn of_value(fault: Fault, rule: &ElementUse, value: &[u8]) -> Facts {
    let kind = match &rule.part {
        Part::Simple(element) => element.kind,
        Part::Composite(_) => ElementType::Text,
    };
    let (expected, other) = match fault {
        Fault::Short(length) | Fault::Long(length) => {
            (lengths(rule, fault), length_of(length, kind))
        }
        Fault::Character => characters(kind),
        Fault::Code => (codes(rule.codes.as_deref(), value), String::new()),
        Fault::Date => (date(rule), String::new()),
        Fault::Time | Fault::NumberPadded | Fault::TextPadded => (String::new(), String::new()),
    };
    Facts { expected, other, ..Facts::default() }
}

/// Why `place` is asked for, or must not be there; `name` names places.
pub(super) fn of_condition(
    condition: &Relational,
    breach: Breach,
    place: u32,
    name: impl Fn(u32) -> String,
) -> String {
    let names = |bits: u64| places(bits).map(&name).collect::<Vec<_>>();
    match breach {
        Breach::Missing(_) if condition.kind == RelationalKind::Paired => {
            format!("{} come together", all_of(&names(condition.places)))
        }
        Breach::Missing(_) => format!("{} asks for it", name(u32::from(condition.first))),
        Breach::NoneOf(places) => {
            let wanted = all_of(&names(places));
            let why = match condition.kind {
                RelationalKind::ListConditional => {
                    format!(", since {} is there", name(u32::from(condition.first)))
                }
                RelationalKind::Required
                | RelationalKind::Paired
                | RelationalKind::Exclusive
                | RelationalKind::Conditional => String::new(),
            };
            if places.is_power_of_two() {
                format!("it must be there{why}")
            } else {
                format!("one of {wanted} must be there{why}")
            }
        }
        Breach::TooMany(there) => {
            let others = places(there).filter(|other| *other != place).map(&name);
            let others = all_of(&others.collect::<Vec<_>>());
            format!("{others} is there already, and only one may be")
        }
    }
}

/// What a person calls a segment.
pub(super) fn title(segment: &SegmentRules) -> String {
    named(segment.id.as_str(), &segment.name)
}

/// The words for a segment that is missing before `expected`.
pub(super) fn absence(node: &Node, rules: &SetRules, expected: String) -> Facts {
    let ring = node.parent.and_then(|ring| rules.loops.get(ring));
    let inside =
        ring.filter(|ring| rules.nodes.get(ring.head).is_none_or(|head| head.id != node.id));
    let other = inside.map_or_else(String::new, |ring| format!(" in the loop {}", ring.id));
    Facts { subject: title(&node.segment), other, expected, ..Facts::default() }
}

/// Some codes that may have been meant by `value`: those that begin most like it.
pub(super) fn codes(codes: Option<&Codes>, value: &[u8]) -> String {
    let Some(codes) = codes else { return String::new() };
    let alike =
        |code: &str| code.bytes().zip(value).take_while(|(one, other)| one == *other).count();
    let mut ranked: Vec<(usize, String)> =
        codes.iter().map(|code| (SHOWN_CODES - alike(&code).min(SHOWN_CODES), code)).collect();
    if ranked.len() > SHOWN_CODES {
        ranked.sort_by_key(|(distance, _)| *distance);
    }
    let some: Vec<String> = ranked.into_iter().take(SHOWN_CODES).map(|(_, code)| code).collect();
    any_of(&some)
}

/// The codes of a guide for a place: all of them, or some where they are many.
pub(super) fn codes_of_guide(list: Option<&Codes>, value: &[u8]) -> String {
    let some = codes(list, value);
    match list.map_or(0, Codes::len) {
        many if many > SHOWN_CODES => format!("one of its {many} codes, such as {some}"),
        _ => some,
    }
}

/// How many codes are proposed.
const SHOWN_CODES: usize = 6;

/// How a date is to be written at a place.
fn date(rule: &ElementUse) -> String {
    let written =
        if rule.max < 8 { "YYMMDD, such as 240115" } else { "CCYYMMDD, such as 20240115" };
    written.to_owned()
}

fn lengths(rule: &ElementUse, fault: Fault) -> String {
    if rule.min == rule.max {
        format!("{} are needed", rule.min)
    } else if matches!(fault, Fault::Short(_)) {
        format!("at least {} are needed", rule.min)
    } else if rule.max == UNLIMITED {
        "any number is allowed".to_owned()
    } else {
        format!("at most {} are allowed", rule.max)
    }
}

fn length_of(length: usize, kind: ElementType) -> String {
    let noun = match kind {
        ElementType::Decimal | ElementType::Number(_) => "digit",
        ElementType::Text
        | ElementType::Code
        | ElementType::Date
        | ElementType::Time
        | ElementType::Binary => "character",
    };
    count(u64::try_from(length).unwrap_or(u64::MAX), noun)
}

/// What to do about a wrong character, and what is wrong.
fn characters(kind: ElementType) -> (String, String) {
    let (hint, wrong) = match kind {
        ElementType::Decimal => (
            "write digits, with a point for decimals; no spaces, commas or currency signs",
            "is not a number",
        ),
        ElementType::Number(0) => ("write digits only", "is not a whole number"),
        ElementType::Number(_) => (
            "write digits only: the point is implied, so 12.50 is written 1250 where two decimals are",
            "is not a number with an implied point",
        ),
        ElementType::Text
        | ElementType::Code
        | ElementType::Date
        | ElementType::Time
        | ElementType::Binary => (
            "leave out line breaks, tabs and other control characters",
            "holds a character that cannot be sent",
        ),
    };
    (hint.to_owned(), wrong.to_owned())
}

/// `A, B and C`.
fn all_of(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::element;
    use super::*;

    #[test]
    fn codes_alike_are_proposed_first() {
        let rule = element("ID 2/3 00,05,BT,BY,ST,VN,ZZ,ZZZ");
        assert_eq!(codes(rule.codes.as_deref(), b"BX"), "BT, BY, 00, 05, ST or VN");
        assert_eq!(codes(rule.codes.as_deref(), b"ZZQ"), "ZZ, ZZZ, 00, 05, BT or BY");
        assert_eq!(codes(element("ID 2/2 A1,B2").codes.as_deref(), b"B9"), "A1 or B2");
        let many = codes_of_guide(rule.codes.as_deref(), b"BX");
        assert_eq!(many, "one of its 8 codes, such as BT, BY, 00, 05, ST or VN");
    }

    #[test]
    fn lengths_tell_the_limit_that_was_broken() {
        let expected = |rule: &str, fault| of_value(fault, &element(rule), b"").expected;
        assert_eq!(expected("AN 2/4", Fault::Short(1)), "at least 2 are needed");
        assert_eq!(expected("AN 2/4", Fault::Long(5)), "at most 4 are allowed");
        assert_eq!(expected("DT 8/8", Fault::Long(9)), "8 are needed");
        assert_eq!(of_value(Fault::Long(1), &element("R 1/4"), b"").other, "1 digit");
    }

    #[test]
    fn a_date_is_asked_for_in_the_form_of_its_release() {
        let expected = |rule: &str| of_value(Fault::Date, &element(rule), b"").expected;
        assert_eq!(expected("DT 6/6"), "YYMMDD, such as 240115");
        assert_eq!(expected("DT 8/8"), "CCYYMMDD, such as 20240115");
    }
}
