//! Rules that depend on a value elsewhere in the set.
//!
//! A condition holds within the innermost loop that has both what it governs and what it asks for:
//! each repetition of that loop is a frame of its own. A value asked for in another segment is
//! there if any such segment of the frame has it.

use super::ledger::Ledger;
use super::phrases::title;
use super::plan::{NONE, Plan};
use super::scene::Scene;
use super::site::Site;
use super::trailer;
use super::words::{self, Facts, Spot};
use crate::grammar::finding::Place;
use crate::grammar::kind::FindingKind;
use crate::grammar::rules::{Condition, Location, Node, Test, Usage};
use crate::x12::{Element, Segment};
use std::collections::HashMap;

/// Checks every condition of the rules.
pub(super) fn check(ledger: &mut Ledger<'_>, scene: &Scene<'_>, plan: &Plan) {
    if scene.rules.conditions.is_empty() {
        return;
    }
    let nodes = (0..NONE).zip(&scene.rules.nodes);
    let ordinals: HashMap<u32, u16> = nodes.map(|(index, node)| (node.ordinal, index)).collect();
    for condition in &scene.rules.conditions {
        if let Some(mut sweep) = Sweep::new(scene, plan, condition, &ordinals) {
            sweep.run(ledger);
        }
    }
}

/// One condition on its way through the set.
struct Sweep<'s> {
    scene: &'s Scene<'s>,
    plan: &'s Plan,
    condition: &'s Condition,
    governed: u16,
    /// The loop whose repetitions are frames.
    frame: u16,
    /// The loop in each repetition of which the governed segment may stand.
    level: u16,
    tests: Vec<Watched<'s>>,
    /// Whether a frame is open.
    open: bool,
    /// The governed segments of the frame.
    found: Vec<usize>,
    /// Where each repetition of `level` in the frame begins, and whether the governed segment is
    /// in it.
    holders: Vec<(usize, bool)>,
}

/// A test, and whether its value was met in the frame.
struct Watched<'s> {
    test: &'s Test,
    node: u16,
    met: bool,
}

impl<'s> Sweep<'s> {
    /// A sweep; `None` where the condition speaks of places that the set does not have.
    fn new(
        scene: &'s Scene<'s>,
        plan: &'s Plan,
        condition: &'s Condition,
        ordinals: &HashMap<u32, u16>,
    ) -> Option<Self> {
        let governed = *ordinals.get(&condition.governs.ordinal)?;
        let tests = condition.when.iter().flatten().map(|test| {
            let node = *ordinals.get(&test.location.ordinal)?;
            Some(Watched { test, node, met: false })
        });
        let tests: Vec<_> = tests.collect::<Option<_>>()?;
        let seat = plan.seat(governed)?;
        let level = seat.level;
        // What governs the first segment of a loop from inside is in its own repetition.
        let mut frame = if condition.governs.element == 0 { level } else { seat.parent };
        let holds = |frame: u16, node: u16| plan.ring(frame).is_none_or(|ring| ring.holds(node));
        while tests.iter().any(|test| test.node != governed && !holds(frame, test.node)) {
            frame = plan.ring(frame).map_or(NONE, |ring| ring.parent);
        }
        let (found, holders) = (Vec::new(), Vec::new());
        Some(Self {
            scene,
            plan,
            condition,
            governed,
            frame,
            level,
            tests,
            open: false,
            found,
            holders,
        })
    }

    fn run(&mut self, ledger: &mut Ledger<'_>) {
        if self.frame == NONE {
            self.begin(0);
        }
        for index in 0..self.scene.set.len() {
            let node = self.scene.placement.node(index).and_then(|node| u16::try_from(node).ok());
            let Some(node) = node else { continue };
            if let Some(ring) = self.plan.ring(self.frame) {
                if node == ring.head {
                    self.end(ledger);
                    self.begin(index);
                } else if !ring.holds(node) {
                    self.end(ledger);
                }
            }
            if self.open {
                self.take(index, node);
            }
        }
        self.end(ledger);
    }

    fn begin(&mut self, index: usize) {
        self.open = true;
        self.found.clear();
        self.holders.clear();
        if self.level == self.frame {
            self.holders.push((index, false));
        }
        for test in &mut self.tests {
            test.met = false;
        }
    }

    fn take(&mut self, index: usize, node: u16) {
        if self.level != self.frame
            && self.plan.ring(self.level).is_some_and(|ring| ring.head == node)
        {
            self.holders.push((index, false));
        }
        if node == self.governed {
            self.found.push(index);
            if let Some(holder) = self.holders.last_mut() {
                holder.1 = true;
            }
        }
        let segment = self.scene.set.segment(index);
        for watched in &mut self.tests {
            if watched.node == node
                && let Some(segment) = &segment
            {
                watched.met |= is_met(watched.test, segment);
            }
        }
    }

