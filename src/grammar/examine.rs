//! An interchange from its ISA to its IEA: each item held against the rules that it chose.

use super::check::{Checked, Facts, Spot, any_of, check_planned, ends, header, shown};
use super::controls::Controls;
use super::envelope::{self, Notes};
use super::finding::Finding;
use super::kind::{FindingKind, Scope, Severity};
use super::laid::{Laid, Shelf};
use super::library::Library;
use super::placement::Placement;
use super::rules::{SetRules, Standard};
use super::sef::SefFaults;
use super::severity::Severities;
use super::standing::{self, GroupSoFar};
use super::verdict::{Tally, Verdict};
use crate::x12::{Group, Interchange, Item, Segment, Set, SyntaxError, Trailer};
use std::sync::Arc;

/// What was agreed with the partner, as far as checking goes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How bad each kind of finding is.
    pub severities: Severities,
    /// The partner's guides.
    pub guides: Vec<Arc<Standard>>,
    /// The release to check by, whatever GS08 says.
    pub release: Option<String>,
    /// What was agreed otherwise about some sets.
    pub agreed: Vec<Agreed>,
    /// The rules that were laid out so far, for all who examine by these very options.
    pub shelf: Shelf,
}

/// How bad each kind of finding is in the sets of one kind and release.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The kind, such as `850`.
    pub set: String,
    /// What GS08 says, whole or its first six characters.
    pub release: String,
    /// How bad each kind of finding is.
    pub severities: Severities,
}

impl Options {
    /// What holds for a set of this kind in a group of this version.
    fn severities_of(&self, set: &str, version: &str) -> &Severities {
        let of = |release: &str| {
            let fits = |agreed: &&Agreed| agreed.set == set && agreed.release == release;
            self.agreed.iter().find(fits).map(|agreed| &agreed.severities)
        };
        of(version).or_else(|| of(version.get(..6)?)).unwrap_or(&self.severities)
    }
}

/// What came of examining an item.
#[derive(Clone, Debug)]
pub struct Examined {
    /// What is wrong, in order of place.
    pub findings: Vec<Finding>,
    /// For a set: its rules in the release, if there are any.
    pub rules: Option<Arc<SetRules>>,
    /// For a set: its release, if there is a grammar for it.
    pub standard: Option<Arc<Standard>>,
    /// For a set: where each segment stands in its rules.
    pub placement: Placement,
    /// What becomes of it: of a set; of a group at its end, sets included; of an interchange at its
    /// end, as a TA1 would say it, for the envelope alone; of any other item by itself.
    pub verdict: Verdict,
}

/// Examines the items of a file in their order.
#[derive(Debug)]
pub struct Examiner<'l> {
    library: &'l Library,
    options: Arc<Options>,
    interchange: Option<OpenInterchange>,
    group: Option<OpenGroup>,
    /// Senders, receivers and control numbers of the interchanges so far.
    known: Controls,
    /// The rules met so far, laid out.
    shelf: Vec<Arc<Laid>>,
    /// Where the last item ended: offset and line.
    end: (u64, u64),
}

#[derive(Debug)]
struct OpenInterchange {
    control: String,
    /// The release that ISA12 means, where GS08 is none.
    release: String,
    groups: u64,
    group_controls: Controls,
    /// How many segments stood where none may.
    loose: usize,
    worst: Severity,
}

#[derive(Debug)]
struct OpenGroup {
    control: String,
    functional_id: String,
    version: String,
    standard: Option<Arc<Standard>>,
    set_controls: Controls,
    tally: Tally,
    worst: Severity,
}

/// How many loose segments of an interchange are told; the rest say nothing new.
const MAX_LOOSE: usize = 1_000;

impl<'l> Examiner<'l> {
    /// An examiner that has seen nothing yet.
    pub fn new(library: &'l Library, options: impl Into<Arc<Options>>) -> Self {
        Self {
            library,
            options: options.into(),
            interchange: None,
            group: None,
            known: Controls::default(),
            shelf: Vec::new(),
            end: (0, 1),
        }
    }

