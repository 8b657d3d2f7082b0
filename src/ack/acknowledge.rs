//! The acknowledger: items and findings in, replies out.

use super::answer::{Answer, Reply, Silence};
use super::clean::{clean, clean_or, separators};
use super::form::Edition;
use super::group::GroupAnswer;
use super::options::{InterchangePolicy, Options};
use super::segments::{CodeList, is_told, letter};
use crate::grammar::{Finding, FindingKind, Scope, Severity};
use crate::x12::{Delimiters, Group, Interchange, Item, WriteError};

/// Follows the items of a reader, with what was found wrong with each, and says at the end of each
/// interchange what is to be answered.
#[derive(Debug, Default)]
pub struct Acknowledger {
    options: Options,
    received: Option<Received>,
}

/// What is kept of the interchange in hand.
#[derive(Debug)]
struct Received {
    interchange: Interchange,
    delimiters: Delimiters,
    worst: Option<Severity>,
    codes: CodeList,
    /// The group in hand, if it is to be answered.
    group: Option<GroupAnswer>,
    /// Whether a group is open, answered or not.
    in_group: bool,
    answered: Vec<GroupAnswer>,
    met: Met,
}

/// How much an interchange holds of what is answered in its own way.
#[derive(Debug, Default)]
struct Met {
    ta1s: u64,
    groups_of_acknowledgments: u64,
    other_groups: u64,
}

impl Acknowledger {
    /// An acknowledger that answers as `options` say.
    pub fn new(options: Options) -> Self {
        Self { options, received: None }
    }

    /// The next item of the reader and everything that was found wrong with it.
    ///
    /// # Errors
    /// Separators in the options that no interchange may use.
    pub fn item(
        &mut self,
        item: &Item<'_>,
        findings: &[Finding],
    ) -> Result<Option<Reply>, WriteError> {
        if let Item::Interchange(interchange) = item {
            self.received = Some(Received::new(interchange, &self.options));
        }
        let Some(received) = &mut self.received else { return Ok(None) };
        if let Item::Group(group) = item {
            received.open(group, &self.options)?;
        }
        let of_set = matches!(item, Item::Set(_)) && received.in_group;
        for finding in findings.iter().filter(|finding| is_told(finding.severity)) {
            if !(of_set && is_of_set(finding)) {
                received.blame(finding);
            }
        }
        match item {
            Item::Set(set) => {
                if let Some(group) = &mut received.group {
                    let own = findings.iter().filter(|finding| is_of_set(finding));
                    group.set(set, own, &self.options)?;
                }
            }
            Item::Loose(segment) => received.met.ta1s += u64::from(segment.id() == b"TA1"),
            Item::GroupEnd(trailer) => {
                received.close(trailer.map(|trailer| trailer.count()).as_deref());
            }
            Item::InterchangeEnd(_) => {
                return Ok(self.received.take().map(|received| received.reply(&self.options)));
            }
            Item::Interchange(_) | Item::Group(_) => {}
        }
        Ok(None)
    }

    /// What the reader could not go on over, as a finding. Inside an interchange its end follows,
    /// and the reply with it; outside there is nobody to reply to.
    pub fn fault(&mut self, finding: &Finding) -> Option<Reply> {
        match &mut self.received {
            Some(received) => {
                received.blame_interchange(finding);
                None
            }
            None => Some(Reply::Silence(Silence::NobodyToAddress)),
        }
    }
}

impl Received {
    fn new(interchange: &Interchange, options: &Options) -> Self {
        let addresses = [
            interchange.sender_qualifier(),
            interchange.sender(),
            interchange.receiver_qualifier(),
            interchange.receiver(),
        ];
        let wanted = options.delimiters.unwrap_or_else(|| interchange.delimiters());
        let repeats = is_version(&interchange.version()) && *interchange.version() >= *"00402";
        let delimiters = separators(wanted, &addresses.each_ref().map(AsRef::as_ref), repeats);
        Self {
            interchange: interchange.clone(),
            delimiters,
            worst: None,
            codes: CodeList::default(),
            group: None,
            in_group: false,
            answered: Vec::new(),
            met: Met::default(),
        }
    }