    fn end(&mut self, ledger: &mut Ledger<'_>) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let Location { element, .. } = self.condition.governs;
        let must = match self.condition.usage {
            Usage::Must => true,
            Usage::NotUsed => false,
            Usage::AsStandard | Usage::Recommended | Usage::NotRecommended | Usage::Dependent => {
                return;
            }
        };
        if element == 0 && must {
            if self.holds(None) {
                for (start, _) in self.holders.iter().filter(|(_, found)| !found) {
                    self.missing_segment(ledger, *start);
                }
            }
            return;
        }
        for index in &self.found {
            let Some(segment) = self.scene.set.segment(*index) else { continue };
            if self.holds(Some(&segment)) {
                self.tell(ledger, *index, &segment, must);
            }
        }
    }

    /// Whether the condition holds in the frame, for `segment` where one is governed.
    fn holds(&self, segment: Option<&Segment<'_>>) -> bool {
        let mut watched = self.tests.iter();
        let mut any = self.condition.when.is_empty();
        for tests in &self.condition.when {
            let mut all = true;
            for watched in watched.by_ref().take(tests.len()) {
                let met = match segment {
                    Some(segment) if watched.node == self.governed => is_met(watched.test, segment),
                    _ => watched.met,
                };
                all &= met == watched.test.equal;
            }
            any |= all;
        }
        any
    }

    fn tell(&self, ledger: &mut Ledger<'_>, index: usize, segment: &Segment<'_>, must: bool) {
        let Location { element, component, .. } = self.condition.governs;
        if element == 0 {
            let Some(node) = self.scene.node(index) else { return };
            ledger.report(FindingKind::SegmentNotUsedByCondition, || {
                let spot = self.scene.site(index).map_or_else(Spot::default, |site| site.spot());
                (spot, Facts { subject: title(&node.segment), ..self.why() })
            });
            return;
        }
        let value = at(self.condition.governs, segment);
        let kind = match (must, value.is_empty()) {
            (true, true) => FindingKind::ElementRequiredByGuideCondition,
            (false, false) => FindingKind::ElementNotUsedByCondition,
            (true, false) | (false, true) => return,
        };
        let Some(site) = self.scene.site(index) else { return };
        let number = u32::from(element);
        let rule = self.scene.rule(index, number);
        let mut address = site.address(number, rule);
        if component > 0 {
            address = address.component(u32::from(component), None);
        }
        ledger.report(kind, || {
            (address.spot(value), Facts { subject: address.name(), ..self.why() })
        });
    }

    fn missing_segment(&self, ledger: &mut Ledger<'_>, start: usize) {
        let Some(node) = self.scene.rules.nodes.get(usize::from(self.governed)) else { return };
        ledger.report(FindingKind::SegmentMissingByCondition, || {
            let ring = node.parent.and_then(|ring| self.scene.rules.loops.get(ring));
            let loop_id = ring.map(|ring| ring.id.as_str());
            let spot = if let Some(segment) = self.behind(start) {
                Site { segment, loop_id }.before(node.id.as_str())
            } else {
                let segment = Some(node.id.as_str().to_owned());
                let position = u32::try_from(self.scene.set.len()).ok();
                let place = Place { segment, position, ..Place::default() };
                Spot { place, ..trailer::end(self.scene.set) }
            };
            (spot, Facts { subject: title(&node.segment), ..self.why() })
        });
    }

    /// The segment before which the governed one should stand, in the repetition of its loop that
    /// begins at `start`.
    fn behind(&self, start: usize) -> Option<Segment<'s>> {
        let ring = self.plan.ring(self.level);
        let is_later = |node: usize| {
            node > usize::from(self.governed)
                || ring.is_some_and(|ring| node <= usize::from(ring.head))
        };
        let mut rest = start.saturating_add(1)..self.scene.set.len();
        let index = rest.find(|index| self.scene.placement.node(*index).is_some_and(is_later))?;
        self.scene.set.segment(index)
    }

    /// The condition in words.
    fn why(&self) -> Facts {
        let node = |test: &Test| {
            let mut watched = self.tests.iter();
            let watched = watched.find(|watched| watched.test.location == test.location);
            watched.and_then(|watched| self.scene.rules.nodes.get(usize::from(watched.node)))
        };
        let all = |tests: &Vec<Test>| {
            let tests = tests.iter().map(|test| one(test, node(test)));
            tests.collect::<Vec<_>>().join(" and ")
        };
        let any = self.condition.when.iter().map(all).collect::<Vec<_>>().join(" or ");
        let other = if any.is_empty() { any } else { format!("when {any}") };
        Facts { other, ..Facts::default() }
    }
}

/// A test in words.
fn one(test: &Test, node: Option<&Node>) -> String {
    let segment = node.map_or("", |node| node.id.as_str());
    let Location { element, component, .. } = test.location;
    let component = (component > 0).then_some(u32::from(component));
    let place = words::element(segment, u32::from(element), component, "");
    let is = if test.equal { "is" } else { "is not" };
    format!("{place} {is} `{}`", test.value)
}

fn is_met(test: &Test, segment: &Segment<'_>) -> bool {
    at(test.location, segment).bytes() == test.value.as_bytes()
}

