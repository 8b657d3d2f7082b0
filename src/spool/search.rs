//! Finding messages: by any reference they carry, by partner, by state, by time.

use super::entry::{BodyRef, Cursor, Entry, Fact, Head};
use super::error::SpoolError;
use super::index::{Key, WINDOW, normal};
use super::journal::Found;
use super::row::Summary;
use super::shared::Shared;
use super::store::Spool;
use crate::event::{Event, Notice, State};
use crate::message::{Direction, Identity, MessageId, PartnerId, Reference, ReferenceKind};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Which messages are wanted; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// From or to this partner.
    pub partner: Option<PartnerId>,
    /// In this state.
    pub state: Option<State>,
    /// This way.
    pub direction: Option<Direction>,
    /// Opened at this time or later.
    pub from: Option<Timestamp>,
    /// Opened before this time.
    pub until: Option<Timestamp>,
    /// Carrying this reference.
    pub reference: Option<String>,
}

/// Some of the messages that were wanted, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The messages.
    pub messages: Vec<Summary>,
    /// Where to go on, if there may be more.
    pub next: Option<Cursor>,
}

/// All that is kept of a message.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// Where it stands.
    pub summary: Summary,
    /// What was known of it from the start.
    pub head: Head,
    /// Its bytes.
    pub body: BodyRef,
    /// What happened to it, in order.
    pub events: Vec<Event>,
    /// What it can be found by.
    pub references: Vec<Reference>,
    /// What it is known again by.
    pub identities: Vec<Identity>,
    /// What was kept with it, by label.
    pub kept: Vec<(String, BodyRef)>,
    /// What the ERP was told because of it.
    pub notices: Vec<(Notice, BodyRef)>,
}

impl Spool {
    /// The messages that carry a reference, of any kind or of one, oldest first.
    pub fn find(
        &self,
        value: &str,
        kind: Option<ReferenceKind>,
    ) -> Result<Vec<MessageId>, SpoolError> {
        self.shared.find(value, kind)
    }

    /// The messages that are wanted, newest first, at most `most` but for those that came in one
    /// write with the last.
    pub fn list(
        &self,
        query: &Query,
        before: Option<Cursor>,
        most: usize,
    ) -> Result<Page, SpoolError> {
        if query.reference.is_some() || query.state.is_some_and(State::is_open) {
            return self.shared.list_few(query, before, most);
        }
        self.shared.list_many(query, before, most)
    }

    /// All that is kept of a message.
    pub fn dossier(&self, id: MessageId) -> Result<Dossier, SpoolError> {
        let summary = self.summary(id)?;
        let mut opened = None;
        let mut events = Vec::new();
        let mut references = Vec::new();
        let mut identities = Vec::new();
        let mut kept = Vec::new();
        let mut notices = Vec::new();
        for (record, entry) in self.shared.entries(id)? {
            let at = entry.at;
            for fact in entry.facts.into_iter().filter(|fact| fact.message() == Some(id)) {
                match fact {
                    Fact::Opened { head, body, .. } => opened = Some((head, body.within(&record))),
                    Fact::Happened { event, .. } => {
                        events.push(Event { message: id, at, kind: *event });
                    }
                    Fact::Kept { label, body, .. } => kept.push((label, body.within(&record))),
                    Fact::Claimed { identity, .. } => identities.push(identity),
                    Fact::Referred { reference, .. } => references.push(reference),
                    Fact::Noticed { notice, data } => {
                        notices.push((*notice, data.within(&record)));
                    }
                    Fact::Took { .. }
                    | Fact::Started { .. }
                    | Fact::Followed { .. }
                    | Fact::Forgot { .. }
                    | Fact::Retired { .. } => {}
                }
            }
        }
        let (head, body) = opened
            .ok_or_else(|| SpoolError::Damaged { at: format!("the first record of `{id}`") })?;
        Ok(Dossier { summary, head: *head, body, events, references, identities, kept, notices })
    }
}

impl Query {
    fn fits(&self, summary: &Summary) -> bool {
        self.partner.as_ref().is_none_or(|partner| *partner == summary.partner)
            && self.state.is_none_or(|state| state == summary.state)
            && self.direction.is_none_or(|direction| direction == summary.direction)
            && self.from.is_none_or(|from| summary.opened >= from)
            && self.until.is_none_or(|until| summary.opened < until)
    }

    /// The listing that leads to the fewest others.
    fn listing(&self) -> Key {
        match (&self.partner, self.state) {
            (_, Some(state)) => Key::entered(state),
            (Some(partner), None) => Key::opened_for(partner),
            (None, None) => Key::opened(),
        }
    }
}

