//! What is kept of one received group until its interchange ends.

use super::clean::{clean, clean_or};
use super::form::{Edition, Form};
use super::options::{Loops, Options};
use super::segments::{CodeList, Faults, Written};
use crate::grammar::{Finding, Severity};
use crate::x12::{Delimiters, Group, Set, WriteError, Writer};

/// The answer to one group, growing as its sets arrive.
#[derive(Clone, Debug)]
pub(super) struct GroupAnswer {
    pub(super) edition: Edition,
    /// GS02 of the answer: the receiver of the group.
    pub(super) sender: String,
    /// GS03 of the answer.
    pub(super) receiver: String,
    functional_id: String,
    control: String,
    version: String,
    /// The AK2 loops.
    loops: Writer,
    /// Where in `loops` the status of each set stands.
    statuses: Vec<usize>,
    /// How many segments `loops` holds.
    segments: u32,
    codes: CodeList,
    /// The worst finding about the group itself.
    worst: Option<Severity>,
    /// Whether any accepted set had errors.
    noted: bool,
    /// How many sets GE01 says there are.
    included: Option<u32>,
    received: u32,
    accepted: u32,
    /// How many of them were acknowledgments.
    acknowledgments: u32,
}

impl GroupAnswer {
    pub(super) fn new(
        group: &Group,
        edition: Edition,
        delimiters: Delimiters,
        newlines: bool,
    ) -> Result<Self, WriteError> {
        let text =
            |value: &str, width, placeholder| clean_or(value, delimiters, width, placeholder);
        let loops = Writer::new(delimiters)?;
        let version = if edition.repeats_versions() { group.version() } else { "".into() };
        Ok(Self {
            sender: text(&group.receiver(), 15, "00"),
            receiver: text(&group.sender(), 15, "00"),
            functional_id: text(&group.functional_id(), 2, "00"),
            control: text(&group.control(), 9, "0"),
            version: clean(&version, delimiters, 12),
            edition,
            loops: if newlines { loops.with_newlines() } else { loops },
            statuses: Vec::new(),
            segments: 0,
            codes: CodeList::default(),
            worst: None,
            noted: false,
            included: None,
            received: 0,
            accepted: 0,
            acknowledgments: 0,
        })
    }

    /// A finding about the group itself.
    pub(super) fn blame(&mut self, severity: Severity, code: Option<&'static str>) {
        self.worst = self.worst.max(Some(severity));
        if let Some(code) = code {
            self.codes.add(severity, code);
        }
    }

