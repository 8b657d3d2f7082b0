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
    /// Whether a TA1 or a group of acknowledgments was met.
    acknowledges: bool,
    /// Whether a group of any sort was met.
    has_groups: bool,
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
            Item::Loose(segment) => received.acknowledges |= segment.id() == b"TA1",
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
            acknowledges: false,
            has_groups: false,
        }
    }

    fn open(&mut self, group: &Group, options: &Options) -> Result<(), WriteError> {
        self.in_group = true;
        self.has_groups = true;
        self.group = None;
        if group.functional_id() == ACKNOWLEDGMENTS {
            self.acknowledges = true;
        } else if let Some(edition) = Edition::answering(&group.version(), options.functional) {
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
            self.acknowledges = true;
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
        let only_ta1 = self.acknowledges && !self.has_groups;
        let ta1 = (wanted && !only_ta1).then(|| self.ta1(told));
        if told == Some(Severity::Reject) {
            if ta1.is_some() {
                self.answered.clear();
            }
            self.answered.iter_mut().for_each(GroupAnswer::reject);
        }
        if ta1.is_none() && self.answered.is_empty() {
            let only = self.acknowledges;
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
