//! A set from its first segment to its last.

use super::amounts;
use super::condition;
use super::element::Elements;
use super::guide::{Base, Guide};
use super::hierarchy;
use super::hops::Hops;
use super::ledger::{Ledger, Receipt};
use super::phrases::{absence, title};
use super::plan::{Plan, mandatory};
use super::scene::{Noted, Role, Scene};
use super::site::Site;
use super::structure::{Step, Stray, Walker};
use super::totals;
use super::trailer;
use super::words::{Facts, Spot, count, shown};
use crate::grammar::finding::{Finding, Place};
use crate::grammar::kind::FindingKind;
use crate::grammar::placement::Placement;
use crate::grammar::rules::{Node, SegmentId, SegmentRules, SetRules, Standard};
use crate::grammar::severity::Severities;
use crate::x12::{Segment, Set};
use std::collections::HashMap;

/// What a set is held against.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    /// The release: its segments and elements.
    pub standard: &'r Standard,
    /// The set as the release has it.
    pub set: &'r SetRules,
    /// The set as the partner's guide has it.
    pub guide: Option<&'r SetRules>,
    /// How bad each kind of finding is.
    pub severities: &'r Severities,
}

/// What came of checking a set.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What is wrong, in order of place.
    pub findings: Vec<Finding>,
    /// Where each segment stands in the release's rules.
    pub placement: Placement,
}

/// The rules of a set and of its guide laid out for checking; worth keeping for the next set.
#[derive(Clone, Debug)]
pub(crate) struct Plans {
    base: (Plan, Hops),
    guide: Option<(Plan, Hops)>,
}

impl Plans {
    /// The plans for these rules.
    pub(crate) fn new(set: &SetRules, guide: Option<&SetRules>) -> Self {
        let plan = |set: &SetRules| {
            let plan = Plan::new(set);
            let hops = Hops::new(&plan);
            (plan, hops)
        };
        Self { base: plan(set), guide: guide.map(plan) }
    }
}

/// Holds a set against its rules.
pub fn check(set: &Set<'_>, rules: &Rules<'_>) -> Checked {
    check_planned(set, rules, &Plans::new(rules.set, rules.guide))
}

/// Holds a set against its rules, laid out before.
pub(crate) fn check_planned(set: &Set<'_>, rules: &Rules<'_>, plans: &Plans) -> Checked {
    let (plan, hops) = &plans.base;
    let mut run = Run {
        rules,
        set,
        plan,
        walker: Walker::new(plan, hops),
        elements: Elements::new(set.delimiters()),
        ledger: Ledger::new(rules.severities),
        placement: Placement::with_capacity(set.len()),
        absent: Absent::new(),
        noted: Vec::new(),
        guide: rules.guide.zip(plans.guide.as_ref()).map(|(guide, (plan, hops))| {
            Guide::new(guide, (plan, hops), set.delimiters(), set.len())
        }),
    };
    for (index, segment) in set.segments().enumerate() {
        let found = run.segment(index, segment);
        if run.guide.is_some() {
            run.guided(index, &segment, &found);
        }
    }
    run.walker.finish();
    run.missing_at_end();
    trailer::check(&mut run.ledger, set);
    run.whole();
    Checked { findings: run.ledger.finish(set), placement: run.placement }
}

/// What was found missing: by its node and by where the loop around it began.
type Absent = HashMap<(u16, usize), Receipt>;

/// What the release found of a segment.
struct Found<'r> {
    step: Step,
    rules: Option<&'r SegmentRules>,
    faulty: u64,
}

struct Run<'r> {
    rules: &'r Rules<'r>,
    set: &'r Set<'r>,
    plan: &'r Plan,
    walker: Walker<'r>,
    elements: Elements,
    ledger: Ledger<'r>,
    placement: Placement,
    absent: Absent,
    noted: Vec<Noted>,
    guide: Option<Guide<'r>>,
}

