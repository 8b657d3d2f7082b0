//! ST and SE: what holds between them whatever the set is.

use super::ledger::Ledger;
use super::site::{Site, nth};
use super::words::{Facts, Spot, count, shown};
use crate::grammar::finding::Finding;
use crate::grammar::kind::FindingKind;
use crate::grammar::severity::Severities;
use crate::x12::Set;

/// Checks the control numbers and the count of a set.
pub(super) fn check(ledger: &mut Ledger<'_>, set: &Set<'_>) {
    let header = Site { segment: set.header(), loop_id: None };
    let control = header.segment.element(2);
    let length = control.text().chars().count();
    if !(4..=9).contains(&length) {
        ledger.report(FindingKind::SetControlInvalid, || {
            let facts = Facts { value: shown(control.bytes()), ..Facts::default() };
            (header.address(2, None).spot(control), facts)
        });
    }
    let Some(trailer) = set.trailer() else {
        ledger.report(FindingKind::SetTrailerMissing, || {
            let facts = Facts {
                value: format!("{} {}", shown(set.id().as_bytes()), shown(control.bytes())),
                expected: format!("{}*{}", set.len() + 1, shown(control.bytes())),
                ..Facts::default()
            };
            (end(set), facts)
        });
        return;
    };
    let site = Site { segment: trailer, loop_id: None };
    let (written, again) = (trailer.element(1), trailer.element(2));
    if !counts(set, written.bytes()) {
        ledger.report(FindingKind::SegmentCountWrong, || {
            let segments = u64::try_from(set.len()).unwrap_or(u64::MAX);
            let facts = Facts {
                value: quoted(written.bytes()),
                expected: count(segments, "segment"),
                ..Facts::default()
            };
            (site.address(1, None).spot(written), facts)
        });
    }
    if again.bytes() != control.bytes() {
        ledger.report(FindingKind::SetControlMismatch, || {
            let facts = Facts {
                value: shown(again.bytes()),
                expected: shown(control.bytes()),
                ..Facts::default()
            };
            (site.address(2, None).spot(again), facts)
        });
    }
}

/// The findings of a set for which there are no rules.
pub(crate) fn ends(set: &Set<'_>, severities: &Severities) -> Vec<Finding> {
    let mut ledger = Ledger::new(severities);
    check(&mut ledger, set);
    ledger.finish(set)
}

/// Element `number` of a set's ST, or the ST itself for 0.
pub(crate) fn header(set: &Set<'_>, number: u32) -> Spot {
    let site = Site { segment: set.header(), loop_id: None };
    let mut spot = match number {
        0 => site.spot(),
        _ => site.address(number, None).spot(nth(&site, number)),
    };
    spot.place.set = Some(shown(set.id().as_bytes()));
    spot.place.set_control = Some(shown(set.control().as_bytes()));
    spot.line = set.line();
    spot
}

/// The last byte of a set, for what is missing at its end.
pub(super) fn end(set: &Set<'_>) -> Spot {
    let last = u64::try_from(set.bytes().len().saturating_sub(1)).unwrap_or(0);
    Spot { offset: set.offset() + last, ..Spot::default() }
}

/// A count as written, or that there is none.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    if bytes.is_empty() { "nothing".to_owned() } else { format!("`{}`", shown(bytes)) }
}

/// Whether `written` is the number of segments. Empty segments, told of elsewhere, may be counted
/// or not.
fn counts(set: &Set<'_>, written: &[u8]) -> bool {
    let Some(written) = number(written) else { return false };
    let all = u64::try_from(set.len()).unwrap_or(u64::MAX);
    let blank = || set.segments().filter(|segment| segment.bytes().is_empty()).count();
    written == all || written == all - u64::try_from(blank()).unwrap_or(0)
}

/// The number that digits are.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::with_set;
    use super::*;

    fn found(set: &str) -> Vec<(FindingKind, String)> {
        let severities = Severities::default();
        let mut ledger = Ledger::new(&severities);
        let findings = with_set(set, |set| {
            check(&mut ledger, set);
            ledger.finish(set)
        });
        findings.into_iter().map(|finding| (finding.kind, finding.message)).collect()
    }

    #[test]
    fn a_set_that_is_closed_as_it_was_opened_is_good() {
        assert_eq!(found("ST*850*0001~BEG*00~SE*3*0001~"), []);
        assert_eq!(found("ST*850*0001~BEG*00~~SE*3*0001~"), []);
        assert_eq!(found("ST*850*0001~BEG*00~~SE*4*0001~"), []);
    }

    #[test]
    fn a_wrong_count_is_told_with_the_right_one() {
        let (kind, message) = found("ST*850*0001~BEG*00~SE*7*0001~").remove(0);
        assert_eq!(kind, FindingKind::SegmentCountWrong);
        assert_eq!(message, "SE01 says `7`, but the set has 3 segments");
        assert_eq!(found("ST*850*0001~SE**0001~").len(), 1);
        assert_eq!(found("ST*850*0001~SE*99999999999999999999999*0001~").len(), 1);
    }

    #[test]
    fn control_numbers_are_compared_character_by_character() {
        assert_eq!(found("ST*850*0001~SE*2*001~").remove(0).0, FindingKind::SetControlMismatch);
        assert_eq!(found("ST*850*1~SE*2*1~").remove(0).0, FindingKind::SetControlInvalid);
    }

    #[test]
    fn a_set_without_trailer_is_told_with_the_trailer_that_is_due() {
        let severities = Severities::default();
        let mut ledger = Ledger::new(&severities);
        let findings = with_set("ST*850*0001~BEG*00~", |set| {
            check(&mut ledger, set);
            ledger.finish(set)
        });
        assert_eq!(findings[0].kind, FindingKind::SetTrailerMissing);
        assert!(findings[0].hint.contains("SE*3*0001"), "{}", findings[0].hint);
    }
}
