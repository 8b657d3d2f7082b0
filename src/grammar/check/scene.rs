//! A set that has been walked through, for the checks that look at it as a whole.

use super::site::{Site, nth, rule_at};
use super::words::Spot;
use crate::grammar::placement::Placement;
use crate::grammar::rules::{ElementUse, Node, SetRules};
use crate::x12::Set;

/// A set, its rules, and which segment stands where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'s> {
    pub(super) set: &'s Set<'s>,
    pub(super) rules: &'s SetRules,
    pub(super) placement: &'s Placement,
}

impl<'s> Scene<'s> {
    /// The node of segment `index`.
    pub(super) fn node(&self, index: usize) -> Option<&'s Node> {
        self.rules.nodes.get(self.placement.node(index)?)
    }

    /// The rule of element `number` of segment `index`.
    pub(super) fn rule(&self, index: usize, number: u32) -> Option<&'s ElementUse> {
        rule_at(&self.node(index)?.segment.elements, number)
    }

    /// Element `number` of segment `index`, for a finding.
    pub(super) fn element(&self, index: usize, number: u32) -> Spot {
        let Some(site) = self.site(index) else { return Spot::default() };
        site.address(number, self.rule(index, number)).spot(nth(&site, number))
    }

    /// Segment `index`, for a finding.
    pub(super) fn site(&self, index: usize) -> Option<Site<'s>> {
        let segment = self.set.segment(index)?;
        let ring = self.node(index).and_then(|node| node.parent);
        let loop_id = ring.and_then(|ring| self.rules.loops.get(ring));
        Some(Site { segment, loop_id: loop_id.map(|ring| ring.id.as_str()) })
    }
}

/// A segment that a check of the whole set has use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) role: Role,
    /// Its number in the set, from 0.
    pub(super) index: usize,
}

/// What a segment is to the checks of the whole set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing.
    Plain,
    /// HL.
    Level,
    /// PO1, IT1, POC, LIN or RCD.
    Line,
    /// SN1 or ACK: a quantity of a line.
    Quantity,
    /// CTT.
    Count,
    /// TDS.
    Total,
    /// SAC.
    Charge,
    /// TXI.
    Tax,
    /// CTP, with prices that are not those of the line.
    Price,
}

impl Role {
    /// The role of a segment with this id.
    pub(super) fn of(id: &str) -> Self {
        match id {
            "HL" => Self::Level,
            "PO1" | "IT1" | "POC" | "LIN" | "RCD" => Self::Line,
            "SN1" | "ACK" => Self::Quantity,
            "CTT" => Self::Count,
            "TDS" => Self::Total,
            "SAC" => Self::Charge,
            "TXI" => Self::Tax,
            "CTP" => Self::Price,
            _ => Self::Plain,
        }
    }
}
