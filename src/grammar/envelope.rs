//! The envelopes in themselves: ISA and IEA, GS and GE, and what stands between them.

use super::check::{Facts, Spot, count, is_date, is_time, named, number, quoted, shown, words};
use super::finding::{Finding, Place};
use super::kind::{FindingKind, Severity};
use super::severity::Severities;
use crate::x12::{Group, Interchange, Segment, SyntaxError, Trailer};

/// Collects the findings of one item.
#[derive(Debug)]
pub(super) struct Notes<'s> {
    severities: &'s Severities,
    pub(super) findings: Vec<Finding>,
}

impl<'s> Notes<'s> {
    /// No findings yet.
    pub(super) fn new(severities: &'s Severities) -> Self {
        Self { severities, findings: Vec::new() }
    }

    /// Notes a finding.
    pub(super) fn report(&mut self, kind: FindingKind, spot: Spot, facts: &Facts) {
        let severity = self.severities.of(kind);
        if severity != Severity::Ignore {
            self.findings.push(words(kind, severity, spot, facts));
        }
    }

    /// Notes a finding about an element of a segment that stands on `line`.
    fn element(
        &mut self,
        kind: FindingKind,
        segment: &Segment<'_>,
        line: u64,
        element: usize,
        facts: Facts,
    ) {
        // The padding of an ISA is no part of its value.
        let value = segment.element(element).bytes().trim_ascii_end();
        let facts =
            if facts.value.is_empty() { Facts { value: shown(value), ..facts } } else { facts };
        let mut spot = at(segment, line);
        spot.place.element = u32::try_from(element).ok();
        let offset = segment.element(element).offset();
        // A damaged envelope may hold line breaks within.
        let before = usize::try_from(offset - spot.offset).unwrap_or(usize::MAX);
        let before = segment.bytes().get(..before).unwrap_or_default();
        spot.line += memchr::memchr_iter(b'\n', before).map(|_| 1).sum::<u64>();
        spot.offset = offset;
        self.report(kind, spot.holding(value), &facts);
    }
}

/// The place of a segment outside sets.
pub(super) fn at(segment: &Segment<'_>, line: u64) -> Spot {
    let id = shown(segment.id());
    let place = Place { segment: Some(id), ..Place::default() };
    let offset = segment.offset();
    Spot { place, offset, length: segment.id().len(), line, ..Spot::default() }
}

/// Checks an ISA.
pub(super) fn interchange(notes: &mut Notes<'_>, isa: &Interchange) {
    let segment = isa.segment();
    let value = |element: usize| segment.element(element).bytes().trim_ascii_end().to_vec();
    let checks: [(usize, FindingKind, bool); 14] = [
        (1, FindingKind::AuthorizationQualifierInvalid, is_between(&value(1), "00", "08")),
        (3, FindingKind::SecurityQualifierInvalid, is_between(&value(3), "00", "01")),
        (5, FindingKind::SenderQualifierInvalid, is_qualifier(&value(5))),
        (6, FindingKind::SenderInvalid, !value(6).is_empty()),
        (7, FindingKind::ReceiverQualifierInvalid, is_qualifier(&value(7))),
        (8, FindingKind::ReceiverInvalid, !value(8).is_empty()),
        (9, FindingKind::InterchangeDateInvalid, value(9).len() == 6 && is_date(&value(9))),
        (10, FindingKind::InterchangeTimeInvalid, value(10).len() == 4 && is_time(&value(10))),
        (11, FindingKind::InterchangeStandardInvalid, is_standard(&value(11))),
        (12, FindingKind::InterchangeVersionInvalid, is_digits(&value(12), 5, 5)),
        (12, FindingKind::InterchangeVersionUnsupported, is_version(&value(12))),
        (13, FindingKind::InterchangeControlInvalid, is_digits(&value(13), 9, 9)),
        (14, FindingKind::AcknowledgmentRequestInvalid, is_between(&value(14), "0", "1")),
        (15, FindingKind::UsageIndicatorInvalid, matches!(&value(15)[..], b"P" | b"T" | b"I")),
    ];
    if let Some(element) = isa.misaligned() {
        let expected = isa.width(element).to_string();
        let facts = Facts { expected, ..Facts::default() };
        notes.element(FindingKind::HeaderMisaligned, &segment, isa.line(), element, facts);
    }
    for (element, kind, good) in checks {
        if !good {
            notes.element(kind, &segment, isa.line(), element, Facts::default());
        }
    }
}

/// Checks an IEA against the ISA, with `groups` in between.
pub(super) fn interchange_end(
    notes: &mut Notes<'_>,
    control: &str,
    groups: u64,
    trailer: &Trailer,
) {
    let segment = trailer.segment();
    let mut element = |kind, element, facts| {
        notes.element(kind, &segment, trailer.line(), element, facts);
    };
    if number(trailer.count().as_bytes()) != Some(groups) {
        let expected = count(groups, "group");
        let facts =
            Facts { value: quoted(trailer.count().as_bytes()), expected, ..Facts::default() };
        element(FindingKind::GroupCountWrong, 1, facts);
    }
    if !is_same(&trailer.control(), control) {
        let expected = shown(control.as_bytes());
        let facts = Facts { expected, ..Facts::default() };
        element(FindingKind::InterchangeControlMismatch, 2, facts);
    }
}

