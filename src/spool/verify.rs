//! Reading everything, to see that it is what was written.

use super::bodies::Bodies;
use super::entry::{Entry, Fact};
use super::error::SpoolError;
use super::files::long;
use super::journal::{self, Found};
use crate::message::{Digest, MessageId};
use std::collections::HashSet;
use std::fmt;
use std::path::Path;

/// What reading everything showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many records are whole.
    pub records: u64,
    /// How many bytes of journal were read.
    pub bytes: u64,
    /// How many bodies are whole, in records and in files of their own.
    pub bodies: u64,
    /// What is not as it was written.
    pub faults: Vec<Fault>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Bytes of the journal that are no record. At its very end, of a spool that is in use, it may
    /// be a record that is being written.
    Gap {
        /// From which position.
        from: u64,
        /// To which.
        to: u64,
    },
    /// A record whose bytes are as written, but which does not say anything.
    Unreadable {
        /// Where.
        position: u64,
    },
    /// A body that is missing, or is not what it was.
    Body {
        /// Of which message.
        message: Option<MessageId>,
        /// Its SHA-256, as it should be.
        digest: Digest,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { from, to } => {
                write!(f, "positions {from} to {to} of the journal are no record")
            }
            Self::Unreadable { position } => {
                write!(f, "the record at {position} of the journal cannot be read")
            }
            Self::Body { message: Some(message), digest } => {
                write!(f, "a body of message `{message}` is not what it was: `{digest}`")
            }
            Self::Body { message: None, digest } => {
                write!(f, "a body is not what it was: `{digest}`")
            }
        }
    }
}

/// Reads all of the spool in `folder`: every record against its checksum, every body against its
/// digest. It may be in use.
pub fn verify(folder: &Path) -> Result<Verified, SpoolError> {
    let reader = journal::look(&folder.join("journal"))?;
    let bodies = Bodies::look(folder.join("bodies"));
    let mut verified = Verified::default();
    let mut seen = HashSet::new();
    for found in reader.scan(reader.start()) {
        let record = match found? {
            Found::Record(record) => record,
            Found::Gap(from, to) => {
                verified.faults.push(Fault::Gap { from, to });
                continue;
            }
        };
        verified.bytes += record.next - record.position;
        let Ok(entry) = Entry::read(&record) else {
            verified.faults.push(Fault::Unreadable { position: record.position });
            continue;
        };
        verified.records += 1;
        for fact in &entry.facts {
            let Some(held) = fact.held() else { continue };
            let whole = if held.offset.is_some() {
                held.bytes(&record).is_some_and(|bytes| {
                    long(bytes.len()) == held.length && Digest::of(bytes) == held.digest
                })
            } else {
                !seen.insert(held.digest) || bodies.is_whole(&held.digest, held.length)
            };
            if whole {
                verified.bodies += 1;
            } else {
                let message = Fact::message(fact);
                verified.faults.push(Fault::Body { message, digest: held.digest });
            }
        }
    }
    Ok(verified)
}
