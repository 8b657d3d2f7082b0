//! Money: an invoice's total against its lines, charges and taxes; charges and taxes in themselves.

use super::ledger::Ledger;
use super::scene::{Noted, Role, Scene};
use super::totals::decimal;
use super::words::{Facts, element};
use crate::grammar::kind::FindingKind;
use crate::grammar::rules::{ElementType, Part};
use crate::x12::Segment;
use rust_decimal::Decimal;

/// Checks the money among `noted`.
pub(super) fn check(ledger: &mut Ledger<'_>, scene: &Scene<'_>, noted: &[Noted]) {
    for note in noted {
        match note.role {
            Role::Charge => charge(ledger, scene, note.index),
            Role::Tax => tax(ledger, scene, note.index),
            Role::Total
            | Role::Plain
            | Role::Level
            | Role::Line
            | Role::Quantity
            | Role::Count
            | Role::Price => {}
        }
    }
    // An invoice has but one total; to hold each of many against all lines would take time
    // without bound.
    let first = noted.iter().find(|note| note.role == Role::Total);
    if let Some(first) = first.filter(|_| scene.rules.id == "810") {
        total(ledger, scene, noted, first.index);
    }
}

/// What a person would round away.
fn cent() -> Decimal {
    Decimal::new(1, 2)
}

/// A value of element `number`, with the point where its type puts it.
fn amount(scene: &Scene<'_>, index: usize, number: u32) -> Option<Decimal> {
    let segment = scene.set.segment(index)?;
    let value = segment.element(usize::try_from(number).ok()?);
    let Part::Simple(rules) = &scene.rule(index, number)?.part else { return None };
    let mut amount = decimal(value.bytes())?;
    if let ElementType::Number(decimals) = rules.kind {
        amount.set_scale(u32::from(decimals)).ok()?;
    }
    Some(amount)
}

/// Whether the segment has these data elements at these places: what it means depends on it.
fn is_laid_out(scene: &Scene<'_>, index: usize, places: &[(u32, &str)]) -> bool {
    let holds = |(number, id): &(u32, &str)| {
        scene.rule(index, *number).is_some_and(|rule| rule.part.id() == *id)
    };
    places.iter().all(holds)
}

const CHARGE: &[(u32, &str)] = &[(1, "248"), (5, "610"), (7, "332"), (8, "118"), (10, "380")];
const TAX: &[(u32, &str)] = &[(2, "782"), (3, "954"), (6, "441"), (8, "828")];

fn charge(ledger: &mut Ledger<'_>, scene: &Scene<'_>, index: usize) {
    let Some(segment) = scene.set.segment(index) else { return };
    if !is_laid_out(scene, index, CHARGE) || !matches!(segment.element(1).bytes(), b"A" | b"C") {
        return;
    }
    if [5, 7, 8].iter().all(|number| segment.element(*number).is_empty()) {
        let other = "it has no amount, no percentage and no rate".to_owned();
        say(ledger, scene, FindingKind::ChargeInconsistent, (index, 5), &segment, other);
        return;
    }
    let value = |number| amount(scene, index, number);
    let (Some(written), Some(rate), Some(quantity)) = (value(5), value(8), value(10)) else {
        return;
    };
    let Some(product) = rate.checked_mul(quantity) else { return };
    if differ(written.abs(), product.abs(), cent()) {
        let other = format!("the amount is {written}, but rate times quantity is {product}");
        say(ledger, scene, FindingKind::ChargeInconsistent, (index, 5), &segment, other);
    }
}

