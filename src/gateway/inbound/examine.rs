//! A message read: its interchanges checked, answered and translated. Pure.

use super::sets::{ReadSet, SetOutcome, Translator, is_answer};
use crate::ack::{Acknowledger, InterchangePolicy, PartnerVerdict, Reply, verdict};
use crate::gateway::agreed::{self, Rulebook};
use crate::grammar::{Examiner, Finding, FindingKind, Place, SefFaults, Severity, Verdict};
use crate::message::{Direction, MessageId};
use crate::partner::{Partner, Partners};
use crate::x12::{Group, Interchange, Item, ReadError, Reader, WriteError};
use thiserror::Error;

/// What is known of an interchange before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is new.
    New,
    /// The same was accepted before, as part of this message.
    Repeat(MessageId),
    /// Another was accepted before under the same control number, as part of this message.
    Conflict(MessageId),
}

/// A message read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Its interchanges.
    pub(super) interchanges: Vec<ReadInterchange>,
    /// What is between and instead of interchanges.
    pub(super) faults: Vec<Finding>,
    /// Why it cannot be from the partner who was proven to send it, if so.
    pub(super) stranger: Option<String>,
}

/// An interchange read.
#[derive(Debug)]
pub(super) struct ReadInterchange {
    pub(super) standing: Standing,
    /// ISA13.
    pub(super) control: String,
    /// Whether it counts, as far as ISA15 says.
    pub(super) test: bool,
    /// Whether the envelope, and with it everything in it, is rejected.
    pub(super) rejected: bool,
    /// What is wrong with the envelopes.
    pub(super) findings: Vec<Finding>,
    pub(super) sets: Vec<ReadSet>,
    /// What the partner says of what we sent.
    pub(super) verdicts: Vec<PartnerVerdict>,
    /// What is to be answered.
    pub(super) reply: Option<Reply>,
}

/// Why a message cannot be read by us, whatever it holds.
#[derive(Debug, Error)]
pub(super) enum Unreadable {
    /// A grammar of ours is wrong.
    #[error("a grammar cannot be used: {0}")]
    Grammar(#[from] SefFaults),
    /// The agreed separators cannot be written.
    #[error("the answer cannot be written: {0}")]
    Answer(#[from] WriteError),
}

/// Reads a message of `partner`'s.
pub(super) fn examine(
    bytes: &[u8],
    partners: &Partners,
    partner: &Partner,
    rules: Rulebook<'_>,
    standings: &[Standing],
) -> Result<Reading, Unreadable> {
    let mut reader = Reader::over(bytes);
    let mut examiner = rules.examiner(partner, Direction::Inbound);
    let mut desk = Desk {
        partners,
        partner,
        standings: standings.iter().copied(),
        acknowledger: Acknowledger::new(agreed::answers(partner)),
        translator: Translator::new(partner),
        reading: Reading::default(),
        open: None,
        group: None,
    };
    loop {
        match reader.next() {
            // A slice does not fail.
            Ok(None) | Err(ReadError::Io(_)) => return Ok(desk.reading),
            Ok(Some(item)) => desk.item(&mut examiner, &item)?,
            Err(ReadError::Syntax(error)) => {
                let finding = examiner.fault(&error);
                desk.acknowledger.fault(&finding);
                match &mut desk.open {
                    Some(open) => open.findings.push(finding),
                    None => desk.reading.faults.push(finding),
                }
            }
        }
    }
}

struct Desk<'d, S> {
    partners: &'d Partners,
    partner: &'d Partner,
    standings: S,
    acknowledger: Acknowledger,
    translator: Translator<'d>,
    reading: Reading,
    open: Option<ReadInterchange>,
    /// The group in hand: its control number and version, and how many sets came before it.
    group: Option<(String, String, usize)>,
}

impl<S: Iterator<Item = Standing>> Desk<'_, S> {
    fn item(&mut self, checker: &mut Examiner<'_>, item: &Item<'_>) -> Result<(), Unreadable> {
        let mut examined = checker.item(item)?;
        match item {
            Item::Interchange(isa) => self.begin(isa, &mut examined.findings),
            Item::Group(group) => self.group(group),
            Item::Set(set) => {
                let agreed = self.translator.agreement(set, self.version());
                if agreed.is_none() && !is_answer(set) {
                    let finding = not_agreed(self.partner, set, self.version());
                    examined.findings.insert(0, finding);
                    examined.verdict = Verdict::Rejected;
                }
            }
            Item::Loose(_) | Item::GroupEnd(_) | Item::InterchangeEnd(_) => {}
        }
        let reply = self.acknowledger.item(item, &examined.findings)?;
        let Some(open) = &mut self.open else { return Ok(()) };
        if open.standing == Standing::New {
            open.verdicts.extend(verdict(item));
        }
        match item {
            Item::Set(set) => {
                let (group, version) = self
                    .group
                    .as_ref()
                    .map_or(("", ""), |(control, version, _)| (control, version));
                let read = self.translator.set(set, examined, &open.control, group, version);
                open.sets.push(read);
            }
            Item::GroupEnd(_) => {
                if let Some((.., before)) = self.group.take()
                    && examined.verdict == Verdict::Rejected
                {
                    reject(open.sets.iter_mut().skip(before));
                }
                open.findings.extend(examined.findings);
            }
            Item::InterchangeEnd(_) => {
                open.rejected |= examined.verdict == Verdict::Rejected;
                open.findings.extend(examined.findings);
                open.reply = reply;
                if open.rejected {
                    reject(open.sets.iter_mut());
                }
                self.reading.interchanges.extend(self.open.take());
            }
            Item::Interchange(_) | Item::Group(_) | Item::Loose(_) => {
                open.findings.extend(examined.findings);
            }
        }
        Ok(())
    }

