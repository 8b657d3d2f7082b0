//! What goes out to a partner, and what came of it.

use super::error::TransportError;
use crate::message::{Body, Content, MessageId};
use jiff::Timestamp;
use std::time::Duration;

/// What goes out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The message: its name at every attempt, so that the partner knows a repetition.
    pub id: MessageId,
    /// Its content type; none: X12.
    pub content_type: Option<String>,
    /// The name of the file; none: the message's id.
    pub file_name: Option<String>,
    /// The bytes.
    pub content: Content,
    /// Now.
    pub at: Timestamp,
}

/// What came of one attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Whether the partner's side has it.
    pub outcome: Result<Delivery, TransportError>,
    /// What is kept with the message as evidence, each under a label.
    pub kept: Vec<(String, Body)>,
}

/// The partner's side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What they said, in words.
    pub receipt: String,
    /// How long their receipt may take, where it comes by itself; until then nothing is proven.
    pub awaits: Option<Duration>,
}

impl From<Result<String, TransportError>> for Attempt {
    fn from(said: Result<String, TransportError>) -> Self {
        let outcome = said.map(|receipt| Delivery { receipt, awaits: None });
        Self { outcome, kept: Vec::new() }
    }
}

/// Where a carrier notes what it must find again, before anything leaves the house.
pub trait Notebook: Sync {
    /// Keeps some bytes with the message, under a label. When it says yes, they are on the disk.
    fn note(&self, label: &str, bytes: Vec<u8>) -> impl Future<Output = Result<(), String>> + Send;
}
