//! Where a walk stands in a set's rules, and where it can go from there.

use super::plan::{NONE, Plan, Seat};

/// A place that a segment could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) node: u16,
    /// The loop that it would begin again, if it is not forward.
    pub(super) again: u16,
}

/// Where the last segment stood that had a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position<'p> {
    pub(super) plan: &'p Plan,
    /// Its node; none before the first.
    pub(super) node: u16,
}

impl<'p> Position<'p> {
    /// The first of the candidates, at a fraction of the time; `None` also where it would be this
    /// place again.
    #[inline]
    pub(super) fn nearest(&self, symbol: u16) -> Option<Candidate> {
        let Self { plan, node } = *self;
        let places = plan.places(symbol);
        let ahead = places.iter().position(|place| node == NONE || *place > node);
        let (behind, ahead) = places.split_at_checked(ahead.unwrap_or(places.len()))?;
        if behind.last() == Some(&node) && plan.seat(node).is_some_and(|seat| seat.heads == NONE) {
            return None;
        }
        let ahead = ahead.iter().copied().find(|place| self.is_open(*place));
        for place in behind.iter().rev() {
            let Some(again) = plan.seat(*place).map(|seat| seat.heads) else { continue };
            let Some(ring) = plan.ring(again).filter(|ring| ring.holds(node)) else { continue };
            if ahead.is_none_or(|ahead| ahead >= ring.end) {
                return Some(Candidate { node: *place, again });
            }
            break;
        }
        ahead.map(|node| Candidate { node, again: NONE })
    }

    /// The places that a segment could have from here, in the order in which X12 tries them.
    pub(super) fn candidates(&self, symbol: u16) -> impl Iterator<Item = Candidate> + use<'p> {
        let this = *self;
        let Self { plan, node } = this;
        let places = plan.places(symbol);
        let before = if node == NONE { 0 } else { places.partition_point(|place| *place <= node) };
        let (behind, ahead) = places.split_at_checked(before).unwrap_or((&[], places));
        let same = behind.last().copied().filter(|place| {
            *place == node && plan.seat(node).is_some_and(|seat| seat.heads == NONE)
        });
        let same = same.map(|node| Candidate { node, again: NONE });
        let mut forward =
            ahead.iter().copied().filter(move |place| this.is_open(*place)).peekable();
        let mut again = behind
            .iter()
            .rev()
            .filter_map(move |place| {
                let again = plan.seat(*place)?.heads;
                let ring = plan.ring(again)?;
                ring.holds(node).then_some((Candidate { node: *place, again }, ring.end))
            })
            .peekable();
        let rest = std::iter::from_fn(move || match (forward.peek(), again.peek()) {
            (Some(ahead), Some((_, end))) if ahead >= end => again.next().map(|(to, _)| to),
            (Some(_), _) => forward.next().map(|node| Candidate { node, again: NONE }),
            (None, _) => again.next().map(|(to, _)| to),
        });
        let beside = behind.iter().copied().filter(move |place| this.is_beside(*place));
        let beside = beside.map(|node| Candidate { node, again: NONE });
        same.into_iter().chain(rest).chain(beside)
    }

    /// Whether `place`, which has been passed, stands beside the place in hand in one group.
    fn is_beside(&self, place: u16) -> bool {
        let Some(seat) = self.plan.seat(place) else { return false };
        seat.group != NONE && place < self.item(seat.level) && self.is_in(seat)
    }

    /// Whether the place in hand is, or stands in, a member of the group of `seat`.
    pub(super) fn is_in(&self, seat: &Seat) -> bool {
        let item = || self.plan.seat(self.item(seat.level));
        seat.group != NONE && item().is_some_and(|item| item.group == seat.group)
    }

    /// The place in hand, or the head of the loop around it, as it is met in the loop `level`.
    fn item(&self, level: u16) -> u16 {
        let mut item = self.node;
        while let Some(seat) = self.plan.seat(item)
            && seat.level != level
        {
            // Inside a loop, what is met further out is its head.
            let head = self.plan.ring(seat.level).map_or(NONE, |ring| ring.head);
            if head == item {
                return NONE;
            }
            item = head;
        }
        item
    }

    /// Whether the loop in which `place` is met is open.
    #[inline]
    pub(super) fn is_open(&self, place: u16) -> bool {
        let level = self.plan.seat(place).map_or(NONE, |seat| seat.level);
        level == NONE || self.plan.ring(level).is_some_and(|ring| ring.holds(self.node))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::standard;
    use super::*;

    #[test]
    fn the_short_way_leads_to_the_first_candidate_from_everywhere() {
        for rules in standard().sets.values() {
            let plan = Plan::new(rules);
            let nodes = u16::try_from(rules.nodes.len()).unwrap();
            for node in (0..nodes).chain([NONE]) {
                let here = Position { plan: &plan, node };
                for symbol in 0..u16::try_from(plan.symbols()).unwrap() {
                    let first = here.candidates(symbol).next();
                    let again =
                        first.is_some_and(|first| first.node == node && first.again == NONE);
                    let nearest = here.nearest(symbol);
                    assert_eq!(nearest, first.filter(|_| !again), "{} {node} {symbol}", rules.id);
                }
            }
        }
    }
}