fn at<'c>(location: Location, segment: &Segment<'c>) -> Element<'c> {
    let element = segment.element(usize::from(location.element));
    if location.component == 0 {
        element
    } else {
        element.component(usize::from(location.component))
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::{Rules, check};
    use super::super::testing::{ORDER, standard, with_set};
    use super::*;
    use crate::grammar::finding::Finding;
    use crate::grammar::rules::SetRules;
    use crate::grammar::severity::Severities;

    /// `PO1#2` is the second PO1 of the rules.
    fn place(rules: &SetRules, written: &str) -> Location {
        let mut parts = written.split('/');
        let (id, nth) = parts.next().unwrap().split_once('#').unwrap();
        let mut nodes = rules.nodes.iter().filter(|node| node.id.as_str() == id);
        let node = nodes.nth(nth.parse::<usize>().unwrap() - 1).unwrap();
        let mut number = || parts.next().map_or(0, |part| part.parse().unwrap());
        Location { ordinal: node.ordinal, element: number(), component: number() }
    }

    /// The findings of an order under one condition: what it governs, when, and how.
    fn found(text: &str, governs: &str, when: &str, usage: Usage) -> Vec<Finding> {
        let standard = standard();
        let severities = Severities::default();
        let base = &standard.sets["850"];
        let mut guide = (**base).clone();
        let parsed = |written: &str| {
            let equal = !written.contains('!');
            let (location, value) = written.split_once('=').unwrap();
            let location = place(base, location.trim_end_matches('!'));
            Test { location, equal, value: value.to_owned() }
        };
        let when = when.split('|').filter(|part| !part.is_empty());
        let when = when.map(|part| part.split('&').map(parsed).collect()).collect();
        guide.conditions.push(Condition { governs: place(base, governs), when, usage });
        let count = text.matches('~').count();
        with_set(&text.replace("SE*15*", &format!("SE*{count}*")), |set| {
            let guide = Some(&guide);
            check(set, &Rules { standard: &standard, set: base, guide, severities: &severities })
                .findings
        })
    }

    fn kinds(governs: &str, when: &str, usage: Usage) -> Vec<FindingKind> {
        found(ORDER, governs, when, usage).into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn a_value_in_the_same_segment_decides_over_an_element() {
        let required = FindingKind::ElementRequiredByGuideCondition;
        assert_eq!(kinds("REF#1/3", "REF#1/1=DP", Usage::Must), [required]);
        assert_eq!(kinds("REF#1/3", "REF#1/1=IA", Usage::Must), []);
        assert_eq!(kinds("REF#1/3", "REF#1/1!=IA", Usage::Must), [required]);
        let excluded = FindingKind::ElementNotUsedByCondition;
        assert_eq!(kinds("REF#1/2", "REF#1/1=DP", Usage::NotUsed), [excluded]);
        assert_eq!(kinds("REF#1/3", "REF#1/1=DP", Usage::NotUsed), []);
    }

    #[test]
    fn the_condition_is_told_in_words() {
        let found = found(ORDER, "REF#1/3", "REF#1/1=DP&BEG#1/1!=05", Usage::Must);
        assert_eq!(
            found[0].message,
            "REF03 is missing: the guide demands it when REF01 is `DP` and BEG01 is not `05`"
        );
    }

    #[test]
    fn a_value_decides_over_a_segment_of_its_loop_only() {
        // The first line has a PID, the second has not.
        let missing = FindingKind::SegmentMissingByCondition;
        assert_eq!(kinds("PID#1", "PO1#1/3=CA", Usage::Must), [missing]);
        assert_eq!(kinds("PID#1", "PO1#1/3=EA", Usage::Must), []);
        let excluded = FindingKind::SegmentNotUsedByCondition;
        assert_eq!(kinds("PID#1", "PO1#1/3=EA", Usage::NotUsed), [excluded]);
        assert_eq!(kinds("PID#1", "PO1#1/3=CA", Usage::NotUsed), []);
    }

    #[test]
    fn a_value_in_the_heading_decides_over_every_line() {
        let missing = FindingKind::SegmentMissingByCondition;
        assert_eq!(kinds("DTM#2", "BEG#1/1=00", Usage::Must), [missing, missing]);
        assert_eq!(kinds("DTM#2", "BEG#1/1=05", Usage::Must), []);
    }

    #[test]
    fn a_value_in_a_loop_decides_within_each_repetition() {
        let two = ORDER.replace("N1*ST*Clinic*92*0815~", "N1*BT*HQ~N1*ST*Clinic*92*0815~");
        let found = found(&two, "N4#1", "N1#1/1=BT", Usage::Must);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, FindingKind::SegmentMissingByCondition);
        assert_eq!(found[0].place.position, Some(7), "behind the N1 that asks for it");
    }

    #[test]
    fn alternatives_and_conditions_without_tests_hold() {
        let missing = FindingKind::SegmentMissingByCondition;
        assert_eq!(kinds("DTM#2", "BEG#1/1=05|BEG#1/2=NE", Usage::Must), [missing, missing]);
        assert_eq!(kinds("DTM#2", "", Usage::Must), [missing, missing]);
        assert_eq!(kinds("DTM#2", "", Usage::Recommended), []);
    }
}
