//! The conformance cases: what came in, what must be found, what must be answered.
//!
//! `WHARF_BLESS=1 cargo test --test it conformance` writes what is found and answered now over
//! `expect.json` and `answer.edi`; the difference is then for a person to judge.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wharf::ack::{self, Acknowledger, Numbers, Reply};
use wharf::grammar::{Examiner, Finding, FindingKind, Library, Options, Severity, Verdict};
use wharf::x12::{ReadError, Reader};

/// Kinds that no file can raise by itself in a case of reasonable size, each with the reason.
const WITHOUT_CASE: &[(FindingKind, &str)] = &[
    (FindingKind::ReceiverUnknown, "only a gateway knows which receivers are its own"),
    (FindingKind::FindingsCutOff, "takes a thousand faults; has a unit test"),
];

/// What `expect.json` says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    verdict: String,
    findings: Vec<Told>,
}

/// A finding without its words.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    kind: String,
    severity: Severity,
    line: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    element: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    component: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repetition: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl From<&Finding> for Told {
    fn from(finding: &Finding) -> Self {
        Self {
            kind: finding.kind.code().to_owned(),
            severity: finding.severity,
            line: finding.line,
            segment: finding.place.segment.clone(),
            position: finding.place.position,
            element: finding.place.element,
            component: finding.place.component,
            repetition: finding.place.repetition,
            value: finding.value.clone(),
        }
    }
}

impl Expected {
    /// As text, a finding a line, so that a difference can be read.
    fn text(&self) -> String {
        let findings: Vec<String> = self.findings.iter().map(Told::text).collect();
        let list = if findings.is_empty() {
            "[]".to_owned()
        } else {
            format!("[\n    {}\n  ]", findings.join(",\n    "))
        };
        format!("{{\n  \"verdict\": \"{}\",\n  \"findings\": {list}\n}}\n", self.verdict)
    }
}

impl Told {
    fn text(&self) -> String {
        let members = serde_json::to_value(self).unwrap();
        let members = members.as_object().unwrap().iter();
        let members: Vec<String> =
            members.map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{ {} }}", members.join(", "))
    }
}

/// What a case came to: what was found, and the answers one after the other.
struct Outcome {
    expected: Expected,
    answer: Vec<u8>,
}

/// Reads, examines and answers the interchange of a case.
fn outcome(library: &Library, case: &Path) -> Outcome {
    let mut options = Options::default();
    if let Ok(text) = fs::read(case.join("guide.sef")) {
        let guide = library.guide("guide.sef", &text).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(guide.warnings, [], "{}", case.display());
        options.guides.push(Arc::new(guide.standard));
    }
    let input = fs::read(case.join("in.edi")).unwrap();
    let (mut examiner, mut reader) = (Examiner::new(library, options), Reader::new(&input[..]));
    let answering = ack::Options { newlines: true, ..ack::Options::default() };
    let mut acknowledger = Acknowledger::new(answering);
    let (mut worst, mut readable) = (Verdict::Accepted, true);
    let (mut findings, mut answer, mut control) = (vec![], vec![], 1);
    loop {
        let reply = match reader.next() {
            Ok(None) => break,
            Ok(Some(item)) => {
                let found = examiner.item(&item).unwrap();
                worst = worst.max(found.verdict);
                findings.extend(found.findings.iter().map(Told::from));
                acknowledger.item(&item, &found.findings).unwrap()
            }
            Err(ReadError::Syntax(error)) => {
                readable = false;
                let finding = examiner.fault(&error);
                findings.push(Told::from(&finding));
                acknowledger.fault(&finding)
            }
            Err(ReadError::Io(error)) => panic!("{}: {error}", case.display()),
        };
        if let Some(Reply::Answer(due)) = reply {
            let numbers = Numbers { interchange: control, group: 1, set: 1 };
            let at = jiff::civil::date(2026, 11, 15).at(9, 31, 0, 0);
            answer.extend(due.write(numbers, at).unwrap());
            control += 1;
        }
    }
    let verdict = match worst {
        _ if !readable => "unreadable",
        Verdict::Accepted => "accepted",
        Verdict::AcceptedWithErrors => "accepted_with_errors",
        Verdict::PartiallyAccepted | Verdict::Rejected => "rejected",
    };
    Outcome { expected: Expected { verdict: verdict.to_owned(), findings }, answer }
}

