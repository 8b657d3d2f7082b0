//! What follows from a message that was read, gathered into one write.

use super::examine::{ReadInterchange, Reading, Standing};
use super::sets::{ReadSet, SetOutcome};
use super::spans::Span;
use crate::ack::Reply;
use crate::document::Document;
use crate::event::{EventId, EventKind, Notice, Trouble};
use crate::gateway::acknowledged;
use crate::gateway::house::Gateway;
use crate::gateway::notices::{self, Telling};
use crate::gateway::outbound::{self, Answering};
use crate::gateway::refer;
use crate::gateway::words;
use crate::message::{Digest, Identity, MessageId, Moment, Reference, ReferenceKind};
use crate::partner::Partner;
use crate::spool::{SpoolError, Step};
use serde_json::json;
use std::collections::BTreeSet;

/// What is noted of a message that was read again without an answer.
pub(in crate::gateway) const NOT_ANSWERED: &str = "it was done again, and not answered again";

/// The write that settles one message, in the making.
pub(super) struct Settling<'s> {
    pub(super) house: &'s Gateway,
    pub(super) partner: &'s Partner,
    pub(super) message: MessageId,
    pub(super) now: Moment,
    pub(super) bytes: &'s [u8],
    pub(super) step: Step,
    /// Whether it is answered.
    pub(super) answers: bool,
    /// Identities that this very write takes.
    claimed: BTreeSet<Identity>,
    /// References that this very write gives the message.
    referred: BTreeSet<Reference>,
}

impl<'s> Settling<'s> {
    pub(super) fn new(
        house: &'s Gateway,
        partner: &'s Partner,
        message: MessageId,
        now: Moment,
        bytes: &'s [u8],
    ) -> Self {
        let (step, claimed, referred) = (Step::new(now), BTreeSet::new(), BTreeSet::new());
        Self { house, partner, message, now, bytes, step, answers: true, claimed, referred }
    }

    /// Puts the message aside; a person decides.
    pub(super) fn quarantine(&mut self, trouble: Trouble) {
        let data = json!({ "code": trouble.code, "reason": trouble.text });
        let telling = self.telling(false);
        let id = self.message.to_string();
        let notice = telling.notice(notices::QUARANTINED, &id, &[&id]);
        self.step.notice(notice, data.to_string().into_bytes());
        self.step.event(self.message, EventKind::Quarantined(trouble));
    }

    /// Everything that follows from a reading.
    pub(super) fn reading(&mut self, reading: &Reading, spans: &[Span]) -> Result<(), SpoolError> {
        for (interchange, span) in reading.interchanges.iter().zip(spans) {
            self.refer(ReferenceKind::Interchange, &interchange.control);
            match interchange.standing {
                Standing::Repeat(of) => self.repeat(of, &interchange.control)?,
                Standing::New | Standing::Conflict(_) => self.interchange(interchange, span)?,
            }
        }
        let kept = json!({
            "faults": reading.faults,
            "interchanges": reading.interchanges.iter().map(findings).collect::<Vec<_>>(),
        });
        self.step.keep(self.message, FINDINGS, kept.to_string().into_bytes());
        self.close(reading);
        Ok(())
    }

    fn interchange(
        &mut self,
        interchange: &ReadInterchange,
        span: &Span,
    ) -> Result<(), SpoolError> {
        if !interchange.rejected && self.claimed.insert(span.identity.clone()) {
            self.step.claim(self.message, span.identity.clone(), span.digest);
        }
        for set in &interchange.sets {
            self.set(interchange, set)?;
        }
        for verdict in &interchange.verdicts {
            let telling = self.telling(false);
            let said =
                acknowledged::take(self.house, self.partner, verdict, &telling, &mut self.step)?;
            if let Some(said) = said {
                self.step.event(self.message, EventKind::Noted(said));
            }
        }
        match &interchange.reply {
            Some(Reply::Answer(_)) if !self.answers => {
                self.step.event(self.message, EventKind::Noted(NOT_ANSWERED.to_owned()));
            }
            Some(Reply::Answer(answer)) => {
                let answering = Answering {
                    house: self.house,
                    partner: self.partner,
                    about: self.message,
                    now: self.now,
                    test: interchange.test,
                };
                match answering.write(answer, &mut self.step) {
                    Ok((parcel, kind)) => {
                        let queued = EventKind::AnswerQueued { answer: parcel, kind };
                        self.step.event(self.message, queued);
                    }
                    Err(text) => {
                        self.step.event(self.message, EventKind::Noted(text));
                    }
                }
            }
            Some(Reply::Silence(why)) => {
                self.step.event(self.message, EventKind::Noted(why.to_string()));
            }
            None => {}
        }
        Ok(())
    }

