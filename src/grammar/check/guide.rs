//! A set against a partner's guide: what the guide forbids or demands beyond the standard.
//!
//! The guide is walked beside the release, segment by segment, so that what the release has found
//! already is not told again in the guide's name.

use super::condition;
use super::guided::{self, Guided, is_demanded};
use super::hops::Hops;
use super::ledger::{Ledger, Receipt};
use super::phrases::{absence, title};
use super::plan::{Plan, qualifying_element};
use super::relational::bit;
use super::scene::Scene;
use super::site::{Site, nth, rule_at};
use super::structure::{Step, Stray, Walker};
use super::words::{Facts, any_of, count, named, shown};
use crate::grammar::kind::FindingKind;
use crate::grammar::placement::Placement;
use crate::grammar::rules::{Node, Requirement, SegmentId, SegmentRules, SetRules, Usage};
use crate::x12::{Delimiters, Segment, Set};
use std::collections::HashMap;

/// What the release found of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base<'b> {
    /// Whether it has a place.
    pub(super) placed: bool,
    /// Whether it stands there too often.
    pub(super) too_often: bool,
    /// Its rules in the release.
    pub(super) rules: Option<&'b SegmentRules>,
    /// Its elements that have a finding, as bits.
    pub(super) faulty: u64,
    /// What is missing before it.
    pub(super) missing: &'b [SegmentId],
}

/// The walk through a guide.
#[derive(Debug)]
pub(super) struct Guide<'g> {
    rules: &'g SetRules,
    plan: &'g Plan,
    walker: Walker<'g>,
    values: Guided,
    /// What was told as missing, by its node and by where the loop around it began.
    absent: HashMap<(u16, usize), Receipt>,
    placement: Placement,
}

impl<'g> Guide<'g> {
    /// A walk that has not begun, for a set of `segments`.
    pub(super) fn new(
        rules: &'g SetRules,
        (plan, hops): (&'g Plan, &'g Hops),
        delimiters: Delimiters,
        segments: usize,
    ) -> Self {
        let placement = Placement::with_capacity(segments);
        let values = Guided::new(delimiters);
        let walker = Walker::new(plan, hops);
        Self { rules, plan, walker, values, absent: HashMap::new(), placement }
    }

    /// Takes the next segment.
    pub(super) fn segment(
        &mut self,
        ledger: &mut Ledger<'_>,
        set: &Set<'_>,
        index: usize,
        segment: &Segment<'_>,
        base: &Base<'_>,
    ) {
        let step = self.walker.step(set, index, segment);
        self.missing(ledger, segment, base);
        let node = match step {
            Step::At(node) => Some(node),
            Step::TooOften(node) | Step::LoopTooOften(node) => {
                if base.placed && !base.too_often {
                    self.too_often(ledger, segment, node, step);
                }
                Some(node)
            }
            Step::Stray(stray) => {
                if let Stray::Late(node) = stray {
                    self.withdraw(ledger, node);
                }
                if base.placed {
                    self.not_used(ledger, segment, None);
                }
                None
            }
        };
        self.placement.push(node.map(usize::from));
        let Some(rule) = node.and_then(|node| self.node(node)) else { return };
        let unused = node.and_then(|node| self.plan.seat(node)).is_none_or(|seat| seat.unused);
        if rule.usage == Usage::NotUsed {
            if base.placed {
                self.not_used(ledger, segment, Some(rule));
            }
        } else if !unused {
            let site = Site { segment: *segment, loop_id: self.loop_of(rule) };
            self.elements(ledger, &site, &rule.segment, base);
        }
    }

    /// Tells what is missing behind the last segment, but for what the release found `missing`,
    /// and holds the set against the guide's conditions.
    pub(super) fn finish(&mut self, ledger: &mut Ledger<'_>, set: &Set<'_>, missing: &[SegmentId]) {
        self.walker.finish();
        let base = Base { placed: false, too_often: false, rules: None, faulty: 0, missing };
        if let Some(last) = set.len().checked_sub(1).and_then(|last| set.segment(last)) {
            self.missing(ledger, &last, &base);
        }
        let scene = Scene { set, rules: self.rules, placement: &self.placement };
        condition::check(ledger, &scene, self.plan);
    }

