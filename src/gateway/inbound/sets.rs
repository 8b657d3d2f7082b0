//! One transaction set read: accepted or not, and the document that it is.

use crate::document::Document;
use crate::event::SetName;
use crate::grammar::{Examined, Finding, Verdict};
use crate::map::Scratch;
use crate::message::Direction;
use crate::partner::{Agreement, Mode, Partner};
use crate::x12::Set;

/// A transaction set read.
#[derive(Debug)]
pub(super) struct ReadSet {
    pub(super) name: SetName,
    /// From and to which byte of the message.
    pub(super) wire: (u64, u64),
    pub(super) findings: Vec<Finding>,
    /// Whether it is rejected for what is around it alone.
    pub(super) around: bool,
    /// Whether the agreement is only on trial.
    pub(super) test: bool,
    pub(super) outcome: SetOutcome,
}

/// What came of a set.
#[derive(Debug)]
pub(super) enum SetOutcome {
    /// It is rejected.
    Rejected,
    /// It is an acknowledgment of what we sent.
    Answer,
    /// It is a document.
    Document {
        /// The document as JSON text.
        json: Vec<u8>,
        /// The same, understood.
        document: Box<Document>,
    },
    /// It is in order, but it cannot become a document.
    Untranslated {
        /// Why not.
        why: String,
    },
}

/// What turns the sets of one message into documents.
pub(super) struct Translator<'t> {
    partner: &'t Partner,
    /// Memory kept from set to set.
    scratch: Scratch,
}

impl<'t> Translator<'t> {
    pub(super) fn new(partner: &'t Partner) -> Self {
        Self { partner, scratch: Scratch::default() }
    }

    /// What was agreed about a set.
    pub(super) fn agreement(&self, set: &Set<'_>, version: &str) -> Option<&'t Agreement> {
        self.partner.agreement(Direction::Inbound, &set.id(), version)
    }

    pub(super) fn set(
        &mut self,
        set: &Set<'_>,
        examined: Examined,
        interchange: &str,
        group: &str,
        version: &str,
    ) -> ReadSet {
        let agreement = self.agreement(set, version);
        let name = SetName {
            kind: set.id().into_owned(),
            interchange: interchange.to_owned(),
            group: group.to_owned(),
            control: set.control().into_owned(),
        };
        let length = u64::try_from(set.bytes().len()).unwrap_or(0);
        let outcome = if is_answer(set) {
            // What it says is taken even if it says it with errors.
            SetOutcome::Answer
        } else if examined.verdict == Verdict::Rejected {
            SetOutcome::Rejected
        } else {
            self.document(set, &examined, agreement)
        };
        ReadSet {
            name,
            wire: (set.offset(), set.offset() + length),
            findings: examined.findings,
            around: false,
            test: agreement.is_some_and(|agreement| agreement.mode == Mode::Test),
            outcome,
        }
    }

    fn document(
        &mut self,
        set: &Set<'_>,
        examined: &Examined,
        agreement: Option<&Agreement>,
    ) -> SetOutcome {
        let Some(map) = agreement.and_then(|agreement| agreement.map.map()) else {
            let why = "the agreement names no map for it".to_owned();
            return SetOutcome::Untranslated { why };
        };
        let mut json = Vec::new();
        let read = map.read_json(set, &examined.placement, &mut self.scratch, &mut json);
        if let Err(error) = read {
            return SetOutcome::Untranslated { why: error.to_string() };
        }
        match Document::from_json(&json) {
            Ok(document) => SetOutcome::Document { json, document: Box::new(document) },
            Err(error) => SetOutcome::Untranslated { why: error.to_string() },
        }
    }
}

/// Whether a set answers what we sent; nothing needs to be agreed about those.
pub(super) fn is_answer(set: &Set<'_>) -> bool {
    matches!(&*set.id(), "997" | "999")
}

impl ReadSet {
    /// The bytes of the set within those of its message.
    pub(super) fn bytes<'m>(&self, message: &'m [u8]) -> &'m [u8] {
        let (from, to) = self.wire;
        let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
        range.and_then(|(from, to)| message.get(from..to)).unwrap_or_default()
    }
}
