//! `.CODES`: lists of codes, and what a guide chooses of them where.

use super::super::code_list::Codes;
use super::at::Broken;
use super::cursor::Cursor;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::location::place;
use super::model::{CodeSet, CodesRecord};
use super::range::fill;
use super::text::Line;
use std::sync::Arc;

/// Reads what stands behind `128=`; `budget` is how many codes the file may still have.
pub(super) fn codes<'t>(
    id: Line<'t>,
    mut cursor: Cursor<'t>,
    budget: &mut usize,
    faults: &mut Faults,
) -> CodesRecord<'t> {
    let list = items(&mut cursor, budget, faults);
    let mut record =
        CodesRecord { at: id.at, element: id.text, codes: Arc::new(list), sets: Vec::new() };
    let read = sets(&mut cursor, &mut record.sets, budget, faults);
    if let Err(broken) = read {
        faults.broken(broken);
    }
    record
}

fn sets<'t>(
    cursor: &mut Cursor<'t>,
    sets: &mut Vec<CodeSet<'t>>,
    budget: &mut usize,
    faults: &mut Faults,
) -> Result<(), Broken> {
    if cursor.is_done() {
        return Ok(());
    }
    cursor.expect(b'%', "`,` or `%`")?;
    while !cursor.is_done() {
        let at = cursor.at();
        cursor.expect(b'[', "`[`")?;
        let whole = cursor.eat(b'*');
        let chosen = items(cursor, budget, faults);
        let mut added = Codes::default();
        if cursor.eat(b'{') {
            added = items(cursor, budget, faults);
            cursor.expect(b'}', "`}`")?;
        }
        cursor.expect(b']', "`]`")?;
        let mut set = CodeSet { at, whole, chosen, added, places: Vec::new() };
        while cursor.eat(b'+') {
            let at = cursor.at();
            let text = cursor.take_while(|byte| byte != b'+' && byte != b'[');
            match place(Line { at, text }) {
                Ok(place) => set.places.push(place),
                Err(broken) => faults.broken(broken),
            }
        }
        sets.push(set);
    }
    Ok(())
}

/// Codes and ranges up to a bracket, a brace or `%`; a second part behind `|`.
fn items(cursor: &mut Cursor<'_>, budget: &mut usize, faults: &mut Faults) -> Codes {
    let mut parts: Vec<Codes> = Vec::new();
    loop {
        let mut part = Codes::default();
        let at = cursor.at();
        loop {
            let at = cursor.at();
            match item(cursor, &mut part).map(|count| budget.checked_sub(count)) {
                Ok(Some(left)) => *budget = left,
                Ok(None) => {
                    let kind = SefFaultKind::TooMany { what: "codes", limit: MAX_CODES };
                    faults.refuse(at, kind);
                    // The rest is skipped, for the file is refused.
                    cursor.skip(cursor.rest().len());
                }
                Err(broken) => faults.broken(broken),
            }
            if !cursor.eat(b',') {
                break;
            }
        }
        if parts.len() >= 2 {
            faults.refuse(at, SefFaultKind::TooMany { what: "parts of a code", limit: 2 });
            cursor.skip(cursor.rest().len());
            break;
        }
        parts.push(part.sorted());
        if !cursor.eat(b'|') {
            break;
        }
    }
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        Some(second) => first.with_tail(second.iter().collect()),
        None => first,
    }
}

/// One code or range, perhaps with a label such as `(1)` before it; how many codes it stands for.
fn item(cursor: &mut Cursor<'_>, codes: &mut Codes) -> Result<usize, Broken> {
    let start = cursor.at();
    if cursor.eat(b'(') {
        cursor.take_while(|byte| byte.is_ascii_digit());
        cursor.expect(b')', "`)`")?;
    }
    let plain = |byte: u8| !matches!(byte, b',' | b':' | b'|' | b'%' | b'[' | b']' | b'{' | b'}');
    let at = cursor.at();
    let first = cursor.take_while(plain);
    if cursor.eat(b':') {
        let last = cursor.take_while(plain);
        return fill(first, last, codes).ok_or_else(|| {
            let text = format!("{first}:{last}").chars().take(40).collect();
            Broken::new(at, SefFaultKind::RangeInvalid(text))
        });
    }
    if first.is_empty() {
        // Nothing at all is an empty list; a label or a comma without a code is a fault.
        let next = cursor.peek();
        return if next == Some(b',') || start != at {
            Err(cursor.unexpected("a code"))
        } else {
            Ok(0)
        };
    }
    if first.len() > MAX_LENGTH {
        let text = first.chars().take(40).collect();
        return Err(Broken::new(at, SefFaultKind::CodeInvalid(text)));
    }
    codes.push(first);
    Ok(1)
}