/// What differs from what the case expects, in words; nothing if it passes.
fn difference(case: &Path, outcome: &Outcome) -> String {
    let mut text = String::new();
    let expected = fs::read_to_string(case.join("expect.json")).unwrap_or_default();
    match serde_json::from_str::<Expected>(&expected) {
        Ok(expected) if expected == outcome.expected => {}
        Ok(expected) => {
            let lines = |of: &Expected| of.text().lines().map(str::to_owned).collect::<Vec<_>>();
            let (wanted, found) = (lines(&expected), lines(&outcome.expected));
            for line in wanted.iter().filter(|line| !found.contains(line)) {
                writeln!(text, "  not found: {}", line.trim()).unwrap();
            }
            for line in found.iter().filter(|line| !wanted.contains(line)) {
                writeln!(text, "  found: {}", line.trim()).unwrap();
            }
            if text.is_empty() {
                text.push_str("  the findings come in another order or number\n");
            }
        }
        Err(error) => writeln!(text, "  expect.json: {error}").unwrap(),
    }
    if let Ok(answer) = fs::read(case.join("answer.edi"))
        && answer != outcome.answer
    {
        let (wanted, found) =
            (String::from_utf8_lossy(&answer), String::from_utf8_lossy(&outcome.answer));
        writeln!(text, "  answer wanted:\n{wanted}\n  answer given:\n{found}").unwrap();
    }
    text
}

/// What we would say of our own answer, had somebody sent it to us; but an answer must repeat what
/// it answers, so that what was wrong there may be wrong again.
fn faults_of_answer(library: &Library, outcome: &Outcome) -> String {
    let mut text = String::new();
    let mut examiner = Examiner::new(library, Options::default());
    let mut reader = Reader::new(&outcome.answer[..]);
    let is_repeated = |told: &Told| {
        let received = &outcome.expected.findings;
        told.value.is_some() && received.iter().any(|other| other.value == told.value)
    };
    while !outcome.answer.is_empty()
        && let Some(item) = reader.next().unwrap()
    {
        let findings = examiner.item(&item).unwrap().findings;
        for told in findings.iter().map(Told::from).filter(|told| !is_repeated(told)) {
            writeln!(text, "  in the answer: {}", told.text()).unwrap();
        }
    }
    text
}

/// Every folder with an `in.edi`, by its path from `conformance`.
fn cases() -> BTreeMap<String, PathBuf> {
    let root = root();
    let mut cases = BTreeMap::new();
    let folders = |at: &Path| {
        let entries = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    for case in folders(&root).iter().flat_map(|release| folders(release)).flat_map(|s| folders(&s))
    {
        assert!(case.join("in.edi").is_file(), "{} has no in.edi", case.display());
        let name = case.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        cases.insert(name, case);
    }
    cases
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

#[test]
fn every_case_is_found_and_answered_as_it_says() {
    #[expect(clippy::disallowed_methods, reason = "asks to write what is found, not how to check")]
    let bless = std::env::var("WHARF_BLESS").is_ok();
    let skipped = fs::read_to_string(root().join("skipped.toml")).unwrap();
    let skipped: BTreeMap<String, String> = toml::from_str(&skipped).unwrap();
    let (library, cases) = (Library::shipped(), cases());
    let mut faults = vec![];
    for (name, case) in &cases {
        let outcome = outcome(&library, case);
        if bless && !skipped.contains_key(name) {
            fs::write(case.join("expect.json"), outcome.expected.text()).unwrap();
            if case.join("answer.edi").exists() {
                fs::write(case.join("answer.edi"), &outcome.answer).unwrap();
            }
        }
        let mut difference = difference(case, &outcome);
        if case.join("answer.edi").exists() {
            difference.push_str(&faults_of_answer(&library, &outcome));
        }
        match skipped.get(name) {
            None if difference.is_empty() => {}
            None => faults.push(format!("{name}:\n{difference}")),
            Some(_) if difference.is_empty() => {
                faults.push(format!("{name} passes: take it out of skipped.toml"));
            }
            Some(reason) => assert!(!reason.is_empty(), "{name} is skipped without a reason"),
        }
    }
    faults.extend(
        skipped
            .keys()
            .filter(|name| !cases.contains_key(*name))
            .map(|name| format!("skipped.toml: there is no case {name}")),
    );
    assert!(faults.is_empty(), "{} of {}\n{}", faults.len(), cases.len(), faults.join("\n"));
}

#[test]
fn every_kind_of_finding_has_a_case() {
    let mut met = BTreeSet::new();
    for (name, case) in cases() {
        let text = fs::read_to_string(case.join("expect.json")).unwrap();
        let expected: Expected = serde_json::from_str(&text).unwrap();
        for told in expected.findings {
            let kind = FindingKind::from_code(&told.kind);
            met.insert(kind.unwrap_or_else(|| panic!("{name}: there is no {}", told.kind)));
        }
    }
    let excepted = |kind: &FindingKind| WITHOUT_CASE.iter().any(|(without, _)| without == kind);
    let missing: Vec<_> =
        FindingKind::ALL.iter().filter(|kind| !met.contains(kind) && !excepted(kind)).collect();
    assert!(missing.is_empty(), "no case raises {missing:?}");
    let needless: Vec<_> = met.iter().filter(|kind| excepted(kind)).collect();
    assert!(needless.is_empty(), "{needless:?} need no exception");
}