fn tax(ledger: &mut Ledger<'_>, scene: &Scene<'_>, index: usize) {
    let Some(segment) = scene.set.segment(index) else { return };
    if !is_laid_out(scene, index, TAX) {
        return;
    }
    let invoice = scene.rules.id == "810";
    if invoice && segment.element(2).is_empty() && segment.element(6).is_empty() {
        let other = "it has neither an amount nor a reason for exemption".to_owned();
        say(ledger, scene, FindingKind::TaxInconsistent, (index, 2), &segment, other);
        return;
    }
    let value = |number| amount(scene, index, number);
    let (Some(written), Some(percent), Some(basis)) = (value(2), value(3), value(8)) else {
        return;
    };
    let Some(product) = basis.checked_mul(percent) else { return };
    // Element 954 is a fraction in the standard's words, and a percentage in the trade's.
    let hundredth = product.checked_div(Decimal::ONE_HUNDRED).unwrap_or(product);
    if differ(written, product, cent()) && differ(written, hundredth, cent()) {
        let other = format!(
            "the amount is {written}, but {percent} percent of {basis} is {}",
            hundredth.normalize()
        );
        say(ledger, scene, FindingKind::TaxInconsistent, (index, 2), &segment, other);
    }
}

fn say(
    ledger: &mut Ledger<'_>,
    scene: &Scene<'_>,
    kind: FindingKind,
    (index, number): (usize, u32),
    segment: &Segment<'_>,
    other: String,
) {
    let name = scene.rule(index, number).map_or("", |rule| rule.part.name());
    let subject = element(&segment.id_text(), number, None, name);
    ledger.report(kind, || {
        (scene.element(index, number), Facts { subject, other, ..Facts::default() })
    });
}

fn differ(one: Decimal, other: Decimal, by: Decimal) -> bool {
    one.checked_sub(other).is_some_and(|difference| difference.abs() > by)
}

/// What an invoice adds up to: lines, and what may or may not be counted beside them.
#[derive(Default)]
struct Invoice {
    lines: Decimal,
    count: u32,
    charges: Decimal,
    line_charges: Decimal,
    taxes: Decimal,
    line_taxes: Decimal,
}

fn total(ledger: &mut Ledger<'_>, scene: &Scene<'_>, noted: &[Noted], index: usize) {
    let Some(written) = amount(scene, index, 1) else { return };
    let Some(invoice) = Invoice::of(scene, noted) else { return };
    let tolerance = cent().checked_mul(Decimal::from(invoice.count.max(1))).unwrap_or(cent());
    let sums = invoice.sums();
    let fits = |sum: &Decimal| !differ(written.abs(), sum.abs(), tolerance);
    let Some(full) = sums.first().filter(|_| !sums.iter().any(fits)) else { return };
    ledger.report(FindingKind::InvoiceTotalWrong, || {
        let facts = Facts {
            value: written.to_string(),
            expected: format!("{:.2}", full.round_dp(2)),
            ..Facts::default()
        };
        (scene.element(index, 1), facts)
    });
}

impl Invoice {
    /// The parts of an invoice; `None` where they cannot be known.
    fn of(scene: &Scene<'_>, noted: &[Noted]) -> Option<Self> {
        let mut invoice = Self::default();
        for note in noted {
            let in_line = scene.node(note.index).is_some_and(|node| node.table == 2);
            match note.role {
                Role::Line => {
                    invoice.lines = invoice.lines.checked_add(line(scene, note.index)?)?;
                    invoice.count += 1;
                }
                Role::Charge => {
                    let part =
                        if in_line { &mut invoice.line_charges } else { &mut invoice.charges };
                    *part = part.checked_add(charged(scene, note.index)?)?;
                }
                Role::Tax => {
                    let part = if in_line { &mut invoice.line_taxes } else { &mut invoice.taxes };
                    *part = part.checked_add(taxed(scene, note.index)?)?;
                }
                // Another price than the line's may be the one that counts.
                Role::Price if in_line => return None,
                Role::Price
                | Role::Plain
                | Role::Level
                | Role::Quantity
                | Role::Count
                | Role::Total => {}
            }
        }
        (invoice.count > 0).then_some(invoice)
    }

