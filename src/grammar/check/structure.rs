//! The walk through a set: each segment to its place in the rules.
//!
//! From where the last segment stood, a segment's place is looked for as X12 does, the first that
//! fits: the same place again; forward in the loop; the loop again; then outward, loop by loop. A
//! segment that fits nowhere moves nothing, so what follows it is found where it belongs.

use super::hops::Hops;
use super::plan::{NONE, Plan, qualifying_element};
use super::position::{Candidate, Position};
use crate::x12::{Segment, Set};

/// What became of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It stands at this node.
    At(u16),
    /// It stands at this node once more than it may.
    TooOften(u16),
    /// It begins its loop, at this node, once more than that may repeat.
    LoopTooOften(u16),
    /// It stands nowhere.
    Stray(Stray),
}

/// Why a segment has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// The set has no such segment.
    Foreign,
    /// Its place, this node, has been passed.
    Late(u16),
    /// Its place, this node, is in the summary, but there is more to come before that.
    Early(u16),
    /// Its place, this node, is in a loop that is not open.
    Apart(u16),
}

/// Walks through one set.
#[derive(Clone, Debug)]
pub(super) struct Walker<'p> {
    plan: &'p Plan,
    hops: &'p Hops,
    /// Where the last segment stood.
    node: u16,
    /// How often in a row it stood there.
    run: u32,
    /// By loop: which repetition is open, and the index of the segment that began it.
    counts: Vec<u32>,
    starts: Vec<usize>,
    /// By node: how often it was filled since its group was entered; empty without groups.
    filled: Vec<u32>,
    /// The places that the last step passed although they must be filled.
    missing: Vec<u16>,
    /// By symbol: the index of the last segment of this id; filled when first asked for.
    lasts: Vec<usize>,
}

impl<'p> Walker<'p> {
    /// A walker before the first segment.
    pub(super) fn new(plan: &'p Plan, hops: &'p Hops) -> Self {
        let counts = vec![0; plan.rings()];
        let starts = vec![0; plan.rings()];
        let filled = vec![0; if plan.has_groups() { plan.seats() } else { 0 }];
        let (missing, lasts) = (Vec::new(), Vec::new());
        Self { plan, hops, node: NONE, run: 0, counts, starts, filled, missing, lasts }
    }

    /// The places passed in the last step although they must be filled.
    pub(super) fn missing(&self) -> &[u16] {
        &self.missing
    }

    /// Where the last segment stood that had a place.
    pub(super) fn node(&self) -> u16 {
        self.node
    }

    /// Where the open repetition of the loop that `node` is met in began: the index of its first
    /// segment.
    pub(super) fn began(&self, node: u16) -> usize {
        let level = self.plan.seat(node).map_or(NONE, |seat| seat.level);
        self.starts.get(usize::from(level)).copied().unwrap_or(0)
    }

    /// Finds the place of `segment`, number `index` of `set`.
    #[inline]
    pub(super) fn step(&mut self, set: &Set<'_>, index: usize, segment: &Segment<'_>) -> Step {
        self.missing.clear();
        let Some(symbol) = self.plan.symbol(segment.id()) else {
            return Step::Stray(Stray::Foreign);
        };
        if let Some(seat) = self.plan.seat(self.node)
            && seat.symbol == symbol
            && seat.heads == NONE
            && seat.group == NONE
            && self.run < seat.max
            && !self.plan.about(symbol).split
        {
            self.run += 1;
            return Step::At(self.node);
        }
        match self.choose(symbol, segment) {
            Choice::Place(to) if to.again == NONE && self.is_early(set, index, to.node) => {
                Step::Stray(Stray::Early(to.node))
            }
            Choice::Place(to) => {
                self.go(to, index);
                Step::At(to.node)
            }
            Choice::Full(to) => {
                self.go(to, index);
                if to.again == NONE { Step::TooOften(to.node) } else { Step::LoopTooOften(to.node) }
            }
            Choice::None => Step::Stray(self.stray(symbol)),
        }
    }

    /// Notes what is missing once the last segment was seen.
    pub(super) fn finish(&mut self) {
        self.missing.clear();
        self.pass(Candidate { node: NONE, again: NONE }, NONE);
    }

