//! The life of one subscriber: read, post, write down, wait.

use super::super::cloud;
use super::desk::Desk;
use super::line::Line;
use super::marker;
use super::post::{Outcome, Poster};
use super::reader;
use super::telling::Telling;
use crate::event::{EventId, Lineage, Notice};
use crate::message::{MessageId, Moment};
use crate::partner::Webhook;
use crate::spool::{Spool, SpoolError};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// One subscriber at work. Dropped, it ends like a process that is killed: what was on its way may
/// arrive, and is sent again by whoever comes next.
pub(super) struct Run {
    pub(super) spool: Arc<Spool>,
    pub(super) webhook: Arc<Webhook>,
    pub(super) poster: Arc<Poster>,
    pub(super) desk: Arc<Desk>,
    pub(super) clock: fn() -> Moment,
    pub(super) stop: CancellationToken,
}

/// The calls that are on their way.
type Calls = JoinSet<Called>;

/// What a call came to.
struct Called {
    /// The event's place in the line.
    serial: u64,
    event: About,
    /// When it happened.
    at: Timestamp,
    outcome: Outcome,
}

/// What an event is about, for the lines of the log.
struct About {
    event: EventId,
    message_id: MessageId,
    lineage: Lineage,
}

impl About {
    fn of(notice: &Notice) -> Self {
        let (message_id, lineage) = (notice.message, notice.lineage());
        Self { event: notice.id.clone(), message_id, lineage }
    }
}

impl Run {
    /// Works until it is told to stop.
    pub(super) async fn run(self) {
        loop {
            match self.begin().await {
                Ok(line) => {
                    *self.desk.line() = Some(line);
                    return self.work().await;
                }
                Err(error) => self.trouble("cannot begin", &error),
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(AFTER_TROUBLE) => {}
            }
        }
    }

    /// A line with what was parked before. A new subscriber begins with what happens from now on,
    /// and that is remembered at once.
    async fn begin(&self) -> Result<Line, SpoolError> {
        let (name, now) = (marker::cursor(&self.webhook.name), (self.clock)());
        let Some(saved) = self.spool.cursor(&name) else {
            let end = self.spool.end();
            self.spool.keep_cursor(now, &name, end).await?;
            return Ok(Line::new(&self.webhook.name, self.desk.pace, end));
        };
        let restored = reader::restore(&self.spool, &self.webhook).await?;
        let mut line = Line::new(&self.webhook.name, self.desk.pace, saved);
        for (telling, since) in restored.tellings {
            line.restore(telling, since, now);
        }
        if !restored.lost.is_empty() {
            let (webhook, lost) = (&self.webhook.name, restored.lost.len());
            tracing::warn!(webhook, lost, "parked events are no longer in the journal");
            self.spool.move_cursors(now, &[], &restored.lost).await?;
        }
        Ok(line)
    }

    async fn work(&self) {
        let mut calls = Calls::new();
        let mut tide = self.spool.watch();
        let mut written = (self.clock)().tick;
        // Whether there may be more to read than was read.
        let mut more = true;
        loop {
            tide.mark_unchanged();
            if more && self.with(|line| line.has_room()) {
                more = self.read().await;
            }
            self.send(&mut calls);
            let now = (self.clock)();
            if now.tick >= written + BETWEEN_WRITES && self.write(now).await {
                written = now.tick;
            }
            let wake = self.wake(now.tick, written);
            let full = more && self.with(|line| line.has_room());
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = std::future::ready(()), if full => {}
                Some(called) = calls.join_next() => self.hear(called),
                changed = tide.changed() => match changed {
                    Ok(()) => more = true,
                    Err(_) => break,
                },
                () = self.desk.woken.notified() => {}
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            while let Some(called) = calls.try_join_next() {
                self.hear(called);
            }
        }
        self.end(calls).await;
    }

    /// Reads on; says whether there may be more.
    async fn read(&self) -> bool {
        let from = self.with(|line| line.read);
        match reader::read(&self.spool, &self.webhook, from).await {
            Ok(found) => {
                let now = (self.clock)();
                let more = found.next != from;
                self.with(|line| {
                    line.read = found.next;
                    if found.passed >= MUCH {
                        line.passed();
                    }
                    found.tellings.into_iter().for_each(|telling| line.push(telling, now));
                });
                more
            }
            Err(error) => {
                self.trouble("cannot read the journal", &error);
                tokio::time::sleep(AFTER_TROUBLE).await;
                true
            }
        }
    }

