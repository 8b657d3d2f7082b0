//! What one durable write is to hold.

use super::bodies::INLINE;
use super::control::Number;
use super::entry::{Cursor, Entry, Fact, Head, Held, NumberKey};
use super::files::{long, short};
use super::row::ANSWER;
use crate::event::{EventKind, Notice, Trouble};
use crate::message::{
    Body, Channel, Digest, Direction, Identity, MessageId, Moment, Parcel, PartnerId, Proof,
    RawMessage, Reference, ReferenceKind,
};
use std::time::Duration;

/// What one durable write is to hold: all of it comes true at once, or nothing does.
#[derive(Debug)]
pub struct Step {
    pub(super) now: Moment,
    pub(super) entry: Entry,
    /// The bodies that travel in the record.
    pub(super) inline: Vec<u8>,
    /// Those that want a file, each with its digest.
    pub(super) large: Vec<(Digest, Vec<u8>)>,
}

/// What a transport hands in.
#[derive(Debug)]
pub struct Arrival {
    /// The message.
    pub raw: RawMessage,
    /// The answer that is given for it once it is durable, if that could not be written again.
    pub answer: Option<Body>,
    /// What else is kept with it, each under a label, such as the bytes as they were on the wire.
    pub kept: Vec<(String, Body)>,
    /// Why it must not be acted on until a person says so, if so.
    pub quarantine: Option<Trouble>,
}

impl From<RawMessage> for Arrival {
    fn from(raw: RawMessage) -> Self {
        Self { raw, answer: None, kept: Vec::new(), quarantine: None }
    }
}

impl Step {
    /// A write that holds nothing yet.
    pub fn new(now: Moment) -> Self {
        let entry = Entry { at: now.at, facts: Vec::new() };
        Self { now, entry, inline: Vec::new(), large: Vec::new() }
    }

    /// A write that says only that something happened to a message.
    pub fn of(now: Moment, message: MessageId, event: EventKind) -> Self {
        let mut step = Self::new(now);
        step.event(message, event);
        step
    }

    /// Something happened to a message.
    pub fn event(&mut self, message: MessageId, event: EventKind) -> &mut Self {
        self.happened(message, event, None)
    }

    /// Something happened to a message, and it is due again after `wait`.
    pub fn event_due(&mut self, message: MessageId, event: EventKind, wait: Duration) -> &mut Self {
        self.happened(message, event, Some(wait))
    }

    /// A parcel waits to be sent, from now on.
    pub fn queue(&mut self, parcel: Parcel) -> MessageId {
        self.parcel(parcel, EventKind::Queued, None)
    }

    /// A parcel waits to be sent, in a while.
    pub fn queue_later(&mut self, parcel: Parcel, wait: Duration) -> MessageId {
        self.parcel(parcel, EventKind::Queued, Some(wait))
    }

    /// A parcel waits for the partner to collect it.
    pub fn offer(&mut self, parcel: Parcel) -> MessageId {
        self.parcel(parcel, EventKind::Offered, None)
    }

    /// Something of our own that the ERP is only told of: there is nothing to do about it.
    pub fn memo(
        &mut self,
        partner: PartnerId,
        content_type: &str,
        body: impl Into<Body>,
    ) -> MessageId {
        let id = MessageId::mint(self.now.at);
        let head = Head {
            direction: Direction::Inbound,
            partner,
            channel: Channel::Gateway,
            endpoint: String::new(),
            proof: Proof::Ourselves,
            file_name: None,
            content_type: Some(content_type.to_owned()),
            test: false,
            about: None,
        };
        let body = self.hold(body.into());
        self.open(id, head, body, Vec::new(), EventKind::Received, None);
        self.event(id, EventKind::Settled);
        id
    }

    /// Bytes are kept with a message, under a label such as `purchase-order.json`.
    pub fn keep(&mut self, message: MessageId, label: &str, body: impl Into<Body>) -> &mut Self {
        let body = self.hold(body.into());
        self.entry.facts.push(Fact::Kept { id: message, label: label.into(), body });
        self
    }

    /// A message can be found by a reference.
    pub fn refer(&mut self, message: MessageId, reference: Reference) -> &mut Self {
        self.entry.facts.push(Fact::Referred { id: message, reference });
        self
    }

    /// A message takes an identity; `digest` is that of what was sent under it. The write fails if
    /// another message has it.
    pub fn claim(&mut self, message: MessageId, identity: Identity, digest: Digest) -> &mut Self {
        self.entry.facts.push(Fact::Claimed { id: message, identity, digest });
        self
    }

    /// The ERP is to be told of something; `data` is the canonical document.
    pub fn notice(&mut self, notice: Notice, data: impl Into<Body>) -> &mut Self {
        let data = self.hold(data.into());
        let reference = Reference::new(ReferenceKind::Event, notice.id.0.clone());
        let id = notice.message;
        self.entry.facts.push(Fact::Noticed { notice: Box::new(notice), data });
        self.refer(id, reference)
    }

    /// What the ERP is to be told of by this write, each with its data.
    pub fn notices(&self) -> impl Iterator<Item = (&Notice, &[u8])> {
        self.entry.facts.iter().filter_map(|fact| {
            let Fact::Noticed { notice, data } = fact else { return None };
            Some((&**notice, self.held(data)?))
        })
    }

