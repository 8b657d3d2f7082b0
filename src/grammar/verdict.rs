//! What findings mean for the whole: accepted or not.

use super::finding::Finding;
use super::kind::Severity;
use serde::Serialize;

/// What became of a transaction set, a group or an interchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to report to the partner.
    Accepted,
    /// Taken, with errors that the partner should mend.
    AcceptedWithErrors,
    /// A group of which some sets are rejected.
    PartiallyAccepted,
    /// Not taken.
    Rejected,
}

impl Verdict {
    /// The verdict on what has these findings.
    pub fn of(findings: &[Finding]) -> Self {
        findings.iter().map(|finding| finding.severity).max().map_or(Self::Accepted, Self::on)
    }

    /// The verdict on what has nothing worse than this.
    pub(super) fn on(worst: Severity) -> Self {
        match worst {
            Severity::Ignore | Severity::Warn => Self::Accepted,
            Severity::Accept => Self::AcceptedWithErrors,
            Severity::Reject => Self::Rejected,
        }
    }
}

/// The verdicts on the sets of a group, counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    sets: u64,
    erroneous: u64,
    rejected: u64,
}

impl Tally {
    /// Counts a set.
    pub(super) fn add(&mut self, verdict: Verdict) {
        self.sets += 1;
        match verdict {
            Verdict::Accepted => {}
            Verdict::AcceptedWithErrors => self.erroneous += 1,
            Verdict::PartiallyAccepted | Verdict::Rejected => self.rejected += 1,
        }
    }

    /// How many sets there were.
    pub(super) fn sets(self) -> u64 {
        self.sets
    }

    /// The verdict on a group with these sets and, in itself, nothing worse than `worst`.
    pub(super) fn verdict(self, worst: Severity) -> Verdict {
        let envelope = Verdict::on(worst);
        let sets = if self.rejected == 0 {
            if self.erroneous == 0 { Verdict::Accepted } else { Verdict::AcceptedWithErrors }
        } else if self.rejected == self.sets {
            Verdict::Rejected
        } else {
            Verdict::PartiallyAccepted
        };
        envelope.max(sets)
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Accepted, AcceptedWithErrors, PartiallyAccepted, Rejected};
    use super::*;

    #[test]
    fn the_worst_finding_decides() {
        assert_eq!(Verdict::on(Severity::Warn), Accepted);
        assert_eq!(Verdict::on(Severity::Accept), AcceptedWithErrors);
        assert_eq!(Verdict::on(Severity::Reject), Rejected);
        assert_eq!(Verdict::of(&[]), Accepted);
    }

    #[test]
    fn a_group_is_partially_accepted_if_some_of_its_sets_are_rejected() {
        let group = |sets: &[Verdict], worst| {
            let mut tally = Tally::default();
            for verdict in sets {
                tally.add(*verdict);
            }
            tally.verdict(worst)
        };
        assert_eq!(group(&[], Severity::Ignore), Accepted);
        assert_eq!(group(&[Accepted, AcceptedWithErrors], Severity::Ignore), AcceptedWithErrors);
        assert_eq!(group(&[Accepted, Rejected], Severity::Warn), PartiallyAccepted);
        assert_eq!(group(&[Rejected, Rejected], Severity::Ignore), Rejected);
        assert_eq!(group(&[Accepted], Severity::Reject), Rejected);
    }
}
