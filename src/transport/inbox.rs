//! The one door upward: what every transport asks of the house.

use crate::message::{Body, Channel, Digest, MessageId, Moment, PartnerId, Proof, Unchecked};
use crate::partner::Partners;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use thiserror::Error;

/// What a transport asks of the house. Everything is about one partner, who was proven before.
pub trait Inbox: Send + Sync + 'static {
    /// Now, by both clocks.
    fn now(&self) -> Moment;

    /// Everyone we trade with, as of now: ask again for each request.
    fn partners(&self) -> Arc<Partners>;

    /// Begins a body of this partner's that comes piece by piece; what is finished may be handed in.
    fn stage(&self, partner: &PartnerId) -> Result<Box<dyn Staging>, Refusal>;

    /// Whether there is room for anything of this partner's: asked before a body is read, so that
    /// what would be refused is not taken in first.
    fn room(&self, _partner: &PartnerId) -> Result<(), Refusal> {
        Ok(())
    }

    /// Takes over a file of this partner's that lies ready, without copying it: it is gone from
    /// where it was, and may be handed in.
    fn adopt(&self, partner: &PartnerId, ready: Ready) -> Result<Body, Refusal>;

    /// Takes in a message. When it says yes, the bytes and the answer are on the disk.
    fn hand_in(&self, handed: Handed) -> impl Future<Output = Result<Taken, Refusal>> + Send;

    /// What this partner handed in under this key before, if it is known; where nobody remembers,
    /// the bytes are handed in again and found to be the same.
    fn recall(&self, _partner: &PartnerId, _key: &str) -> Result<Option<MessageId>, Refusal> {
        Ok(None)
    }

    /// What became of a message that this partner handed in.
    fn receipt(&self, partner: &PartnerId, id: MessageId) -> Result<Receipt, Refusal>;

    /// What waits for this partner, oldest first, after `after`, at most `most`.
    fn outbox(
        &self,
        partner: &PartnerId,
        after: Option<MessageId>,
        most: usize,
    ) -> Result<Vec<Letter>, Refusal>;

    /// One message, if it waits for this partner.
    fn waiting(&self, partner: &PartnerId, id: MessageId) -> Result<Option<Letter>, Refusal>;

    /// Whether a message waits for this partner still.
    fn still_waits(&self, partner: &PartnerId, id: MessageId) -> bool;

    /// What this partner collected before, newest first, at most `most`.
    fn collected(&self, partner: &PartnerId, most: usize) -> Result<Vec<Letter>, Refusal>;

    /// What this partner handed in and we could not take as it is, newest first, at most `most`.
    fn turned_back(&self, partner: &PartnerId, most: usize) -> Result<Vec<Returned>, Refusal>;

    /// The bytes of a message that this partner handed in.
    fn handed(&self, partner: &PartnerId, id: MessageId) -> Result<Collected, Refusal>;

    /// One message that waits for this partner, or that they collected before.
    fn collect(&self, partner: &PartnerId, id: MessageId) -> Result<Collected, Refusal>;

    /// The partner has it: it waits no longer. To sign off twice is no error.
    fn sign_off(
        &self,
        partner: &PartnerId,
        id: MessageId,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
}

/// A file that lies ready to be taken over. Nobody writes it any more.
#[derive(Debug)]
pub struct Ready {
    /// The folder that it lies in.
    pub folder: Arc<OwnedFd>,
    /// What it is called there.
    pub name: String,
    /// The file, open.
    pub file: File,
    /// How many bytes.
    pub length: u64,
    /// Their SHA-256, if it is known already.
    pub digest: Option<Digest>,
}

/// A body on its way to the disk. Dropped unfinished, it leaves nothing.
pub trait Staging: io::Write + Send {
    /// Makes it durable: it may now be handed in.
    fn finish(self: Box<Self>) -> Result<Body, Refusal>;
}

