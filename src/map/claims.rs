//! Which rule takes which segment and which instance, before anything is read.

use super::instances::{Instance, NONE, index};
use super::plan::{Claimant, Member, Plan};
use super::read::Walk;
use crate::x12::Set;
use std::ops::Range;

impl Walk<'_> {
    /// Gives each segment of an instance to the rule that has the foremost claim to it; tells which
    /// reads have something to read then.
    pub(super) fn claim_segments(&mut self, member: &Member, instance: Instance) -> u64 {
        let mut reads = 0;
        let scratch = &mut *self.scratch;
        fill(&mut scratch.picks, &member.picks, NONE);
        fill(&mut scratch.chains, &member.chains, (NONE, NONE));
        let mut at = instance.first;
        while at != NONE {
            let node = if at == 0 { 0 } else { self.placement.node(index(at)).unwrap_or(0) };
            let range = member.claims.get(node).cloned().unwrap_or_default();
            let claims = member.all_claims.get(range).unwrap_or_default();
            for (rank, claim) in (0_u16..).zip(claims) {
                if !self.plan.qualified(&claim.qualifiers, self.set, at) {
                    continue;
                }
                let content = scratch.instances.filled(at) & claim.elements != 0;
                match claim.by {
                    Claimant::Pick(local) => {
                        let Some(pick) = scratch.picks.get_mut(member.picks.start + local) else {
                            continue;
                        };
                        if *pick != NONE {
                            continue;
                        }
                        *pick = at;
                    }
                    Claimant::Chain(local) if content => {
                        let Some(ends) = scratch.chains.get_mut(member.chains.start + local) else {
                            continue;
                        };
                        follow(ends, &mut scratch.links, at);
                    }
                    Claimant::Chain(_) => {}
                }
                if content {
                    reads |= claim.reads;
                    if let Some(slot) = scratch.ranks.get_mut(index(at)) {
                        *slot = rank;
                    }
                    break;
                }
            }
            at = scratch.instances.next(at);
        }
        reads
    }

    /// Gives each inner instance to the list that has the foremost claim to it; tells which reads
    /// have something to read then.
    pub(super) fn claim_instances(&mut self, member: &Member, instance: Instance) -> u64 {
        let mut reads = 0;
        for claim in &member.all_loop_claims {
            if let Some(ends) = self.scratch.lists.get_mut(claim.list) {
                *ends = (NONE, NONE);
            }
        }
        let mut at = instance.child;
        while let Some(inner) = self.scratch.instances.get(at) {
            let range = member.loop_claims.get(inner.scope).cloned().unwrap_or_default();
            let claims = member.all_loop_claims.get(range).unwrap_or_default();
            let won = (0_u16..)
                .zip(claims)
                .find(|(_, claim)| self.plan.qualified(&claim.qualifiers, self.set, inner.first));
            if let Some((rank, claim)) = won {
                reads |= claim.reads;
                let levels =
                    self.plan.loops.get(claim.list).is_some_and(|list| list.contents.is_some());
                let parent = if levels { self.parent(at, inner.first) } else { NONE };
                let scratch = &mut *self.scratch;
                if let Some(claimed) = scratch.claimed.get_mut(index(at)) {
                    *claimed = rank;
                }
                let ends = match scratch.inner.get_mut(index(parent)) {
                    Some(ends) => Some(ends),
                    None => scratch.lists.get_mut(claim.list),
                };
                if let Some(ends) = ends {
                    follow(ends, &mut scratch.followers, at);
                }
            }
            at = inner.sibling;
        }
        reads
    }

    /// The level that HL02 names, among those before; HL01 is kept for those that follow.
    fn parent(&mut self, at: u32, head: u32) -> u32 {
        let Some(segment) = self.set.segment(index(head)) else { return NONE };
        let parent = segment.element(2).bytes();
        let found = self.scratch.numbers.get(parent).copied().unwrap_or(NONE);
        if let Some(taken) = self.scratch.taken.get_mut(index(head)) {
            *taken |= if found == NONE { 0b011 } else { 0b111 };
        }
        let number = segment.element(1).bytes();
        if !number.is_empty() {
            self.scratch.numbers.insert(number.into(), at);
        }
        found
    }

    /// HL04 is computed on writing; one that says otherwise is left over.
    pub(super) fn count_children(&mut self, at: u32, instance: Instance) {
        let inner = self.scratch.inner.get(index(at)).is_some_and(|(first, _)| *first != NONE);
        let expected: &[u8] = if inner { b"1" } else { b"0" };
        let said = self.set.segment(index(instance.first)).map(|head| head.element(4).bytes());
        if said == Some(expected)
            && let Some(taken) = self.scratch.taken.get_mut(index(instance.first))
        {
            *taken |= 1 << 4;
        }
    }
}

impl Plan {
    /// Whether segment `at` has the values that a rule wants.
    fn qualified(&self, qualifiers: &Range<usize>, set: &Set<'_>, at: u32) -> bool {
        if qualifiers.is_empty() {
            return true;
        }
        let Some(segment) = set.segment(index(at)) else { return false };
        let wanted = self.qualifiers.get(qualifiers.clone()).unwrap_or_default();
        wanted.iter().all(|one| segment.element(one.element.into()).bytes() == one.value.as_bytes())
    }
}

/// Appends `at` to the list with these ends.
fn follow(ends: &mut (u32, u32), links: &mut [u32], at: u32) {
    match links.get_mut(index(ends.1)) {
        Some(link) => *link = at,
        None => ends.0 = at,
    }
    ends.1 = at;
}

fn fill<T: Copy>(list: &mut [T], range: &Range<usize>, value: T) {
    if let Some(part) = list.get_mut(range.clone()) {
        part.fill(value);
    }
}
