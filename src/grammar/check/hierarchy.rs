//! The HL segments of a set: ids, parents, levels. A tree, told as a list.
//!
//! Nothing here recurses: parents are looked up by their ids, depths follow from the parent's, and
//! circles are found by walking each chain once.
//!
//! # Why ids have two homes
//! Ids should count from 1, and then the number is the place in the list. A hash table of all ids
//! outgrows the caches with a large notice, so that twice the levels took three times as long; only
//! ids that do not count are put into one.

use super::ledger::Ledger;
use super::scene::{Noted, Role, Scene};
use super::sort::Sort;
use super::words::{Facts, Spot, shown};
use crate::grammar::kind::FindingKind;
use crate::x12::Segment;
use std::collections::HashMap;

/// How deep a hierarchy may be. Real ones have six levels.
pub(super) const MAX_DEPTH: u32 = 64;

/// Checks the HL segments among `noted`.
pub(super) fn check(ledger: &mut Ledger<'_>, scene: &Scene<'_>, noted: &[Noted]) {
    let levels = noted.iter().filter(|note| note.role == Role::Level);
    let mut tree = Tree::default();
    for note in levels {
        let Some(segment) = scene.set.segment(note.index) else { continue };
        tree.add(ledger, scene, note.index, segment);
    }
    if tree.levels.is_empty() {
        return;
    }
    tree.settle(ledger, scene);
    let ships = matches!(scene.rules.id.as_str(), "856" | "857");
    for level in &tree.levels {
        if level.depth == MAX_DEPTH + 1 {
            let facts = Facts {
                value: level.depth.to_string(),
                expected: MAX_DEPTH.to_string(),
                ..Facts::default()
            };
            report(ledger, scene, FindingKind::HierarchyTooDeep, level, 2, facts);
        }
        if ships {
            order(ledger, scene, &tree, level);
        }
        children(ledger, scene, level);
    }
}

/// The levels in order, and which of them has which id.
#[derive(Default)]
struct Tree<'c> {
    levels: Vec<Level>,
    /// Ids that are not the number of their level.
    ids: HashMap<&'c [u8], usize>,
    /// The number that the last HL01 was.
    last: Option<u64>,
    /// Levels whose parent was not found before them.
    unresolved: Vec<usize>,
}

struct Level {
    index: usize,
    above: Above,
    depth: u32,
    sort: Sort,
    below: bool,
    /// Whether its id is its number among the levels, from 1.
    counts: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Above {
    /// HL02 is empty.
    Nothing,
    /// HL02 names no level.
    Unknown,
    /// HL02 names this level.
    Level(usize),
}

impl<'c> Tree<'c> {
    fn add(
        &mut self,
        ledger: &mut Ledger<'_>,
        scene: &Scene<'_>,
        index: usize,
        segment: Segment<'c>,
    ) {
        let (own, parent) = (segment.element(1).bytes(), key(segment.element(2).bytes()));
        let at = self.levels.len();
        let above = match (parent.is_empty(), self.find(parent)) {
            (true, _) => Above::Nothing,
            (_, Some(above)) => Above::Level(above),
            (_, None) => {
                self.unresolved.push(at);
                Above::Unknown
            }
        };
        let sort = Sort::of(segment.element(3).bytes());
        let mut level = Level { index, above, depth: 1, sort, below: false, counts: false };
        if let Above::Level(above) = above
            && let Some(above) = self.levels.get_mut(above)
        {
            above.below = true;
            level.depth = above.depth.saturating_add(1);
        }
        // An empty HL01 is a missing element, told of already.
        if !own.is_empty() {
            let number = std::str::from_utf8(own).ok().and_then(|text| text.parse::<u64>().ok());
            let value = || Facts { value: shown(own), ..Facts::default() };
            let due = self.last.map_or(1, |last| last.saturating_add(1));
            if number.is_none() {
                report(ledger, scene, FindingKind::HierarchyIdInvalid, &level, 1, value());
            }
            level.counts = position(key(own)) == Some(at);
            if self.knows(key(own), at, level.counts) {
                report(ledger, scene, FindingKind::HierarchyIdRepeated, &level, 1, value());
            } else if number.is_some_and(|number| number != due) {
                let facts = Facts { expected: due.to_string(), ..value() };
                report(ledger, scene, FindingKind::HierarchyIdOutOfOrder, &level, 1, facts);
            }
            self.last = number.or(self.last);
        }
        self.levels.push(level);
    }

    /// The last level so far with this id.
    fn find(&self, id: &[u8]) -> Option<usize> {
        let other = if self.ids.is_empty() { None } else { self.ids.get(id).copied() };
        other.or_else(|| {
            position(id).filter(|at| self.levels.get(*at).is_some_and(|level| level.counts))
        })
    }

    /// Gives the level that will be number `at` its id; tells whether another had it.
    fn knows(&mut self, id: &'c [u8], at: usize, counts: bool) -> bool {
        let known = self.find(id).is_some();
        // An id that is known elsewhere is looked for there first.
        if !counts || known {
            self.ids.insert(id, at);
        }
        known
    }