    fn open(&mut self, group: &Group, options: &Options) -> Result<(), WriteError> {
        self.in_group = true;
        self.group = None;
        if group.functional_id() == ACKNOWLEDGMENTS {
            self.met.groups_of_acknowledgments += 1;
            return Ok(());
        }
        self.met.other_groups += 1;
        if let Some(edition) = Edition::answering(&group.version(), options.functional) {
            let newlines = options.newlines;
            self.group = Some(GroupAnswer::new(group, edition, self.delimiters, newlines)?);
        }
        Ok(())
    }

    fn close(&mut self, count: Option<&str>) {
        self.in_group = false;
        let Some(mut group) = self.group.take() else { return };
        group.close(count);
        if group.is_of_acknowledgments() {
            self.met.groups_of_acknowledgments += 1;
            self.met.other_groups -= 1;
        } else {
            self.answered.push(group);
        }
    }

    /// A finding about an envelope, or about something that is in no set.
    fn blame(&mut self, finding: &Finding) {
        if finding.kind.scope() == Scope::Interchange || !self.in_group {
            self.blame_interchange(finding);
        } else if let Some(group) = &mut self.group {
            let of_group = finding.kind.scope() == Scope::Group;
            let code = Some(finding.kind).filter(|_| of_group);
            group.blame(finding.severity, code.and_then(|kind| group.edition.form.code(kind)));
        }
    }

    fn blame_interchange(&mut self, finding: &Finding) {
        self.worst = self.worst.max(Some(finding.severity));
        if is_told(finding.severity) {
            let of_interchange = finding.kind.scope() == Scope::Interchange;
            let code = Some(finding.kind).filter(|_| of_interchange);
            let code = code.and_then(FindingKind::ack_code);
            self.codes.add(finding.severity, code.unwrap_or(CONTENT_INVALID));
        }
    }

    fn reply(mut self, options: &Options) -> Reply {
        self.close(None);
        let told = self.worst.filter(|worst| is_told(*worst));
        let asked = self.interchange.acknowledgment_requested() == "1";
        let wanted = match options.interchange {
            InterchangePolicy::Never => false,
            InterchangePolicy::AsRequested => asked,
            InterchangePolicy::OnError => asked || told.is_some(),
            InterchangePolicy::Always => true,
        };
        let Met { ta1s, groups_of_acknowledgments, other_groups } = self.met;
        let only_ta1 = ta1s > 0 && groups_of_acknowledgments + other_groups == 0;
        let ta1 = (wanted && !only_ta1).then(|| self.ta1(told));
        if told == Some(Severity::Reject) {
            if ta1.is_some() {
                self.answered.clear();
            }
            self.answered.iter_mut().for_each(GroupAnswer::reject);
        }
        if ta1.is_none() && self.answered.is_empty() {
            let only = other_groups == 0 && ta1s + groups_of_acknowledgments > 0;
            let why = if only { Silence::OnlyAcknowledgments } else { Silence::NotWanted };
            return Reply::Silence(why);
        }
        Reply::Answer(Box::new(self.answer(ta1, options.newlines)))
    }

    fn ta1(&self, told: Option<Severity>) -> [String; 5] {
        let repeat =
            |value: &str, width: usize| clean_or(value, self.delimiters, width, &"0".repeat(width));
        [
            repeat(&self.interchange.control(), 9),
            repeat(&self.interchange.date(), 6),
            repeat(&self.interchange.time(), 4),
            letter(told).to_owned(),
            self.codes.first_five().next().unwrap_or("000").to_owned(),
        ]
    }

    fn answer(self, ta1: Option<[String; 5]>, newlines: bool) -> Answer {
        let text = |value: &str, width| clean(value, self.delimiters, width);
        let version = self.interchange.version();
        let of_group = self.answered.first().map(|group| group.edition.interchange_version());
        let version = if is_version(&version) { &version } else { of_group.unwrap_or("00401") };
        let usage = self.interchange.usage().chars().next();
        let usage = usage.filter(|usage| matches!(usage, 'P' | 'T' | 'I')).unwrap_or('P');
        let received = &self.interchange;
        Answer {
            sender: (text(&received.receiver_qualifier(), 2), text(&received.receiver(), 15)),
            receiver: (text(&received.sender_qualifier(), 2), text(&received.sender(), 15)),
            version: version.to_owned(),
            usage,
            delimiters: self.delimiters,
            newlines,
            ta1,
            groups: self.answered,
        }
    }
}

