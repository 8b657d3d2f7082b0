//! The spool as the rest of the house sees it.

use super::bodies::BodyWriter;
use super::body_reader::BodyReader;
use super::control::Number;
use super::entry::{BodyRef, Cursor, Fact, NumberKey, NumberKind};
use super::error::SpoolError;
use super::holdings::Holding;
use super::journal::Journal;
use super::keeper::Keeper;
use super::lock::Lock;
use super::lookup::Known;
use super::queue::{Lane, Lease, Work};
use super::row::{ANSWER, Row, Summary};
use super::shared::{Pending, Shared, Tide};
use super::step::{Arrival, Received, Step};
use super::write::Standing;
use crate::message::{Body, Content, Digest, Identity, MessageId, Moment, PartnerId, Unchecked};
use jiff::Timestamp;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

/// The durable state of the gateway.
///
/// Whatever is awaited here is on the disk when the await ends well. If a future is dropped before,
/// what it was about to write may have been written.
#[derive(Debug)]
pub struct Spool {
    pub(super) shared: Arc<Shared>,
    pub(super) journal: Journal<Pending>,
    pub(super) keeper: Keeper,
    pub(super) _lock: Lock,
}

/// What became of what was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is durable, and waits to be read.
    New(MessageId),
    /// The same bytes were accepted before under the same identity. Nothing was written.
    Repeat {
        /// The message that they are.
        id: MessageId,
        /// The answer that was given then, if one was kept.
        answer: Option<Vec<u8>>,
    },
    /// Other bytes were accepted before under the same identity. Nothing was written.
    Conflict {
        /// The message that they are.
        with: MessageId,
    },
}

/// How much there is to do in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depth {
    /// The lane.
    pub lane: Lane,
    /// How many wait or are being worked on.
    pub waiting: usize,
    /// When the oldest of those that wait is due.
    pub oldest_due: Option<Instant>,
}

impl Spool {
    /// Accepts what a transport hands in: its bytes, its identities and the answer, in one write.
    pub async fn accept(
        &self,
        now: Moment,
        arrival: impl Into<Arrival>,
    ) -> Result<Accepted, SpoolError> {
        self.accept_and(now, arrival, |_, _| {}).await
    }

    /// The same; what follows from the acceptance of a new message is put into the same write.
    pub async fn accept_and(
        &self,
        now: Moment,
        arrival: impl Into<Arrival>,
        follows: impl FnOnce(&mut Step, MessageId),
    ) -> Result<Accepted, SpoolError> {
        let mut step = Step::new(now);
        let Received { id, digest, identities } = step.receive(arrival.into());
        follows(&mut step, id);
        self.shared.keep_bodies(&mut step).await?;
        let claimed = self.shared.claim(&step.entry).await;
        for identity in &identities {
            if let Some(known) = self.shared.known(identity, now.at)? {
                if known.digest != digest {
                    return Ok(Accepted::Conflict { with: known.message });
                }
                let answer = self.answer(known.message)?;
                return Ok(Accepted::Repeat { id: known.message, answer });
            }
        }
        let standing = Standing { lease: None, finishes: false };
        self.shared.commit(&self.journal, step, claimed, standing).await?;
        Ok(Accepted::New(id))
    }

    /// Writes what came of a piece of work, and ends its lease: answers queued, documents kept,
    /// events written, the state moved.
    pub async fn settle(&self, lease: &Lease, step: Step) -> Result<(), SpoolError> {
        self.write(step, Standing { lease: Some(lease), finishes: true }).await
    }

    /// Writes something that begins: parcels to be sent, with the control numbers that they use.
    pub async fn enqueue(&self, step: Step) -> Result<(), SpoolError> {
        self.write(step, Standing { lease: None, finishes: false }).await
    }

    /// Writes what happened to messages apart from any work that was given out: an acknowledgment
    /// came, a person acted.
    pub async fn advance(&self, step: Step) -> Result<(), SpoolError> {
        self.write(step, Standing { lease: None, finishes: true }).await
    }

    async fn write(&self, mut step: Step, standing: Standing<'_>) -> Result<(), SpoolError> {
        self.shared.keep_bodies(&mut step).await?;
        let claimed = self.shared.claim(&step.entry).await;
        self.shared.commit(&self.journal, step, claimed, standing).await
    }

    /// Takes over a file that lies ready in a folder on the same disk, without copying it.
    pub fn adopt_body(
        &self,
        folder: &OwnedFd,
        name: &str,
        file: &File,
        length: u64,
        digest: Option<Digest>,
    ) -> Result<Body, SpoolError> {
        self.shared.bodies.adopt(folder, name, file, length, digest)
    }

    /// Begins a body that is too large for memory.
    pub fn begin_body(&self) -> Result<BodyWriter, SpoolError> {
        self.shared.bodies.begin()
    }

    /// Takes the next control number. It is used for good by the write that it is handed in with.
    pub fn take_number(&self, partner: &PartnerId, kind: NumberKind) -> Number {
        let key = NumberKey { partner: partner.clone(), kind };
        self.shared.desk().memory.numbers.take(key)
    }

    /// Says which control number is the next, for a sequence that another system began.
    pub async fn start_numbers(
        &self,
        now: Moment,
        partner: &PartnerId,
        kind: NumberKind,
        next: u32,
    ) -> Result<(), SpoolError> {
        let mut step = Step::new(now);
        step.start(NumberKey { partner: partner.clone(), kind }, next);
        self.advance(step).await
    }

    /// All sequences of control numbers, each with the last number.
    pub fn numbers(&self) -> Vec<(PartnerId, NumberKind, u32)> {
        let desk = self.shared.desk();
        let all = desk.memory.numbers.all();
        all.map(|(key, sequence)| (key.partner.clone(), key.kind, sequence.last)).collect()
    }