    /// Tells, once all levels are known, which of the unresolved ones stand below themselves.
    fn settle(&mut self, ledger: &mut Ledger<'_>, scene: &Scene<'_>) {
        let parent = |level: &Level| {
            scene.set.segment(level.index).map_or(&[][..], |segment| segment.element(2).bytes())
        };
        for at in &self.unresolved {
            let above = self.levels.get(*at).and_then(|level| self.find(key(parent(level))));
            if let (Some(level), Some(above)) = (self.levels.get_mut(*at), above) {
                level.above = Above::Level(above);
            }
        }
        let circles = self.circles();
        for at in &self.unresolved {
            let Some(level) = self.levels.get(*at) else { continue };
            let kind = if circles.get(*at) == Some(&true) {
                FindingKind::HierarchyCycle
            } else {
                FindingKind::HierarchyParentUnknown
            };
            let facts = Facts { value: shown(parent(level)), ..Facts::default() };
            report(ledger, scene, kind, level, 2, facts);
        }
        // Under a parent that cannot be one, no level stands rightly or wrongly.
        for at in &self.unresolved {
            if let Some(level) = self.levels.get_mut(*at) {
                level.above = Above::Unknown;
            }
        }
    }

    /// Which levels stand below themselves: each chain upward is walked once.
    fn circles(&self) -> Vec<bool> {
        let above = |at: usize| match self.levels.get(at).map(|level| level.above) {
            Some(Above::Level(above)) => Some(above),
            Some(Above::Nothing | Above::Unknown) | None => None,
        };
        let mut walked = vec![0; self.levels.len()];
        let mut circles = vec![false; self.levels.len()];
        for (start, walk) in self.unresolved.iter().zip(1_usize..) {
            let mut at = Some(*start);
            while let Some(here) = at
                && let Some(seen) = walked.get_mut(here)
                && *seen == 0
            {
                *seen = walk;
                at = above(here);
            }
            let mut round = at.filter(|here| walked.get(*here) == Some(&walk));
            while let Some(here) = round
                && let Some(circle) = circles.get_mut(here)
                && !*circle
            {
                *circle = true;
                round = above(here);
            }
        }
        circles
    }
}

/// Ids are compared as numbers are: without zeros in front.
fn key(id: &[u8]) -> &[u8] {
    let zeros = id.iter().take_while(|byte| **byte == b'0').count();
    id.get(zeros..).filter(|rest| !rest.is_empty()).unwrap_or(id)
}

/// The place among the levels of one whose id is its number: `id` less one.
fn position(id: &[u8]) -> Option<usize> {
    let digits = !id.is_empty() && id.len() <= 9 && id.iter().all(u8::is_ascii_digit);
    let number = |sum: usize, digit: &u8| sum * 10 + usize::from(digit - b'0');
    if digits { id.iter().fold(0, number).checked_sub(1) } else { None }
}

/// Whether a level may stand where it stands: shipment, order, tare or pack, item.
fn order(ledger: &mut Ledger<'_>, scene: &Scene<'_>, tree: &Tree<'_>, level: &Level) {
    let above = match level.above {
        Above::Nothing => None,
        Above::Unknown => return,
        Above::Level(above) => match tree.levels.get(above) {
            Some(above) => Some(above),
            None => return,
        },
    };
    if !level.sort.may_stand_in(above.map(|above| above.sort)) {
        let code = |level: &Level| {
            let segment = scene.set.segment(level.index);
            segment.map_or_else(String::new, |segment| level.sort.named(segment.element(3).bytes()))
        };
        let expected = match above {
            None => "at the top".to_owned(),
            Some(above) => format!("below {}", code(above)),
        };
        let facts = Facts { value: code(level), expected, ..Facts::default() };
        report(ledger, scene, FindingKind::HierarchyLevelMisplaced, level, 3, facts);
    }
}

fn children(ledger: &mut Ledger<'_>, scene: &Scene<'_>, level: &Level) {
    let Some(segment) = scene.set.segment(level.index) else { return };
    let code = segment.element(4).bytes();
    let expected = match (code, level.below) {
        (b"0", true) => "levels below it",
        (b"1", false) => "none below it",
        _ => return,
    };
    let value = shown(code);
    let facts = Facts { value, expected: expected.to_owned(), ..Facts::default() };
    report(ledger, scene, FindingKind::HierarchyChildrenWrong, level, 4, facts);
}

fn report(
    ledger: &mut Ledger<'_>,
    scene: &Scene<'_>,
    kind: FindingKind,
    level: &Level,
    element: u32,
    facts: Facts,
) {
    ledger.report(kind, || {
        let spot: Spot = scene.element(level.index, element);
        (spot, facts)
    });
}

#[cfg(test)]
mod tests {
    use super::super::run::{Rules, check};
    use super::super::testing::{standard, with_set};
    use super::*;
    use crate::grammar::severity::Severities;