    /// What the total may be: partners differ in whether charges and taxes of lines are repeated in
    /// the summary, or are in the lines' prices. The first is everything.
    fn sums(&self) -> Vec<Decimal> {
        let mut sums = Vec::new();
        for skip in 0_u8..16 {
            let part = |bit: u8, part: Decimal| if skip & bit == 0 { part } else { Decimal::ZERO };
            // What stands in the summary is left out only if the lines have the same.
            if (skip & 4 != 0 && self.line_charges.is_zero())
                || (skip & 8 != 0 && self.line_taxes.is_zero())
            {
                continue;
            }
            let parts = [
                part(1, self.line_charges),
                part(2, self.line_taxes),
                part(4, self.charges),
                part(8, self.taxes),
            ];
            sums.extend(parts.iter().try_fold(self.lines, |sum, part| sum.checked_add(*part)));
        }
        sums
    }
}

/// Quantity times price of an IT1.
fn line(scene: &Scene<'_>, index: usize) -> Option<Decimal> {
    let segment = scene.set.segment(index)?;
    let basis = segment.element(5);
    if basis.bytes() == b"NC" {
        return Some(Decimal::ZERO);
    }
    let per = per(basis.bytes())?;
    let product = amount(scene, index, 2)?.checked_mul(amount(scene, index, 4)?)?;
    product.checked_div(Decimal::from(per))
}

/// How many units a price is for, by data element 639; `None` for measures and for what is not
/// known.
fn per(basis: &[u8]) -> Option<u32> {
    Some(match basis {
        b"" | b"CA" | b"CP" | b"CT" | b"DI" | b"DR" | b"DS" | b"ES" | b"FX" | b"LE" | b"NT"
        | b"PE" | b"PR" | b"QE" | b"QT" | b"RE" | b"RS" | b"RT" | b"SR" | b"ST" | b"TE" | b"UM"
        | b"WE" | b"WH" => 1,
        b"PN" => 10,
        b"LD" | b"PD" | b"RD" | b"TD" | b"WD" => 12,
        b"HP" | b"LC" | b"QH" | b"RC" | b"TC" | b"WC" => 100,
        b"LM" | b"QS" | b"RM" | b"TM" | b"TP" | b"WM" => 1_000,
        b"TT" => 10_000,
        b"HT" => 100_000,
        _ => return None,
    })
}

/// What an SAC adds to the invoice; `None` where that cannot be known.
fn charged(scene: &Scene<'_>, index: usize) -> Option<Decimal> {
    let segment = scene.set.segment(index)?;
    // Billed back, or paid by the vendor: not on this invoice.
    if matches!(segment.element(12).bytes(), b"01" | b"05") {
        return Some(Decimal::ZERO);
    }
    match segment.element(1).bytes() {
        b"C" => amount(scene, index, 5),
        b"A" => Decimal::ZERO.checked_sub(amount(scene, index, 5)?.abs()),
        _ => Some(Decimal::ZERO),
    }
}

fn taxed(scene: &Scene<'_>, index: usize) -> Option<Decimal> {
    let segment = scene.set.segment(index)?;
    if segment.element(2).is_empty() { Some(Decimal::ZERO) } else { amount(scene, index, 2) }
}

#[cfg(test)]
mod tests {
    use super::super::run::{Rules, check};
    use super::super::testing::{standard, with_set};
    use super::*;
    use crate::grammar::severity::Severities;

    fn found(body: &str) -> Vec<(FindingKind, String)> {
        let standard = standard();
        let severities = Severities::default();
        let count = body.matches('~').count() + 3;
        let text = format!("ST*810*0001~BIG*20240115*77~{body}SE*{count}*0001~");
        let findings = with_set(&text, |set| {
            let base = &standard.sets["810"];
            check(
                set,
                &Rules { standard: &standard, set: base, guide: None, severities: &severities },
            )
            .findings
        });
        findings.into_iter().map(|finding| (finding.kind, finding.message)).collect()
    }

