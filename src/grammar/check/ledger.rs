//! The findings of one set while it is being checked.

use super::words::{self, Facts, Spot};
use crate::grammar::finding::Finding;
use crate::grammar::kind::{FindingKind, Severity};
use crate::grammar::severity::Severities;
use crate::x12::Set;

/// How many findings of a set are listed; one more tells how many are not.
pub const MAX_FINDINGS: usize = 1_000;

/// Collects findings: drops those that are to be ignored, and counts those that are too many.
#[derive(Debug)]
pub(super) struct Ledger<'s> {
    severities: &'s Severities,
    listed: Vec<Finding>,
    /// How many are not listed, and the worst of them.
    rest: u64,
    worst: Severity,
}

/// A finding that may be taken back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt(Option<usize>);

impl<'s> Ledger<'s> {
    /// A ledger without findings.
    pub(super) fn new(severities: &'s Severities) -> Self {
        Self { severities, listed: Vec::new(), rest: 0, worst: Severity::Ignore }
    }

    /// Notes a finding; `tell` is asked where and what only if it is listed.
    #[cold]
    #[inline(never)]
    pub(super) fn report(
        &mut self,
        kind: FindingKind,
        tell: impl FnOnce() -> (Spot, Facts),
    ) -> Receipt {
        let severity = self.severities.of(kind);
        if severity == Severity::Ignore {
            return Receipt(None);
        }
        if self.listed.len() >= MAX_FINDINGS {
            self.rest += 1;
            self.worst = self.worst.max(severity);
            return Receipt(None);
        }
        let (spot, facts) = tell();
        self.listed.push(words::finding(kind, severity, spot, &facts));
        Receipt(Some(self.listed.len() - 1))
    }

    /// Takes a finding back that turned out to be another one.
    pub(super) fn withdraw(&mut self, receipt: Receipt) {
        if let Some(finding) = receipt.0.and_then(|at| self.listed.get_mut(at)) {
            finding.severity = Severity::Ignore;
        }
    }

    /// Takes back what was just said of the code at `offset`, in the segment at `since`.
    pub(super) fn withdraw_code(&mut self, since: u64, offset: u64) {
        let recent = self.listed.iter_mut().rev().take_while(|finding| finding.offset >= since);
        for finding in recent {
            if finding.offset == offset && finding.kind == FindingKind::CodeInvalid {
                finding.severity = Severity::Ignore;
            }
        }
    }

    /// The findings in order of place, each with its set and its line.
    pub(super) fn finish(mut self, set: &Set<'_>) -> Vec<Finding> {
        if self.listed.is_empty() {
            return self.listed;
        }
        self.listed.retain(|finding| finding.severity != Severity::Ignore);
        self.listed.sort_by_key(|finding| finding.offset);
        if self.rest > 0 {
            self.listed.push(self.cut_off(set));
        }
        let (id, control) = (set.id(), set.control());
        let given = |text: &str| (!text.is_empty()).then(|| text.chars().take(80).collect());
        let mut lines = set.lines();
        for finding in &mut self.listed {
            finding.line = lines.at(finding.offset);
            finding.place.set = given(&id);
            finding.place.set_control = given(&control);
        }
        self.listed
    }

    /// The finding that stands for all that are not listed: as bad as the worst of them, so that a
    /// flood of warnings rejects nothing and hides nothing.
    fn cut_off(&self, set: &Set<'_>) -> Finding {
        let end = set.segments().last().map_or(set.offset(), |segment| segment.offset());
        let last = self.listed.last().map_or(end, |finding| finding.offset.max(end));
        let facts = Facts { value: self.rest.to_string(), ..Facts::default() };
        let spot = Spot { offset: last, ..Spot::default() };
        words::finding(FindingKind::FindingsCutOff, self.worst, spot, &facts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::with_set;
    use super::*;

    fn flood(ledger: &mut Ledger<'_>, kind: FindingKind, count: usize) {
        for _ in 0..count {
            ledger.report(kind, || (Spot::default(), Facts::default()));
        }
    }

    #[test]
    fn what_is_too_much_is_counted_and_as_bad_as_its_worst() {
        let severities = Severities::default();
        let mut ledger = Ledger::new(&severities);
        flood(&mut ledger, FindingKind::NumberPadded, MAX_FINDINGS + 5);
        flood(&mut ledger, FindingKind::CodeInvalid, 2);
        let findings = with_set("ST*850*0001~SE*2*0001~", |set| ledger.finish(set));
        assert_eq!(findings.len(), MAX_FINDINGS + 1);
        let last = findings.last().unwrap();
        assert_eq!((last.kind, last.severity), (FindingKind::FindingsCutOff, Severity::Accept));
        assert!(last.message.contains("7 more"), "{}", last.message);
    }

    #[test]
    fn what_is_to_be_ignored_is_not_even_counted() {
        let severities = Severities::default().with(FindingKind::NumberPadded, Severity::Ignore);
        let mut ledger = Ledger::new(&severities);
        flood(&mut ledger, FindingKind::NumberPadded, MAX_FINDINGS + 5);
        assert!(with_set("ST*850*0001~SE*2*0001~", |set| ledger.finish(set)).is_empty());
    }

    #[test]
    fn a_finding_taken_back_is_gone() {
        let severities = Severities::default();
        let mut ledger = Ledger::new(&severities);
        let receipt =
            ledger.report(FindingKind::SegmentMissing, || (Spot::default(), Facts::default()));
        ledger.withdraw(receipt);
        assert!(with_set("ST*850*0001~SE*2*0001~", |set| ledger.finish(set)).is_empty());
    }
}
