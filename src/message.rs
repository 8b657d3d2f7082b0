//! What crosses the threshold: ids and times, who speaks, the bytes that came and the bytes that go.
//!
//! Plain values. Nothing here opens a file, asks a clock or knows what the bytes mean.

mod content;
mod digest;
mod unchecked;

pub use content::{Content, ContentReader};
pub use digest::{Digest, NotADigest};
pub use unchecked::Unchecked;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Instant;
use thiserror::Error;
use uuid::Uuid;

/// A message's own id: unique, random enough not to be guessed, and in the order of time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(Uuid);

impl MessageId {
    /// A new id for something that happens at `now`.
    pub fn mint(now: Timestamp) -> Self {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        Self(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds)))
    }

    /// When it was minted, to the millisecond.
    pub fn minted_at(self) -> Timestamp {
        let (seconds, nanoseconds) = self.0.get_timestamp().map_or((0, 0), |time| time.to_unix());
        i64::try_from(seconds)
            .ok()
            .and_then(|seconds| {
                Timestamp::new(seconds, i32::try_from(nanoseconds).unwrap_or(0)).ok()
            })
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The id as bytes, which sort as the id does.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for MessageId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Uuid::try_parse(text).map(Self).map_err(|_| NotAnId(text.chars().take(64).collect()))
    }
}

/// Text that is no message id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("this is no message id: `{0}`")]
pub struct NotAnId(String);

/// Now, by both clocks: the one that people read, and the one that never jumps.
///
/// Whoever acts asks the clocks once and hands the answer down, so that what is below can be tested
/// without waiting. Retries and leases run on `tick`; records carry `at`.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time of day, for records and people.
    pub at: Timestamp,
    /// The monotonic clock, for waiting.
    pub tick: Instant,
}

/// The name of a partner, as its file in `partners/` is called.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartnerId(Box<str>);

impl PartnerId {
    /// The longest name, in characters.
    pub const LONGEST: usize = 64;

    /// The name, if it is one: letters, digits, `.`, `_` and `-`, not beginning with a dot.
    pub fn new(name: &str) -> Result<Self, NotAPartnerId> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let fits = (1..=Self::LONGEST).contains(&name.len());
        if fits && name.chars().all(plain) && !name.starts_with('.') {
            Ok(Self(name.into()))
        } else {
            Err(NotAPartnerId(name.chars().take(Self::LONGEST).collect()))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for PartnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PartnerId {
    type Error = NotAPartnerId;

    fn try_from(name: String) -> Result<Self, NotAPartnerId> {
        Self::new(&name)
    }
}

impl From<PartnerId> for String {
    fn from(partner: PartnerId) -> Self {
        partner.0.into()
    }
}

/// Text that cannot name a partner.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a partner's name is letters, digits, `.`, `_` and `-`, not `{0}`")]
pub struct NotAPartnerId(String);

/// Which way a message goes, seen from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a partner to the ERP.
    Inbound,
    /// From the ERP, or from ourselves, to a partner.
    Outbound,
}

/// The door that bytes came in by, or go out by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// AS2.
    As2,
    /// SFTP.
    Sftp,
    /// A partner's HTTPS.
    Https,
    /// A folder of this machine, or one that is mounted here.
    Folder,
    /// The ERP's own interface.
    Erp,
    /// A file that a person handed in.
    File,
    /// The gateway itself: answers, and interchanges put together from documents.
    Gateway,
}

/// What proved who sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A signature or a TLS session by the certificate with this fingerprint.
    Certificate(String),
    /// An SSH key with this fingerprint.
    SshKey(String),
    /// A token, by its name.
    Token(String),
    /// Nothing: under this name they only say so, and their profile lets them.
    Claimed(String),
    /// That it lay in this folder, where only they can put it.
    Folder(String),
    /// A person at this machine, by name.
    Person(String),
    /// We ourselves.
    Ourselves,
}

/// Something by which a message is known to be the same as an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// Whose names these are, such as `as2:acme` or `invoice:acme`.
    pub scope: String,
    /// The name within the scope, such as a Message-ID or an invoice number.
    pub key: String,
}