/// How many codes a file may have; the whole of 004010 has some 32,000.
pub(super) const MAX_CODES: usize = 500_000;

/// No code is as long as that.
const MAX_LENGTH: usize = 80;

#[cfg(test)]
mod tests {
    use super::super::at::At;
    use super::super::model::Spot;
    use super::super::text::SourceText;
    use super::*;

    fn read(text: &str) -> (CodesRecord<'_>, Vec<String>) {
        let mut faults = Faults::default();
        let cursor = Cursor::new(Line { at: At(0), text });
        let mut budget = MAX_CODES;
        let record = codes(Line { at: At(0), text: "66" }, cursor, &mut budget, &mut faults);
        let source = SourceText::of(text.as_bytes()).unwrap();
        let (faults, _) = faults.place("x", &source);
        (record, faults.iter().map(|fault| format!("{}: {}", fault.column, fault.kind)).collect())
    }

    fn list(codes: &Codes) -> Vec<String> {
        codes.iter().collect()
    }

    #[test]
    fn lists_ranges_and_sets_are_read() {
        let (record, faults) = read(
            "1:3,10,AA:AC%[1,10][AA:AB{}][(1)AA,AC{03,(2)04}]+850/3///1+850/9///3-1[]+850/4///3[*]+//N1//3",
        );
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(list(&record.codes), ["1", "10", "2", "3", "AA", "AB", "AC"]);
        let sets: Vec<_> = record
            .sets
            .iter()
            .map(|set| {
                (
                    set.whole,
                    list(&set.chosen).join(" "),
                    list(&set.added).join(" "),
                    set.places.len(),
                )
            })
            .collect();
        assert_eq!(
            sets,
            [
                (false, "1 10".into(), String::new(), 0),
                (false, "AA AB".into(), String::new(), 0),
                (false, "AA AC".into(), "03 04".into(), 2),
                (false, String::new(), String::new(), 1),
                (true, String::new(), String::new(), 1),
            ]
        );
        let second = Spot::InSet { set: "850", ordinal: 9, element: 3, component: 1 };
        assert_eq!(record.sets[2].places[1].spot, second);
    }

    #[test]
    fn codes_in_parts_have_a_tail() {
        let (record, faults) = read("CTN,PLT|25,94%[CTN|94{|}]+850/90///4");
        assert!(faults.is_empty(), "{faults:?}");
        let holds = |value: &str| record.codes.contains(value.as_bytes());
        assert!(holds("CTN") && holds("CTN25") && holds("PLT94"));
        assert!(!holds("CTN26") && !holds("25"));
        let chosen = &record.sets[0].chosen;
        assert!(chosen.contains(b"CTN94") && !chosen.contains(b"CTN25"));
        let (record, _) = read("004010,005010|");
        assert!(record.codes.contains(b"004010VICS") && !record.codes.contains(b"003010VICS"));
    }

    #[test]
    fn faults_have_their_places() {
        let fault = |text| read(text).1;
        assert_eq!(fault("A,Z:B,C"), ["3: `Z:B` is no range of codes"]);
        assert_eq!(fault("A,,C"), ["3: `,` stands where a code belongs"]);
        assert_eq!(fault("A]"), ["2: `]` stands where `,` or `%` belongs"]);
        assert_eq!(fault("A%[A+850/3///1"), ["15: the end of the line stands where `]` belongs"]);
        assert_eq!(fault("A%[A]+850/3"), ["7: `850/3` is no location"]);
        assert_eq!(fault("A|B|C"), ["5: there are more than 2 parts of a code"]);
    }

    #[test]
    fn many_ranges_are_cut_off() {
        let text = ["0000:9999"; 100].join(",");
        let faults = read(&text).1;
        assert_eq!(faults, ["501: there are more than 500000 codes"]);
    }
}