/// Checks a GS, but for its version.
pub(super) fn group(notes: &mut Notes<'_>, gs: &Group) {
    let segment = gs.segment();
    let control = gs.control();
    if !is_digits(control.as_bytes(), 1, 9) {
        let kind = FindingKind::GroupControlInvalid;
        notes.element(kind, &segment, gs.line(), 6, Facts::default());
    }
    // Releases before 004010 write the year with two digits.
    let old = gs.version().as_ref() < "004010";
    let date = gs.date().len() == 8 || (old && gs.date().len() == 6);
    let party = |id: &str| (2..=15).contains(&id.chars().count());
    let length =
        ("must have 2 to 15 characters", "write the code that was agreed for the application");
    let checks: [(usize, &str, bool, (&str, &str)); 5] = [
        (2, "Application Sender's Code", party(&gs.sender()), length),
        (3, "Application Receiver's Code", party(&gs.receiver()), length),
        (
            4,
            "Date",
            date && is_date(gs.date().as_bytes()),
            ("is not a date", "write the date as CCYYMMDD (YYMMDD before release 004010)"),
        ),
        (
            5,
            "Time",
            is_time(gs.time().as_bytes()),
            ("is not a time", "write the time as HHMM or HHMMSS, from 0000 to 235959"),
        ),
        (
            7,
            "Responsible Agency Code",
            matches!(gs.agency().as_ref(), "X" | "T"),
            ("is neither X nor T", "write X, for the standard of X12"),
        ),
    ];
    for (element, name, good, (other, hint)) in checks {
        if !good {
            let facts = Facts {
                subject: named(&format!("GS{element:02}"), name),
                expected: hint.to_owned(),
                other: other.to_owned(),
                ..Facts::default()
            };
            notes.element(FindingKind::GroupHeaderInvalid, &segment, gs.line(), element, facts);
        }
    }
}

/// Tells that GS01, GS06 or GS08 does not fit what is known.
pub(super) fn group_element(
    notes: &mut Notes<'_>,
    gs: &Group,
    kind: FindingKind,
    element: usize,
    expected: String,
) {
    let facts = Facts { expected, ..Facts::default() };
    notes.element(kind, &gs.segment(), gs.line(), element, facts);
}

/// Checks a GE against the GS, with `sets` in between.
pub(super) fn group_end(notes: &mut Notes<'_>, control: &str, sets: u64, trailer: &Trailer) {
    let segment = trailer.segment();
    if number(trailer.count().as_bytes()) != Some(sets) {
        let expected = count(sets, "transaction set");
        let facts =
            Facts { value: quoted(trailer.count().as_bytes()), expected, ..Facts::default() };
        notes.element(FindingKind::SetCountWrong, &segment, trailer.line(), 1, facts);
    }
    if !is_same(&trailer.control(), control) {
        let expected = shown(control.as_bytes());
        let facts = Facts { expected, ..Facts::default() };
        notes.element(FindingKind::GroupControlMismatch, &segment, trailer.line(), 2, facts);
    }
}

/// Checks a segment that stands in no set; `grouped` tells whether it stands in a group.
pub(super) fn loose(notes: &mut Notes<'_>, segment: &Segment<'_>, grouped: bool) {
    let (other, expected) = match (segment.id(), grouped) {
        (b"TA1" | b"ISB" | b"ISE", false) => return,
        (b"TA1" | b"ISB" | b"ISE", true) => {
            ("it stands inside a group", "move it before the GS or behind the GE")
        }
        (b"SE", _) => {
            ("no transaction set is open", "begin the set with an ST, or leave the SE out")
        }
        (b"GE", _) => ("no group is open", "begin the group with a GS, or leave the GE out"),
        (b"", _) => ("it is empty", "leave one of the segment terminators out"),
        _ => (
            "it stands outside all transaction sets",
            "put it into a set, between ST and SE, or leave it out",
        ),
    };
    let id = if segment.id().is_empty() { "a segment".to_owned() } else { shown(segment.id()) };
    let facts = Facts {
        subject: id,
        expected: expected.to_owned(),
        other: other.to_owned(),
        ..Facts::default()
    };
    let spot = at(segment, segment.line().unwrap_or_default());
    notes.report(FindingKind::ControlStructureInvalid, spot, &facts);
}

/// A fault of the reader as a finding. It is never ignored: nothing behind it was read.
pub(super) fn fault(severities: &Severities, error: &SyntaxError) -> Finding {
    let kind = FindingKind::InterchangeContentInvalid;
    let facts = Facts {
        other: error.kind.to_string(),
        expected: error.kind.hint().to_owned(),
        ..Facts::default()
    };
    let spot = Spot { offset: error.offset, line: error.line, ..Spot::default() };
    words(kind, severities.of(kind).max(Severity::Warn), spot, &facts)
}

/// Whether two control numbers are the same: as numbers if they are some, since zeros in front are
/// written by some and left out by others.
fn is_same(one: &str, other: &str) -> bool {
    match (number(one.as_bytes()), number(other.as_bytes())) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn is_between(value: &[u8], from: &str, to: &str) -> bool {
    is_digits(value, from.len(), to.len()) && (from.as_bytes()..=to.as_bytes()).contains(&value)
}

fn is_digits(value: &[u8], from: usize, to: usize) -> bool {
    (from..=to).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

/// Data element I05, with the codes that releases after 005010 added.
fn is_qualifier(value: &[u8]) -> bool {
    matches!(value, b"AM" | b"NR" | b"SA" | b"SN" | b"ZZ")
        || (is_between(value, "01", "38") && value != b"05" && value != b"06")
}

fn is_standard(value: &[u8]) -> bool {
    match value {
        b"U" => true,
        [byte] => byte.is_ascii_graphic() && !byte.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// Whether a version number is one that the reader knows; what is none has another finding.
fn is_version(value: &[u8]) -> bool {
    !is_digits(value, 5, 5) || (&b"00200"[..]..&b"00900"[..]).contains(&value)
}
