//! For the tests of this room: interchanges, findings, and what is answered to them.

use super::acknowledge::Acknowledger;
use super::answer::{Answer, Numbers, Reply, Silence};
use super::options::Options;
use super::read::verdict;
use super::verdict::{FunctionalVerdict, InterchangeVerdict, PartnerVerdict};
use crate::grammar::{Finding, FindingKind, Place};
use crate::x12::{Item, ReadError, Reader};
use jiff::civil::{DateTime, date};

/// A finding at a segment, and an element of it if that is not 0.
pub(super) fn at(kind: FindingKind, segment: &str, position: u32, element: u32) -> Finding {
    Finding {
        place: Place {
            segment: Some(segment.to_owned()),
            position: Some(position),
            element: Some(element).filter(|element| *element > 0),
            ..Place::default()
        },
        ..about(kind)
    }
}

/// A finding about an envelope or a set as a whole.
pub(super) fn about(kind: FindingKind) -> Finding {
    Finding {
        kind,
        severity: kind.default_severity(),
        place: Place::default(),
        value: None,
        message: String::new(),
        hint: String::new(),
        offset: 0,
        length: 1,
        line: 1,
    }
}

/// An ISA: ISA12, ISA13 is 000000042, ISA14, and the component separator.
pub(super) fn isa(version: &str, asks: u8, component: char) -> String {
    let repetition = if version >= "00402" { '^' } else { 'U' };
    format!(
        "ISA*00*          *00*          *01*SUPPLIER       *ZZ*HOSPITAL       *240115*0930*\
         {repetition}*{version}*000000042*{asks}*T*{component}~"
    )
}

/// A group of as many purchase orders as there are control numbers.
pub(super) fn group(id: &str, version: &str, sets: &[&str]) -> String {
    let body: Vec<String> = sets
        .iter()
        .map(|set| format!("ST*850*{set}~BEG*00*NE*4501**20240115~PO1*1*5*EA~SE*4*{set}~"))
        .collect();
    let count = sets.len();
    format!("GS*{id}*SUP*HOSP*20240115*0930*7*X*{version}~{}GE*{count}*7~", body.concat())
}

/// An interchange of one such group, with `>` between components, that asks for no TA1.
pub(super) fn orders(version: &str, sets: &[&str]) -> String {
    let isa12 = format!("00{}", version.get(2..5).unwrap());
    isa(&isa12, 0, '>') + &group("PO", version, sets) + "IEA*1*000000042~"
}

/// What `input` is answered, given the findings at each item: `ISA`, `GS`, `GE`, `IEA`, the id of
/// a loose segment, or the control number of a set.
pub(super) fn reply(input: &str, findings: &[(&str, Finding)], options: &Options) -> Reply {
    let mut reader = Reader::new(input.as_bytes());
    let mut acknowledger = Acknowledger::new(options.clone());
    loop {
        let replied = match reader.next() {
            Ok(Some(item)) => {
                let name = name(&item);
                let here = findings.iter().filter(|(place, _)| *place == name);
                let here: Vec<Finding> = here.map(|(_, finding)| finding.clone()).collect();
                acknowledger.item(&item, &here).unwrap()
            }
            Err(ReadError::Syntax(_)) => {
                acknowledger.fault(&about(FindingKind::InterchangeTrailerMissing))
            }
            Ok(None) => panic!("no reply at the end of the input"),
            Err(ReadError::Io(error)) => panic!("{error}"),
        };
        if let Some(reply) = replied {
            return reply;
        }
    }
}

fn name(item: &Item<'_>) -> String {
    match item {
        Item::Interchange(_) => "ISA".to_owned(),
        Item::Group(_) => "GS".to_owned(),
        Item::Set(set) => set.control().into_owned(),
        Item::Loose(segment) => segment.id_text().into_owned(),
        Item::GroupEnd(_) => "GE".to_owned(),
        Item::InterchangeEnd(_) => "IEA".to_owned(),
    }
}

/// The same where an answer is due.
pub(super) fn due(input: &str, findings: &[(&str, Finding)], options: &Options) -> Answer {
    match reply(input, findings, options) {
        Reply::Answer(answer) => *answer,
        Reply::Silence(silence) => panic!("{silence}"),
    }
}

/// The same where none is.
pub(super) fn silence(input: &str, findings: &[(&str, Finding)], options: &Options) -> Silence {
    match reply(input, findings, options) {
        Reply::Answer(answer) => panic!("{}", text(&answer)),
        Reply::Silence(silence) => silence,
    }
}

/// An answer's bytes, a segment a line, without the ISA and IEA.
pub(super) fn body(input: &str, findings: &[(&str, Finding)], options: &Options) -> String {
    let options = Options { newlines: true, ..options.clone() };
    let whole = text(&due(input, findings, &options));
    let lines: Vec<&str> = whole.lines().collect();
    lines[1..lines.len() - 1].join("\n")
}

/// An answer's bytes.
pub(super) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.write(NUMBERS, noon()).unwrap()).unwrap()
}

pub(super) const NUMBERS: Numbers = Numbers { interchange: 9, group: 81, set: 1 };

pub(super) fn noon() -> DateTime {
    date(2024, 1, 16).at(12, 0, 0, 0)
}

/// Every verdict in `answer`, read back.
pub(super) fn verdicts(answer: &[u8]) -> (Vec<InterchangeVerdict>, Vec<FunctionalVerdict>) {
    let (mut interchanges, mut groups) = (Vec::new(), Vec::new());
    let mut reader = Reader::new(answer);
    while let Some(item) = reader.next().unwrap() {
        match verdict(&item) {
            Some(PartnerVerdict::Interchange(verdict)) => interchanges.push(verdict),
            Some(PartnerVerdict::Group(verdict)) => groups.push(verdict),
            None => {}
        }
    }
    (interchanges, groups)
}
