//! A canonical document that a partner handed in as it is: checked as the set that it would be, and
//! told to the ERP.

use super::settle::Settling;
use crate::document::{Document, DocumentKind};
use crate::event::{EventKind, SetName};
use crate::gateway::agreed::Rulebook;
use crate::gateway::notices;
use crate::gateway::outbound::Inward;
use crate::gateway::refer;
use crate::gateway::refuse::refusal;
use crate::gateway::words;
use crate::message::{Digest, Moment, ReferenceKind};
use crate::partner::{Mode, Partner};
use crate::spool::SpoolError;
use crate::transport::{Refusal, RefusalKind};

/// Whether a document of a partner's can be taken.
pub(in crate::gateway) fn check(
    rules: Rulebook<'_>,
    partner: &Partner,
    kind: DocumentKind,
    json: &[u8],
    now: Moment,
) -> Result<(Document, Mode), Refusal> {
    let inward = Inward { rules, partner, at: now.at };
    let mode = inward.check(kind, json)?;
    let document = Document::from_json(json)
        .map_err(|error| refusal(RefusalKind::Invalid, "document_invalid", error.to_string()))?;
    Ok((document, mode))
}

impl Settling<'_> {
    /// Everything that follows from a document that was handed in as it is.
    pub(super) fn document(
        &mut self,
        rules: Rulebook<'_>,
        kind: DocumentKind,
    ) -> Result<(), SpoolError> {
        let checked = check(rules, self.partner, kind, self.bytes, self.now);
        let set = crate::gateway::outbound::set_of(kind);
        let nameless = || String::new();
        let name = SetName {
            kind: set.to_owned(),
            interchange: nameless(),
            group: nameless(),
            control: nameless(),
        };
        self.refer(ReferenceKind::SetKind, set);
        let (document, mode) = match checked {
            Ok(checked) => checked,
            Err(refusal) => {
                let faults = refusal.fields.into_iter().map(|field| field.text);
                let findings = [refusal.text.clone()].into_iter().chain(faults).collect();
                let trouble = words::theirs(self.partner, refusal.code, refusal.text);
                self.step.event(self.message, EventKind::SetRejected { set: name, findings });
                self.step.event(self.message, EventKind::Rejected(trouble));
                return Ok(());
            }
        };
        let digest = Digest::of(self.bytes).to_string();
        let subject = refer::subject(&document);
        let telling = self.telling(mode == Mode::Test);
        let notice = telling.notice(notices::kind_of(kind), &subject, &[&digest]);
        let bytes = self.bytes;
        let accepted = EventKind::SetAccepted { set: name.clone(), findings: Vec::new() };
        self.step.event(self.message, accepted);
        let event = self.tell(notice, &document, bytes)?;
        let translated = EventKind::Translated { set: name, document: kind.to_string(), event };
        self.step.event(self.message, translated);
        self.step.event(self.message, EventKind::Settled);
        Ok(())
    }
}
