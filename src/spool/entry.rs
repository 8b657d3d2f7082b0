//! What one record says: all that became true in one write.
//!
//! The payload of a record is the length of a text, the text (JSON), then the bodies that travel in
//! the record, one after the other.
//!
//! # Why JSON
//! The journal outlives every version of this code. Text that names its fields can be read by any of
//! them, and by a person with a pager; a new field needs no new format. Bodies stay out of it, as
//! the bytes that they are. It costs about as much to read as the checksum and the body together,
//! which leaves a rebuild well above what it must do.

use super::error::SpoolError;
use super::files::{long, short};
use super::journal;
use crate::event::{EventKind, Notice};
use crate::message::{
    Channel, Digest, Direction, Identity, MessageId, PartnerId, Proof, Reference,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// All that became true in one write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// When.
    pub(super) at: Timestamp,
    /// What.
    pub(super) facts: Vec<Fact>,
}

/// One thing that became true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fact {
    /// There is a new message.
    Opened { id: MessageId, head: Box<Head>, body: Held },
    /// Something happened to a message; if we have to act next, then after so many milliseconds.
    Happened { id: MessageId, event: Box<EventKind>, due: Option<u64> },
    /// Bytes were kept with a message, under a label.
    Kept { id: MessageId, label: String, body: Held },
    /// A message took an identity; the digest is that of what was sent under it.
    Claimed { id: MessageId, identity: Identity, digest: Digest },
    /// A message can be found by a reference.
    Referred { id: MessageId, reference: Reference },
    /// The ERP is to be told of something.
    Noticed { notice: Box<Notice>, data: Held },
    /// A control number was used.
    Took { number: NumberKey, value: u32 },
    /// A person said which control number is next.
    Started { number: NumberKey, next: u32 },
    /// A follower has got to a place.
    Followed { name: String, to: Cursor },
    /// A follower is no more, and its place is not kept.
    Forgot { name: String },
    /// Whatever stood before a place was taken away on purpose: so many messages, copied there.
    Retired { before: u64, messages: u64, archive: Option<String> },
}

/// What is known of a message from the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which way it goes.
    pub direction: Direction,
    /// From or to whom.
    pub partner: PartnerId,
    /// The door.
    pub channel: Channel,
    /// Where it goes, if we send it.
    pub endpoint: String,
    /// What proved the sender.
    pub proof: Proof,
    /// The name that the sender, or we, gave to the file.
    pub file_name: Option<String>,
    /// The content type.
    pub content_type: Option<String>,
    /// Whether it is only a test.
    pub test: bool,
    /// The message that this answers or was made from.
    pub about: Option<MessageId>,
}

/// Where bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// Their SHA-256.
    pub(super) digest: Digest,
    /// How many.
    pub(super) length: u64,
    /// Where among the bodies of the record; none if they have a file of their own.
    pub(super) offset: Option<u64>,
}

/// Bytes that the spool holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyRef {
    /// Their SHA-256.
    pub digest: Digest,
    /// How many.
    pub length: u64,
    /// Where in the journal, unless they have a file of their own.
    pub(super) position: Option<u64>,
}

impl BodyRef {
    /// A body that has a file of its own.
    pub fn stored(digest: Digest, length: u64) -> Self {
        Self { digest, length, position: None }
    }
}

/// Whose control numbers: each partner has a sequence for each kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct NumberKey {
    /// To whom they go.
    pub(super) partner: PartnerId,
    /// What is numbered.
    pub(super) kind: NumberKind,
}

/// What is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// Interchanges (ISA13).
    Interchange,
    /// Functional groups (GS06).
    Group,
    /// Transaction sets, for partners who want them numbered across groups (ST02).
    Set,
}

/// A place between two things that happened, for those who follow.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The record to go on with.
    pub(super) position: u64,
    /// How many of its facts are done with.
    pub(super) done: u32,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.position, self.done)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        let (position, done) = text.split_once('-').ok_or(NotACursor)?;
        if !plain(position) || !plain(done) {
            return Err(NotACursor);
        }
        let position = position.parse().map_err(|_| NotACursor)?;
        Ok(Self { position, done: done.parse().map_err(|_| NotACursor)? })
    }
}

impl TryFrom<String> for Cursor {
    type Error = NotACursor;

    fn try_from(text: String) -> Result<Self, NotACursor> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

/// Text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor")]
pub struct NotACursor;

impl Fact {
    /// The message that it is about, if it is about one.
    pub(super) fn message(&self) -> Option<MessageId> {
        match self {
            Self::Opened { id, .. }
            | Self::Happened { id, .. }
            | Self::Kept { id, .. }
            | Self::Claimed { id, .. }
            | Self::Referred { id, .. } => Some(*id),
            Self::Noticed { notice, .. } => Some(notice.message),
            Self::Took { .. }
            | Self::Started { .. }
            | Self::Followed { .. }
            | Self::Forgot { .. }
            | Self::Retired { .. } => None,
        }
    }