    fn node(&self, node: u16) -> Option<&'g Node> {
        self.rules.nodes.get(usize::from(node))
    }

    fn loop_of(&self, node: &Node) -> Option<&'g str> {
        node.parent.and_then(|ring| self.rules.loops.get(ring)).map(|ring| ring.id.as_str())
    }

    fn missing(&mut self, ledger: &mut Ledger<'_>, segment: &Segment<'_>, base: &Base<'_>) {
        for node in self.walker.missing() {
            let Some(rule) = self.rules.nodes.get(usize::from(*node)) else { continue };
            if base.missing.contains(&rule.id) {
                continue;
            }
            let ring = rule.parent.and_then(|ring| self.rules.loops.get(ring));
            let site = Site { segment: *segment, loop_id: ring.map(|ring| ring.id.as_str()) };
            let receipt = ledger.report(FindingKind::SegmentMissingByGuide, || {
                let before = format!("segment {}, {}", segment.position(), shown(segment.id()));
                let facts = absence(rule, self.rules, before);
                let subject = format!("{}{}", facts.subject, told_apart(rule));
                (site.before(rule.id.as_str()), Facts { subject, ..facts })
            });
            self.absent.insert((*node, self.walker.began(*node)), receipt);
        }
    }

    fn withdraw(&mut self, ledger: &mut Ledger<'_>, node: u16) {
        if let Some(receipt) = self.absent.remove(&(node, self.walker.began(node))) {
            ledger.withdraw(receipt);
        }
    }

    fn too_often(&self, ledger: &mut Ledger<'_>, segment: &Segment<'_>, node: u16, step: Step) {
        let Some(rule) = self.node(node) else { return };
        let ring = rule.parent.and_then(|ring| self.rules.loops.get(ring));
        let (subject, most) = match (step, ring) {
            (Step::LoopTooOften(_), Some(ring)) => (format!("the loop {}", ring.id), ring.max),
            _ => (title(&rule.segment), rule.max),
        };
        let site = Site { segment: *segment, loop_id: self.loop_of(rule) };
        ledger.report(FindingKind::TooOftenByGuide, || {
            let subject = format!("{subject}{}", told_apart(rule));
            let facts = Facts { subject, expected: count(most, "time"), ..Facts::default() };
            (site.spot(), facts)
        });
    }

    fn not_used(&self, ledger: &mut Ledger<'_>, segment: &Segment<'_>, rule: Option<&Node>) {
        let site = Site { segment: *segment, loop_id: rule.and_then(|rule| self.loop_of(rule)) };
        ledger.report(FindingKind::SegmentNotUsed, || {
            let name = rule.map_or("", |rule| rule.segment.name.as_str());
            let subject = named(&shown(segment.id()), name);
            (site.spot(), Facts { subject, ..Facts::default() })
        });
    }

    fn elements(
        &self,
        ledger: &mut Ledger<'_>,
        site: &Site<'_>,
        rules: &SegmentRules,
        base: &Base<'_>,
    ) {
        for (number, rule) in (1..).zip(&rules.elements) {
            let element = nth(site, number);
            let address = site.address(number, Some(rule));
            let in_base = base.rules.and_then(|rules| rule_at(&rules.elements, number));
            let faulty = base.faulty & bit(number) != 0;
            if element.is_empty() {
                let known = in_base.is_some_and(|rule| rule.requirement == Requirement::Mandatory);
                if is_demanded(rule) && !known && !faulty {
                    guided::missing(ledger, address, element);
                }
            } else if rule.usage == Usage::NotUsed {
                if !faulty {
                    guided::not_used(ledger, address, element);
                }
            } else if faulty {
                guided::forgive(ledger, site.segment.offset(), rule, element);
            } else {
                self.values.element(ledger, address, rule, in_base, element);
            }
        }
    }
}

