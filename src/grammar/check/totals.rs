//! CTT: how many lines there are, and what their quantities add up to.

use super::ledger::Ledger;
use super::scene::{Noted, Role, Scene};
use super::trailer::{number, quoted};
use super::words::{Facts, any_of, count, shown};
use crate::grammar::kind::FindingKind;
use rust_decimal::Decimal;

/// What a set's CTT counts.
struct Counted {
    /// CTT01 is the number of one of these.
    lines: &'static [&'static str],
    /// CTT02 is the sum of one of these elements.
    quantities: &'static [(&'static str, usize)],
}

/// Holds the first CTT among `noted` against the lines. A set has but one; to hold each of many
/// against all lines would take time without bound.
pub(super) fn check(ledger: &mut Ledger<'_>, scene: &Scene<'_>, noted: &[Noted]) {
    let Some(counted) = counted(&scene.rules.id) else { return };
    let Some(total) = noted.iter().find(|note| note.role == Role::Count) else { return };
    let Some(segment) = scene.set.segment(total.index) else { return };
    let (lines, hash) = (segment.element(1), segment.element(2));
    if let Some(written) = number(lines.bytes()) {
        line_count(ledger, scene, noted, &counted, total.index, written);
    }
    if !hash.is_empty() {
        hash_total(ledger, scene, noted, &counted, total.index, hash.bytes());
    }
}

/// What the notes of each set in X12 say of its CTT; the 856's guides count HL or LIN.
fn counted(set: &str) -> Option<Counted> {
    let (lines, quantities): (&[_], &[_]) = match set {
        "850" => (&["PO1"], &[("PO1", 2)]),
        "855" => (&["PO1"], &[("PO1", 2), ("ACK", 2)]),
        "860" | "865" => (&["POC"], &[("POC", 3)]),
        "856" => (&["HL", "LIN"], &[("SN1", 2)]),
        "810" => (&["IT1"], &[("IT1", 2)]),
        "843" => (&["PO1"], &[]),
        "861" => (&["RCD"], &[]),
        "830" | "832" | "846" | "862" => (&["LIN"], &[]),
        _ => return None,
    };
    Some(Counted { lines, quantities })
}

fn line_count(
    ledger: &mut Ledger<'_>,
    scene: &Scene<'_>,
    noted: &[Noted],
    counted: &Counted,
    index: usize,
    written: u64,
) {
    let numbers: Vec<u64> = counted
        .lines
        .iter()
        .map(|id| u64::try_from(of_id(scene, noted, id).count()).unwrap_or(u64::MAX))
        .collect();
    if numbers.contains(&written) {
        return;
    }
    ledger.report(FindingKind::LineCountWrong, || {
        let segments = numbers.iter().zip(counted.lines);
        let segments = segments.map(|(number, id)| count(*number, &format!("{id} segment")));
        let facts = Facts {
            value: quoted(written.to_string().as_bytes()),
            expected: any_of(&segments.collect::<Vec<_>>()),
            ..Facts::default()
        };
        (scene.element(index, 1), facts)
    });
}

fn hash_total(
    ledger: &mut Ledger<'_>,
    scene: &Scene<'_>,
    noted: &[Noted],
    counted: &Counted,
    index: usize,
    written: &[u8],
) {
    let Some(value) = decimal(written) else { return };
    let digits = scene.rule(index, 2).map_or(10, |rule| rule.max).min(18);
    let mut sums = Vec::new();
    for (id, element) in counted.quantities {
        let Some(sum) = sum(scene, noted, id, *element) else { return };
        if sum.plain == value || sum.fits(written, digits) {
            return;
        }
        // A set that does not use a segment has no sum of it.
        if sum.plain != Decimal::ZERO || sums.is_empty() {
            sums.push(sum.plain.normalize().to_string());
        }
    }
    if sums.is_empty() {
        return;
    }
    ledger.report(FindingKind::HashTotalWrong, || {
        let facts = Facts { value: shown(written), expected: any_of(&sums), ..Facts::default() };
        (scene.element(index, 2), facts)
    });
}

/// A sum of quantities: as numbers, and as X12 adds hash totals up, by their digits alone.
struct Sum {
    plain: Decimal,
    digits: u64,
}

impl Sum {
    /// Whether `written` is the sum of digits, cut on the left to `most` digits.
    fn fits(&self, written: &[u8], most: u32) -> bool {
        let cut = 10_u64.checked_pow(most).map_or(self.digits, |limit| self.digits % limit);
        as_digits(written) == Some(cut)
    }
}

fn sum(scene: &Scene<'_>, noted: &[Noted], id: &str, element: usize) -> Option<Sum> {
    let mut sum = Sum { plain: Decimal::ZERO, digits: 0 };
    for index in of_id(scene, noted, id) {
        let segment = scene.set.segment(index)?;
        let value = segment.element(element);
        if !value.is_empty() {
            sum.plain = sum.plain.checked_add(decimal(value.bytes())?)?;
            sum.digits = sum.digits.checked_add(as_digits(value.bytes())?)?;
        } else if !segment.element(element.saturating_add(1)).is_empty() {
            // The quantity to this unit was forgotten: told of already, and no sum is known.
            return None;
        }
    }
    Some(sum)
}

