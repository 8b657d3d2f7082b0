//! The part of the index that is in memory: what is recent, and what is open.

use super::super::control::{Numbers, Sequence};
use super::super::entry::{Cursor, Entry, Fact, NumberKey};
use super::super::holdings::{Day, Holdings};
use super::super::row::Row;
use super::key::{self, Key, WINDOW};
use super::offers::Offers;
use super::run::{Postings, Run, Runs};
use crate::event::State;
use crate::message::{MessageId, PartnerId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;
use std::sync::Arc;

/// The part of the index that is in memory.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Postings since the last checkpoint, and the identities among them.
    recent: Postings,
    identities: Vec<Key>,
    /// The checkpoint that is being written.
    writing: Option<Arc<Checkpoint>>,
    /// What checkpoints before it wrote.
    runs: Arc<Runs>,
    /// The window in which a listing last got a posting.
    windows: Windows,
    /// The rows of open messages, which of them the next checkpoint must put right, and which have
    /// a row on disk, or will when the checkpoint in hand is written.
    rows: HashMap<MessageId, Row>,
    touched: HashSet<MessageId>,
    stored: HashSet<MessageId>,
    /// Those of them that lie ready to be collected.
    offers: Offers,
    /// Control numbers.
    pub(crate) numbers: Numbers,
    cursors: BTreeMap<String, Cursor>,
    /// How much of each partner's is here.
    pub(crate) holdings: Holdings,
    /// Followers that were forgotten since the last checkpoint.
    forgotten: HashSet<String>,
    /// Before this position nothing is kept any more.
    pub(crate) retired: u64,
    /// How many records since the last checkpoint.
    pub(crate) records: usize,
    reach: Reach,
}

/// The window in which each listing last got a posting.
#[derive(Debug, Default)]
struct Windows {
    all: Option<u64>,
    partners: HashMap<PartnerId, u64>,
    states: HashMap<State, u64>,
}

/// How far an index reaches into the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The last record in it.
    pub(crate) last: u64,
    /// The position behind that.
    pub(crate) next: u64,
}

/// What a checkpoint writes.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(super) run: u32,
    pub(super) postings: Postings,
    pub(super) identities: Vec<Key>,
    /// Rows of open messages; none for messages that no longer are.
    pub(super) rows: Vec<(MessageId, Option<Row>)>,
    pub(super) numbers: Vec<(NumberKey, Sequence)>,
    pub(super) cursors: Vec<(String, Cursor)>,
    pub(super) days: Vec<Day>,
    /// Followers whose rows go.
    pub(super) forgotten: Vec<String>,
    pub(super) retired: u64,
    pub(super) reach: Reach,
}

impl Checkpoint {
    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        let rows = self.rows.len() + self.numbers.len() + self.days.len();
        self.postings.len() * 12 + rows * 400
    }
}

/// A row as it changed.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) id: MessageId,
    /// Whether it is due at another time, or in another state, than before.
    pub(crate) moved: bool,
    pub(crate) row: Row,
}

impl Memory {
    /// What was written down at the last checkpoint.
    pub(super) fn restore(
        runs: Runs,
        rows: HashMap<MessageId, Row>,
        numbers: Vec<(NumberKey, Sequence)>,
        cursors: BTreeMap<String, Cursor>,
        days: Vec<Day>,
        retired: u64,
        reach: Reach,
    ) -> Self {
        let stored = rows.keys().copied().collect();
        let runs = Arc::new(runs);
        let holdings = Holdings::restore(rows.values(), days);
        let mut memory =
            Self { runs, rows, stored, cursors, holdings, retired, reach, ..Self::default() };
        for row in memory.rows.values() {
            memory.offers.note(row);
        }
        for (key, sequence) in numbers {
            memory.numbers.restore(key, sequence);
        }
        memory
    }

    /// Takes in the record at `reach.last`. `before` are the rows of messages that were not open.
    ///
    /// What does not fit is left out: that can only come from damage, since nothing is written that
    /// was not tried against the same rows.
    pub(crate) fn note(&mut self, entry: &Entry, reach: Reach, before: &[Row]) -> Vec<Changed> {
        let position = reach.last;
        let (keys, identities) = key::keys(entry);
        self.recent.extend(keys.iter().chain(&identities).map(|key| (*key, position)));
        self.identities.extend(identities);
        let mut changed = Vec::new();
        let mut done = HashSet::new();
        for fact in &entry.facts {
            match fact {
                Fact::Opened { head, body, .. } => {
                    self.opened(&head.partner, position);
                    self.holdings.came(head, body.length, entry.at);
                }
                Fact::Happened { id, .. } if done.insert(*id) => {
                    changed.extend(self.happened(*id, entry, position, before));
                }
                Fact::Took { number, value } => self.numbers.was_used(number, *value),
                Fact::Started { number, next } => self.numbers.start(number, *next),
                Fact::Followed { name, to } => {
                    self.forgotten.remove(name);
                    self.cursors.insert(name.clone(), *to);
                }
                Fact::Forgot { name } => {
                    self.cursors.remove(name);
                    self.forgotten.insert(name.clone());
                }
                Fact::Retired { before, .. } => self.retired = self.retired.max(*before),
                Fact::Happened { .. }
                | Fact::Kept { .. }
                | Fact::Claimed { .. }
                | Fact::Referred { .. }
                | Fact::Noticed { .. } => {}
            }
        }
        self.records += 1;
        self.reach = reach;
        changed
    }