/// What a proven partner hands in.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The partner.
    pub partner: PartnerId,
    /// The door.
    pub channel: Channel,
    /// What proved them.
    pub proof: Proof,
    /// The name that they gave to the file; never used as a path.
    pub file_name: Option<String>,
    /// The content type that they named.
    pub content_type: Option<String>,
    /// What they call this very request, such as an `Idempotency-Key` or a Message-ID: the same name
    /// with other bytes is a conflict.
    pub key: Option<String>,
    /// The canonical document that the bytes are, such as `invoice`; none: they are X12.
    pub document: Option<&'static str>,
    /// The bytes.
    pub body: Body,
    /// The answer that is given for it, where that could not be written again, such as an MDN.
    pub answer: Option<Body>,
    /// What is kept with it as evidence, each under a label, such as the request as it came.
    pub kept: Vec<(String, Body)>,
}

/// What became of what was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is durable.
    New(MessageId),
    /// The same was taken before, and got this answer.
    Repeat {
        /// The message that it was then.
        id: MessageId,
        /// The answer, if one was kept.
        answer: Option<Vec<u8>>,
    },
}

impl Taken {
    /// The message.
    pub fn id(&self) -> MessageId {
        match self {
            Self::New(id) | Self::Repeat { id, .. } => *id,
        }
    }
}

/// Why the house says no.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text}")]
pub struct Refusal {
    /// What sort of no it is.
    pub kind: RefusalKind,
    /// A stable name, for interfaces and metrics.
    pub code: &'static str,
    /// What is wrong and what to do, for whoever asked.
    pub text: String,
    /// What is wrong with fields of a document.
    pub fields: Vec<FieldFault>,
}

/// What is wrong with one field of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// Where, as a JSON pointer such as `/lines/0/quantity`; empty: the whole.
    pub pointer: String,
    /// A stable name.
    pub code: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// What sort of no it is; each has one status on each wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// The bytes or the document are wrong.
    Invalid,
    /// There is nothing of that name for whoever asks.
    Unknown,
    /// The same name was used for something else.
    Conflict,
    /// Nothing is agreed that would cover it.
    NotAgreed,
    /// It is larger than agreed.
    TooLarge,
    /// There is no room; the same may be tried again later.
    Full,
    /// Not now; the same may be tried again.
    Unavailable,
}

/// What became of a message that a partner handed in, as they are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The message.
    pub id: MessageId,
    /// Where it stands, such as `received`, `settled` or `rejected`.
    pub state: String,
    /// When it came.
    pub received: Timestamp,
    /// What that means and what to do, in words.
    pub summary: String,
    /// Its transaction sets, as far as it was read.
    pub sets: Vec<ReceiptSet>,
    /// What we answered.
    pub answers: Vec<Answered>,
    /// The message that it repeats, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<MessageId>,
}

/// What became of one transaction set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptSet {
    /// Its kind, such as `855`.
    pub set: String,
    /// ISA13.
    pub interchange: String,
    /// GS06.
    pub group: String,
    /// ST02.
    pub control: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// What was found, each as a sentence.
    pub findings: Vec<String>,
}

/// An answer to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The answer's own id.
    pub id: MessageId,
    /// What it is, such as `997`.
    pub kind: String,
    /// The interchange, as text.
    pub x12: String,
}

/// Something that waits for a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The message.
    pub id: MessageId,
    /// Its name as a file.
    pub file_name: String,
    /// Since when it waits.
    pub since: Timestamp,
    /// What it holds, such as `850` or `997`.
    pub sets: Vec<String>,
    /// How many bytes.
    pub length: u64,
    /// Whether it is only a test.
    pub test: bool,
}

/// Something that a partner handed in and we could not take as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The message.
    pub id: MessageId,
    /// The name that they gave to it, or its name as a file.
    pub file_name: String,
    /// When it came.
    pub since: Timestamp,
    /// How many bytes.
    pub length: u64,
    /// What is wrong and what to do, in words.
    pub why: String,
}

/// What a partner collects.
#[derive(Clone, Debug)]
pub struct Collected {
    /// Its name as a file.
    pub file_name: String,
    /// Its content type.
    pub content_type: String,
    /// The bytes.
    pub content: Unchecked,
}