    #[test]
    fn an_invoice_that_adds_up_is_good() {
        assert_eq!(found("IT1*1*10*EA*12.5~IT1*2*1*EA*.99~TDS*12599~"), []);
        assert_eq!(found("IT1*1*10*EA*12.5~TDS*13800~TXI*ST*8~SAC*C*D240***500~"), []);
        assert_eq!(found("IT1*1*10*EA*12.5~TDS*11500~SAC*A*C310***1000~"), []);
        assert_eq!(found("IT1*1*300*EA*5*HP~TDS*1500~"), []);
        assert_eq!(found("IT1*1*2*EA*5~TDS*-1000~"), []);
    }

    #[test]
    fn only_the_first_total_is_held_against_the_lines() {
        let found = found(&format!("IT1*1*10*EA*1~{}", "TDS*1~".repeat(50)));
        let wrong = found.iter().filter(|(kind, _)| *kind == FindingKind::InvoiceTotalWrong);
        assert_eq!(wrong.count(), 1);
    }

    #[test]
    fn a_cent_a_line_is_rounding() {
        assert_eq!(found("IT1*1*3*EA*.336~TDS*100~"), []);
        assert_eq!(found("IT1*1*3*EA*.336~TDS*99~")[0].0, FindingKind::InvoiceTotalWrong);
    }

    #[test]
    fn a_total_that_is_wrong_is_told_with_the_right_one() {
        let (kind, message) = found("IT1*1*10*EA*12.5~TDS*12600~TXI*ST*8~").remove(0);
        assert_eq!(kind, FindingKind::InvoiceTotalWrong);
        assert_eq!(message, "TDS01 is 126.00, but lines, charges and taxes add up to 133.00");
    }

    #[test]
    fn taxes_of_lines_may_be_repeated_in_the_summary() {
        let lines = "IT1*1*10*EA*10~TXI*ST*8~";
        assert_eq!(found(&format!("{lines}TDS*10800~TXI*ST*8~")), []);
        assert_eq!(found(&format!("{lines}TDS*10800~")), []);
    }

    #[test]
    fn prices_that_cannot_be_known_are_not_guessed() {
        assert_eq!(found("IT1*1*10*EA*12.5*PG~TDS*1~"), []);
        assert_eq!(found("IT1*1*10*EA~TDS*1~"), []);
        assert_eq!(found("TDS*1~"), []);
    }

    #[test]
    fn a_charge_must_have_an_amount_that_is_rate_times_quantity() {
        let charge = FindingKind::ChargeInconsistent;
        assert_eq!(found("TDS*1~SAC*C*D240*******~")[0].0, FindingKind::TrailingSeparators);
        assert_eq!(found("TDS*1~SAC*C*D240~")[0].0, charge);
        assert_eq!(found("TDS*1~SAC*C*D240***1000***2*EA*5~"), []);
        let (kind, message) = found("TDS*1~SAC*C*D240***1100***2*EA*5~").remove(0);
        assert_eq!(kind, charge);
        assert_eq!(
            message,
            "SAC05 does not add up: the amount is 11.00, but rate times quantity is 10"
        );
        assert_eq!(found("TDS*1~SAC*N*D240~"), []);
    }

    #[test]
    fn a_tax_must_have_an_amount_that_is_its_percentage() {
        let tax = FindingKind::TaxInconsistent;
        assert_eq!(found("TDS*1~TXI*ST*8.25*8.25****G*100~"), []);
        assert_eq!(found("TDS*1~TXI*ST*8.25*.0825*****100~"), []);
        assert_eq!(found("TDS*1~TXI*ST*9*8.25*****100~")[0].0, tax);
        assert_eq!(found("TDS*1~TXI*ST**8.25~")[0].0, tax);
        assert_eq!(found("TDS*1~TXI*ST*****2~"), []);
    }

    #[test]
    fn amounts_too_large_to_multiply_are_left_alone() {
        let huge = "9".repeat(15);
        let lines = format!("IT1*1*9999999999*EA*{huge}99~").repeat(100);
        assert_eq!(found(&format!("{lines}TDS*{huge}~")), []);
    }
}
