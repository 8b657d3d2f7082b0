//! Looking things up, wherever they are: in memory, in the index, or in the journal itself.

use super::entry::{Entry, Fact};
use super::error::SpoolError;
use super::index::Key;
use super::journal::Record;
use super::row::Row;
use super::shared::Shared;
use crate::message::{Digest, Identity, MessageId};
use jiff::{SignedDuration, Timestamp};

/// Whose an identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The message that has it.
    pub message: MessageId,
    /// The SHA-256 of what was sent under it.
    pub digest: Digest,
}

impl Shared {
    /// Every position for `key` that the journal still has, in order.
    pub(super) fn positions(&self, key: Key, identity: bool) -> Result<Vec<u64>, SpoolError> {
        let mut positions = self.every_position(key, identity)?;
        // What is older than the journal has left it.
        let oldest = self.reader.start();
        positions.retain(|position| *position >= oldest);
        Ok(positions)
    }

    /// Every position for `key`, in order, even of what has left the journal.
    pub(super) fn every_position(&self, key: Key, identity: bool) -> Result<Vec<u64>, SpoolError> {
        let (recent, runs) = {
            let desk = self.desk();
            (desk.memory.positions(key), desk.memory.runs())
        };
        let mut positions = self.on_disk(|disk| disk.positions(&runs, key, identity))?;
        positions.extend(recent);
        positions.sort_unstable();
        positions.dedup();
        Ok(positions)
    }

    /// The record at `position`, and what it says.
    pub(super) fn entry(&self, position: u64) -> Result<(Record, Entry), SpoolError> {
        let record = self.reader.record(position)?;
        let entry = Entry::read(&record)?;
        Ok((record, entry))
    }

    /// Every record that says something of a message, in order; damaged ones are left out.
    pub(super) fn entries(&self, id: MessageId) -> Result<Vec<(Record, Entry)>, SpoolError> {
        let mut entries = Vec::new();
        for position in self.positions(Key::message(id), false)? {
            match self.entry(position) {
                Ok((record, entry)) if entry.facts.iter().any(|f| f.message() == Some(id)) => {
                    entries.push((record, entry));
                }
                Ok(_) | Err(SpoolError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(entries)
    }

    /// Where a message stands.
    pub(super) fn row(&self, id: MessageId) -> Result<Option<Row>, SpoolError> {
        if let Some(row) = self.desk().memory.row(id) {
            return Ok(Some(row.clone()));
        }
        let mut row = None;
        for (record, entry) in self.entries(id)? {
            let before = row.clone();
            row = Row::after(row, id, &entry, record.position).unwrap_or(before);
        }
        Ok(row)
    }

    /// The rows of the messages that `entry` changes but did not open and that are not in memory.
    pub(super) fn before(&self, entry: &Entry) -> Result<Vec<Row>, SpoolError> {
        let mut rows: Vec<Row> = Vec::new();
        for fact in &entry.facts {
            let Fact::Happened { id, .. } = fact else { continue };
            let opened = |fact: &Fact| matches!(fact, Fact::Opened { id: new, .. } if new == id);
            if entry.facts.iter().any(opened)
                || rows.iter().any(|row| row.id() == *id)
                || self.desk().memory.row(*id).is_some()
            {
                continue;
            }
            rows.extend(self.row(*id)?);
        }
        Ok(rows)
    }

    /// Whose an identity is: not that of a message that came to nothing, nor one long forgotten.
    pub(super) fn known(
        &self,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Option<Known>, SpoolError> {
        let kept =
            SignedDuration::try_from(self.settings.identities_known).unwrap_or(SignedDuration::MAX);
        for position in self.positions(Key::identity(identity), true)?.into_iter().rev() {
            let entry = match self.entry(position) {
                Ok((_, entry)) => entry,
                // What it said is lost; the message is then new, which loses nothing more.
                Err(SpoolError::Damaged { .. }) => continue,
                Err(error) => return Err(error),
            };
            let claim = |fact: &Fact| {
                if let Fact::Claimed { id, identity: claimed, digest } = fact
                    && claimed == identity
                {
                    Some(Known { message: *id, digest: *digest })
                } else {
                    None
                }
            };
            let Some(known) = entry.facts.iter().rev().find_map(claim) else { continue };
            let forgotten = now.duration_since(entry.at) > kept;
            let failed = self.row(known.message)?.is_some_and(|row| row.life.state.has_failed());
            return Ok((!forgotten && !failed).then_some(known));
        }
        Ok(None)
    }
}
