//! The way of every write: claim what it decides on, try it against what is, hand it to the journal,
//! and wait for the disk.

use super::claims::Claim;
use super::entry::{Entry, Fact};
use super::error::SpoolError;
use super::journal::{Job, Journal};
use super::queue::Lease;
use super::row::Row;
use super::shared::{Pending, Shared};
use super::step::Step;
use crate::message::{Identity, MessageId};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a write has claimed. Given back when it is dropped, unless the journal has it.
#[derive(Debug)]
pub(super) struct Claimed {
    shared: Arc<Shared>,
    claims: Vec<Claim>,
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if !self.claims.is_empty() {
            self.shared.desk().claims.give_back(&self.claims);
            self.shared.freed.notify_waiters();
        }
    }
}

/// What a write may do that others may not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing<'l> {
    /// The lease under which the work was done.
    pub(super) lease: Option<&'l Lease>,
    /// Whether it finishes earlier work, and so may use the last of the disk.
    pub(super) finishes: bool,
}

impl Shared {
    /// Keeps the large bodies of `step`. They are durable before any record names them.
    pub(super) async fn keep_bodies(&self, step: &mut Step) -> Result<(), SpoolError> {
        for (digest, bytes) in std::mem::take(&mut step.large) {
            let bodies = self.bodies.clone();
            if tokio::runtime::Handle::try_current().is_err() {
                bodies.keep(digest, &bytes)?;
                continue;
            }
            let kept = tokio::task::spawn_blocking(move || bodies.keep(digest, &bytes)).await;
            kept.map_err(|error| SpoolError::Unavailable { reason: error.to_string() })??;
        }
        Ok(())
    }

    /// Claims all that `entry` decides on, as soon as nobody else does.
    pub(super) async fn claim(self: &Arc<Self>, entry: &Entry) -> Claimed {
        let claims = claims(entry);
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.desk().claims.take(&claims) {
                return Claimed { shared: Arc::clone(self), claims };
            }
            freed.await;
        }
    }

    /// Writes `step`, whose bodies are kept and whose decisions are `claimed`.
    pub(super) async fn commit(
        self: &Arc<Self>,
        journal: &Journal<Pending>,
        step: Step,
        mut claimed: Claimed,
        standing: Standing<'_>,
    ) -> Result<(), SpoolError> {
        if let Some(stopped) = self.stopped() {
            return Err(stopped);
        }
        let Step { now, entry, inline, .. } = step;
        // Work that is another's by now may well not fit any more; that it is another's says it all.
        if let Some(lease) = standing.lease
            && !self.desk().queue.holds(lease)
        {
            return Err(SpoolError::LeaseEnded(lease.message));
        }
        let before = self.before(&entry)?;
        self.try_out(&entry, &before)?;
        let record = entry.record(&inline)?;
        let (answer, heard) = oneshot::channel();
        if let Some(lease) = standing.lease {
            if !self.desk().queue.hold(lease) {
                return Err(SpoolError::LeaseEnded(lease.message));
            }
        } else if !standing.finishes {
            self.is_keeping_up()?;
        }
        let ticket = Pending {
            entry,
            claims: std::mem::take(&mut claimed.claims),
            before,
            lease: standing.lease.cloned(),
            tick: now.tick,
            answer,
        };
        let stopped = || SpoolError::Stopped { reason: "the writer has ended".into() };
        let job = Job { record, finishes: standing.finishes, ticket };
        if let Err(job) = journal.put(job) {
            claimed.claims = job.ticket.claims;
            return Err(stopped());
        }
        heard.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Whether every event of `entry` fits the message that it happens to.
    fn try_out(&self, entry: &Entry, before: &[Row]) -> Result<(), SpoolError> {
        for id in touched(entry) {
            let row = before.iter().find(|row| row.id() == id).cloned();
            let row = row.or_else(|| self.desk().memory.row(id).cloned());
            // The position is not known yet; it is behind all others.
            let after = Row::after(row, id, entry, u64::MAX)
                .map_err(|why| SpoolError::NotNow { message: id, why })?;
            if after.is_none() {
                return Err(SpoolError::Unknown(id));
            }
        }
        for fact in &entry.facts {
            if let Fact::Claimed { id, identity, .. } = fact
                && let Some(known) = self.known(identity, entry.at)?
                && known.message != *id
            {
                return Err(SpoolError::Taken { identity: identity.clone(), by: known.message });
            }
            if let Fact::Started { number, next } = fact {
                self.desk().memory.numbers.may_start(number, *next)?;
            }
        }
        Ok(())
    }

    /// Refuses what is new while the index on disk is far behind.
    fn is_keeping_up(&self) -> Result<(), SpoolError> {
        let most = self.settings.records_per_checkpoint.saturating_mul(BEHIND);
        if self.desk().memory.records < most {
            Ok(())
        } else {
            Err(SpoolError::Unavailable { reason: "it cannot be written down".into() })
        }
    }
}

/// How many checkpoints the index may miss.
const BEHIND: usize = 16;

/// The messages whose state `entry` decides on.
fn touched(entry: &Entry) -> BTreeSet<MessageId> {
    entry.facts.iter().filter_map(Fact::message).collect()
}

/// What `entry` decides on.
fn claims(entry: &Entry) -> Vec<Claim> {
    let mut claims: BTreeSet<Claim> = BTreeSet::new();
    let mut new = BTreeSet::new();
    for fact in &entry.facts {
        match fact {
            Fact::Opened { id, .. } => {
                new.insert(*id);
            }
            Fact::Claimed { identity, .. } => {
                let Identity { scope, key } = identity;
                claims.insert([b"i", scope.as_bytes(), b"\0", key.as_bytes()].concat());
            }
            Fact::Started { number, .. } => {
                claims.insert([b"n", number.partner.as_str().as_bytes()].concat());
            }
            Fact::Followed { name, .. } | Fact::Forgot { name } => {
                claims.insert([b"c", name.as_bytes()].concat());
            }
            Fact::Happened { .. }
            | Fact::Kept { .. }
            | Fact::Referred { .. }
            | Fact::Noticed { .. }
            | Fact::Took { .. }
            | Fact::Retired { .. } => {}
        }
    }
    // Nobody else can know a message that is only being written.
    for id in touched(entry).difference(&new) {
        claims.insert([b"m", id.as_bytes().as_slice()].concat());
    }
    claims.into_iter().collect()
}