    /// The place for a segment: the first whose codes admit it and that has room, else the first
    /// whose codes admit it, else the first with room, else the first.
    fn choose(&self, symbol: u16, segment: &Segment<'_>) -> Choice {
        let split = self.plan.about(symbol).split;
        if !split
            && let Some(nearest) = self.hops.nearest(&self.here(), symbol)
            && self.has_room(nearest)
        {
            return Choice::Place(nearest);
        }
        let (mut meant, mut fallback, mut full) = (None, None, None);
        for candidate in self.here().candidates(symbol) {
            let room = self.has_room(candidate);
            if !split {
                if room {
                    return Choice::Place(candidate);
                }
                full = full.or(Some(candidate));
                continue;
            }
            let code = segment.element(qualifying_element(segment.id())).bytes();
            match (self.plan.admits(candidate.node, code), room) {
                (true, true) => return Choice::Place(candidate),
                (true, false) => meant = meant.or(Some(candidate)),
                (false, true) => fallback = fallback.or(Some(candidate)),
                (false, false) => full = full.or(Some(candidate)),
            }
        }
        match (meant, fallback, full) {
            (Some(meant), ..) => Choice::Full(meant),
            (_, Some(fallback), _) => Choice::Place(fallback),
            (.., full) => full.map_or(Choice::None, Choice::Full),
        }
    }

    fn here(&self) -> Position<'p> {
        Position { plan: self.plan, node: self.node }
    }

    fn has_room(&self, to: Candidate) -> bool {
        if let Some(seat) = self.plan.seat(to.node)
            && self.here().is_in(seat)
        {
            let most = self.plan.ring(seat.heads).map_or(seat.max, |ring| ring.max);
            return self.filled.get(usize::from(to.node)).is_none_or(|filled| *filled < most);
        }
        if to.node == self.node && to.again == NONE {
            return self.plan.seat(to.node).is_some_and(|seat| self.run < seat.max);
        }
        let Some(ring) = self.plan.ring(to.again) else { return true };
        self.counts.get(usize::from(to.again)).is_none_or(|count| *count < ring.max)
    }

    /// Moves to a place.
    fn go(&mut self, to: Candidate, index: usize) {
        self.fill(to.node);
        if to.node == self.node && to.again == NONE {
            self.run = self.run.saturating_add(1);
            return;
        }
        let Some(seat) = self.plan.seat(to.node) else { return };
        self.pass(to, seat.level);
        let mut ring = seat.parent;
        while ring != seat.level && ring != NONE {
            let (count, start) =
                (self.counts.get_mut(usize::from(ring)), self.starts.get_mut(usize::from(ring)));
            if let (Some(count), Some(start)) = (count, start) {
                *count = if ring == to.again { count.saturating_add(1) } else { 1 };
                *start = index;
            }
            ring = self.plan.ring(ring).map_or(NONE, |ring| ring.parent);
        }
        self.node = to.node;
        self.run = 1;
    }

    /// Counts a member of a group.
    fn fill(&mut self, node: u16) {
        let Some(seat) = self.plan.seat(node).filter(|seat| seat.group != NONE) else { return };
        if !self.here().is_in(seat) {
            for member in self.plan.group(seat.group) {
                if let Some(filled) = self.filled.get_mut(usize::from(*member)) {
                    *filled = 0;
                }
            }
        }
        if let Some(filled) = self.filled.get_mut(usize::from(node)) {
            *filled = filled.saturating_add(1);
        }
    }

    /// Notes what must be filled between here and `to`, which is met in the loop `level`.
    fn pass(&mut self, to: Candidate, level: u16) {
        let group = |node: u16| self.plan.seat(node).map_or(NONE, |seat| seat.group);
        let (mut here, mut next, mut own) = match self.plan.seat(self.node) {
            Some(seat) if seat.heads == NONE => (seat.parent, seat.next_required, seat.group),
            Some(seat) => (seat.parent, seat.next_required, NONE),
            None => (NONE, self.plan.first_required(), NONE),
        };
        loop {
            let arrived = here == level && to.again == NONE;
            let target = if arrived { group(to.node) } else { NONE };
            if own != target {
                let empty = |node: &u16| self.filled.get(usize::from(*node)) == Some(&0);
                let members = self.plan.group(own).iter().copied();
                let left = members.filter(|node| self.plan.is_required(*node) && empty(node));
                self.missing.extend(left);
            }
            while next != NONE && !(arrived && next >= to.node) {
                let of = group(next);
                if of == NONE || (of != own && of != target) {
                    self.missing.push(next);
                }
                next = self.plan.seat(next).map_or(NONE, |seat| seat.next_beside);
            }
            if arrived || here == to.again {
                return;
            }
            let Some(ring) = self.plan.ring(here) else { return };
            (here, next, own) = (ring.parent, ring.next_required, group(ring.head));
        }
    }

    /// Whether a step to `to` would leave the detail for good although lines are still to come: a
    /// total between two lines must not make strays of all lines behind it.
    fn is_early(&mut self, set: &Set<'_>, index: usize, to: u16) -> bool {
        let table = |node: u16| self.plan.seat(node).map_or(3, |seat| seat.table);
        if table(to) != 3 || table(self.node) == 3 {
            return false;
        }
        if self.lasts.is_empty() {
            self.lasts = vec![0; self.plan.symbols()];
            for at in index + 1..set.len() {
                let symbol = set.segment(at).and_then(|segment| self.plan.symbol(segment.id()));
                let last = symbol.and_then(|symbol| self.lasts.get_mut(usize::from(symbol)));
                if let Some(last) = last {
                    *last = at;
                }
            }
        }
        let last = |symbol: u16| self.lasts.get(usize::from(symbol)).copied().unwrap_or(0);
        self.plan
            .outermost(self.node, to)
            .any(|seat| self.plan.about(seat.symbol).is_unique() && last(seat.symbol) > index)
    }

    /// Why a segment of this id, which the set has, stands nowhere.
    #[cold]
    fn stray(&self, symbol: u16) -> Stray {
        let (here, places) = (self.here(), self.plan.places(symbol));
        let passed = |place: &&u16| **place < self.node && here.is_open(**place);
        match (places.iter().rev().find(passed), places.first()) {
            (Some(place), _) if self.node != NONE => Stray::Late(*place),
            // The last one before here is the one that a person most likely meant.
            (_, Some(place)) => {
                let before = places.iter().rev().find(|place| **place <= self.node);
                Stray::Apart(*before.unwrap_or(place))
            }
            _ => Stray::Foreign,
        }
    }
}