    /// Examines the next item; call it for every item, in order.
    ///
    /// # Errors
    /// A grammar in the library that cannot be read.
    pub fn item(&mut self, item: &Item<'_>) -> Result<Examined, SefFaults> {
        match item {
            Item::Interchange(isa) => Ok(self.begin_interchange(isa)),
            Item::Group(gs) => self.begin_group(gs),
            Item::Set(set) => self.set(set),
            Item::Loose(segment) => Ok(self.loose(segment)),
            Item::GroupEnd(trailer) => Ok(self.end_group(*trailer)),
            Item::InterchangeEnd(trailer) => Ok(self.end_interchange(*trailer)),
        }
    }

    /// A fault that the reader met between items, as a finding of the interchange.
    pub fn fault(&mut self, error: &SyntaxError) -> Finding {
        self.end = (error.offset, error.line);
        let mut finding = envelope::fault(&self.options.severities, error);
        if let Some(interchange) = &mut self.interchange {
            interchange.worst = interchange.worst.max(finding.severity);
        }
        self.name(std::slice::from_mut(&mut finding));
        finding
    }

    fn begin_interchange(&mut self, isa: &Interchange) -> Examined {
        let mut notes = Notes::new(&self.options.severities);
        envelope::interchange(&mut notes, isa);
        let parties =
            [isa.sender_qualifier(), isa.sender(), isa.receiver_qualifier(), isa.receiver()];
        if !self.known.insert(&format!("{}*{}", parties.join("*"), isa.control())) {
            let facts = Facts { value: shown(isa.control().as_bytes()), ..Facts::default() };
            let spot = envelope::at(&isa.segment(), isa.line());
            notes.report(FindingKind::InterchangeDuplicate, spot, &facts);
        }
        let findings = notes.findings;
        self.group = None;
        self.interchange = Some(OpenInterchange {
            control: isa.control().into_owned(),
            release: format!("{}0", isa.version()),
            groups: 0,
            group_controls: Controls::default(),
            loose: 0,
            worst: Severity::Ignore,
        });
        self.passed(&isa.segment(), isa.line());
        self.interchange_found(findings)
    }

    fn begin_group(&mut self, gs: &Group) -> Result<Examined, SefFaults> {
        let release = self.release_of(&gs.version());
        let standard = self.library.standard(&release)?;
        let mut notes = Notes::new(&self.options.severities);
        envelope::group(&mut notes, gs);
        if standard.is_none() {
            let expected = any_of(&self.library.releases());
            envelope::group_element(
                &mut notes,
                gs,
                FindingKind::GroupVersionUnsupported,
                8,
                expected,
            );
        }
        if !standing::is_functional(standard.as_deref(), &gs.functional_id()) {
            let kind = FindingKind::GroupUnsupported;
            envelope::group_element(&mut notes, gs, kind, 1, String::new());
        }
        let control = gs.control().into_owned();
        if let Some(interchange) = &mut self.interchange {
            interchange.groups += 1;
            if !interchange.group_controls.insert(&control) {
                let kind = FindingKind::GroupControlRepeated;
                envelope::group_element(&mut notes, gs, kind, 6, String::new());
            }
        }
        let mut findings = notes.findings;
        self.group = Some(OpenGroup {
            control,
            functional_id: gs.functional_id().into_owned(),
            version: gs.version().into_owned(),
            standard,
            set_controls: Controls::default(),
            tally: Tally::default(),
            worst: worst(&findings),
        });
        self.passed(&gs.segment(), gs.line());
        self.name(&mut findings);
        Ok(plain(findings))
    }