/// Whether a finding that came with a set is about the set, and not about what is around it.
fn is_of_set(finding: &Finding) -> bool {
    match finding.kind.scope() {
        Scope::Set | Scope::Segment | Scope::Element | Scope::Content => true,
        Scope::Interchange | Scope::Group => false,
    }
}

/// Whether ISA12 is a version at all.
fn is_version(version: &str) -> bool {
    version.len() == 5 && version.bytes().all(|byte| byte.is_ascii_digit())
}

/// GS01 of acknowledgments.
const ACKNOWLEDGMENTS: &str = "FA";

/// TA105 for what stands in an interchange but in no group.
const CONTENT_INVALID: &str = "024";

#[cfg(test)]
mod tests {
    use super::super::options::Loops;
    use super::super::sample::{about, at, body, due, group, isa, orders, silence, text};
    use super::*;

    fn ta1(asks: u8, findings: &[(&str, Finding)], interchange: InterchangePolicy) -> String {
        let input =
            isa("00401", asks, '>') + &group("PO", "004010", &["0001"]) + "IEA*1*000000042~";
        body(&input, findings, &Options { interchange, ..Options::default() })
    }

    #[test]
    fn a_clean_interchange_is_accepted_whole_with_its_own_separators() {
        let input = orders("004010", &["0001", "0002"]);
        let answer = text(&due(&input, &[], &Options::default()));
        assert_eq!(
            answer,
            "ISA*00*          *00*          *ZZ*HOSPITAL       *01*SUPPLIER       *240116*1200*U*\
             00401*000000009*0*T*>~GS*FA*HOSP*SUP*20240116*1200*81*X*004010~ST*997*0001~AK1*PO*7~\
             AK2*850*0001~AK5*A~AK2*850*0002~AK5*A~AK9*A*2*2*2~SE*8*0001~GE*1*81~IEA*1*000000009~"
        );
    }

    #[test]
    fn errors_are_told_in_the_words_of_the_997() {
        let mut long = at(FindingKind::ElementTooLong, "PO1", 3, 7);
        long.value = Some("AB*C>D~E".to_owned());
        long.place.loop_id = Some("PO1".to_owned());
        long.place.component = Some(2);
        long.place.data_element = Some("234".to_owned());
        let findings = [
            ("0001", at(FindingKind::CodeInvalid, "BEG", 2, 2)),
            ("0002", long),
            ("0002", at(FindingKind::SegmentMissing, "CTT", 4, 0)),
            ("0002", about(FindingKind::SegmentCountWrong)),
            ("0003", at(FindingKind::TextPadded, "BEG", 2, 3)),
        ];
        let input = orders("004010", &["0001", "0002", "0003"]);
        let only_faulty = Options { loops: Loops::OnlyFaulty, ..Options::default() };
        assert_eq!(
            body(&input, &findings, &only_faulty),
            "GS*FA*HOSP*SUP*20240116*1200*81*X*004010\n\
             ST*997*0001\n\
             AK1*PO*7\n\
             AK2*850*0001\n\
             AK3*BEG*2**8\n\
             AK4*2**7\n\
             AK5*E*5\n\
             AK2*850*0002\n\
             AK3*PO1*3*PO1*8\n\
             AK4*7>2*234*5*AB C D E\n\
             AK3*CTT*4**3\n\
             AK5*R*4*5\n\
             AK9*P*3*3*2\n\
             SE*13*0001\n\
             GE*1*81"
                .replace('\n', "~\n")
                + "~"
        );
    }

    #[test]
    fn errors_are_told_in_the_words_of_the_999_with_their_context() {
        let findings = [
            ("0001", at(FindingKind::SegmentMissingByCondition, "REF", 3, 0)),
            ("0001", at(FindingKind::CodeNotUsed, "PO1", 3, 3)),
            ("0001", at(FindingKind::ElementTooLong, "PO1", 3, 1)),
            ("0001", about(FindingKind::GuideUnsupported)),
        ];
        let answer = body(&orders("005010", &["0001"]), &findings, &Options::default());
        assert_eq!(
            answer,
            "GS*FA*HOSP*SUP*20240116*1200*81*X*005010\n\
             ST*999*0001\n\
             AK1*PO*7*005010\n\
             AK2*850*0001\n\
             IK3*PO1*3**8\n\
             CTX*BEG03>4501\n\
             IK4*3**I6\n\
             IK4*1**5\n\
             IK3*REF*3**I6\n\
             CTX*SITUATIONAL TRIGGER\n\
             CTX*BEG03>4501\n\
             IK5*R*I5*5*I6\n\
             AK9*R*1*1*0\n\
             SE*13*0001\n\
             GE*1*81"
                .replace('\n', "~\n")
                + "~"
        );
    }

