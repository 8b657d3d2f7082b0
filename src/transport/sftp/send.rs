//! What partners fetch: letters that wait, what we could not read, what they fetched before.
//!
//! A letter is signed off when every byte of it was sent, in one session or several, and the file
//! is closed: a client that is cut off before never says so, and fetches again.

use super::super::inbox::Inbox;
use super::mailbox::{Agreed, Mailbox};
use super::name::{FileName, Folder};
use super::ranges::Ranges;
use super::shelf::{Item, Kind, Shelf};
use super::trouble::Trouble;
use super::upload::long;
use super::waiting::home;
use crate::message::{Content, MessageId, Unchecked};
use crate::partner::Fetched;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle as Runtime;

/// A file open to be read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) content: Unchecked,
    pub(super) item: Item,
    folder: Folder,
    name: FileName,
}

impl<I: Inbox> Mailbox<I> {
    /// What is in a folder besides what waits, as of a moment ago.
    pub(super) fn shelf(&self, folder: Folder) -> Result<Shelf, Trouble> {
        let tick = self.inbox.now().tick;
        if let Some(items) = self.inside().shelves.fresh(folder, tick, age(folder)) {
            return Ok(items);
        }
        let mut items = BTreeMap::new();
        match folder {
            Folder::Inbound => return Err(Trouble::NoSuchFolder),
            Folder::Outbound | Folder::Acknowledgments | Folder::Archive => {
                self.put_had(&mut items, folder)?;
            }
            Folder::Rejected => self.put_rejected(&mut items)?,
        }
        let items = Arc::new(items);
        self.inside().shelves.fill(folder, tick, Arc::clone(&items));
        Ok(items)
    }

    fn put_had(&self, items: &mut BTreeMap<FileName, Item>, folder: Folder) -> Result<(), Trouble> {
        let letters = self.inbox.collected(&self.partner, MOST_HAD)?;
        let mut inside = self.inside();
        for letter in letters {
            let here = folder == Folder::Archive || folder == home(&letter);
            if !here || inside.hidden.contains(&letter.id) {
                continue;
            }
            let (id, length, since) = (letter.id, letter.length, letter.since);
            let name = inside.shelves.name(folder, id, &letter.file_name, items);
            items.insert(name, Item { id, length, since, kind: Kind::Had });
        }
        Ok(())
    }

    fn put_rejected(&self, items: &mut BTreeMap<FileName, Item>) -> Result<(), Trouble> {
        let returned = self.inbox.turned_back(&self.partner, MOST_RETURNED)?;
        let mut inside = self.inside();
        for back in returned
            .into_iter()
            .filter(|back| !inside.hidden.contains(&back.id))
            .collect::<Vec<_>>()
        {
            let (id, since) = (back.id, back.since);
            let name = inside.shelves.name(Folder::Rejected, id, &back.file_name, items);
            let why: Arc<str> = format!("{}\n", back.why).into();
            let text = Item { id, length: long(why.len()), since, kind: Kind::Why(why) };
            items.insert(name.followed_by(".txt"), text);
            items.insert(name, Item { id, length: back.length, since, kind: Kind::Returned });
        }
        Ok(())
    }

    /// What is called so in a folder. What came a moment ago is found too.
    pub(super) fn look(
        &self,
        folder: Folder,
        name: &FileName,
        agreed: &Agreed,
    ) -> Result<Item, Trouble> {
        if matches!(folder, Folder::Outbound | Folder::Acknowledgments) {
            if let Some(item) = self.find_waiting(folder, name)? {
                return Ok(item);
            }
            if agreed.fetched != Fetched::Keep {
                return Err(Trouble::NoSuchFile);
            }
        }
        let tick = self.inbox.now().tick;
        let known = self.inside().shelves.fresh(folder, tick, STALE);
        if let Some(item) = known.and_then(|items| items.get(name).cloned()) {
            return Ok(item);
        }
        let items = self.shelf(folder)?;
        let apart = |(plain, item): (&FileName, &Item)| {
            (name.id() == Some(item.id) && plain.with(&item.id.to_string()) == *name)
                .then(|| item.clone())
        };
        let found = items.get(name).cloned().or_else(|| items.iter().find_map(apart));
        found.ok_or(Trouble::NoSuchFile)
    }