    /// Sends what may be sent.
    fn send(&self, calls: &mut Calls) {
        let now = (self.clock)().tick;
        while let Some((serial, telling)) = self.with(|line| line.next(now)) {
            let (spool, poster) = (Arc::clone(&self.spool), Arc::clone(&self.poster));
            let clock = self.clock;
            let (event, at) = (About::of(&telling.notice), telling.notice.at);
            calls.spawn(async move {
                // In a task of its own, so that a panic is an outcome like any other.
                let mut one = JoinSet::new();
                one.spawn(async move { call(&spool, &poster, &telling, clock).await });
                let outcome = one.join_next().await.and_then(Result::ok);
                let fault = || Outcome::Weather("the call ended by a fault of wharf's".to_owned());
                Called { serial, event, at, outcome: outcome.unwrap_or_else(fault) }
            });
        }
    }

    fn hear(&self, called: Result<Called, JoinError>) {
        let Ok(Called { serial, event, at, outcome }) = called else { return };
        let About { event, message_id, lineage } = event;
        let (webhook, now) = (&self.webhook.name, (self.clock)());
        // What they said stays out of the log: it may repeat what we sent.
        let name = match &outcome {
            Outcome::Delivered => {
                let lag = now.at.duration_since(at).as_secs_f64();
                metrics::histogram!("wharf_event_lag_seconds", "webhook" => webhook.clone())
                    .record(lag);
                tracing::debug!(webhook, %event, %message_id, %lineage, "an event was delivered");
                "delivered"
            }
            Outcome::Refused(_) => {
                tracing::warn!(webhook, %event, %message_id, %lineage, "an event was refused");
                "refused"
            }
            Outcome::Unreadable(_) => {
                tracing::error!(webhook, %event, %message_id, %lineage, "an event cannot be read");
                "unreadable"
            }
            Outcome::Busy(_, _) => {
                tracing::info!(webhook, %event, %message_id, %lineage, "the subscriber asked us to wait");
                "busy"
            }
            Outcome::Weather(_) => {
                tracing::info!(webhook, %event, %message_id, %lineage, "an event could not be delivered now");
                "failed"
            }
        };
        let labels = [("webhook", webhook.clone()), ("outcome", name.to_owned())];
        metrics::counter!("wharf_webhook_calls_total", &labels).increment(1);
        self.with(|line| line.outcome(serial, outcome, now));
    }

    /// Writes down what changed; says whether that is done.
    async fn write(&self, now: Moment) -> bool {
        let Some(changes) = self.with(Line::changes) else { return false };
        if let Err(error) = self.spool.move_cursors(now, &changes.keep, &changes.forget).await {
            self.trouble("cannot write down how far it is", &error);
            self.with(|line| line.not_written(changes));
        }
        true
    }

    fn wake(&self, now: Instant, written: Instant) -> Instant {
        let (next, changed) = self.with(|line| (line.wake(now), line.is_changed()));
        let write = changed.then(|| written + BETWEEN_WRITES);
        next.into_iter().chain(write).min().unwrap_or(now + IDLE)
    }

    /// Hears out what is on its way, for a while, and writes it down.
    async fn end(&self, mut calls: Calls) {
        let hear = async {
            while let Some(called) = calls.join_next().await {
                self.hear(called);
            }
        };
        let _late = tokio::time::timeout(LAST_WORDS, hear).await;
        self.write((self.clock)()).await;
    }

    fn with<T>(&self, act: impl FnOnce(&mut Line) -> T) -> T
    where
        T: Default,
    {
        self.desk.line().as_mut().map(act).unwrap_or_default()
    }

    fn trouble(&self, what: &str, error: &SpoolError) {
        tracing::error!(webhook = &self.webhook.name, code = error.code(), "{what}: {error}");
    }
}

/// Sends one event.
async fn call(
    spool: &Arc<Spool>,
    poster: &Poster,
    telling: &Telling,
    clock: fn() -> Moment,
) -> Outcome {
    match reader::data(spool, telling).await {
        Ok(data) => {
            let body = cloud::event(&telling.notice, &data, telling.after);
            poster.post(&telling.notice.id.0, body, clock()).await
        }
        Err(SpoolError::Damaged { at }) => {
            Outcome::Unreadable(format!("its data is damaged at {at}"))
        }
        Err(error) => Outcome::Weather(error.to_string()),
    }
}

/// How long until another try when the spool does not do what it is asked.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// How far it is, is written down no more often: a start repeats what was told in between.
const BETWEEN_WRITES: Duration = Duration::from_millis(100);

/// Having come by so much that is for others, that is written down too.
const MUCH: usize = 1000;

/// How long it sleeps when there is nothing to wait for.
const IDLE: Duration = Duration::from_secs(3600);

/// How long it waits, told to stop, for what is on its way.
const LAST_WORDS: Duration = Duration::from_secs(10);