impl<'r> Run<'r> {
    #[inline]
    fn segment(&mut self, index: usize, segment: Segment<'r>) -> Found<'r> {
        let step = self.walker.step(self.set, index, &segment);
        if !self.walker.missing().is_empty() {
            self.missing(&segment);
        }
        let node = match step {
            Step::At(node) => node,
            Step::TooOften(node) | Step::LoopTooOften(node) => {
                self.too_often(&segment, node, step);
                node
            }
            Step::Stray(stray) => {
                self.placement.push(None);
                self.stray(&segment, stray);
                return Found { step, rules: None, faulty: 0 };
            }
        };
        self.placement.push(Some(usize::from(node)));
        let Some((rule, seat)) = self.node(node).zip(self.plan.seat(node)) else {
            return Found { step, rules: None, faulty: 0 };
        };
        let site = Site { segment, loop_id: self.loop_of(rule) };
        let told = told_elsewhere(segment.id());
        if seat.role != Role::Plain {
            self.noted.push(Noted { role: seat.role, index });
        }
        let faulty =
            self.elements.check(&mut self.ledger, &site, &rule.segment, seat.mandatory, told);
        Found { step, rules: Some(&rule.segment), faulty }
    }

    /// Shows the guide a segment, and what the release found of it.
    #[inline(never)]
    fn guided(&mut self, index: usize, segment: &Segment<'r>, found: &Found<'r>) {
        let missing = self.missing_ids();
        let Some(guide) = &mut self.guide else { return };
        let base = Base {
            placed: !matches!(found.step, Step::Stray(_)),
            too_often: matches!(found.step, Step::TooOften(_) | Step::LoopTooOften(_)),
            rules: found.rules,
            faulty: found.faulty,
            missing: &missing,
        };
        guide.segment(&mut self.ledger, self.set, index, segment, &base);
    }

    /// Which segments the last step found missing.
    fn missing_ids(&self) -> Vec<SegmentId> {
        let nodes = self.walker.missing().iter().filter_map(|node| self.node(*node));
        nodes.map(|node| node.id).collect()
    }

    /// What can be said only once all segments were seen.
    fn whole(&mut self) {
        let missing = self.missing_ids();
        let scene = Scene { set: self.set, rules: self.rules.set, placement: &self.placement };
        hierarchy::check(&mut self.ledger, &scene, &self.noted);
        totals::check(&mut self.ledger, &scene, &self.noted);
        amounts::check(&mut self.ledger, &scene, &self.noted);
        condition::check(&mut self.ledger, &scene, self.plan);
        if let Some(guide) = &mut self.guide {
            guide.finish(&mut self.ledger, self.set, &missing);
        }
    }

    fn node(&self, node: u16) -> Option<&'r Node> {
        self.rules.set.nodes.get(usize::from(node))
    }