    fn set(&mut self, set: &Set<'_>) -> Result<Examined, SefFaults> {
        let standard = match &self.group {
            Some(group) => group.standard.clone(),
            None => self.library.standard(&self.release_of(""))?,
        };
        let id = set.id();
        let laid = standard.as_ref().and_then(|standard| self.laid(standard, set, &id));
        let outside = self.around(set, &id, laid.as_deref(), standard.as_deref());
        let version = self.group.as_ref().map_or("", |group| &group.version);
        let severities = self.options.severities_of(&id, version);
        let Checked { mut findings, placement } = match &laid {
            Some(laid) => check_planned(set, &laid.rules(severities), &laid.plans),
            None => Checked { findings: ends(set, severities), placement: Placement::default() },
        };
        let rules = laid.map(|laid| Arc::clone(&laid.set));
        if !outside.is_empty() {
            self.blame_interchange(&outside);
            findings.splice(0..0, outside);
            findings.sort_by_key(|finding| finding.offset);
        }
        let mut verdict = Verdict::of(&findings);
        if standard.is_none() {
            let unsupported = self.options.severities.of(FindingKind::GroupVersionUnsupported);
            verdict = verdict.max(Verdict::on(unsupported));
        }
        if let Some(group) = &mut self.group {
            group.tally.add(verdict);
        }
        let length = u64::try_from(set.bytes().len()).unwrap_or(0);
        let end = set.offset() + length.saturating_sub(1);
        self.end = (end, set.lines().at(end));
        self.name(&mut findings);
        Ok(Examined { findings, rules, standard, placement, verdict })
    }

    /// Checks what a set is where it stands, with its rules laid out and its release, if there are.
    fn around(
        &mut self,
        set: &Set<'_>,
        id: &str,
        laid: Option<&Laid>,
        standard: Option<&Standard>,
    ) -> Vec<Finding> {
        let mut notes = Notes::new(&self.options.severities);
        match &mut self.group {
            Some(group) => {
                let repeated = !group.set_controls.insert(&set.control());
                let group = GroupSoFar {
                    functional_id: &group.functional_id,
                    version: &group.version,
                    proper: laid.map_or("", |laid| laid.set.functional_id.as_str()),
                    repeated,
                    standard,
                };
                standing::in_group(&mut notes, set, id, &group);
            }
            None => standing::without_group(&mut notes, set),
        }
        if let (Some(standard), None, false) = (standard, laid, id.is_empty()) {
            let facts = Facts {
                value: shown(id.as_bytes()),
                expected: standard.sets.keys().cloned().collect::<Vec<_>>().join(" "),
                other: standard.release.clone(),
                ..Facts::default()
            };
            notes.report(FindingKind::SetUnsupported, header(set, 1), &facts);
        }
        notes.findings
    }

    fn loose(&mut self, segment: &Segment<'_>) -> Examined {
        let mut notes = Notes::new(&self.options.severities);
        envelope::loose(&mut notes, segment, self.group.is_some());
        let mut findings = notes.findings;
        if let Some(interchange) = &mut self.interchange {
            interchange.loose += findings.len();
            if interchange.loose > MAX_LOOSE {
                findings.clear();
            }
        }
        self.passed(segment, segment.line().unwrap_or(self.end.1));
        self.interchange_found(findings)
    }

    fn end_group(&mut self, trailer: Option<&Trailer>) -> Examined {
        let Some(group) = self.group.take() else { return plain(Vec::new()) };
        let mut notes = Notes::new(&self.options.severities);
        let sets = group.tally.sets();
        if let Some(trailer) = trailer {
            envelope::group_end(&mut notes, &group.control, sets, trailer);
        } else {
            let control = shown(group.control.as_bytes());
            let expected = format!("{sets}*{control}");
            let facts = Facts { value: control, expected, ..Facts::default() };
            notes.report(FindingKind::GroupTrailerMissing, self.here(), &facts);
        }
        let mut findings = notes.findings;
        let verdict = group.tally.verdict(group.worst.max(worst(&findings)));
        if let Some(trailer) = trailer {
            self.passed(&trailer.segment(), trailer.line());
        }
        self.group = Some(group);
        self.name(&mut findings);
        self.group = None;
        Examined { verdict, ..plain(findings) }
    }