    /// The same interchange again: the same answers again, and nothing else.
    fn repeat(&mut self, of: MessageId, control: &str) -> Result<(), SpoolError> {
        let before = self.house.spool.dossier(of)?;
        for event in before.events.iter().filter(|_| self.answers) {
            let EventKind::AnswerQueued { answer, kind } = &event.kind else { continue };
            let dossier = self.house.spool.dossier(*answer)?;
            let bytes = self.house.spool.body(&dossier.body)?;
            let again = outbound::again(self.partner, &dossier, bytes, self.message);
            if let Some(parcel) = outbound::post(&mut self.step, self.partner, again, self.now) {
                let queued = EventKind::AnswerQueued { answer: parcel, kind: kind.clone() };
                self.step.event(self.message, queued);
            }
        }
        let text = format!("interchange {control} is the same as in message {of}");
        self.step.event(self.message, EventKind::Noted(text));
        Ok(())
    }

    fn set(&mut self, interchange: &ReadInterchange, set: &ReadSet) -> Result<(), SpoolError> {
        let name = set.name.clone();
        self.refer(ReferenceKind::Group, &name.group);
        self.refer(ReferenceKind::SetKind, &name.kind);
        let (findings, test) = (words::lines(&set.findings), interchange.test || set.test);
        let bytes = set.bytes(self.bytes);
        match &set.outcome {
            SetOutcome::Answer => {
                self.step.event(self.message, EventKind::SetAccepted { set: name, findings });
            }
            SetOutcome::Rejected => {
                let findings = if set.around { around(interchange) } else { findings };
                let data = json!({
                    "set": name.kind, "interchange": name.interchange, "group": name.group,
                    "control": name.control, "findings": set.findings, "reasons": findings,
                });
                let subject = format!("{}/{}", name.group, name.control);
                let notice =
                    self.telling(test).of_set(notices::REJECTED, &subject, &name, bytes, set.wire);
                self.step.notice(notice, data.to_string().into_bytes());
                self.step.event(self.message, EventKind::SetRejected { set: name, findings });
            }
            SetOutcome::Untranslated { why } => {
                let data = json!({ "set": name.kind, "control": name.control, "reason": why });
                let subject = format!("{}/{}", name.group, name.control);
                let telling = self.telling(test);
                let notice =
                    telling.of_set(notices::UNTRANSLATED, &subject, &name, bytes, set.wire);
                self.step.notice(notice, data.to_string().into_bytes());
                self.step.event(self.message, EventKind::SetAccepted { set: name, findings });
                self.step.event(self.message, EventKind::Noted(why.clone()));
            }
            SetOutcome::Document { json, document } => {
                let accepted = EventKind::SetAccepted { set: name.clone(), findings };
                self.step.event(self.message, accepted);
                let (kind, subject) = (document.kind(), refer::subject(document));
                let notice = self.telling(test).of_set(
                    notices::kind_of(kind),
                    &subject,
                    &name,
                    bytes,
                    set.wire,
                );
                let event = self.tell(notice, document, json)?;
                let translated =
                    EventKind::Translated { set: name, document: kind.to_string(), event };
                self.step.event(self.message, translated);
            }
        }
        Ok(())
    }

    /// Tells the ERP of a document, and remembers it by every name it has.
    pub(super) fn tell(
        &mut self,
        mut notice: Notice,
        document: &Document,
        json: &[u8],
    ) -> Result<EventId, SpoolError> {
        for reference in refer::references(document) {
            self.refer(reference.kind, &reference.value);
        }
        if let Some(identity) = business(self.partner, document, notice.test) {
            let known = self.house.spool.known(&identity, self.now.at)?;
            let known = known.map(|known| known.message).filter(|known| *known != self.message);
            if known.is_none() && self.claimed.insert(identity.clone()) {
                self.step.claim(self.message, identity, Digest::of(json));
            } else {
                notice.possible_duplicate_of = Some(known.unwrap_or(self.message));
                let text = format!(
                    "{} {} came before, in message {}",
                    document.kind(),
                    document.number(),
                    known.unwrap_or(self.message)
                );
                self.step.event(self.message, EventKind::Noted(text));
            }
        }
        let event = notice.id.clone();
        self.step.notice(notice, json);
        Ok(event)
    }

