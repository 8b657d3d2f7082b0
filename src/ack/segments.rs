//! One set's AK2 loop: its findings sorted by segment and written in the standard's codes.

use super::clean::{clean, clean_or, segment_id};
use super::context::{BusinessUnit, write_trigger};
use super::form::{Edition, Form};
use super::options::Limits;
use crate::grammar::{Finding, FindingKind, Scope, Severity};
use crate::x12::{Set, WriteError, Writer};

/// Codes of one level, the worst first, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct CodeList {
    codes: Vec<(Severity, &'static str)>,
}

impl CodeList {
    pub(super) fn add(&mut self, severity: Severity, code: &'static str) {
        match self.codes.iter_mut().find(|(_, known)| *known == code) {
            Some((worst, _)) => *worst = severity.max(*worst),
            None => self.codes.push((severity, code)),
        }
    }

    /// As many as AK5 and AK9 have places for.
    pub(super) fn first_five(&self) -> impl Iterator<Item = &'static str> {
        let mut sorted = self.codes.clone();
        sorted.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
        sorted.into_iter().take(5).map(|(_, code)| code)
    }
}

/// Whether a partner is told of findings as bad as this.
pub(super) fn is_told(severity: Severity) -> bool {
    match severity {
        Severity::Ignore | Severity::Warn => false,
        Severity::Accept | Severity::Reject => true,
    }
}

/// What a partner is told of one set.
#[derive(Debug)]
pub(super) struct Faults<'f> {
    /// The worst finding; `None` for a set without.
    pub(super) worst: Option<Severity>,
    codes: CodeList,
    segments: Vec<SegmentFault<'f>>,
}

/// What is wrong with one segment, or that it is missing.
#[derive(Debug)]
struct SegmentFault<'f> {
    key: Key<'f>,
    loop_id: &'f str,
    /// The worst finding about the segment as a whole.
    whole: Option<&'f Finding>,
    elements: Vec<&'f Finding>,
}

/// A segment in a set: position, whether something is missing before it, id.
type Key<'f> = (u32, bool, &'f str);

impl<'f> Faults<'f> {
    /// Sorts `findings` of one set.
    pub(super) fn of(findings: impl Iterator<Item = &'f Finding>, form: Form) -> Self {
        let mut faults = Self { worst: None, codes: CodeList::default(), segments: Vec::new() };
        let mut placed: Vec<(Key<'f>, &'f Finding)> = Vec::new();
        let mut inside = CodeList::default();
        for finding in findings.filter(|finding| is_told(finding.severity)) {
            faults.worst = faults.worst.max(Some(finding.severity));
            let code = form.code(finding.kind);
            if finding.kind.scope() == Scope::Set {
                if let Some(code) = code {
                    faults.codes.add(finding.severity, code);
                }
                continue;
            }
            let of_guide = code.is_some_and(|code| code.starts_with('I'));
            inside.add(finding.severity, if of_guide { "I5" } else { "5" });
            if let Some(position) = finding.place.position {
                let id = finding.place.segment.as_deref().unwrap_or_default();
                placed.push(((position, is_absent(finding.kind), id), finding));
            }
        }
        for code in inside.first_five() {
            faults.codes.add(faults.worst.unwrap_or(Severity::Accept), code);
        }
        placed.sort_by_key(|(key, _)| *key);
        for (key, finding) in placed {
            faults.place(key, finding);
        }
        faults
    }

    fn place(&mut self, key: Key<'f>, finding: &'f Finding) {
        if self.segments.last().is_none_or(|last| last.key != key) {
            let elements = Vec::new();
            self.segments.push(SegmentFault { key, loop_id: "", whole: None, elements });
        }
        let Some(fault) = self.segments.last_mut() else { return };
        if let Some(loop_id) = &finding.place.loop_id {
            fault.loop_id = loop_id;
        }
        match finding.kind.scope() {
            Scope::Element if finding.place.element.is_some() => fault.elements.push(finding),
            Scope::Segment => {
                if fault.whole.is_none_or(|worst| worst.severity < finding.severity) {
                    fault.whole = Some(finding);
                }
            }
            Scope::Element | Scope::Content | Scope::Interchange | Scope::Group | Scope::Set => {}
        }
    }

