//! What a partner can fetch, by folder and name, as of a moment ago.

use super::attributes::Attributes;
use super::name::{FileName, Folder};
use crate::message::MessageId;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Something that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) id: MessageId,
    pub(super) length: u64,
    pub(super) since: Timestamp,
    pub(super) kind: Kind,
}

/// What sort of thing it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It waits; to fetch all of it is the receipt.
    Waiting,
    /// They fetched it before.
    Had,
    /// They handed it in, and we could not take it as it is.
    Returned,
    /// Why that is so.
    Why(Arc<str>),
}

impl Item {
    pub(super) fn attributes(&self) -> Attributes {
        Attributes::file(self.length, 0o644, self.since)
    }
}

/// A folder as of a moment ago.
pub(super) type Shelf = Arc<BTreeMap<FileName, Item>>;

/// A shelf that is gone along, a page at a time.
#[derive(Debug)]
pub(super) struct Browse {
    items: Shelf,
    after: Bound<FileName>,
}

impl Browse {
    pub(super) fn of(items: Shelf) -> Self {
        Self { items, after: Bound::Unbounded }
    }

    /// The next items, at most `most`.
    pub(super) fn page(&mut self, most: usize) -> Vec<(FileName, Item)> {
        let page = self.items.range((self.after.clone(), Bound::Unbounded)).take(most);
        let page: Vec<_> = page.map(|(name, item)| (name.clone(), item.clone())).collect();
        if let Some((last, _)) = page.last() {
            self.after = Bound::Excluded(last.clone());
        }
        page
    }
}

/// The shelves of a mailbox.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    filled: HashMap<Folder, (Instant, Shelf)>,
    /// What each message is called, so that it is called so tomorrow.
    names: HashMap<(Folder, MessageId), FileName>,
    /// What was fetched and went, so that to remove it then is no fault.
    gone: VecDeque<(Folder, FileName)>,
}

impl Shelves {
    /// The shelf, if it was filled not longer ago than `age`.
    pub(super) fn fresh(&self, folder: Folder, now: Instant, age: Duration) -> Option<Shelf> {
        let (since, items) = self.filled.get(&folder)?;
        (now.saturating_duration_since(*since) <= age).then(|| Arc::clone(items))
    }

    pub(super) fn fill(&mut self, folder: Folder, now: Instant, items: Shelf) {
        self.names.retain(|(of, _), name| *of != folder || items.contains_key(name));
        self.filled.insert(folder, (now, items));
    }

    /// What a message is called in a folder: as it likes, unless another is called so.
    pub(super) fn name(
        &mut self,
        folder: Folder,
        id: MessageId,
        wanted: &str,
        items: &BTreeMap<FileName, Item>,
    ) -> FileName {
        if let Some(name) = self.names.get(&(folder, id)) {
            return name.clone();
        }
        let mut name = FileName::ours(wanted);
        if items.contains_key(&name) {
            name = name.with(&id.to_string());
        }
        self.names.insert((folder, id), name.clone());
        name
    }

    /// Takes something off its shelf.
    pub(super) fn take_off(&mut self, folder: Folder, name: &FileName) {
        if let Some((_, items)) = self.filled.get_mut(&folder) {
            Arc::make_mut(items).remove(name);
        }
        self.gone.push_back((folder, name.clone()));
        if self.gone.len() > REMEMBERED {
            self.gone.pop_front();
        }
    }

    /// Whether it was here and was fetched.
    pub(super) fn is_gone(&self, folder: Folder, name: &FileName) -> bool {
        self.gone.iter().rev().any(|(of, gone)| *of == folder && gone == name)
    }

    /// What is on a shelf may be out of date.
    pub(super) fn empty(&mut self, folder: Folder) {
        self.filled.remove(&folder);
    }

    /// Nobody looks at any of them.
    pub(super) fn clear(&mut self) {
        self.filled.clear();
    }
}

/// How many fetched names are remembered.
const REMEMBERED: usize = 1_000;
