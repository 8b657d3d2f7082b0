//! Reading everything, to see that it is what was written.

use super::bodies::Bodies;
use super::entry::{Entry, Fact};
use super::error::SpoolError;
use super::files::long;
use super::journal::{self, Found};
use crate::message::{Digest, MessageId};
use jiff::Timestamp;
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
    /// What was taken away on purpose, the last time anything was.
    pub gone: Option<Gone>,
    /// What is not as it was written.
    pub faults: Vec<Fault>,
}

/// What was taken away on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// All that stood before this position of the journal.
    pub before: u64,
    /// When.
    pub at: Timestamp,
    /// How many messages the last time.
    pub messages: u64,
    /// Where they were copied then, if anywhere.
    pub archive: Option<String>,
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
    let mut damaged: Vec<(u64, Fault)> = Vec::new();
    for found in reader.scan(reader.start()) {
        let record = match found? {
            Found::Record(record) => record,
            Found::Gap(from, to) => {
                damaged.push((from, Fault::Gap { from, to }));
                continue;
            }
        };
        verified.bytes += record.next - record.position;
        let Ok(entry) = Entry::read(&record) else {
            let position = record.position;
            damaged.push((position, Fault::Unreadable { position }));
            continue;
        };
        verified.records += 1;
        for fact in &entry.facts {
            if let Fact::Retired { before, messages, archive } = fact {
                let (before, messages, archive) = (*before, *messages, archive.clone());
                verified.gone = Some(Gone { before, at: entry.at, messages, archive });
            }
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
                damaged.push((record.position, Fault::Body { message, digest: held.digest }));
            }
        }
    }
    // What is being taken away right now may have lost something already.
    let before = verified.gone.as_ref().map_or(0, |gone| gone.before);
    if let Some(first) = reader.starts().first().copied().filter(|first| *first > before) {
        verified.faults.push(Fault::Gap { from: before, to: first });
    }
    let faults = damaged.into_iter().filter(|(position, _)| *position >= before);
    verified.faults.extend(faults.map(|(_, fault)| fault));
    Ok(verified)
}
