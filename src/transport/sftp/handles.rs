//! What a session has open, each thing by the handle that the client was told.

use super::listing::Listing;
use super::packet::Handle;
use super::receive::Writing;
use super::send::Reading;
use super::trouble::Trouble;
use crate::message::Unchecked;
use std::collections::HashMap;
use std::fs::File;

/// What a handle stands for.
#[derive(Debug)]
pub(super) enum Open {
    Writing(Writing),
    Reading(Reading),
    Content(Unchecked),
    File(File),
    Folder(Listing),
}

/// Everything that a session has open.
#[derive(Debug, Default)]
pub(super) struct Handles {
    open: HashMap<u32, Open>,
    last: u32,
}

impl Handles {
    /// Whether nothing more may be opened.
    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= MOST_OPEN
    }

    /// A handle that nothing has now, for something more.
    pub(super) fn insert(&mut self, open: Open) -> u32 {
        self.last = self.last.wrapping_add(1);
        while self.open.contains_key(&self.last) {
            self.last = self.last.wrapping_add(1);
        }
        self.open.insert(self.last, open);
        self.last
    }

    pub(super) fn find(&self, handle: Handle) -> Result<&Open, Trouble> {
        handle.and_then(|handle| self.open.get(&handle)).ok_or(Trouble::Handle)
    }

    pub(super) fn find_mut(&mut self, handle: Handle) -> Result<&mut Open, Trouble> {
        handle.and_then(|handle| self.open.get_mut(&handle)).ok_or(Trouble::Handle)
    }

    /// The file that is written by it.
    pub(super) fn writing(&self, handle: Handle) -> Result<&Writing, Trouble> {
        match self.find(handle)? {
            Open::Writing(writing) => Ok(writing),
            Open::Reading(_) | Open::Content(_) | Open::File(_) | Open::Folder(_) => {
                Err(Trouble::Handle)
            }
        }
    }

    pub(super) fn remove(&mut self, handle: Handle) -> Result<Open, Trouble> {
        handle.and_then(|handle| self.open.remove(&handle)).ok_or(Trouble::Handle)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }
}

/// How many a session may have.
pub(super) const MOST_OPEN: usize = 256;