    /// Opens a file to be read.
    pub(super) fn fetch(
        &self,
        folder: Folder,
        name: &FileName,
        agreed: &Agreed,
    ) -> Result<Reading, Trouble> {
        let item = self.look(folder, name, agreed)?;
        let content = match &item.kind {
            Kind::Waiting | Kind::Had => self.inbox.collect(&self.partner, item.id)?.content,
            Kind::Returned => self.inbox.handed(&self.partner, item.id)?.content,
            Kind::Why(why) => Content::from(why.as_bytes().to_vec()).into(),
        };
        Ok(Reading { content, item, folder, name: name.clone() })
    }

    /// So many bytes from `offset` on are on their way to the partner.
    pub(super) fn sent(&self, reading: &Reading, offset: u64, count: usize) {
        if reading.item.kind == Kind::Waiting {
            let to = offset.saturating_add(long(count));
            self.inside().had.entry(reading.item.id).or_default().add(offset, to);
        }
    }

    /// Closes a file that was read: a letter of which every byte was sent waits no longer.
    pub(super) fn read_to_the_end(
        &self,
        reading: &Reading,
        agreed: &Agreed,
        runtime: &Runtime,
    ) -> Result<(), Trouble> {
        let (id, length) = (reading.item.id, reading.content.length());
        let complete = |had: &Ranges| had.cover(length);
        let had = self.inside().had.get(&id).is_some_and(complete);
        if reading.item.kind != Kind::Waiting || !had {
            return Ok(());
        }
        runtime.block_on(self.inbox.sign_off(&self.partner, id))?;
        let mut inside = self.inside();
        inside.had.remove(&id);
        match agreed.fetched {
            Fetched::Remove => inside.take_off(reading.folder, &reading.name, id),
            Fetched::Archive => {
                inside.take_off(reading.folder, &reading.name, id);
                inside.shelves.empty(Folder::Archive);
            }
            Fetched::Keep => inside.shelves.empty(reading.folder),
        }
        Ok(())
    }

    /// Removes a file that was fetched, or what we could not read.
    pub(super) fn remove(
        &self,
        folder: Folder,
        name: &FileName,
        agreed: &Agreed,
    ) -> Result<(), Trouble> {
        let item = match self.look(folder, name, agreed) {
            Ok(item) => item,
            Err(Trouble::NoSuchFile) if self.inside().shelves.is_gone(folder, name) => {
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        };
        match item.kind {
            Kind::Waiting => Err(Trouble::NotFetched),
            Kind::Had | Kind::Returned | Kind::Why(_) => self.hide(folder, name, item.id),
        }
    }

    fn hide(&self, folder: Folder, name: &FileName, id: MessageId) -> Result<(), Trouble> {
        self.unfinished.mark(id)?;
        let mut inside = self.inside();
        inside.hidden.insert(id);
        inside.take_off(folder, name, id);
        if folder == Folder::Rejected {
            inside.shelves.empty(folder);
        }
        Ok(())
    }
}

/// How old what is shown may be.
fn age(folder: Folder) -> Duration {
    match folder {
        Folder::Inbound | Folder::Outbound | Folder::Acknowledgments => Duration::from_millis(250),
        Folder::Rejected | Folder::Archive => Duration::from_secs(1),
    }
}

/// How old a file may be that is found by its name: what was fetched or given back does not change.
const STALE: Duration = Duration::from_secs(60);

/// How many fetched files are shown.
const MOST_HAD: usize = 1_000;

/// How many rejected files are shown.
const MOST_RETURNED: usize = 200;