    fn loop_of(&self, node: &Node) -> Option<&'r str> {
        node.parent.and_then(|ring| self.rules.set.loops.get(ring)).map(|ring| ring.id.as_str())
    }

    #[cold]
    fn missing(&mut self, segment: &Segment<'r>) {
        for node in self.walker.missing() {
            let Some(rule) = self.rules.set.nodes.get(usize::from(*node)) else { continue };
            let ring = rule.parent.and_then(|ring| self.rules.set.loops.get(ring));
            let site = Site { segment: *segment, loop_id: ring.map(|ring| ring.id.as_str()) };
            let receipt = self.ledger.report(FindingKind::SegmentMissing, || {
                let before = format!("segment {}, {}", segment.position(), shown(segment.id()));
                (site.before(rule.id.as_str()), absence(rule, self.rules.set, before))
            });
            self.absent.insert((*node, self.walker.began(*node)), receipt);
        }
    }

    #[cold]
    fn missing_at_end(&mut self) {
        let closed = self.set.trailer().is_some();
        for node in self.walker.missing() {
            let Some(rule) = self.rules.set.nodes.get(usize::from(*node)) else { continue };
            // A set that is cut off has a finding of its own.
            if rule.id.as_str() == "SE" && !closed {
                continue;
            }
            self.ledger.report(FindingKind::SegmentMissing, || {
                let place = Place {
                    segment: Some(rule.id.as_str().to_owned()),
                    position: u32::try_from(self.set.len() + 1).ok(),
                    ..Place::default()
                };
                let spot = Spot { place, ..trailer::end(self.set) };
                (spot, absence(rule, self.rules.set, "the end of the set".to_owned()))
            });
        }
    }

    #[cold]
    fn too_often(&mut self, segment: &Segment<'r>, node: u16, step: Step) {
        let Some(rule) = self.node(node) else { return };
        let site = Site { segment: *segment, loop_id: self.loop_of(rule) };
        let ring = rule.parent.and_then(|ring| self.rules.set.loops.get(ring));
        let (kind, subject, most) = match (step, ring) {
            (Step::LoopTooOften(_), Some(ring)) => {
                (FindingKind::LoopTooOften, ring.id.clone(), ring.max)
            }
            _ => (FindingKind::SegmentTooOften, title(&rule.segment), rule.max),
        };
        self.ledger.report(kind, || {
            let facts = Facts { subject, expected: count(most, "time"), ..Facts::default() };
            (site.spot(), facts)
        });
    }

    #[cold]
    fn stray(&mut self, segment: &Segment<'r>, stray: Stray) {
        let site = Site { segment: *segment, loop_id: None };
        let release = &self.rules.standard.release;
        let known = SegmentId::of(segment.id())
            .and_then(|id| self.rules.standard.segments.get(&id))
            .map(AsRef::as_ref);
        let subject = || known.map_or_else(|| shown(segment.id()), title);
        let (kind, facts) = match (stray, known) {
            _ if segment.bytes().is_empty() => (FindingKind::SegmentEmpty, Facts::default()),
            (Stray::Foreign, None) => {
                let value = shown(segment.id());
                let facts = Facts { value, expected: release.clone(), ..Facts::default() };
                (FindingKind::SegmentUnknown, facts)
            }
            (Stray::Foreign, Some(_)) => {
                let expected = self.rules.set.id.clone();
                let facts = Facts { subject: subject(), expected, ..Facts::default() };
                (FindingKind::SegmentNotInSet, facts)
            }
            (Stray::Late(node), _) => {
                self.withdraw(node);
                let facts =
                    Facts { subject: subject(), expected: self.behind(), ..Facts::default() };
                (FindingKind::SegmentOutOfOrder, facts)
            }
            (Stray::Early(_), _) => {
                let facts = Facts {
                    subject: subject(),
                    other: "it closes the set, but more of the detail follows".to_owned(),
                    expected: "move the segment behind the last line".to_owned(),
                    ..Facts::default()
                };
                (FindingKind::SegmentUnexpected, facts)
            }
            (Stray::Apart(node), _) => {
                let ring = self.node(node).and_then(|node| node.parent);
                let ring = ring.and_then(|ring| self.rules.set.loops.get(ring));
                let ring = ring.map_or("", |ring| ring.id.as_str());
                let facts = Facts {
                    subject: subject(),
                    other: format!("it belongs in the loop {ring}, which is not open"),
                    expected: format!(
                        "begin the loop {ring} first, or leave the segment out; a segment before \
                         it may stand in the wrong place"
                    ),
                    ..Facts::default()
                };
                (FindingKind::SegmentUnexpected, facts)
            }
        };
        self.ledger.report(kind, || (site.spot(), facts));
        let rules = match stray {
            Stray::Foreign => known,
            Stray::Late(node) | Stray::Early(node) | Stray::Apart(node) => {
                self.node(node).map(|node| node.segment.as_ref())
            }
        };
        if let Some(rules) = rules {
            let must = mandatory(&rules.elements);
            self.elements.check(&mut self.ledger, &site, rules, must, 0);
        }
    }

    /// A segment that comes too late is not missing as well.
    fn withdraw(&mut self, node: u16) {
        if let Some(receipt) = self.absent.remove(&(node, self.walker.began(node))) {
            self.ledger.withdraw(receipt);
        }
    }

    /// What the segment in hand came behind.
    fn behind(&self) -> String {
        let node = self.node(self.walker.node());
        node.map_or_else(|| "others".to_owned(), |node| node.id.as_str().to_owned())
    }
}