    fn begin(&mut self, isa: &Interchange, findings: &mut Vec<Finding>) {
        let standing = self.standings.next().unwrap_or(Standing::New);
        if !self.partners.is_us(&isa.receiver_qualifier(), &isa.receiver()) {
            findings.push(receiver_unknown(isa));
        }
        let mut answers = agreed::answers(self.partner);
        if let Standing::Conflict(with) = standing {
            // Nobody may take silence for consent.
            answers.interchange = InterchangePolicy::OnError;
            findings.push(duplicate(isa, with));
        }
        self.acknowledger = Acknowledger::new(answers);
        self.open = Some(ReadInterchange {
            standing,
            control: isa.control().into_owned(),
            test: isa.usage() != "P",
            rejected: findings.iter().any(|finding| finding.severity == Severity::Reject),
            findings: Vec::new(),
            sets: Vec::new(),
            verdicts: Vec::new(),
            reply: None,
        });
        let theirs = self.partner.identities.iter().any(|identity| {
            identity.isa.qualifier() == isa.sender_qualifier() && identity.isa.id() == isa.sender()
        });
        if !theirs {
            self.stranger("ISA06", &format!("{}:{}", isa.sender_qualifier(), isa.sender()));
        }
    }

    fn group(&mut self, group: &Group) {
        let before = self.open.as_ref().map_or(0, |open| open.sets.len());
        let version = group.version().into_owned();
        self.group = Some((group.control().into_owned(), version, before));
        let named = |identity: &crate::partner::Identity| {
            identity.gs.iter().any(|gs| gs.as_str() == group.sender())
        };
        if !self.partner.identities.iter().any(named) {
            self.stranger("GS02", &group.sender());
        }
    }

    fn stranger(&mut self, place: &str, id: &str) {
        let partner = self.partner;
        self.reading.stranger.get_or_insert_with(|| {
            format!(
                "it was handed in by {} but its {place} says `{}`, which is not one of theirs; if it \
                 is, add it to the identities in their file and release the message",
                partner.title,
                id.escape_debug()
            )
        });
    }

    fn version(&self) -> &str {
        self.group.as_ref().map_or("", |(_, version, _)| version)
    }
}

/// What is around a set is rejected, and the set with it.
fn reject<'s>(sets: impl Iterator<Item = &'s mut ReadSet>) {
    for set in sets {
        if !matches!(set.outcome, SetOutcome::Rejected) {
            set.outcome = SetOutcome::Rejected;
            set.around = true;
        }
    }
}

fn receiver_unknown(isa: &Interchange) -> Finding {
    let id = format!("{}:{}", isa.receiver_qualifier(), isa.receiver());
    of_interchange(
        isa,
        FindingKind::ReceiverUnknown,
        8,
        format!("The interchange is addressed to `{id}`, and that is not us"),
        "send it to one of our ids, or ask us to add this one".to_owned(),
    )
}

fn duplicate(isa: &Interchange, with: MessageId) -> Finding {
    of_interchange(
        isa,
        FindingKind::InterchangeDuplicate,
        13,
        format!(
            "Control number {} was used before for another interchange, which we have as {with}",
            isa.control()
        ),
        "send it again under a control number that was never used".to_owned(),
    )
}

fn of_interchange(
    isa: &Interchange,
    kind: FindingKind,
    element: u32,
    message: String,
    hint: String,
) -> Finding {
    let segment = isa.segment();
    let place = Place {
        interchange: Some(isa.control().into_owned()),
        segment: Some("ISA".to_owned()),
        element: Some(element),
        ..Place::default()
    };
    let length = u32::try_from(segment.bytes().len()).unwrap_or(1);
    let (offset, line) = (segment.offset(), isa.line());
    let severity = Severity::Reject;
    Finding { kind, severity, place, value: None, message, hint, offset, length, line }
}

/// A set that nothing is agreed about.
fn not_agreed(partner: &Partner, set: &crate::x12::Set<'_>, version: &str) -> Finding {
    let place = Place {
        set: Some(set.id().into_owned()),
        set_control: Some(set.control().into_owned()),
        segment: Some("ST".to_owned()),
        position: Some(1),
        element: Some(1),
        ..Place::default()
    };
    Finding {
        kind: FindingKind::SetUnsupported,
        severity: Severity::Reject,
        place,
        value: Some(set.id().into_owned()),
        message: format!(
            "We have not agreed with {} to receive set {} in version `{}`",
            partner.title,
            set.id(),
            version.escape_debug()
        ),
        hint:
            "agree on it first; then an entry under [[agreements]] in the partner's file accepts \
               it"
            .to_owned(),
        offset: set.offset(),
        length: 2,
        line: set.line(),
    }
}
