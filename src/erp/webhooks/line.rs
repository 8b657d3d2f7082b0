//! What waits for one subscriber, and what may be sent to it next.
//!
//! Pure: it is told what was read, what came of a call and what time it is, and says what to send,
//! what to write down and when to ask again.
//!
//! Events about one subject of one partner stand in one row, and only the first of a row is ever on
//! its way. An event that the subscriber will not have is parked, and with it those behind it in its
//! row; the other rows go on. What is parked is remembered by itself, so that the subscriber's cursor
//! need not wait for it.

use super::health::{Gate, Health};
use super::marker;
use super::pace::{self, Pace};
use super::parked::{Parked, ParkedEvent};
use super::post::Outcome;
use super::telling::Telling;
use crate::message::{Moment, PartnerId};
use crate::spool::Cursor;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Instant;

/// What is to be written down, in one write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) keep: Vec<(String, Cursor)>,
    pub(super) forget: Vec<String>,
}

/// What waits for one subscriber.
#[derive(Debug)]
pub(super) struct Line {
    name: String,
    pace: Pace,
    items: BTreeMap<u64, Item>,
    rows: HashMap<(PartnerId, String), VecDeque<u64>>,
    /// The first of each row that is not on its way, by when it may go.
    due: BTreeSet<(Instant, u64)>,
    /// Those that are not parked: the oldest holds the cursor.
    open: BTreeSet<u64>,
    flying: usize,
    pub(super) health: Health,
    /// Parked before the start: they will be read again, and are not new.
    known: HashSet<Cursor>,
    /// How far it was read, and how far that is written down.
    pub(super) read: Cursor,
    saved: Cursor,
    changes: Changes,
    progress: bool,
    next: u64,
}

#[derive(Debug)]
struct Item {
    telling: Telling,
    due: Option<Instant>,
    failures: u32,
    /// How often it failed while others went well, and how many had gone well by then.
    strikes: u32,
    successes: u64,
    parked: Option<Parked>,
}

impl Line {
    /// A subscriber that has got to `saved`.
    pub(super) fn new(name: &str, pace: Pace, saved: Cursor) -> Self {
        Self {
            name: name.to_owned(),
            pace,
            items: BTreeMap::new(),
            rows: HashMap::new(),
            due: BTreeSet::new(),
            open: BTreeSet::new(),
            flying: 0,
            health: Health::new(pace),
            known: HashSet::new(),
            read: saved,
            saved,
            changes: Changes::default(),
            progress: false,
            next: 0,
        }
    }

    /// Whether more may be read.
    pub(super) fn has_room(&self) -> bool {
        self.open.len() < ROOM && self.items.len() < MOST
    }

    /// Something new was read.
    pub(super) fn push(&mut self, telling: Telling, now: Moment) {
        if self.known.remove(&telling.after) {
            return;
        }
        let behind = self.first_parked(&telling);
        let serial = self.add(telling, now);
        match behind {
            Some(why) => self.park(serial, why, now.at),
            None => {
                self.open.insert(serial);
            }
        }
    }

    /// What was parked before the start; to be called in the order of their places.
    pub(super) fn restore(&mut self, telling: Telling, since: Timestamp, now: Moment) {
        let marker = marker::marker(&self.name, &telling.notice.id, since);
        let why = self.first_parked(&telling).unwrap_or_else(|| BEFORE.to_owned());
        self.known.insert(telling.after);
        let serial = self.add(telling, now);
        if let Some(item) = self.items.get_mut(&serial) {
            item.parked = Some(Parked::new(since, marker, why));
        }
        self.schedule_parked(serial, now);
    }

    /// What to send now.
    pub(super) fn next(&mut self, now: Instant) -> Option<(u64, Telling)> {
        if self.flying >= AT_ONCE {
            return None;
        }
        let serial = match self.health.gate(now) {
            Gate::Closed(_) => return None,
            Gate::Open => self.due.first().filter(|(due, _)| *due <= now)?.1,
            Gate::Probe => {
                let candidates = self.due.iter().filter_map(|(due, serial)| {
                    let item = self.items.get(serial)?;
                    (item.parked.is_none() || *due <= now).then_some((item.failures, *serial))
                });
                let (_, serial) = candidates.min()?;
                self.health.probing(serial);
                serial
            }
        };
        self.set_due(serial, None);
        self.flying += 1;
        Some((serial, self.items.get(&serial)?.telling.clone()))
    }

    /// When `next` may have something, if nothing happens before.
    pub(super) fn wake(&self, now: Instant) -> Option<Instant> {
        let (first, _) = *self.due.first().filter(|_| self.flying < AT_ONCE)?;
        match self.health.gate(now) {
            Gate::Open | Gate::Probe => Some(first),
            Gate::Closed(until) if self.open.is_empty() => until.map(|until| until.max(first)),
            Gate::Closed(until) => until,
        }
    }