    /// Writes the loop and says where in the writer's bytes AK501 stands, and how many segments
    /// there are.
    pub(super) fn write(
        &self,
        writer: &mut Writer,
        set: &Set<'_>,
        edition: &Edition,
        limits: Limits,
    ) -> Result<Written, WriteError> {
        let delimiters = writer.delimiters();
        let text =
            |value: &str, width, placeholder| clean_or(value, delimiters, width, placeholder);
        let guide = if edition.repeats_versions() { set.guide() } else { "".into() };
        writer.segment(
            "AK2",
            [
                text(&set.id(), 3, "000").as_str(),
                &text(&set.control(), 9, "0000"),
                &clean(&guide, delimiters, 35),
            ],
        )?;
        let mut segments = 2;
        let mut unit = match edition.form {
            Form::Implementation => BusinessUnit::of(set),
            Form::Functional => None,
        };
        for fault in self.segments.iter().take(limits.segments) {
            segments += fault.write(writer, edition, unit.as_mut(), limits)?;
        }
        let (_, _, last) = edition.form.segment_ids();
        let status = writer.bytes().len() + last.len() + 1;
        writer.segment(last, std::iter::once(letter(self.worst)).chain(self.codes.first_five()))?;
        Ok(Written { status, segments })
    }
}

/// What a loop left in the writer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// Where AK501 stands.
    pub(super) status: usize,
    /// How many segments were written.
    pub(super) segments: u32,
}

impl SegmentFault<'_> {
    fn write(
        &self,
        writer: &mut Writer,
        edition: &Edition,
        unit: Option<&mut BusinessUnit<'_>>,
        limits: Limits,
    ) -> Result<u32, WriteError> {
        let (position, _, id) = self.key;
        let (name, _, _) = edition.form.segment_ids();
        let delimiters = writer.delimiters();
        let code = self.whole.and_then(|whole| edition.form.code(whole.kind)).unwrap_or("8");
        let fits = self.loop_id.len() <= edition.loop_width();
        let loop_id = if fits { clean(self.loop_id, delimiters, 6) } else { String::new() };
        let place = position.clamp(1, edition.last_position()).to_string();
        writer.segment(name, [segment_id(id, delimiters).as_str(), &place, &loop_id, code])?;
        let mut written = 1;
        if edition.form == Form::Implementation {
            if let Some(whole) = self.whole {
                written += write_trigger(writer, whole.kind)?;
            }
            if let Some(unit) = unit {
                written += unit.write(writer, position)?;
            }
        }
        for finding in self.elements.iter().take(limits.elements) {
            written += write_element(writer, finding, edition)?;
        }
        Ok(written)
    }
}

fn write_element(
    writer: &mut Writer,
    finding: &Finding,
    edition: &Edition,
) -> Result<u32, WriteError> {
    let (_, name, _) = edition.form.segment_ids();
    let Some(code) = edition.form.code(finding.kind) else { return Ok(0) };
    let place = &finding.place;
    let number = |number: Option<u32>, wanted: bool, most: u32| {
        number.filter(|_| wanted).map_or_else(String::new, |n| n.clamp(1, most).to_string())
    };
    let element = number(place.element, true, 99);
    let component = number(place.component, edition.names_components(), 99);
    let repetition = number(place.repetition, edition.names_repetitions(), 9999);
    let is_number = |id: &&str| id.len() <= 4 && id.bytes().all(|byte| byte.is_ascii_digit());
    let reference = place.data_element.as_deref().filter(is_number).unwrap_or_default();
    let value = finding.value.as_deref().unwrap_or_default();
    let value = clean(value, writer.delimiters(), WIDEST_VALUE);
    writer.open(name)?;
    writer.composite([element.as_str(), &component, &repetition])?;
    for text in [reference, code, &value] {
        writer.element(text)?;
    }
    writer.end();
    let trigger = match edition.form {
        Form::Implementation => write_trigger(writer, finding.kind)?,
        Form::Functional => 0,
    };
    Ok(1 + trigger)
}