    /// A set of the group, with the findings about it.
    pub(super) fn set<'f>(
        &mut self,
        set: &Set<'_>,
        findings: impl Iterator<Item = &'f Finding>,
        options: &Options,
    ) -> Result<(), WriteError> {
        let faults = Faults::of(findings, self.edition.form);
        self.received = self.received.saturating_add(1);
        if Form::of(&set.id()).is_some() {
            self.acknowledgments = self.acknowledgments.saturating_add(1);
        }
        match faults.worst {
            Some(Severity::Reject) => {}
            Some(Severity::Accept | Severity::Warn | Severity::Ignore) => {
                self.accepted = self.accepted.saturating_add(1);
                self.noted = true;
            }
            None => self.accepted = self.accepted.saturating_add(1),
        }
        if options.loops == Loops::All || faults.worst.is_some() {
            let Written { status, segments } =
                faults.write(&mut self.loops, set, &self.edition, options.limits)?;
            self.statuses.push(status);
            self.segments = self.segments.saturating_add(segments);
        }
        Ok(())
    }

    /// The group's GE, if it has one.
    pub(super) fn close(&mut self, count: Option<&str>) {
        self.included = count.and_then(|count| count.parse().ok());
    }

    /// Whether the group holds nothing but acknowledgments, whatever its GS01 says.
    pub(super) fn is_of_acknowledgments(&self) -> bool {
        self.received > 0 && self.received == self.acknowledgments
    }

    /// Rejects the group because of the interchange that it came in.
    pub(super) fn reject(&mut self) {
        self.worst = Some(Severity::Reject);
    }

    /// AK1 to AK9, into an open set.
    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        let rejected = self.worst == Some(Severity::Reject);
        let repeated = [self.functional_id.as_str(), &self.control, &self.version];
        writer.segment("AK1", repeated)?;
        if rejected {
            let mut loops = self.loops.bytes().to_vec();
            for at in &self.statuses {
                loops.get_mut(*at).into_iter().for_each(|status| *status = b'R');
            }
            writer.append_segments(&loops, self.segments);
        } else {
            writer.append_segments(self.loops.bytes(), self.segments);
        }
        let accepted = if rejected { 0 } else { self.accepted };
        let count = |count: u32| count.min(MOST_SETS).to_string();
        let counts =
            [count(self.included.unwrap_or(self.received)), count(self.received), count(accepted)];
        let texts = std::iter::once(self.letter()).chain(counts.iter().map(String::as_str));
        let codes = self.codes.first_five().map(|code: &str| code);
        writer.segment("AK9", texts.chain(codes))
    }

    /// AK901.
    fn letter(&self) -> &'static str {
        let whole = self.worst == Some(Severity::Reject);
        if whole || (self.accepted == 0 && self.received > 0) {
            "R"
        } else if self.accepted < self.received {
            "P"
        } else if self.noted || self.worst == Some(Severity::Accept) {
            "E"
        } else {
            "A"
        }
    }
}

/// The largest number in AK902 to AK904.
const MOST_SETS: u32 = 999_999;

#[cfg(test)]
mod tests {
    use super::super::options::Options;
    use super::super::sample::{about, at, body, group, isa, orders};
    use crate::grammar::FindingKind;

    #[test]
    fn a_group_that_falls_takes_its_sets_with_it() {
        let findings = [
            ("0001", at(FindingKind::CodeInvalid, "BEG", 2, 2)),
            ("GE", about(FindingKind::SetCountWrong)),
        ];
        let answer = body(&orders("004010", &["0001", "0002"]), &findings, &Options::default());
        let lines: Vec<&str> = answer.lines().skip(3).collect();
        let told = ["AK2*850*0001~", "AK3*BEG*2**8~", "AK4*2**7~", "AK5*R*5~"];
        assert_eq!(lines[..4], told);
        assert_eq!(lines[4..7], ["AK2*850*0002~", "AK5*R~", "AK9*R*2*2*0*5~"]);
    }

    #[test]
    fn a_group_is_accepted_with_errors_when_only_those_were_found() {
        let findings = [("0001", at(FindingKind::CodeInvalid, "BEG", 2, 2))];
        let answer = body(&orders("004010", &["0001", "0002"]), &findings, &Options::default());
        assert!(answer.contains("AK5*E*5~\nAK2*850*0002~\nAK5*A~\nAK9*E*2*2*2~"), "{answer}");
    }

    #[test]
    fn each_group_is_answered_by_a_group_in_its_release() {
        let input = isa("00401", 0, '>')
            + &group("PO", "003040", &["0001"])
            + &group("PO", "004010VICS", &["0001"])
            + &group("PO", "005010X999", &["0001"])
            + "IEA*3*000000042~";
        let answer = body(&input, &[], &Options::default());
        let headers: Vec<&str> = answer
            .lines()
            .filter(|line| line.starts_with("GS") || line.starts_with("ST"))
            .collect();
        assert_eq!(
            headers,
            [
                "GS*FA*HOSP*SUP*240116*1200*81*X*003040~",
                "ST*997*0001~",
                "GS*FA*HOSP*SUP*20240116*1200*82*X*004010~",
                "ST*997*0002~",
                "GS*FA*HOSP*SUP*20240116*1200*83*X*005010X231A1~",
                "ST*999*0003*005010X231A1~",
            ]
        );
        assert!(answer.ends_with("GE*1*83~"));
    }
}