    /// The next piece of work that is due, if any is.
    pub fn next_due(&self, now: Moment) -> Option<Work> {
        self.shared.desk().queue.next(now.tick)
    }

    /// When `next_due` may have something, if nothing happens before; see [`Spool::watch`].
    pub fn next_due_at(&self, now: Moment) -> Option<Instant> {
        self.shared.desk().queue.next_at(now.tick)
    }

    /// Makes a lease last from `now` again. An error says that the work is no longer ours: it must
    /// not be done.
    pub fn renew(&self, lease: &Lease, now: Moment) -> Result<(), SpoolError> {
        if self.shared.desk().queue.renew(lease, now.tick) {
            Ok(())
        } else {
            Err(SpoolError::LeaseEnded(lease.message))
        }
    }

    /// Gives work back undone.
    pub fn give_back(&self, lease: &Lease) {
        self.shared.desk().queue.give_back(lease);
        self.shared.tide.send_modify(|_| {});
    }

    /// Gives out no work of a lane before `until`, and then one piece to try, until the lane is
    /// resumed or paused again. Call it before the outcome of the attempt that failed is written.
    pub fn pause(&self, lane: &Lane, until: Instant) {
        self.shared.desk().queue.pause(lane, until);
    }

    /// Gives out work of a lane again.
    pub fn resume(&self, lane: &Lane) {
        self.shared.desk().queue.resume(lane);
        self.shared.tide.send_modify(|_| {});
    }

    /// What waits to be sent to a partner because of a trouble of this code is due now, first one
    /// piece of each lane, to try; says how much that is.
    pub fn hurry(&self, now: Moment, partner: &PartnerId, code: &str) -> usize {
        let hurried = self.shared.desk().hurry(partner, code, now.tick);
        if hurried > 0 {
            self.shared.tide.send_modify(|_| {});
        }
        hurried
    }

    /// How much there is to do, in each lane.
    pub fn depths(&self) -> Vec<Depth> {
        let desk = self.shared.desk();
        let depth = |(lane, waiting, oldest_due): (&Lane, _, _)| Depth {
            lane: lane.clone(),
            waiting,
            oldest_due,
        };
        desk.queue.depths().map(depth).collect()
    }

    /// How much of what a partner handed in is here.
    pub fn holding(&self, partner: &PartnerId, now: Timestamp) -> Holding {
        self.shared.desk().memory.holdings.of(partner, now)
    }

    /// The same for every partner who ever handed something in.
    pub fn holdings(&self, now: Timestamp) -> Vec<(PartnerId, Holding)> {
        self.shared.desk().memory.holdings.all(now)
    }

    /// Changes whenever something was written or may be due.
    pub fn watch(&self) -> watch::Receiver<Tide> {
        self.shared.tide.subscribe()
    }

    /// Where a message stands.
    pub fn summary(&self, id: MessageId) -> Result<Summary, SpoolError> {
        let row = self.shared.row(id)?.ok_or(SpoolError::Unknown(id))?;
        Ok(row.summary())
    }

    /// Where every message stands that somebody has to act on, oldest first.
    pub fn open_messages(&self) -> Vec<Summary> {
        let mut open: Vec<Summary> =
            self.shared.desk().memory.rows().map(|(_, row)| row.summary()).collect();
        open.sort_by_key(|summary| summary.id);
        open
    }

    /// Whose an identity is, if it is known.
    pub fn known(&self, identity: &Identity, now: Timestamp) -> Result<Option<Known>, SpoolError> {
        self.shared.known(identity, now)
    }

    /// The answer that was kept for a message.
    pub fn answer(&self, id: MessageId) -> Result<Option<Vec<u8>>, SpoolError> {
        let Some(position) = self.shared.row(id)?.and_then(|row: Row| row.answer) else {
            return Ok(None);
        };
        let (record, entry) = self.shared.entry(position)?;
        let is_answer = |fact: &&Fact| matches!(fact, Fact::Kept { id: kept, label, .. } if *kept == id && label == ANSWER);
        let held = entry.facts.iter().find(is_answer).and_then(Fact::held);
        held.map(|held| self.body(&held.within(&record))).transpose()
    }

    /// The bytes of a body.
    pub fn body(&self, body: &BodyRef) -> Result<Vec<u8>, SpoolError> {
        self.shared.bodies.bytes(body, &self.shared.reader)
    }

    /// A body to be read piece by piece.
    pub fn read_body(&self, body: &BodyRef) -> Result<BodyReader, SpoolError> {
        self.shared.bodies.reader(body, &self.shared.reader)
    }

    /// A body to be read from anywhere within, held against its digest while it is read.
    pub fn unchecked(&self, body: &BodyRef) -> Result<Unchecked, SpoolError> {
        self.shared.bodies.unchecked(body, &self.shared.reader)
    }

    /// A body to be read from anywhere within.
    pub fn content(&self, body: &BodyRef) -> Result<Content, SpoolError> {
        self.shared.bodies.content(body, &self.shared.reader)
    }

    /// Behind all that happened.
    pub fn end(&self) -> Cursor {
        Cursor { position: self.shared.reader.end(), done: 0 }
    }

    /// Ends in order: what waits is finished, and the next start has nothing to catch up on.
    pub fn close(mut self) -> Result<(), SpoolError> {
        let ended = self.journal.close();
        if !self.shared.end_keeper(&self.keeper) {
            return Err(self.shared.stop("the index does not come back from the disk".into()));
        }
        self.shared.close_index()?;
        ended.map_err(|error| SpoolError::Stopped { reason: error.to_string() })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Without `close` it ends like a process that is killed: nothing is lost. What does not come
        // back is left behind.
        let _ended = self.journal.close();
        self.shared.end_keeper(&self.keeper);
    }
}