/// The elements of ST and SE whose faults are those of the set: control numbers and the count.
fn told_elsewhere(id: &[u8]) -> u64 {
    if id == b"ST" || id == b"SE" { 0b11 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ORDER, standard, with_set};
    use super::*;

    fn checked(set: &str) -> Checked {
        let standard = standard();
        let severities = Severities::default();
        with_set(set, |set| {
            let base = &standard.sets[set.id().as_ref()];
            let rules =
                Rules { standard: &standard, set: base, guide: None, severities: &severities };
            check(set, &rules)
        })
    }

    /// The kinds found when `good` is replaced by `bad` in a good order; the count is put right.
    fn kinds(good: &str, bad: &str) -> Vec<FindingKind> {
        findings(good, bad).into_iter().map(|finding| finding.kind).collect()
    }

    fn findings(good: &str, bad: &str) -> Vec<Finding> {
        assert!(ORDER.contains(good), "{good}");
        let text = ORDER.replacen(good, bad, 1);
        let segments = text.matches('~').count();
        checked(&text.replace("SE*15*", &format!("SE*{segments}*"))).findings
    }

    #[test]
    fn a_good_order_has_no_findings_and_each_segment_its_place() {
        let checked = checked(ORDER);
        assert!(checked.findings.is_empty(), "{:#?}", checked.findings);
        assert_eq!(checked.placement.len(), 15);
        assert!((0..15).all(|index| checked.placement.node(index).is_some()));
    }

    #[test]
    fn a_missing_segment_is_told_where_it_should_stand() {
        let finding = findings("BEG*00*NE*4501**20240115~", "").remove(0);
        assert_eq!(finding.kind, FindingKind::SegmentMissing);
        assert_eq!(finding.message, "BEG (Beginning Segment for Purchase Order) is missing");
        assert_eq!(finding.hint, "add the segment before segment 2, REF; the standard demands it");
        assert_eq!((finding.place.position, finding.length), (Some(2), 3));
    }

    #[test]
    fn a_segment_that_comes_too_late_is_not_missing_as_well() {
        let kinds =
            kinds("BEG*00*NE*4501**20240115~REF*DP*12~", "REF*DP*12~BEG*00*NE*4501**20240115~");
        assert_eq!(kinds, [FindingKind::SegmentOutOfOrder]);
    }

    #[test]
    fn ways_to_stand_in_the_wrong_place_are_told_apart() {
        assert_eq!(kinds("REF*DP*12~", "REF*DP*12~QQQ*1~"), [FindingKind::SegmentUnknown]);
        assert_eq!(kinds("REF*DP*12~", "REF*DP*12~ref*1~"), [FindingKind::SegmentUnknown]);
        assert_eq!(kinds("REF*DP*12~", "REF*DP*12~L11*1~"), [FindingKind::SegmentNotInSet]);
        assert_eq!(kinds("REF*DP*12~", "REF*DP*12~N3*X~"), [FindingKind::SegmentUnexpected]);
        assert_eq!(kinds("PID*F", "CTT*2~PID*F"), [FindingKind::SegmentUnexpected]);
        assert_eq!(kinds("PID*F", "PER*IC*JO~PID*F"), [FindingKind::SegmentOutOfOrder]);
        assert_eq!(kinds("REF*DP*12~", "REF*DP*12~~"), [FindingKind::SegmentEmpty]);
    }

    #[test]
    fn too_many_of_a_segment_and_of_a_loop_are_told_apart() {
        let pers = "PER*IC*JO*TE^FX~".repeat(5);
        assert_eq!(kinds("PER*IC*JO*TE^FX~", &pers), [FindingKind::SegmentTooOften; 2]);
        let parties = "N1*ST*A~".repeat(201);
        assert_eq!(kinds("N1*ST*Clinic*92*0815~", &parties), [FindingKind::LoopTooOften]);
    }

    #[test]
    fn the_elements_of_a_stray_segment_are_checked_too() {
        let kinds = kinds("PID*F", "PER*ICE*JO~PID*F");
        assert_eq!(kinds, [FindingKind::SegmentOutOfOrder, FindingKind::ElementTooLong]);
    }

    #[test]
    fn findings_come_in_order_of_place_with_their_lines() {
        let text = ORDER.replace('~', "~\n").replace("*10*EA", "*x*EA").replace("SE*15", "SE*16");
        let findings = checked(&text).findings;
        let found: Vec<_> = findings.iter().map(|f| (f.kind, f.line)).collect();
        assert_eq!(
            found,
            [(FindingKind::CharacterInvalid, 10), (FindingKind::SegmentCountWrong, 15)]
        );
        assert!(findings.iter().all(|f| f.place.set.as_deref() == Some("850")));
        assert!(findings.iter().all(|f| f.place.set_control.as_deref() == Some("0001")));
    }

    #[test]
    fn a_severity_of_ignore_hides_a_finding() {
        let standard = standard();
        let severities = Severities::default()
            .with(FindingKind::CodeInvalid, crate::grammar::kind::Severity::Ignore);
        let findings = with_set(&ORDER.replace("BEG*00", "BEG*77"), |set| {
            let base = &standard.sets["850"];
            check(
                set,
                &Rules { standard: &standard, set: base, guide: None, severities: &severities },
            )
            .findings
        });
        assert!(findings.is_empty(), "{findings:#?}");
    }

    #[test]
    fn a_set_that_is_cut_off_has_one_finding_for_its_end() {
        let text = ORDER.replace("SE*15*0001~", "");
        let kinds: Vec<_> = checked(&text).findings.into_iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [FindingKind::SetTrailerMissing]);
    }
}