    fn happened(
        &mut self,
        id: MessageId,
        entry: &Entry,
        position: u64,
        before: &[Row],
    ) -> Option<Changed> {
        let old = self.rows.get(&id).or_else(|| before.iter().find(|row| row.id() == id));
        let (state, due) = old.map_or((None, None), |row| (Some(row.life.state), row.due));
        let row = Row::after(old.cloned(), id, entry, position).ok().flatten()?;
        let entered = state != Some(row.life.state);
        if entered {
            let window = position / WINDOW;
            if self.windows.states.insert(row.life.state, window) != Some(window) {
                self.recent.insert((Key::entered(row.life.state), position));
            }
        }
        self.offers.note(&row);
        let before = if row.life.state.is_open() {
            self.holdings.wait(&row);
            self.rows.insert(id, row.clone())
        } else {
            self.rows.remove(&id)
        };
        if let Some(before) = before {
            self.holdings.wait_no_more(&before);
        }
        self.touched.insert(id);
        Some(Changed { id, moved: entered || due != row.due, row })
    }

    /// Adds the window of `position` to the listings of what was opened.
    fn opened(&mut self, partner: &PartnerId, position: u64) {
        let window = position / WINDOW;
        if self.windows.all.replace(window) != Some(window) {
            self.recent.insert((Key::opened(), position));
        }
        if self.windows.partners.get(partner) != Some(&window) {
            self.windows.partners.insert(partner.clone(), window);
            self.recent.insert((Key::opened_for(partner), position));
        }
    }

    /// The row of an open message.
    pub(crate) fn row(&self, id: MessageId) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// What lies ready for a partner, oldest first, after `after`.
    pub(crate) fn offers(
        &self,
        partner: &PartnerId,
        after: Option<MessageId>,
    ) -> impl Iterator<Item = MessageId> {
        self.offers.of(partner, after)
    }

    /// The rows of all open messages.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&MessageId, &Row)> {
        self.rows.iter()
    }

    /// The positions for `key` that are in memory.
    pub(crate) fn positions(&self, key: Key) -> Vec<u64> {
        let of = |postings: &Postings| -> Vec<u64> {
            postings.range((key, 0)..=(key, u64::MAX)).map(|(_, position)| *position).collect()
        };
        let mut positions = self.writing.as_ref().map_or(Vec::new(), |c| of(&c.postings));
        positions.extend(of(&self.recent));
        positions
    }

    /// The runs on disk.
    pub(crate) fn runs(&self) -> Arc<Runs> {
        Arc::clone(&self.runs)
    }

    /// How far a follower has got.
    pub(crate) fn cursor(&self, name: &str) -> Option<Cursor> {
        self.cursors.get(name).copied()
    }

    /// All followers, and how far they have got.
    pub(crate) fn cursors(&self) -> impl Iterator<Item = (&String, &Cursor)> {
        self.cursors.iter()
    }

    /// How far the index reaches.
    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    /// How many runs are on disk.
    pub(crate) fn written(&self) -> usize {
        self.runs.count()
    }

    /// Whether a checkpoint was begun and is not on disk yet.
    pub(crate) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Begins a checkpoint; none if there is nothing to write. One that failed is given out again.
    pub(crate) fn checkpoint(&mut self) -> Option<Arc<Checkpoint>> {
        if self.writing.is_none() && self.records > 0 {
            let touched = mem::take(&mut self.touched);
            let rows = touched.into_iter().filter_map(|id| match self.rows.get(&id) {
                Some(row) => {
                    self.stored.insert(id);
                    Some((id, Some(row.clone())))
                }
                None => self.stored.remove(&id).then_some((id, None)),
            });
            self.writing = Some(Arc::new(Checkpoint {
                run: u32::try_from(self.runs.count()).unwrap_or(u32::MAX),
                postings: mem::take(&mut self.recent),
                identities: mem::take(&mut self.identities),
                rows: rows.collect(),
                numbers: self.numbers.all().map(|(key, s)| (key.clone(), s)).collect(),
                cursors: self.cursors.iter().map(|(name, to)| (name.clone(), *to)).collect(),
                days: self.holdings.days(),
                forgotten: mem::take(&mut self.forgotten).into_iter().collect(),
                retired: self.retired,
                reach: self.reach,
            }));
            self.records = 0;
            self.windows = Windows::default();
        }
        self.writing.clone()
    }

    /// The checkpoint in hand is on disk.
    pub(crate) fn checkpointed(&mut self, run: &Run) {
        self.writing = None;
        Arc::make_mut(&mut self.runs).add(run);
    }
}