    #[test]
    fn a_ta1_comes_when_asked_for_and_by_agreement() {
        use InterchangePolicy::{Always, AsRequested, Never, OnError};
        let wrong = [("IEA", about(FindingKind::GroupCountWrong))];
        let begins = |answer: String| answer.starts_with("TA1*000000042*240115*0930*A*000~\nGS");
        for (asks, policy, expected) in [
            (0, AsRequested, false),
            (1, AsRequested, true),
            (1, Never, false),
            (0, OnError, false),
            (1, OnError, true),
            (0, Always, true),
        ] {
            assert_eq!(begins(ta1(asks, &[], policy)), expected, "{asks} {policy:?}");
        }
        let rejected = "TA1*000000042*240115*0930*R*021~";
        assert_eq!(ta1(0, &wrong, OnError), rejected);
        assert_eq!(ta1(1, &wrong, AsRequested), rejected);
        let untold = ta1(0, &wrong, AsRequested);
        assert!(untold.contains("AK5*R~\nAK9*R*1*1*0~"), "{untold}");
    }

    #[test]
    fn an_error_that_is_accepted_is_noted_in_the_ta1_and_does_not_stop_the_groups() {
        let noted =
            Finding { severity: Severity::Accept, ..about(FindingKind::SenderQualifierInvalid) };
        let answer = ta1(1, &[("ISA", noted)], InterchangePolicy::AsRequested);
        assert!(answer.starts_with("TA1*000000042*240115*0930*E*005~\nGS*FA"), "{answer}");
        assert!(answer.contains("AK9*A*1*1*1"), "{answer}");
    }

    #[test]
    fn a_file_that_breaks_off_is_rejected() {
        let whole = isa("00401", 1, '>') + &group("PO", "004010", &["0001"]);
        let answer = body(whole.get(..whole.len() - 30).unwrap(), &[], &Options::default());
        assert_eq!(answer, "TA1*000000042*240115*0930*R*023~");
    }

    #[test]
    fn acknowledgments_are_not_acknowledged() {
        let always = Options { interchange: InterchangePolicy::Always, ..Options::default() };
        let alone = isa("00401", 1, '>') + "TA1*000000001*240115*0930*A*000~IEA*0*000000042~";
        assert_eq!(silence(&alone, &[], &always), Silence::OnlyAcknowledgments);
        let fa = "GS*FA*SUP*HOSP*20240115*0930*7*X*004010~ST*997*0001~AK1*PO*3~AK9*A*1*1*1~\
                  SE*4*0001~GE*1*7~";
        let reject = [("0001", about(FindingKind::SegmentCountWrong))];
        let answer = isa("00401", 0, '>') + fa + "IEA*1*000000042~";
        assert_eq!(silence(&answer, &reject, &Options::default()), Silence::OnlyAcknowledgments);
        let disguised = answer.replace("GS*FA", "GS*PO");
        assert_eq!(silence(&disguised, &reject, &Options::default()), Silence::OnlyAcknowledgments);
        assert_eq!(body(&answer, &[], &always), "TA1*000000042*240115*0930*A*000~");
        let mixed =
            isa("00401", 0, '>') + fa + &group("PO", "004010", &["0001"]) + "IEA*2*000000042~";
        assert_eq!(due(&mixed, &[], &Options::default()).groups(), 1);
    }

    #[test]
    fn what_cannot_be_repeated_gets_a_placeholder_of_the_right_width() {
        let input =
            isa("0 4 1", 1, '>') + "GS*P*S*R*20240115*0930**X*~ST**~SE*2*~GE*1*~IEA*1*000000042~";
        let findings = [("", at(FindingKind::SegmentEmpty, "", 2, 0))];
        let answer = text(&due(&input, &findings, &Options::default()));
        assert!(answer.contains("*U*00401*000000009*"), "{answer}");
        assert!(answer.contains("AK1*P*0~AK2*000*0000~AK3*ZZZ*2**1~AK5*R*5~AK9*R*1*1*0~"));
    }
}