    /// The kinds found, each with the number of its HL, in an 856 of these HLs.
    fn kinds(levels: &[String]) -> Vec<(FindingKind, usize)> {
        let standard = standard();
        let severities = Severities::default();
        let segments: String = levels.concat();
        let count = levels.len() + 3;
        let text = format!("ST*856*0001~BSN*00*S1*20240115*1200~{segments}SE*{count}*0001~");
        let findings = with_set(&text, |set| {
            let base = &standard.sets["856"];
            check(
                set,
                &Rules { standard: &standard, set: base, guide: None, severities: &severities },
            )
            .findings
        });
        let place = |position: Option<u32>| usize::try_from(position.unwrap()).unwrap() - 2;
        findings.iter().map(|found| (found.kind, place(found.place.position))).collect()
    }

    fn of(levels: &[&str]) -> Vec<(FindingKind, usize)> {
        kinds(&levels.iter().map(|level| format!("HL*{level}~")).collect::<Vec<_>>())
    }

    #[test]
    fn common_hierarchies_are_good() {
        assert_eq!(of(&["1**S*1", "2*1*O*1", "3*2*P*1", "4*3*I*0"]), []);
        assert_eq!(of(&["1**S*1", "2*1*O*1", "3*2*T*1", "4*3*P*1", "5*4*I*0", "6*2*T*0"]), []);
        assert_eq!(of(&["1**S", "2*1*O", "3*2*I", "4*3*P", "5*1*O", "6*5*I"]), []);
        assert_eq!(of(&["01**S", "02*1*O", "3*02*I"]), []);
        assert_eq!(of(&["1**S", "2*1*Z", "3*2*I"]), []);
    }

    #[test]
    fn ids_are_numbers_that_occur_once_and_count() {
        assert_eq!(of(&["A**S"]), [(FindingKind::HierarchyIdInvalid, 1)]);
        assert_eq!(of(&["1**S", "1*1*O"]), [(FindingKind::HierarchyIdRepeated, 2)]);
        assert_eq!(of(&["1**S", "3*1*O", "4*3*I"]), [(FindingKind::HierarchyIdOutOfOrder, 2)]);
        assert_eq!(of(&["**S"]), [(FindingKind::ElementMissing, 1)]);
    }

    #[test]
    fn a_parent_must_come_before() {
        assert_eq!(of(&["1**S", "2*9*O"]), [(FindingKind::HierarchyParentUnknown, 2)]);
        let forward = of(&["1**S", "2*3*I", "3*1*O"]);
        assert_eq!(forward, [(FindingKind::HierarchyParentUnknown, 2)]);
    }

    #[test]
    fn a_level_below_itself_is_a_cycle() {
        assert_eq!(of(&["1*1*S"])[0], (FindingKind::HierarchyCycle, 1));
        let round = of(&["1*3*Z", "2*1*Z", "3*2*Z", "4*3*I"]);
        assert_eq!(round, [(FindingKind::HierarchyCycle, 1)]);
    }

    #[test]
    fn levels_below_the_sixty_fourth_are_too_deep_once() {
        let chain = |count: usize| {
            let level = |at: usize| {
                let above = if at == 1 { String::new() } else { (at - 1).to_string() };
                format!("HL*{at}*{above}*Z~")
            };
            kinds(&(1..=count).map(level).collect::<Vec<_>>())
        };
        assert_eq!(chain(64), []);
        assert_eq!(chain(80), [(FindingKind::HierarchyTooDeep, 65)]);
    }

    #[test]
    fn levels_stand_in_the_order_of_the_trade() {
        let misplaced = FindingKind::HierarchyLevelMisplaced;
        assert_eq!(of(&["1**O"]), [(misplaced, 1)]);
        assert_eq!(of(&["1**S", "2*1*I", "3*2*O"]), [(misplaced, 3)]);
        assert_eq!(of(&["1**S", "2*1*S"]), [(misplaced, 2)]);
        let unknown = FindingKind::HierarchyParentUnknown;
        assert_eq!(of(&["1**S", "2*3*O", "3*1*I"]), [(unknown, 2)], "and nothing else about it");
    }

    #[test]
    fn the_child_code_tells_whether_levels_follow() {
        let wrong = FindingKind::HierarchyChildrenWrong;
        assert_eq!(of(&["1**S*0", "2*1*O*0"]), [(wrong, 1)]);
        assert_eq!(of(&["1**S*1"]), [(wrong, 1)]);
    }

    #[test]
    fn a_hundred_thousand_levels_in_one_circle_are_walked_once() {
        let count = 100_000;
        let level = |at: usize| {
            let above = if at == 1 { count } else { at - 1 };
            format!("HL*{at}*{above}*Z~")
        };
        let found = kinds(&(1..=count).map(level).collect::<Vec<_>>());
        assert_eq!(found[0], (FindingKind::HierarchyCycle, 1));
    }
}