impl Identity {
    /// The identity `key` within `scope`.
    pub fn new(scope: impl Into<String>, key: impl Into<String>) -> Self {
        Self { scope: scope.into(), key: key.into() }
    }
}

/// A name that a person may look for a message by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// What is named.
    pub kind: ReferenceKind,
    /// The name, as it was written.
    pub value: String,
}

impl Reference {
    /// The name `value` of a `kind`.
    pub fn new(kind: ReferenceKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }
}

/// What a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A purchase order.
    Order,
    /// A release against an order.
    Release,
    /// A contract.
    Contract,
    /// An invoice.
    Invoice,
    /// A shipment.
    Shipment,
    /// A lot.
    Lot,
    /// A serial number.
    Serial,
    /// A payment.
    Payment,
    /// The control number of an interchange (ISA13).
    Interchange,
    /// The control number of a functional group (GS06).
    Group,
    /// The control number of a transaction set (ST02).
    Set,
    /// The kind of a transaction set, such as `850`.
    SetKind,
    /// The name that a transport gave, such as an AS2 Message-ID.
    TransportMessage,
    /// A file's name.
    FileName,
    /// An event told to the ERP.
    Event,
    /// Any other name.
    Other,
}

/// The bytes of a message or a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// In memory.
    Bytes(Vec<u8>),
    /// Already written to the spool, for what is too large for memory.
    Stored {
        /// Their SHA-256.
        digest: Digest,
        /// How many.
        length: u64,
    },
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

/// What a proven sender handed in, before anyone read it.
#[derive(Clone, Debug)]
pub struct RawMessage {
    /// The partner that was proven; for what the ERP hands in, the partner that it is for.
    pub partner: PartnerId,
    /// Which way it goes.
    pub direction: Direction,
    /// The door.
    pub channel: Channel,
    /// What proved the sender.
    pub proof: Proof,
    /// The name that the sender gave to the file; never used as a path.
    pub file_name: Option<String>,
    /// The content type that the sender named.
    pub content_type: Option<String>,
    /// The bytes, as they came.
    pub body: Body,
    /// By what it is known again; the first that is known decides.
    pub identities: Vec<Identity>,
    /// What it can be found by, as far as the transport knows.
    pub references: Vec<Reference>,
}

/// Bytes that are to go to a partner.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// To whom.
    pub partner: PartnerId,
    /// The door.
    pub channel: Channel,
    /// Where it goes: parcels for one endpoint wait in one queue.
    pub endpoint: String,
    /// The name of the file, where the transport gives one.
    pub file_name: Option<String>,
    /// Its content type.
    pub content_type: Option<String>,
    /// The bytes, as they go.
    pub body: Body,
    /// The message that this answers or was made from.
    pub about: Option<MessageId>,
    /// Whether it is only a test.
    pub test: bool,
    /// What it can be found by.
    pub references: Vec<Reference>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_knows_when_it_was_minted_and_sorts_by_it() {
        let early: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let late: Timestamp = "2026-01-02T03:04:05.679Z".parse().unwrap();
        let [first, second] = [early, late].map(MessageId::mint);
        assert_eq!([first, second].map(MessageId::minted_at), [early, late]);
        assert!(first < second);
        assert_eq!(first.to_string().parse(), Ok(first));
        assert!("x".parse::<MessageId>().is_err());
        assert_ne!(MessageId::mint(early), MessageId::mint(early));
    }

    #[test]
    fn an_id_can_be_minted_before_1970() {
        let then: Timestamp = "1969-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(MessageId::mint(then).minted_at(), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_partner_has_a_plain_name() {
        for name in ["acme", "Acme-2_x.y"] {
            assert_eq!(PartnerId::new(name).unwrap().as_str(), name);
        }
        for name in ["", ".acme", "a/b", "a b", "ä", "a\0", &"a".repeat(65)] {
            assert!(PartnerId::new(name).is_err(), "{name:?}");
        }
    }
}
