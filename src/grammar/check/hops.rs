//! Where each id leads from each place of a set's rules, found once for all sets.
//!
//! # Why
//! Most segments are not the one before again, and a search among the places of an id costs as much
//! as a look at all its elements. The rules of a set have some hundred places and ids.

use super::plan::{NONE, Plan};
use super::position::{Candidate, Position};

/// By place and symbol: the candidate that [`Position::nearest`] finds.
#[derive(Clone, Debug)]
pub(super) struct Hops {
    /// The node that is the candidate, [`NONE`] for none, and what it begins again; those before
    /// the first place come last.
    near: Vec<(u16, u16)>,
    seats: usize,
    symbols: usize,
}

/// Rules of more places and ids than any standard has are searched each time.
const MOST: usize = 1 << 20;

impl Hops {
    /// The hops of a plan.
    pub(super) fn new(plan: &Plan) -> Self {
        let (seats, symbols) = (plan.seats(), plan.symbols());
        if seats * symbols > MOST {
            return Self { near: Vec::new(), seats, symbols };
        }
        let nodes = (0..NONE).take(seats).chain([NONE]);
        let hops = nodes.flat_map(|node| {
            let here = Position { plan, node };
            let near = (0..NONE).take(symbols).map(move |symbol| here.nearest(symbol));
            near.map(|to| to.map_or((NONE, NONE), |to| (to.node, to.again)))
        });
        Self { near: hops.collect(), seats, symbols }
    }

    /// What [`Position::nearest`] finds for `symbol` from `here`.
    #[inline]
    pub(super) fn nearest(&self, here: &Position<'_>, symbol: u16) -> Option<Candidate> {
        let row = usize::from(here.node).min(self.seats) * self.symbols;
        match self.near.get(row + usize::from(symbol)) {
            Some((node, again)) => {
                (*node != NONE).then_some(Candidate { node: *node, again: *again })
            }
            None => here.nearest(symbol),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::standard;
    use super::*;

    #[test]
    fn every_hop_leads_where_a_search_does() {
        for rules in standard().sets.values() {
            let plan = Plan::new(rules);
            let hops = Hops::new(&plan);
            let nodes = u16::try_from(rules.nodes.len()).unwrap();
            for node in (0..nodes).chain([NONE]) {
                for symbol in 0..u16::try_from(plan.symbols()).unwrap() {
                    let here = Position { plan: &plan, node };
                    let searched = here.nearest(symbol);
                    assert_eq!(hops.nearest(&here, symbol), searched, "{node} {symbol}");
                }
            }
        }
    }
}