    /// What came of a call.
    pub(super) fn outcome(&mut self, serial: u64, outcome: Outcome, now: Moment) {
        self.flying = self.flying.saturating_sub(1);
        match outcome {
            Outcome::Delivered => {
                if !self.health.is_well(now.tick) {
                    self.forward(now.tick);
                }
                self.health.delivered(now.tick);
                self.remove(serial, now.tick);
            }
            Outcome::Refused(why) => {
                let was_well = self.health.is_well(now.tick);
                if self.health.refused(serial, now.tick) {
                    self.park_row(serial, why, now);
                    if !was_well {
                        self.forward(now.tick);
                    }
                } else {
                    self.later(serial, why, now);
                }
            }
            Outcome::Unreadable(why) => {
                self.health.not_sent(serial);
                self.park_row(serial, why, now);
            }
            Outcome::Busy(wait, _) => {
                self.health.pause(serial, wait.map(|wait| now.tick + wait), now.tick);
                self.set_due(serial, Some(now.tick));
            }
            Outcome::Weather(why) => {
                self.health.failed(serial, now.tick);
                if self.strike(serial) {
                    self.park_row(serial, why, now);
                } else {
                    self.later(serial, why, now);
                }
            }
        }
    }

    /// What is to be written down by now, if anything.
    pub(super) fn changes(&mut self) -> Option<Changes> {
        let to = self.done();
        let mut changes = std::mem::take(&mut self.changes);
        if to != self.saved && (self.progress || !changes.keep.is_empty()) {
            changes.keep.push((marker::cursor(&self.name), to));
            self.saved = to;
        }
        self.progress = false;
        (changes != Changes::default()).then_some(changes)
    }

    /// What could not be written down comes again with the next.
    pub(super) fn not_written(&mut self, mut changes: Changes) {
        changes.keep.append(&mut self.changes.keep);
        changes.forget.append(&mut self.changes.forget);
        self.changes = changes;
        self.progress = true;
    }

    /// Whether there is something to write down.
    pub(super) fn is_changed(&self) -> bool {
        self.changes != Changes::default() || self.progress && self.done() != self.saved
    }

    /// A long stretch was read that holds nothing for this subscriber.
    pub(super) fn passed(&mut self) {
        self.progress = true;
    }

    /// Tries a parked event again, or the one that it waits for; `false` if it is not parked here.
    pub(super) fn retry(&mut self, event: &str, now: Instant) -> bool {
        let is_it = |item: &&Item| item.parked.is_some() && item.telling.notice.id.0 == event;
        let Some(row) = self.items.values().find(is_it).map(|item| row(&item.telling)) else {
            return false;
        };
        let first = self.rows.get(&row).and_then(|row| row.front()).copied();
        let item = first.and_then(|first| self.items.get_mut(&first));
        if let (Some(first), Some(item)) = (first, item) {
            let held = item.parked.as_mut().is_some_and(|parked| std::mem::take(&mut parked.held));
            // What is neither held nor due is on its way, and needs no other try.
            if held || item.due.is_some() {
                self.set_due(first, Some(now));
            }
        }
        true
    }

    /// What is parked, oldest first.
    pub(super) fn parked(&self) -> Vec<ParkedEvent> {
        let shown = |item: &Item| Some(item.parked.as_ref()?.shown(&self.name, &item.telling));
        self.items.values().filter_map(shown).collect()
    }

    /// How many wait that are not parked.
    pub(super) fn waiting(&self) -> usize {
        self.open.len()
    }

    /// Behind all that is told or parked.
    fn done(&self) -> Cursor {
        let oldest = self.open.first().and_then(|serial| self.items.get(serial));
        oldest.map_or(self.read, |item| item.telling.before)
    }

    fn add(&mut self, telling: Telling, now: Moment) -> u64 {
        let serial = self.next;
        self.next += 1;
        let row = self.rows.entry(row(&telling)).or_default();
        row.push_back(serial);
        let is_first = row.len() == 1;
        let successes = self.health.successes;
        let item = Item { telling, due: None, failures: 0, strikes: 0, successes, parked: None };
        self.items.insert(serial, item);
        if is_first {
            self.set_due(serial, Some(now.tick));
        }
        serial
    }

    /// It was delivered: the next of its row may go.
    fn remove(&mut self, serial: u64, now: Instant) {
        let Some(item) = self.items.remove(&serial) else { return };
        self.open.remove(&serial);
        self.progress = true;
        if let Some(parked) = item.parked {
            self.changes.forget.push(parked.marker);
        }
        let key = row(&item.telling);
        let Some(row) = self.rows.get_mut(&key) else { return };
        row.pop_front();
        match row.front().copied() {
            Some(first) => self.set_due(first, Some(now)),
            None => drop(self.rows.remove(&key)),
        }
    }