    /// What happens to messages by this write.
    pub fn events(&self) -> impl Iterator<Item = (MessageId, &EventKind)> {
        self.entry.facts.iter().filter_map(|fact| {
            let Fact::Happened { id, event, .. } = fact else { return None };
            Some((*id, &**event))
        })
    }

    /// The SHA-256 of a message that this write opens.
    pub fn opens(&self, message: MessageId) -> Option<Digest> {
        self.entry.facts.iter().find_map(|fact| {
            let Fact::Opened { id, body, .. } = fact else { return None };
            (*id == message).then_some(body.digest)
        })
    }

    /// The bytes of something that the write holds.
    fn held(&self, held: &Held) -> Option<&[u8]> {
        let Some(offset) = held.offset else {
            let same = |(digest, _): &&(Digest, Vec<u8>)| *digest == held.digest;
            return self.large.iter().find(same).map(|(_, bytes)| bytes.as_slice());
        };
        let from = short(offset);
        self.inline.get(from..from.checked_add(short(held.length))?)
    }

    /// A control number is used by what this write keeps.
    pub fn number(&mut self, number: Number) -> &mut Self {
        let (number, value) = (number.key, number.value);
        self.entry.facts.push(Fact::Took { number, value });
        self
    }

    pub(super) fn start(&mut self, number: NumberKey, next: u32) -> &mut Self {
        self.entry.facts.push(Fact::Started { number, next });
        self
    }

    /// A follower has got to a place.
    pub fn follow(&mut self, name: &str, to: Cursor) -> &mut Self {
        self.entry.facts.push(Fact::Followed { name: name.into(), to });
        self
    }

    pub(super) fn forget(&mut self, name: &str) -> &mut Self {
        self.entry.facts.push(Fact::Forgot { name: name.into() });
        self
    }

    pub(super) fn retire(&mut self, before: u64, messages: u64, archive: Option<String>) {
        self.entry.facts.push(Fact::Retired { before, messages, archive });
    }

    /// A message was handed in.
    pub(super) fn receive(&mut self, arrival: Arrival) -> Received {
        let Arrival { raw, answer, kept, quarantine } = arrival;
        let id = MessageId::mint(self.now.at);
        let body = self.hold(raw.body);
        let digest = body.digest;
        let head = Head {
            direction: raw.direction,
            partner: raw.partner,
            channel: raw.channel,
            endpoint: String::new(),
            proof: raw.proof,
            file_name: raw.file_name,
            content_type: raw.content_type,
            test: false,
            about: None,
        };
        let first = quarantine.map_or(EventKind::Received, EventKind::Quarantined);
        self.open(id, head, body, raw.references, first, None);
        for identity in &raw.identities {
            self.claim(id, identity.clone(), digest);
        }
        if let Some(answer) = answer {
            self.keep(id, ANSWER, answer);
        }
        for (label, body) in kept {
            self.keep(id, &label, body);
        }
        Received { id, digest, identities: raw.identities }
    }

    fn parcel(&mut self, parcel: Parcel, first: EventKind, wait: Option<Duration>) -> MessageId {
        let id = MessageId::mint(self.now.at);
        let head = Head {
            direction: Direction::Outbound,
            partner: parcel.partner,
            channel: parcel.channel,
            endpoint: parcel.endpoint,
            proof: Proof::Ourselves,
            file_name: parcel.file_name,
            content_type: parcel.content_type,
            test: parcel.test,
            about: parcel.about,
        };
        let body = self.hold(parcel.body);
        self.open(id, head, body, parcel.references, first, wait);
        id
    }

    fn open(
        &mut self,
        id: MessageId,
        head: Head,
        body: Held,
        references: Vec<Reference>,
        first: EventKind,
        wait: Option<Duration>,
    ) {
        let name = head.file_name.clone();
        self.entry.facts.push(Fact::Opened { id, head: Box::new(head), body });
        self.happened(id, first, wait);
        let name = name.map(|name| Reference::new(ReferenceKind::FileName, name));
        for reference in references.into_iter().chain(name) {
            self.refer(id, reference);
        }
    }

    fn happened(&mut self, id: MessageId, event: EventKind, wait: Option<Duration>) -> &mut Self {
        let due = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        self.entry.facts.push(Fact::Happened { id, event: Box::new(event), due });
        self
    }

    fn hold(&mut self, body: Body) -> Held {
        match body {
            Body::Stored { digest, length } => Held { digest, length, offset: None },
            Body::Bytes(bytes) => {
                let (digest, length) = (Digest::of(&bytes), long(bytes.len()));
                if bytes.len() > INLINE {
                    self.large.push((digest, bytes));
                    return Held { digest, length, offset: None };
                }
                let offset = long(self.inline.len());
                self.inline.extend_from_slice(&bytes);
                Held { digest, length, offset: Some(offset) }
            }
        }
    }
}

/// A message that is about to be accepted.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) id: MessageId,
    pub(super) digest: Digest,
    pub(super) identities: Vec<Identity>,
}
