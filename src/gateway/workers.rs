//! Workers: whatever is due is done, as much at once as is good, until we stop.

use super::house::Gateway;
use super::inbound;
use super::outbound;
use super::words;
use crate::event::{EventKind, State};
use crate::message::Direction;
use crate::spool::{SpoolError, Step, Work};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// Whatever works on what is due.
#[derive(Debug)]
pub struct Workers {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Workers {
    /// Begins to work, on at most `at_once` messages at a time.
    pub fn start(house: Arc<Gateway>, at_once: usize) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(house, at_once.max(1), stop.clone()));
        Self { stop, task }
    }

    /// Begins nothing more, and waits up to `grace` for what is under way. What is not done by then
    /// is done after the next start.
    pub async fn finish(self, grace: Duration) {
        self.stop.cancel();
        let abort = self.task.abort_handle();
        if tokio::time::timeout(grace, self.task).await.is_err() {
            abort.abort();
        }
    }
}

async fn run(house: Arc<Gateway>, at_once: usize, stop: CancellationToken) {
    let mut tide = house.spool.watch();
    let mut busy = JoinSet::new();
    let looking = tokio::spawn(look_back(Arc::clone(&house), stop.clone()));
    loop {
        tide.mark_unchanged();
        let now = house.now();
        while busy.len() < at_once && !stop.is_cancelled() {
            let Some(work) = house.spool.next_due(now) else { break };
            let (message_id, partner) = (work.lease.message, &work.lane.partner);
            let lineage = tracing::field::Empty;
            let span = tracing::info_span!("work", %message_id, %partner, lineage);
            busy.spawn(one(Arc::clone(&house), work).instrument(span));
        }
        if stop.is_cancelled() || tide.borrow().stopped.is_some() {
            break;
        }
        let full = busy.len() >= at_once;
        let due = house.spool.next_due_at(now).filter(|_| !full);
        let due = due.map_or(IDLE, |at| at.saturating_duration_since(now.tick).min(IDLE));
        tokio::select! {
            () = stop.cancelled() => {}
            changed = tide.changed(), if !full => if changed.is_err() { break },
            () = tokio::time::sleep(due), if !full => {}
            Some(_) = busy.join_next(), if !busy.is_empty() => {}
        }
    }
    while busy.join_next().await.is_some() {}
    looking.abort();
}

/// Looks back from time to time on what came without what should have come before.
async fn look_back(house: Arc<Gateway>, stop: CancellationToken) {
    loop {
        if let Err(error) = house.tell_missing(house.now()).await {
            tracing::warn!(code = error.code(), %error, "cannot look for what is missing");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Does one piece of work.
async fn one(house: Arc<Gateway>, work: Work) {
    let done = match house.spool.summary(work.lease.message) {
        Ok(summary) => match (work.state, summary.direction) {
            (State::Received, Direction::Inbound) => inbound::read(&house, &work.lease).await,
            (State::Received, Direction::Outbound) => outbound::write(&house, &work.lease).await,
            (State::Queued, _) => outbound::attempt(&house, &work).await,
            (State::Awaiting, _) => outbound::overdue(&house, &work).await,
            (
                State::Quarantined
                | State::Settled
                | State::Rejected
                | State::Duplicate
                | State::Offered
                | State::Delivered
                | State::Acknowledged
                | State::Refused
                | State::Dead
                | State::Discarded,
                _,
            ) => Ok(()),
        },
        Err(error) => Err(error),
    };
    if let Err(error) = done {
        undone(&house, &work, &error).await;
    }
}

/// What could not be done: it is given back, or put aside where doing it again would end the same.
async fn undone(house: &Gateway, work: &Work, error: &SpoolError) {
    let message = work.lease.message;
    tracing::warn!(code = error.code(), %error, "not done");
    match error {
        // Another does it, or nobody any more.
        SpoolError::LeaseEnded(_) | SpoolError::Stopped { .. } => {}
        // Somebody was faster; another look tells what follows from that.
        SpoolError::NotNow { .. } | SpoolError::Taken { .. } => house.spool.give_back(&work.lease),
        SpoolError::Damaged { .. } | SpoolError::TooLarge { .. } | SpoolError::Unknown(_) => {
            let text = format!("{error}; {}", error.hint());
            let trouble = words::ours(None, error.code(), text);
            let event = if work.state == State::Received {
                EventKind::Quarantined(trouble)
            } else {
                EventKind::DeadLettered(trouble)
            };
            let step = Step::of(house.now(), message, event);
            if let Err(error) = house.spool.settle(&work.lease, step).await {
                tracing::error!(code = error.code(), %error, "cannot be put aside");
            }
        }
        SpoolError::Full
        | SpoolError::Io { .. }
        | SpoolError::Unavailable { .. }
        | SpoolError::InUse { .. }
        | SpoolError::Newer { .. }
        | SpoolError::NumberBehind { .. } => {
            tokio::time::sleep(BREATH).await;
            house.spool.give_back(&work.lease);
        }
    }
}

/// How often to look for what is missing.
const LOOK: Duration = Duration::from_secs(60);

/// How long a worker waits before it tries again what the disk did not take.
const BREATH: Duration = Duration::from_secs(1);

/// How often to look for work when nothing says that there is any.
const IDLE: Duration = Duration::from_secs(30);