/// The code that tells a loop or segment from its likes, where the guide gives it one.
fn told_apart(node: &Node) -> String {
    let place = qualifying_element(node.id.as_str().as_bytes());
    let element = place.checked_sub(1).and_then(|index| node.segment.elements.get(index));
    let codes = element.filter(|element| element.codes_of_guide).and_then(|e| e.codes.as_ref());
    match codes {
        Some(codes) if (1..=4).contains(&codes.len()) => {
            let codes: Vec<String> = codes.iter().collect();
            format!(" with {}{place:02} {}", node.id, any_of(&codes))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::{Rules, check};
    use super::super::testing::{ORDER, list, standard, with_set};
    use super::*;
    use crate::grammar::finding::Finding;
    use crate::grammar::rules::ValueList;
    use crate::grammar::severity::Severities;
    use std::sync::Arc;

    /// The findings of a set against the little standard's 850 and a guide made from it.
    fn findings(text: &str, guide: impl FnOnce(&mut SetRules)) -> Vec<Finding> {
        let standard = standard();
        let severities = Severities::default();
        let base = &standard.sets["850"];
        let mut laid_over = (**base).clone();
        guide(&mut laid_over);
        let count = text.matches('~').count();
        with_set(&text.replace("SE*15*", &format!("SE*{count}*")), |set| {
            let guide = Some(&laid_over);
            check(set, &Rules { standard: &standard, set: base, guide, severities: &severities })
                .findings
        })
    }

    fn kinds(text: &str, guide: impl FnOnce(&mut SetRules)) -> Vec<FindingKind> {
        findings(text, guide).into_iter().map(|finding| finding.kind).collect()
    }

    fn at<'r>(rules: &'r mut SetRules, id: &str) -> &'r mut Node {
        rules.nodes.iter_mut().find(|node| node.id.as_str() == id).unwrap()
    }

    fn narrow(rules: &mut SetRules, id: &str, with: impl FnOnce(&mut SegmentRules)) {
        let node = at(rules, id);
        let mut segment = (*node.segment).clone();
        with(&mut segment);
        node.segment = Arc::new(segment);
    }

    #[test]
    fn a_guide_that_is_the_standard_finds_nothing_more() {
        assert_eq!(kinds(ORDER, |_| {}), []);
        let broken = ORDER.replace("BEG*00*NE*4501", "BEG*00**").replace("N3*M", "QQ*M");
        let alone = kinds(&broken, |_| {});
        assert!(alone.iter().all(|kind| kind.ack_code() == kind.code_999()), "{alone:?}");
    }

    #[test]
    fn a_segment_that_the_guide_does_not_use_is_told() {
        let found = kinds(ORDER, |guide| at(guide, "PER").usage = Usage::NotUsed);
        assert_eq!(found, [FindingKind::SegmentNotUsed]);
    }

    #[test]
    fn a_loop_that_the_guide_does_not_use_is_told_once_each_time() {
        let found = kinds(ORDER, |guide| at(guide, "N1").usage = Usage::NotUsed);
        assert_eq!(found, [FindingKind::SegmentNotUsed]);
    }

    #[test]
    fn a_segment_that_the_guide_left_out_is_told() {
        let found = kinds(ORDER, |guide| {
            let node = guide.nodes.iter().position(|node| node.id.as_str() == "PER").unwrap();
            guide.nodes.remove(node);
            for ring in &mut guide.loops {
                ring.head -= 1;
                ring.end -= 1;
            }
        });
        assert_eq!(found, [FindingKind::SegmentNotUsed]);
    }

    #[test]
    fn a_segment_that_the_guide_demands_is_told_unless_the_standard_did() {
        let without = ORDER.replace("PER*IC*JO*TE^FX~", "");
        let found = findings(&without, |guide| at(guide, "PER").usage = Usage::Must);
        assert_eq!(found[0].kind, FindingKind::SegmentMissingByGuide);
        assert_eq!(found[0].message, "PER is missing: the guide demands it");
        let without = ORDER.replace("BEG*00*NE*4501**20240115~", "");
        let found = kinds(&without, |guide| at(guide, "BEG").usage = Usage::Must);
        assert_eq!(found, [FindingKind::SegmentMissing]);
    }

    #[test]
    fn fewer_repeats_are_the_guides_own() {
        let twice = ORDER.replace("PER*IC*JO*TE^FX~", "PER*IC*JO~PER*IC*MO~");
        let found = kinds(&twice, |guide| at(guide, "PER").max = 1);
        assert_eq!(found, [FindingKind::TooOftenByGuide]);
        let found = kinds(ORDER, |guide| {
            let ring = at(guide, "PO1").parent.unwrap();
            guide.loops[ring].max = 1;
        });
        assert_eq!(found, [FindingKind::TooOftenByGuide]);
    }

    #[test]
    fn elements_are_forbidden_demanded_and_narrowed() {
        let with =
            |id: &str, with: fn(&mut SegmentRules)| kinds(ORDER, |guide| narrow(guide, id, with));
        assert_eq!(
            with("PER", |per| per.elements[1].usage = Usage::NotUsed),
            [FindingKind::ElementNotUsed]
        );
        assert_eq!(
            with("BEG", |beg| beg.elements[3].usage = Usage::Must),
            [FindingKind::ElementMissingByGuide]
        );
        assert_eq!(with("N3", |n3| n3.elements[0].max = 5), [FindingKind::ElementTooLong]);
        assert_eq!(
            with("PER", |per| per.elements[2].repeat = 1),
            [FindingKind::TooManyRepetitions]
        );
        assert_eq!(
            with("BEG", |beg| {
                beg.elements[0].codes = Some(list("05"));
                beg.elements[0].codes_of_guide = true;
            }),
            [FindingKind::CodeNotUsed]
        );
    }

    #[test]
    fn values_are_held_to_the_guides_list() {
        let allowed = |literals: &[&str], pattern: &str| {
            let values = ValueList {
                name: "PO-NUM".into(),
                description: "our orders".into(),
                literals: literals.iter().map(|literal| (*literal).to_owned()).collect(),
                patterns: vec![regex::Regex::new(pattern).unwrap()],
            };
            kinds(ORDER, |guide| {
                narrow(guide, "BEG", |beg| beg.elements[2].values = Some(Arc::new(values)));
            })
        };
        assert_eq!(allowed(&["4501"], "^X$"), []);
        assert_eq!(allowed(&[], "^45[0-9]{2}$"), []);
        assert_eq!(allowed(&["9"], "^46"), [FindingKind::ValueNotAllowed]);
    }

    #[test]
    fn a_code_that_the_guide_adds_is_no_fault() {
        let odd = ORDER.replace("BEG*00", "BEG*ZA");
        assert_eq!(kinds(&odd, |_| {}), [FindingKind::CodeInvalid]);
        let found = kinds(&odd, |guide| {
            narrow(guide, "BEG", |beg| {
                beg.elements[0].codes = Some(list("00,ZA"));
                beg.elements[0].codes_of_guide = true;
            });
        });
        assert_eq!(found, []);
    }

    #[test]
    fn components_are_narrowed_too() {
        let text = ORDER.replace("REF*DP*12~", "REF*DP*12**IA:7~");
        let with = |with: fn(&mut Vec<crate::grammar::rules::ElementUse>)| {
            findings(&text, |guide| {
                narrow(guide, "REF", |reference| {
                    let crate::grammar::rules::Part::Composite(composite) =
                        &mut reference.elements[3].part
                    else {
                        panic!("REF04 is a composite");
                    };
                    with(&mut Arc::make_mut(composite).components);
                });
            })
        };
        let found = with(|components| components[1].usage = Usage::NotUsed);
        assert_eq!(found[0].kind, FindingKind::ElementNotUsed);
        assert_eq!(found[0].place.component, Some(2));
        let found = with(|components| components[2].usage = Usage::Must);
        assert_eq!(found[0].kind, FindingKind::ElementMissingByGuide);
    }

    #[test]
    fn what_a_guide_calls_by_its_code_is_named_so() {
        let found = findings(ORDER, |guide| {
            at(guide, "N1").usage = Usage::Must;
            narrow(guide, "N1", |party| {
                party.elements[0].codes = Some(list("BT"));
                party.elements[0].codes_of_guide = true;
            });
        });
        assert_eq!(found[0].kind, FindingKind::CodeNotUsed);
        assert_eq!(found[0].message, "N101 `ST` is not a code that the guide uses here");
    }
}