    fn end_interchange(&mut self, trailer: Option<&Trailer>) -> Examined {
        let Some(interchange) = &self.interchange else { return plain(Vec::new()) };
        let mut notes = Notes::new(&self.options.severities);
        let (control, groups) = (interchange.control.as_str(), interchange.groups);
        if let Some(trailer) = trailer {
            envelope::interchange_end(&mut notes, control, groups, trailer);
        } else {
            let control = shown(control.as_bytes());
            let expected = format!("{groups}*{control}");
            let facts = Facts { value: control, expected, ..Facts::default() };
            notes.report(FindingKind::InterchangeTrailerMissing, self.here(), &facts);
        }
        let findings = notes.findings;
        let worst = interchange.worst.max(worst(&findings));
        if let Some(trailer) = trailer {
            self.passed(&trailer.segment(), trailer.line());
        }
        let examined = Examined { verdict: Verdict::on(worst), ..self.interchange_found(findings) };
        self.interchange = None;
        examined
    }

    /// The release to check by: the agreed one, else that of GS08, else that of ISA12.
    fn release_of(&self, version: &str) -> String {
        let fallback = || self.interchange.as_ref().map(|open| open.release.clone());
        let six = version.get(..6).filter(|six| six.bytes().all(|byte| byte.is_ascii_digit()));
        let written = || six.map(str::to_owned).or_else(fallback).unwrap_or_default();
        self.options.release.clone().unwrap_or_else(written)
    }

    /// The rules for `set`, laid out; `None` where the release does not have it.
    fn laid(&mut self, standard: &Arc<Standard>, set: &Set<'_>, id: &str) -> Option<Arc<Laid>> {
        let version = self.group.as_ref().map_or("", |group| group.version.as_str());
        let guide = standing::guide(&self.options.guides, standard, id, set, version);
        if let Some(found) = self.shelf.iter().find(|laid| laid.fits(standard, id, guide)) {
            return Some(Arc::clone(found));
        }
        let laid = self.options.shelf.laid(standard, id, guide)?;
        self.shelf.push(Arc::clone(&laid));
        Some(laid)
    }

    /// Findings of the interchange.
    fn interchange_found(&mut self, mut findings: Vec<Finding>) -> Examined {
        self.blame_interchange(&findings);
        self.name(&mut findings);
        plain(findings)
    }

    fn blame_interchange(&mut self, findings: &[Finding]) {
        let of_interchange =
            findings.iter().filter(|finding| finding.kind.scope() == Scope::Interchange);
        let worst = of_interchange.map(|finding| finding.severity).max();
        if let (Some(interchange), Some(worst)) = (&mut self.interchange, worst) {
            interchange.worst = interchange.worst.max(worst);
        }
    }

    /// Writes into each finding in which interchange and group it is.
    fn name(&self, findings: &mut [Finding]) {
        if findings.is_empty() {
            return;
        }
        let cut = |control: &String| control.chars().take(80).collect::<String>();
        let interchange = self.interchange.as_ref().map(|open| &open.control).map(cut);
        let group = self.group.as_ref().map(|open| &open.control).map(cut);
        for finding in findings {
            finding.place.interchange.clone_from(&interchange);
            finding.place.group.clone_from(&group);
        }
    }

    /// Where the last item ended, for what is missing there.
    fn here(&self) -> Spot {
        Spot { offset: self.end.0, line: self.end.1, ..Spot::default() }
    }

    fn passed(&mut self, segment: &Segment<'_>, line: u64) {
        let length = u64::try_from(segment.bytes().len()).unwrap_or(0);
        // A line that the last byte ends is still the line of that byte.
        let before = segment.bytes().split_last().map_or(&[][..], |(_, before)| before);
        let lines = memchr::memchr_iter(b'\n', before).count();
        let line = line + u64::try_from(lines).unwrap_or(0);
        self.end = (segment.offset() + length.saturating_sub(1), line);
    }
}

/// What came of an item that is not a set.
fn plain(findings: Vec<Finding>) -> Examined {
    let verdict = Verdict::of(&findings);
    Examined { findings, rules: None, standard: None, placement: Placement::default(), verdict }
}

fn worst(findings: &[Finding]) -> Severity {
    findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ignore)
}