    pub(super) fn telling(&self, test: bool) -> Telling<'s> {
        Telling { partner: &self.partner.name, message: self.message, at: self.now.at, test }
    }

    pub(super) fn refer(&mut self, kind: ReferenceKind, value: &str) {
        let reference = Reference::new(kind, value);
        if !value.is_empty() && self.referred.insert(reference.clone()) {
            self.step.refer(self.message, reference);
        }
    }

    /// The last event: what became of the message as a whole.
    fn close(&mut self, reading: &Reading) {
        let mut all = reading.interchanges.iter();
        let repeats = all.clone().filter_map(|interchange| match interchange.standing {
            Standing::Repeat(of) => Some(of),
            Standing::New | Standing::Conflict(_) => None,
        });
        let whole = repeats.clone().count() == reading.interchanges.len();
        let stands = |interchange: &ReadInterchange| {
            let taken = |set: &ReadSet| !matches!(set.outcome, SetOutcome::Rejected);
            let empty = interchange.sets.is_empty() && !interchange.rejected;
            empty || interchange.sets.iter().any(taken)
        };
        let last = if reading.interchanges.is_empty() {
            let first = reading.faults.first();
            let text = first.map_or_else(|| "it is empty".to_owned(), words::line);
            EventKind::Rejected(words::theirs(self.partner, "not_x12", text))
        } else if let (true, Some(of)) = (whole, repeats.into_iter().next()) {
            EventKind::Duplicated { of }
        } else if all.any(stands) {
            EventKind::Settled
        } else {
            let worst = reading.interchanges.iter().flat_map(|interchange| {
                interchange
                    .findings
                    .iter()
                    .chain(interchange.sets.iter().flat_map(|set| &set.findings))
            });
            let worst = worst.max_by_key(|finding| finding.severity);
            let code = worst.map_or("rejected", |finding| finding.kind.code());
            let text = worst.map_or_else(|| "nothing in it can be taken".to_owned(), words::line);
            EventKind::Rejected(words::theirs(self.partner, code, text))
        };
        if let EventKind::Rejected(trouble) = &last
            && !reading.interchanges.iter().any(|interchange| !interchange.sets.is_empty())
        {
            let data = json!({ "code": trouble.code, "reason": trouble.text });
            let digest = Digest::of(self.bytes).to_string();
            let id = self.message.to_string();
            let notice = self.telling(false).notice(notices::REJECTED, &id, &[&digest]);
            self.step.notice(notice, data.to_string().into_bytes());
        }
        self.step.event(self.message, last);
    }
}

/// What a document is known again by, if it may come only once: its number among the partner's.
fn business(partner: &Partner, document: &Document, test: bool) -> Option<Identity> {
    let purpose = match document {
        Document::Invoice(invoice) => &invoice.purpose,
        Document::PurchaseOrder(order) => &order.purpose,
        Document::ShipNotice(notice) => &notice.purpose,
        Document::PurchaseOrderChange(_)
        | Document::PurchaseOrderAcknowledgment(_)
        | Document::PurchaseOrderChangeAcknowledgment(_)
        | Document::FunctionalAcknowledgment(_) => return None,
    };
    let original = purpose.as_deref().is_none_or(|purpose| purpose == ORIGINAL);
    let number = document.number();
    let scope = format!("{}{}:{}", if test { "test-" } else { "" }, document.kind(), partner.name);
    (original && !number.is_empty()).then(|| Identity::new(scope, number))
}

/// Why everything in an interchange is rejected: what is wrong around it.
fn around(interchange: &ReadInterchange) -> Vec<String> {
    let lines = words::lines(&interchange.findings);
    if lines.is_empty() {
        vec!["The group that it stands in is rejected.".to_owned()]
    } else {
        lines
    }
}

/// All findings of an interchange, as they are kept.
fn findings(interchange: &ReadInterchange) -> serde_json::Value {
    let sets = interchange.sets.iter().filter(|set| !set.findings.is_empty());
    let sets = sets.map(|set| {
        json!({
            "set": set.name.kind, "group": set.name.group, "control": set.name.control,
            "findings": set.findings,
        })
    });
    json!({
        "interchange": interchange.control,
        "findings": interchange.findings,
        "sets": sets.collect::<Vec<_>>(),
    })
}

/// The label under which all findings of a message are kept.
const FINDINGS: &str = "findings.json";

/// The purpose of a document that is neither a copy nor a change of an earlier one.
const ORIGINAL: &str = "original";
