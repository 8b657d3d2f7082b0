//! The letters that wait, as files: gone along a page at a time, or found by name. None is kept.

use super::super::inbox::{Inbox, Letter};
use super::attributes::Attributes;
use super::mailbox::{Agreed, Mailbox};
use super::name::{FileName, Folder};
use super::shelf::{Browse, Item, Kind};
use super::trouble::Trouble;
use crate::message::MessageId;
use crate::partner::Fetched;

/// A folder of letters that is gone along.
#[derive(Debug)]
pub(super) struct Walk {
    folder: Folder,
    after: Option<MessageId>,
    /// What they fetched before and still see, once all that waits was told.
    had: Option<Browse>,
}

impl Walk {
    pub(super) fn along(folder: Folder) -> Self {
        Self { folder, after: None, had: None }
    }
}

impl<I: Inbox> Mailbox<I> {
    /// The next files of a folder, at most `most`; none: that were all.
    pub(super) fn further(
        &self,
        walk: &mut Walk,
        most: usize,
        agreed: &Agreed,
    ) -> Result<Vec<(FileName, Attributes)>, Trouble> {
        if let Some(had) = &mut walk.had {
            return Ok(self.apart(walk.folder, had.page(most)));
        }
        loop {
            let letters = self.inbox.outbox(&self.partner, walk.after, most)?;
            let Some(last) = letters.last() else { break };
            walk.after = Some(last.id);
            let page = self.named(walk.folder, &letters);
            if !page.is_empty() {
                return Ok(page.into_iter().map(|(name, of)| (name, of.attributes())).collect());
            }
        }
        if agreed.fetched != Fetched::Keep {
            return Ok(Vec::new());
        }
        let had = walk.had.insert(Browse::of(self.shelf(walk.folder)?));
        Ok(self.apart(walk.folder, had.page(most)))
    }

    /// A letter by the name that it has in a folder.
    pub(super) fn find_waiting(
        &self,
        folder: Folder,
        name: &FileName,
    ) -> Result<Option<Item>, Trouble> {
        if let Some(item) = self.recall(folder, name)? {
            return Ok(Some(item));
        }
        let (known, is_old) = {
            let names = &mut self.inside().names;
            (names.known(), names.is_old(self.inbox.now().tick))
        };
        self.ask_for_names(known)?;
        match self.recall(folder, name)? {
            None if is_old && known.is_some() => {
                self.ask_for_names(None)?;
                self.recall(folder, name)
            }
            found => Ok(found),
        }
    }

    /// A letter by its name, if that was told before or says which it is.
    fn recall(&self, folder: Folder, name: &FileName) -> Result<Option<Item>, Trouble> {
        let ids = self.inside().names.find(folder, name);
        for id in ids {
            let Some(letter) = self.inbox.waiting(&self.partner, id)? else { continue };
            let plain = FileName::ours(&letter.file_name);
            let is_it = plain == *name || plain.with(&id.to_string()) == *name;
            if is_it && home(&letter) == folder {
                return Ok(Some(item(&letter)));
            }
        }
        Ok(None)
    }

    /// Asks all letters after `after` what they are called.
    fn ask_for_names(&self, mut after: Option<MessageId>) -> Result<(), Trouble> {
        loop {
            let letters = self.inbox.outbox(&self.partner, after, A_PAGE)?;
            let Some(last) = letters.last() else { return Ok(()) };
            after = Some(last.id);
            for folder in [Folder::Outbound, Folder::Acknowledgments] {
                self.named(folder, &letters);
            }
            self.inside().names.know(last.id);
        }
    }

    /// Those of some letters that wait in a folder, by name.
    fn named(&self, folder: Folder, letters: &[Letter]) -> Vec<(FileName, Item)> {
        let names = &mut self.inside().names;
        let here = letters.iter().filter(|letter| home(letter) == folder);
        let found = here
            .map(|letter| (names.name(folder, letter.id, &letter.file_name), item(letter)))
            .collect();
        names.tidy(|id| self.inbox.still_waits(&self.partner, id));
        found
    }

    /// What was fetched, under a name that none has that waits.
    fn apart(&self, folder: Folder, had: Vec<(FileName, Item)>) -> Vec<(FileName, Attributes)> {
        let names = &self.inside().names;
        let apart = |(name, item): (FileName, Item)| {
            let other =
                |id: &MessageId| *id != item.id && self.inbox.still_waits(&self.partner, *id);
            let is_taken = names.find(folder, &name).iter().any(other);
            let name = if is_taken { name.with(&item.id.to_string()) } else { name };
            (name, item.attributes())
        };
        had.into_iter().map(apart).collect()
    }
}

/// A letter as a file.
fn item(letter: &Letter) -> Item {
    Item { id: letter.id, length: letter.length, since: letter.since, kind: Kind::Waiting }
}

/// The folder that a letter waits in.
pub(super) fn home(letter: &Letter) -> Folder {
    let answer = |set: &String| matches!(set.as_str(), "997" | "999" | "TA1");
    let only = !letter.sets.is_empty() && letter.sets.iter().all(answer);
    if only { Folder::Acknowledgments } else { Folder::Outbound }
}

/// How many letters are asked at a time.
const A_PAGE: usize = 500;