    /// The subscriber is back: what waited for that need wait no longer.
    fn forward(&mut self, now: Instant) {
        let waits = self.due.iter().map(|(_, serial)| *serial);
        for serial in waits.filter(|serial| self.open.contains(serial)).collect::<Vec<_>>() {
            self.set_due(serial, Some(now));
        }
    }

    /// Parks an event and those behind it in its row.
    fn park_row(&mut self, serial: u64, why: String, now: Moment) {
        let Some(item) = self.items.get(&serial) else { return };
        let waits = waits_for(&item.telling);
        let row = self.rows.get(&row(&item.telling)).cloned().unwrap_or_default();
        for other in row.into_iter().filter(|other| *other != serial) {
            self.park(other, waits.clone(), now.at);
        }
        self.park(serial, why, now.at);
        if let Some(parked) = self.items.get_mut(&serial).and_then(|item| item.parked.as_mut()) {
            parked.tries = parked.tries.saturating_add(1);
        }
        self.schedule_parked(serial, now);
    }

    fn park(&mut self, serial: u64, why: String, since: Timestamp) {
        let Some(item) = self.items.get_mut(&serial) else { return };
        self.open.remove(&serial);
        self.progress = true;
        if let Some(parked) = &mut item.parked {
            parked.why = why;
            return;
        }
        let marker = marker::marker(&self.name, &item.telling.notice.id, since);
        self.changes.keep.push((marker.clone(), item.telling.before));
        item.parked = Some(Parked::new(since, marker, why));
    }

    /// When a parked event is tried next: the first of its row only, and not for ever.
    fn schedule_parked(&mut self, serial: u64, now: Moment) {
        let Some(item) = self.items.get(&serial) else { return };
        let first = self.rows.get(&row(&item.telling)).and_then(|row| row.front()).copied();
        let wait = match self.items.get_mut(&serial).and_then(|item| item.parked.as_mut()) {
            Some(parked) if first == Some(serial) => {
                let age = now.at.duration_since(parked.since).unsigned_abs();
                parked.held = age >= pace::HELD;
                (!parked.held).then(|| now.tick + pace::parked(parked.tries))
            }
            Some(_) | None => None,
        };
        self.set_due(serial, wait);
    }

    /// It is tried again after a while.
    fn later(&mut self, serial: u64, why: String, now: Moment) {
        let pace = self.pace;
        let Some(item) = self.items.get_mut(&serial) else { return };
        item.failures = item.failures.saturating_add(1);
        if let Some(parked) = &mut item.parked {
            (parked.why, parked.tries) = (why, parked.tries.saturating_add(1));
            return self.schedule_parked(serial, now);
        }
        let wait = pace.wait(item.failures, &item.telling.notice.id.0);
        self.set_due(serial, Some(now.tick + wait));
    }

    /// It failed; says whether it did so often enough while others went well.
    fn strike(&mut self, serial: u64) -> bool {
        let successes = self.health.successes;
        let Some(item) = self.items.get_mut(&serial) else { return false };
        if item.strikes == 0 || item.successes != successes {
            item.strikes += 1;
        }
        item.successes = successes;
        item.strikes >= STRIKES
    }

    fn set_due(&mut self, serial: u64, at: Option<Instant>) {
        let Some(item) = self.items.get_mut(&serial) else { return };
        if let Some(old) = item.due.take() {
            self.due.remove(&(old, serial));
        }
        item.due = at;
        self.due.extend(at.map(|at| (at, serial)));
    }

    /// Why an event would wait that comes behind a parked one.
    fn first_parked(&self, telling: &Telling) -> Option<String> {
        let first = self.items.get(self.rows.get(&row(telling))?.front()?)?;
        first.parked.as_ref().map(|_| waits_for(&first.telling))
    }
}

fn row(telling: &Telling) -> (PartnerId, String) {
    (telling.notice.partner.clone(), telling.notice.subject.clone())
}

fn waits_for(first: &Telling) -> String {
    format!("it waits for `{}`, which is about the same subject", first.notice.id)
}

/// How many events are on their way at a time.
const AT_ONCE: usize = 16;

/// So many events are read ahead of those that are told.
const ROOM: usize = 1024;

/// With so many in all, parked ones too, no more is read.
const MOST: usize = 100_000;

/// So often an event may fail while others go well.
const STRIKES: u32 = 5;

/// Why an event is parked that was so before the start.
const BEFORE: &str = "it was refused before wharf was started again";