/// AK501 and TA104 for what was found.
pub(super) fn letter(worst: Option<Severity>) -> &'static str {
    match worst {
        Some(Severity::Reject) => "R",
        Some(Severity::Accept) => "E",
        Some(Severity::Warn | Severity::Ignore) | None => "A",
    }
}

/// Whether a finding is about a segment that is not there.
fn is_absent(kind: FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::SegmentMissing
            | FindingKind::SegmentMissingByGuide
            | FindingKind::SegmentMissingByCondition
    )
}

/// The most characters in AK404 (element 724).
const WIDEST_VALUE: usize = 99;

#[cfg(test)]
mod tests {
    use super::super::options::Options;
    use super::super::sample::{about, at, body, due, orders, text, verdicts};
    use super::super::verdict::{ErrorInWords, Status};
    use super::*;
    use crate::x12::{Item, Reader};
    use proptest::prelude::*;

    fn any_finding() -> impl Strategy<Value = (usize, Finding)> {
        let severity = prop_oneof![
            Just(Severity::Ignore),
            Just(Severity::Warn),
            Just(Severity::Accept),
            Just(Severity::Reject),
        ];
        let kind = proptest::sample::select(FindingKind::ALL);
        let place = (1..6_u32, 0..4_u32, 0..3_u32, 0..3_u32);
        let words = ("[A-Z0-9>~*]{0,4}", "[ -~\u{e9}]{0,120}", "[A-Z0-9]{1,7}");
        (0..4_usize, kind, severity, place, words).prop_map(
            |(set, kind, severity, (position, element, component, repetition), words)| {
                let mut finding = at(kind, &words.0, position, element);
                let some = |number: u32| Some(number).filter(|number| *number > 0);
                finding.severity = severity;
                finding.place.component = some(component);
                finding.place.repetition = some(repetition);
                finding.place.loop_id = Some(words.2.clone());
                finding.place.data_element = Some(words.2);
                finding.value = Some(words.1);
                (set, finding)
            },
        )
    }

    /// Whether one of `errors` is how `finding` is told in `form`.
    fn is_told_by(finding: &Finding, form: Form, errors: &[ErrorInWords]) -> bool {
        let place = &finding.place;
        let is_element = finding.kind.scope() == Scope::Element && place.element.is_some();
        errors.iter().any(|error| {
            error.position == place.position
                && if is_element {
                    error.element == place.element
                        && error.component == place.component
                        && Some(error.code.as_str()) == form.code(finding.kind)
                } else {
                    // A worse finding, or an element, may speak for the segment.
                    true
                }
        })
    }

