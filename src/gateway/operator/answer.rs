//! What an operator is shown.

use crate::event::{Event, EventKind, Notice, State};
use crate::message::{Digest, Identity, MessageId, PartnerId, Reference, ReferenceKind};
use crate::spool::{BodyRef, Cursor, Dossier, Head, NumberKind, Summary};
use serde::{Deserialize, Serialize};

/// Some messages, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The messages.
    pub messages: Vec<Line>,
    /// Where to go on, if there may be more.
    pub next: Option<Cursor>,
}

/// A message in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where it stands.
    #[serde(flatten)]
    pub summary: Summary,
    /// The first of what it can be found by.
    pub references: Vec<Reference>,
}

/// Everything that is known of a message, but for its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Where it stands.
    pub message: Summary,
    /// What was known of it from the start.
    pub head: Head,
    /// What happened to it, in order.
    pub events: Vec<Event>,
    /// The same in words, one for each.
    pub texts: Vec<String>,
    /// What it can be found by.
    pub references: Vec<Reference>,
    /// What it is known again by.
    pub identities: Vec<Identity>,
    /// Its bytes, what was kept with it, and the data of what the ERP was told.
    pub parts: Vec<Part>,
    /// What the ERP was told because of it, in the order of the parts called `notice-1` and so on.
    pub notices: Vec<Notice>,
    /// What a person can do about it now, if anything is to be done.
    pub next: Option<String>,
}

/// Bytes that are kept with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name, by which it can be had: `body`, `kept-1`, `notice-1`.
    pub name: String,
    /// What it is called by whoever kept it.
    pub label: String,
    /// Its SHA-256.
    pub sha256: Digest,
    /// How many bytes.
    pub length: u64,
}

/// What a person did to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The message.
    pub id: MessageId,
    /// What was done, such as `retried`.
    pub event: String,
    /// Where it stood right after.
    pub state: State,
}

/// A sequence of control numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// To whom they go.
    pub partner: PartnerId,
    /// What is numbered.
    pub kind: NumberKind,
    /// The last number.
    pub last: u32,
}

impl Card {
    pub(super) fn of(dossier: Dossier, texts: Vec<String>, next: Option<String>) -> Self {
        let parts = parts(&dossier).into_iter().map(|(part, _)| part).collect();
        let Dossier { summary, head, events, references, identities, notices, .. } = dossier;
        let notices = notices.into_iter().map(|(notice, _)| notice).collect();
        let message = summary;
        Self { message, head, events, texts, references, identities, parts, notices, next }
    }
}

impl Line {
    /// The kinds of transaction sets that it carries.
    pub fn sets(&self) -> impl Iterator<Item = &str> {
        set_kinds(&self.references)
    }
}

/// The kinds of transaction sets that `references` name.
pub(super) fn set_kinds(references: &[Reference]) -> impl Iterator<Item = &str> {
    let kinds = references.iter().filter(|reference| reference.kind == ReferenceKind::SetKind);
    kinds.map(|reference| reference.value.as_str())
}

/// The parts of a message, each with where it is kept. No name that a partner chose is the name of
/// one.
pub(super) fn parts(dossier: &Dossier) -> Vec<(Part, BodyRef)> {
    let part = |name: String, label: &str, body: &BodyRef| {
        let (sha256, length) = (body.digest, body.length);
        (Part { name, label: label.to_owned(), sha256, length }, *body)
    };
    let kept = dossier.kept.iter().zip(1..);
    let kept = kept.map(|((label, body), n)| part(format!("kept-{n}"), label, body));
    let notices = dossier.notices.iter().zip(1..);
    let notices =
        notices.map(|((notice, data), n)| part(format!("notice-{n}"), &notice.kind, data));
    let body = part("body".to_owned(), "body", &dossier.body);
    std::iter::once(body).chain(kept).chain(notices).collect()
}

/// The event that `event` is, with the state after it.
pub(super) fn done(id: MessageId, event: &EventKind, state: State) -> Done {
    Done { id, event: event.name().to_owned(), state }
}