/// The segments of this id among `noted`.
fn of_id<'n>(
    scene: &'n Scene<'_>,
    noted: &'n [Noted],
    id: &'n str,
) -> impl Iterator<Item = usize> + 'n {
    let role = Role::of(id);
    let alike = noted.iter().filter(move |note| note.role == role);
    let indices = alike.map(|note| note.index);
    indices.filter(move |index| scene.node(*index).is_some_and(|node| node.id.as_str() == id))
}

/// A number as written, with its sign and point.
pub(super) fn decimal(bytes: &[u8]) -> Option<Decimal> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.contains('E') {
        return Decimal::from_scientific(text).ok();
    }
    text.trim_end_matches('.').parse().ok()
}

/// The digits of a number, as if it had no sign and no point.
fn as_digits(bytes: &[u8]) -> Option<u64> {
    let mut digits = 0_u64;
    for byte in bytes.iter().filter(|byte| byte.is_ascii_digit()) {
        digits = digits.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::super::run::{Rules, check};
    use super::super::testing::{standard, with_set};
    use super::*;
    use crate::grammar::severity::Severities;

    fn found(id: &str, header: &str, lines: &str) -> Vec<(FindingKind, String)> {
        let standard = standard();
        let severities = Severities::default();
        let body = format!("{header}{lines}");
        let count = body.matches('~').count() + 2;
        let text = format!("ST*{id}*0001~{body}SE*{count}*0001~");
        let findings = with_set(&text, |set| {
            let base = &standard.sets[id];
            check(
                set,
                &Rules { standard: &standard, set: base, guide: None, severities: &severities },
            )
            .findings
        });
        findings.into_iter().map(|finding| (finding.kind, finding.message)).collect()
    }

    fn order(lines: &str) -> Vec<(FindingKind, String)> {
        found("850", "BEG*00*NE*4501**20240115~", lines)
    }

    #[test]
    fn a_right_count_is_good_and_a_wrong_one_is_told() {
        assert_eq!(order("PO1*1*5*EA~PO1*2*5*EA~CTT*2~"), []);
        let (kind, message) = order("PO1*1*5*EA~PO1*2*5*EA~CTT*3~").remove(0);
        assert_eq!(kind, FindingKind::LineCountWrong);
        assert_eq!(message, "CTT01 says `3`, but the set has 2 PO1 segments");
    }

    #[test]
    fn a_hash_total_may_be_a_sum_or_a_sum_of_digits() {
        assert_eq!(order("PO1*1*5*EA~PO1*2*2.5*EA~CTT*2*7.5~"), []);
        assert_eq!(order("PO1*1*5*EA~PO1*2*2.5*EA~CTT*2*30~"), []);
        assert_eq!(order("PO1*1**~CTT*1*0~").len(), 1, "only the separator is wrong");
        assert_eq!(order("PO1*1**EA~CTT*1*5~").len(), 1, "only the quantity is missing");
        let (kind, message) = order("PO1*1*5*EA~PO1*2*2.5*EA~CTT*2*8~").remove(0);
        assert_eq!(kind, FindingKind::HashTotalWrong);
        assert_eq!(message, "CTT02 is `8`, but the quantities add up to 7.5");
    }

    #[test]
    fn a_ship_notice_may_count_its_levels_or_its_items() {
        let notice = |total: &str| {
            let levels =
                "HL*1**S~HL*2*1*O~HL*3*2*I~LIN**VP*A~SN1**10*EA~HL*4*2*I~LIN**VP*B~SN1**5*EA~";
            found("856", "BSN*00*S1*20240115*1200~", &format!("{levels}{total}~"))
        };
        assert_eq!(notice("CTT*4*15"), []);
        assert_eq!(notice("CTT*2*15"), []);
        assert_eq!(notice("CTT*3")[0].0, FindingKind::LineCountWrong);
        assert_eq!(notice("CTT*4*16")[0].0, FindingKind::HashTotalWrong);
    }

    #[test]
    fn an_acknowledgment_may_add_up_what_was_ordered_or_what_was_confirmed() {
        let answer = |total: &str| {
            let lines = format!("PO1*1*10*EA~ACK*IA*6*EA~ACK*IB*2*EA~CTT*1*{total}~");
            found("855", "BEG*00*NE*4501**20240115~", &lines)
        };
        assert!(answer("10").iter().all(|(kind, _)| *kind != FindingKind::HashTotalWrong));
        assert!(answer("8").iter().all(|(kind, _)| *kind != FindingKind::HashTotalWrong));
        assert!(answer("9").iter().any(|(kind, _)| *kind == FindingKind::HashTotalWrong));
    }

    #[test]
    fn only_the_first_total_of_a_set_is_held_against_its_lines() {
        let found = order(&format!("PO1*1*5*EA~{}", "CTT*9~".repeat(100)));
        let wrong = found.iter().filter(|(kind, _)| *kind == FindingKind::LineCountWrong);
        assert_eq!(wrong.count(), 1);
    }

    #[test]
    fn numbers_too_large_to_add_up_are_left_alone() {
        let huge = "9".repeat(15);
        let lines = format!("PO1*1*{huge}*EA~").repeat(3);
        assert_eq!(order(&format!("{lines}CTT*3~")), []);
    }
}