    /// The bytes that it tells of, if it does.
    pub(super) fn held(&self) -> Option<Held> {
        match self {
            Self::Opened { body, .. }
            | Self::Kept { body, .. }
            | Self::Noticed { data: body, .. } => Some(*body),
            Self::Happened { .. }
            | Self::Claimed { .. }
            | Self::Referred { .. }
            | Self::Took { .. }
            | Self::Started { .. }
            | Self::Followed { .. }
            | Self::Forgot { .. }
            | Self::Retired { .. } => None,
        }
    }
}

impl Entry {
    /// The record of it, with room for the journal's header; `bodies` travel with it.
    pub(super) fn record(&self, bodies: &[u8]) -> Result<Vec<u8>, SpoolError> {
        let mut record = vec![0; PREFIX];
        serde_json::to_writer(&mut record, self)
            .map_err(|error| SpoolError::Unavailable { reason: error.to_string() })?;
        let text = u32::try_from(record.len() - PREFIX).unwrap_or(u32::MAX);
        if let Some(length) = record.get_mut(journal::HEADER..PREFIX) {
            length.copy_from_slice(&text.to_le_bytes());
        }
        record.extend_from_slice(bodies);
        let length = record.len() - journal::HEADER;
        if length > journal::LONGEST {
            let (length, most) = (long(length), long(journal::LONGEST));
            return Err(SpoolError::TooLarge { length, most });
        }
        Ok(record)
    }

    /// Reads the payload of a record.
    pub(super) fn read(record: &journal::Record) -> Result<Self, SpoolError> {
        let damaged =
            || SpoolError::Damaged { at: format!("position {} of the journal", record.position) };
        let text = text(&record.payload).ok_or_else(damaged)?;
        serde_json::from_slice(text).map_err(|_| damaged())
    }
}

impl Held {
    /// Where the bytes are, if the record is `record`.
    pub(super) fn within(&self, record: &journal::Record) -> BodyRef {
        let text = text(&record.payload).map_or(0, <[u8]>::len);
        let bodies = record.position + long(PREFIX + text);
        let position = self.offset.map(|offset| bodies + offset);
        BodyRef { digest: self.digest, length: self.length, position }
    }

    /// The bytes, if they travel in `record`.
    pub(super) fn bytes<'r>(&self, record: &'r journal::Record) -> Option<&'r [u8]> {
        let text = text(&record.payload)?.len();
        let from = (PREFIX - journal::HEADER + text).checked_add(short(self.offset?))?;
        record.payload.get(from..from.checked_add(short(self.length))?)
    }
}

/// The text of a payload.
fn text(payload: &[u8]) -> Option<&[u8]> {
    let (length, rest) = payload.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// What stands before the text: the journal's header, and the length of the text.
const PREFIX: usize = journal::HEADER + 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> (Entry, Vec<u8>) {
        let at: Timestamp = "2026-01-02T03:04:05.678901Z".parse().unwrap();
        let id = MessageId::mint(at);
        let held = |bytes: &[u8], offset| Held {
            digest: Digest::of(bytes),
            length: long(bytes.len()),
            offset: Some(offset),
        };
        let facts = vec![
            Fact::Kept { id, label: "a".into(), body: held(b"one", 0) },
            Fact::Happened { id, event: Box::new(EventKind::Settled), due: None },
            Fact::Kept { id, label: "b".into(), body: held(b"second", 3) },
            Fact::Followed { name: "erp".into(), to: Cursor { position: 7, done: 2 } },
        ];
        (Entry { at, facts }, b"onesecond".to_vec())
    }

    fn record() -> (Entry, journal::Record) {
        let (entry, bodies) = entry();
        let mut payload = entry.record(&bodies).unwrap();
        payload.drain(..journal::HEADER);
        (entry, journal::Record { position: 1000, next: 2000, payload })
    }

    #[test]
    fn an_entry_reads_as_it_was_written_with_its_bodies() {
        let (entry, record) = record();
        let read = Entry::read(&record).unwrap();
        assert_eq!(read, entry);
        let bodies: Vec<_> =
            read.facts.iter().filter_map(Fact::held).map(|held| held.bytes(&record)).collect();
        assert_eq!(bodies, [Some(&b"one"[..]), Some(b"second")]);
    }

    #[test]
    fn every_cut_of_a_payload_is_damage_and_no_panic() {
        let (_, record) = record();
        let text = text(&record.payload).unwrap().len();
        for end in 0..4 + text {
            let cut = journal::Record { payload: record.payload[..end].to_vec(), ..record };
            assert_eq!(Entry::read(&cut).unwrap_err().code(), "spool_damaged");
        }
    }

    #[test]
    fn a_cursor_is_written_and_read_as_text() {
        let cursor = Cursor { position: 123, done: 4 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "1", "1-", "-1", "1-2-3", "+1-2", "1-99999999999"] {
            assert_eq!(bad.parse::<Cursor>(), Err(NotACursor), "{bad}");
        }
    }
}