enum Choice {
    Place(Candidate),
    Full(Candidate),
    None,
}

#[cfg(test)]
mod tests {
    use super::super::testing::{set, with_set};
    use super::*;
    use crate::grammar::code_list::Codes;
    use crate::grammar::rules::SetRules;
    use std::sync::Arc;

    /// What becomes of each segment: its node's index, or what is wrong, missing ones before it.
    fn walk(rules: &SetRules, segments: &str) -> Vec<String> {
        let plan = Plan::new(rules);
        let hops = Hops::new(&plan);
        let mut walker = Walker::new(&plan, &hops);
        let missing = |walker: &Walker<'_>| {
            let ids = walker.missing().iter().map(|node| rules.nodes[usize::from(*node)].id);
            ids.map(|id| format!("-{id}")).collect::<Vec<_>>()
        };
        let text = segments.replace(' ', "~") + "~";
        with_set(&text, |set| {
            let mut steps = Vec::new();
            for (index, segment) in set.segments().enumerate() {
                let step = walker.step(set, index, &segment);
                steps.extend(missing(&walker));
                steps.push(match step {
                    Step::At(node) => node.to_string(),
                    Step::TooOften(node) => format!("{node}+"),
                    Step::LoopTooOften(node) => format!("{node}++"),
                    Step::Stray(stray) => format!("{stray:?}"),
                });
            }
            walker.finish();
            steps.extend(missing(&walker));
            steps
        })
    }

    //                                       0   1    2   3  4  5     6    7   8   9  10    11  12
    const ORDER: &str =
        "ST! BEG! REF*2 {N1*3 N1 N3 REF} ^ {PO1!*4 PO1 PID REF {N1*2 N1 N3}} ^ {CTT CTT AMT} SE!";

    fn places(segments: &str) -> String {
        walk(&set(ORDER), segments).join(" ")
    }

    #[test]
    fn segments_in_order_find_their_places() {
        assert_eq!(
            places("ST BEG REF REF N1 N3 REF N1 PO1 PID N1 N3 N1 PO1 CTT AMT SE"),
            "0 1 2 2 3 4 5 3 6 7 9 10 9 6 11 12 13"
        );
    }

    #[test]
    fn a_missing_segment_is_noted_where_it_was_passed() {
        assert_eq!(places("ST REF PO1 SE"), "0 -BEG 2 6 13");
        assert_eq!(places("ST BEG SE"), "0 1 -PO1 13");
        assert_eq!(places("ST BEG PO1"), "0 1 6 -SE");
        assert_eq!(places("ST"), "0 -BEG -PO1 -SE");
    }

    #[test]
    fn a_missing_segment_of_a_loop_is_noted_in_each_repetition() {
        let rules = set("ST! {N1*9 N1 N3! N4 {PER*9 PER N3!}} SE!");
        assert_eq!(
            walk(&rules, "ST N1 N4 N1 N3 PER N1 SE").join(" "),
            "0 1 -N3 3 1 2 4 -N3 1 -N3 6"
        );
    }

    #[test]
    fn repeats_beyond_the_maximum_are_noted_and_stand_where_they_are() {
        assert_eq!(places("ST BEG REF REF REF PO1 SE"), "0 1 2 2 2+ 6 13");
        assert_eq!(places("ST BEG N1 N1 N1 N1 N3 PO1 SE"), "0 1 3 3 3 3++ 4 6 13");
        assert_eq!(places("ST BEG PO1 N1 N1 N1 PO1 SE"), "0 1 6 9 9 9++ 6 13");
    }

    #[test]
    fn a_stray_moves_nothing() {
        assert_eq!(places("ST BEG ZZ REF PO1 SE"), "0 1 Foreign 2 6 13");
        assert_eq!(places("ST BEG N3 REF PO1 SE"), "0 1 Apart(4) 2 6 13");
        assert_eq!(places("ST BEG N1 BEG N3 PO1 SE"), "0 1 3 Late(1) 4 6 13");
        assert_eq!(places("ST REF BEG PO1 SE"), "0 -BEG 2 Late(1) 6 13");
        assert_eq!(places("ST BEG PO1 N1 PID N3 SE"), "0 1 6 9 Late(7) 10 13");
    }

    #[test]
    fn a_total_before_the_last_line_does_not_make_strays_of_the_lines() {
        assert_eq!(places("ST BEG PO1 CTT PO1 PID CTT SE"), "0 1 6 Early(11) 6 7 11 13");
        assert_eq!(places("ST BEG CTT PO1 SE"), "0 1 Early(11) 6 13");
    }

    #[test]
    fn a_guide_that_splits_a_loop_by_its_code_is_followed() {
        let mut rules = set("ST! {N1 N1 N3} {N1 N1 N4} {N1*2 N1 PER} SE!");
        for (node, code) in [(1, "BY"), (3, "ST"), (5, "VN")] {
            let mut segment = (*rules.nodes[node].segment).clone();
            segment.elements[0].codes = Some(Arc::new(Codes::new([code.to_owned()])));
            rules.nodes[node].segment = Arc::new(segment);
        }
        let places = |segments: &str| walk(&rules, segments).join(" ");
        assert_eq!(places("ST N1*BY N3 N1*ST N4 N1*VN PER SE"), "0 1 2 3 4 5 6 7");
        assert_eq!(places("ST N1*VN PER SE"), "0 5 6 7");
        assert_eq!(places("ST N1*ZZ N3 SE"), "0 1 2 7");
        assert_eq!(places("ST N1*BY N1*BY SE"), "0 1 1++ 7");
    }

    #[test]
    fn the_loops_that_a_guide_made_of_one_may_come_in_any_order() {
        let mut rules = set("ST! {N1! N1 N3} {N1! N1 N4} {N1*2 N1 PER} REF SE!");
        for (node, code) in [(1, "BY"), (3, "ST"), (5, "VN")] {
            let mut segment = (*rules.nodes[node].segment).clone();
            segment.elements[0].codes = Some(Arc::new(Codes::new([code.to_owned()])));
            rules.nodes[node].segment = Arc::new(segment);
        }
        let places = |segments: &str| walk(&rules, segments).join(" ");
        assert_eq!(places("ST N1*VN PER N1*ST N4 N1*BY N3 REF SE"), "0 5 6 3 4 1 2 7 8");
        assert_eq!(places("ST N1*VN N1*ST N1*VN N1*VN REF SE"), "0 5 3 5 5++ -N1 7 8");
        assert_eq!(places("ST N1*ST N1*ST SE"), "0 3 3++ -N1 8");
        assert_eq!(places("ST REF SE"), "0 -N1 -N1 7 8");
        assert_eq!(places("ST N1*VN"), "0 5 -N1 -N1 -SE");
    }

    #[test]
    fn segments_of_equal_id_one_behind_the_other_fill_the_first_place_first() {
        let rules = set("ST! REF*2 REF SE!");
        assert_eq!(walk(&rules, "ST REF REF REF REF SE").join(" "), "0 1 1 2 2+ 3");
    }

    #[test]
    fn nested_levels_come_back_to_the_loop_that_is_open() {
        let rules = set("ST! {HL*9 HL {LIN*9 LIN {N1*9 N1 N3} SN1} DTM} SE!");
        assert_eq!(
            walk(&rules, "ST HL LIN N1 N3 N1 SN1 LIN N1 DTM HL SE").join(" "),
            "0 1 2 3 4 3 5 2 3 6 1 7"
        );
    }
}