impl Shared {
    fn find(&self, value: &str, kind: Option<ReferenceKind>) -> Result<Vec<MessageId>, SpoolError> {
        let wanted = normal(value);
        let mut found = BTreeSet::new();
        for position in self.positions(Key::reference(&wanted), false)? {
            let entry = match self.entry(position) {
                Ok((_, entry)) => entry,
                Err(SpoolError::Damaged { .. }) => continue,
                Err(error) => return Err(error),
            };
            for fact in &entry.facts {
                if let Fact::Referred { id, reference } = fact
                    && kind.is_none_or(|kind| kind == reference.kind)
                    && normal(&reference.value) == wanted
                {
                    found.insert(*id);
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    /// A listing of messages that are few, or that are in memory anyway.
    fn list_few(
        &self,
        query: &Query,
        before: Option<Cursor>,
        most: usize,
    ) -> Result<Page, SpoolError> {
        let mut summaries = Vec::new();
        if let Some(reference) = &query.reference {
            for id in self.find(reference, None)? {
                summaries.extend(self.row(id)?.map(|row| row.summary()));
            }
        } else {
            summaries.extend(self.desk().memory.rows().map(|(_, row)| row.summary()));
        }
        summaries.retain(|summary| query.fits(summary));
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.id));
        let from = before.map_or(0, |cursor| usize::try_from(cursor.done).unwrap_or(usize::MAX));
        let next = from.saturating_add(most);
        let more = (summaries.len() > next)
            .then(|| Cursor { position: 0, done: u32::try_from(next).unwrap_or(u32::MAX) });
        let messages = summaries.into_iter().skip(from).take(most).collect();
        Ok(Page { messages, next: more })
    }

    /// A listing that walks back through the journal, window by window.
    fn list_many(
        &self,
        query: &Query,
        before: Option<Cursor>,
        most: usize,
    ) -> Result<Page, SpoolError> {
        let end = before.map_or(u64::MAX, |cursor| cursor.position);
        let mut windows = BTreeMap::new();
        for position in self.positions(query.listing(), false)? {
            windows.entry(position / WINDOW).or_insert(position);
        }
        let windows: Vec<u64> = windows.into_values().filter(|first| *first < end).collect();
        let until = match query.until {
            Some(until) => windows.partition_point(|first| {
                self.entry(*first).is_ok_and(|(_, entry)| entry.at < until)
            }),
            None => windows.len(),
        };
        let mut seen = BTreeSet::new();
        let mut page = Page::default();
        for first in windows.iter().take(until).rev() {
            let mut oldest = None;
            let mut found: Vec<(u64, Summary)> = Vec::new();
            for (position, entry) in self.window(*first, end)? {
                oldest = oldest.or(Some(entry.at));
                for id in candidates(&entry, query) {
                    if seen.insert(id)
                        && let Some(row) = self.row(id)?
                        && query.fits(&row.summary())
                    {
                        found.push((position, row.summary()));
                    }
                }
            }
            for (position, summary) in found.into_iter().rev() {
                if page.messages.len() >= most && page.next.is_some_and(|c| c.position != position)
                {
                    return Ok(page);
                }
                page.next = Some(Cursor { position, done: 0 });
                page.messages.push(summary);
            }
            if query.from.is_some_and(|from| oldest.is_some_and(|oldest| oldest < from)) {
                break;
            }
        }
        page.next = None;
        Ok(page)
    }

    /// The entries of a window, from the record at `first` on, that stand before `end`.
    fn window(&self, first: u64, end: u64) -> Result<Vec<(u64, Entry)>, SpoolError> {
        let end = end.min((first / WINDOW + 1) * WINDOW);
        let mut entries = Vec::new();
        for found in self.reader.scan(first) {
            match found? {
                Found::Record(record) if record.position >= end => break,
                Found::Record(record) => {
                    entries.extend(Entry::read(&record).ok().map(|e| (record.position, e)));
                }
                Found::Gap(..) => {}
            }
        }
        Ok(entries)
    }
}

/// The messages of an entry that may be wanted.
fn candidates(entry: &Entry, query: &Query) -> BTreeSet<MessageId> {
    let wanted = |fact: &&Fact| {
        matches!(fact, Fact::Opened { .. }) && query.state.is_none()
            || matches!(fact, Fact::Happened { .. }) && query.state.is_some()
    };
    entry.facts.iter().filter(wanted).filter_map(Fact::message).collect()
}