    fn expected(worst: Option<Severity>) -> Status {
        match letter(worst) {
            "A" => Status::Accepted,
            "E" => Status::AcceptedWithErrors,
            _ => Status::Rejected,
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_to_the_same_verdict(
            findings in prop::collection::vec(any_finding(), 0..40),
            version in prop_oneof![Just("003040"), Just("004010"), Just("004030"), Just("005010")],
            newer in any::<bool>(),
        ) {
            let version = if newer { "005010X999" } else { version };
            let controls = ["0001", "0002", "0003", "0004"];
            let placed: Vec<(&str, Finding)> = findings
                .into_iter()
                .filter(|(_, finding)| {
                    !matches!(finding.kind.scope(), Scope::Interchange | Scope::Group)
                })
                .map(|(set, finding)| (controls[set], finding))
                .collect();
            let answer = text(&due(&orders(version, &controls), &placed, &Options::default()));
            let (_, said) = verdicts(answer.as_bytes());
            prop_assert_eq!(said.len(), 1);
            prop_assert!(said[0].oddities.is_empty(), "{:?}", said[0].oddities);
            prop_assert!(said[0].speaks_of("PO", "7"));
            let mut accepted = 0;
            for (control, set) in controls.iter().zip(&said[0].sets) {
                let own = placed.iter().filter(|(place, _)| place == control);
                let told: Vec<&Finding> =
                    own.map(|(_, finding)| finding).filter(|f| is_told(f.severity)).collect();
                let worst = told.iter().map(|finding| finding.severity).max();
                prop_assert_eq!((set.id.as_str(), set.control.as_str()), ("850", *control));
                prop_assert_eq!(set.status, expected(worst), "{}", answer);
                prop_assert_eq!(told.is_empty(), set.codes.is_empty() && set.errors.is_empty());
                accepted += u64::from(worst != Some(Severity::Reject));
                for finding in told {
                    let form = said[0].form;
                    let without_place = finding.kind.scope() == Scope::Set || version == "003040";
                    let seen = without_place || is_told_by(finding, form, &set.errors);
                    prop_assert!(seen, "{finding:?}\n{answer}");
                }
            }
            prop_assert_eq!(said[0].counts.accepted, Some(accepted));
            prop_assert_eq!(said[0].counts.received, Some(4));
        }

        #[test]
        fn every_place_in_an_answer_is_as_wide_as_the_standard_has_it(
            findings in prop::collection::vec(any_finding(), 0..40),
            version in prop_oneof![Just("004010"), Just("005010")],
        ) {
            let placed: Vec<(&str, Finding)> =
                findings.into_iter().map(|(_, finding)| ("0001", finding)).collect();
            let answer = text(&due(&orders(version, &["0001"]), &placed, &Options::default()));
            let mut reader = Reader::new(answer.as_bytes());
            while let Some(item) = reader.next().unwrap() {
                let Item::Set(set) = item else { continue };
                let count = set.trailer().unwrap().element(1).text().into_owned();
                prop_assert_eq!(count, set.len().to_string());
                for segment in set.segments() {
                    let widths: &[std::ops::RangeInclusive<usize>] = match segment.id() {
                        b"AK3" => &[2..=3, 1..=6, 0..=6, 1..=3],
                        b"IK3" => &[2..=3, 1..=10, 0..=4, 1..=3],
                        b"AK4" | b"IK4" => &[1..=10, 0..=4, 1..=3, 0..=99],
                        b"AK5" | b"IK5" => &[1..=1, 0..=3, 0..=3, 0..=3, 0..=3, 0..=3],
                        b"AK9" => &[1..=1, 1..=6, 1..=6, 1..=6, 0..=3, 0..=3, 0..=3, 0..=3, 0..=3],
                        _ => continue,
                    };
                    prop_assert!(segment.len() <= widths.len());
                    for (number, width) in (1..).zip(widths) {
                        let length = segment.element(number).bytes().len();
                        prop_assert!(width.contains(&length), "{answer}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_more_is_told_of_a_set_than_the_limits_allow() {
        let limits = Limits { segments: 2, elements: 1 };
        let options = Options { limits, ..Options::default() };
        let findings: Vec<(&str, Finding)> = (1..=3)
            .flat_map(|position| (1..=3).map(move |element| (position, element)))
            .map(|(position, element)| {
                ("0001", at(FindingKind::ElementTooShort, "PO1", position, element))
            })
            .collect();
        let answer = body(&orders("004010", &["0001"]), &findings, &options);
        assert_eq!(answer.matches("AK3*").count(), 2);
        assert_eq!(answer.matches("AK4*").count(), 2);
    }

    #[test]
    fn at_most_five_codes_are_told_the_worst_first() {
        let kinds = [
            FindingKind::GuideUnsupported,
            FindingKind::SetTrailerMissing,
            FindingKind::SetControlMismatch,
            FindingKind::SegmentCountWrong,
            FindingKind::SetIdInvalid,
            FindingKind::SetControlInvalid,
            FindingKind::SetControlRepeated,
        ];
        let findings: Vec<_> = kinds.iter().map(|kind| ("0001", about(*kind))).collect();
        let answer = body(&orders("004010", &["0001"]), &findings, &Options::default());
        assert!(answer.contains("AK5*R*2*3*4*6*7~"), "{answer}");
    }
}
