//! What lies in `inbound/`, by its name: looked at, read again, called otherwise, removed.
//!
//! A file is there because it is being written, or unfinished, or was taken, in this order.

use super::super::inbox::Inbox;
use super::attributes::Attributes;
use super::mailbox::{Agreed, Mailbox, lock};
use super::name::FileName;
use super::receive::{Claimed, How};
use super::trouble::Trouble;
use crate::message::{Content, Proof, Unchecked};
use std::collections::BTreeMap;
use std::fs::File;
use tokio::runtime::Handle as Runtime;

/// What of `inbound/` can be read.
#[derive(Debug)]
pub(super) enum Readable {
    /// All of it, as it is now.
    Content(Unchecked),
    /// A file that may still grow.
    File(File),
}

impl<I: Inbox> Mailbox<I> {
    /// Calls a file of `inbound/` otherwise, which may be what completes it.
    pub(super) fn rename(
        &self,
        from: &FileName,
        to: &FileName,
        replace: bool,
        proof: &Proof,
        runtime: &Runtime,
    ) -> Result<(), Trouble> {
        let mut inside = self.inside();
        if inside.open.contains_key(from) || inside.open.contains_key(to) {
            return Err(Trouble::Open);
        }
        let Ok(lying) = self.unfinished.look(from) else {
            let file = inside.taken.find(from).ok_or(Trouble::NoSuchFile)?;
            if to.is_temporary() {
                return Err(Trouble::Taken);
            }
            inside.taken.remove(from);
            inside.taken.insert(to.clone(), file);
            return Ok(());
        };
        if from == to {
            return Ok(());
        }
        if let Ok(other) = self.unfinished.look(to) {
            if !replace {
                return Err(Trouble::Exists);
            }
            self.unfinished.remove(to)?;
            self.one_less(other.length);
        }
        if to.is_temporary() || lying.length == 0 {
            return self.unfinished.rename(from, to);
        }
        // Claimed while nobody can open it: whoever writes to it now writes to another.
        let file = self.unfinished.reopen(from)?;
        let at = self.unfinished.claim(from, self.now())?;
        drop(inside);
        let (before, length, digest) = (from.clone(), lying.length, None);
        let claimed = Claimed { at, before, file, length, digest };
        let taken = self.take_claimed(to, claimed, proof, runtime);
        if taken.is_ok() || self.unfinished.look(from).is_err() {
            self.one_less(length);
        }
        taken
    }

    /// Removes a file of `inbound/`. What was taken stays taken; only the listing forgets it.
    pub(super) fn remove_inbound(&self, name: &FileName) -> Result<(), Trouble> {
        let mut inside = self.inside();
        if let Some(upload) = inside.open.get(name).cloned() {
            let mut upload = lock(&upload);
            if upload.taking {
                return Err(Trouble::Open);
            }
            upload.writer = None;
            self.one_less(upload.length());
            if upload.is_on_disk() {
                self.unfinished.remove(name)?;
            }
            drop(upload);
            inside.open.remove(name);
            return Ok(());
        }
        match self.unfinished.look(name) {
            Ok(lying) => {
                self.unfinished.remove(name)?;
                self.one_less(lying.length);
                Ok(())
            }
            Err(_) => inside.taken.remove(name).map(drop).ok_or(Trouble::NoSuchFile),
        }
    }

    /// Makes a file that is not open so long: to make one that was taken empty begins a new one.
    pub(super) fn resize_named(
        &self,
        name: &FileName,
        length: u64,
        agreed: &Agreed,
    ) -> Result<(), Trouble> {
        let how = How { create: false, truncate: length == 0, ..How::default() };
        let writing = self.begin(name, how, agreed)?;
        let done = self.resize(&writing, length, agreed);
        {
            let mut upload = writing.mine()?;
            upload.spill(&self.unfinished)?;
            upload.writer = None;
        }
        self.forget(name, &writing.upload);
        done
    }

    pub(super) fn look_inbound(&self, name: &FileName) -> Result<Attributes, Trouble> {
        let inside = self.inside();
        if let Some(upload) = inside.open.get(name) {
            let upload = lock(upload);
            return Ok(Attributes::file(upload.length(), 0o644, upload.changed));
        }
        if let Ok(lying) = self.unfinished.look(name) {
            return Ok(Attributes::file(lying.length, 0o644, lying.written));
        }
        inside.taken.find(name).map(|file| file.attributes()).ok_or(Trouble::NoSuchFile)
    }

    /// Everything in `inbound/`: what is unfinished, and what was taken.
    pub(super) fn list_inbound(&self) -> Result<Vec<(FileName, Attributes)>, Trouble> {
        let inside = self.inside();
        let taken = inside.taken.iter().map(|(name, file)| (name.clone(), file.attributes()));
        let mut all: BTreeMap<FileName, Attributes> = taken.collect();
        for (name, lying) in self.unfinished.list()? {
            all.insert(name, Attributes::file(lying.length, 0o644, lying.written));
        }
        for (name, upload) in &inside.open {
            let upload = lock(upload);
            all.insert(name.clone(), Attributes::file(upload.length(), 0o644, upload.changed));
        }
        Ok(all.into_iter().collect())
    }

    /// Opens a file of `inbound/` to be read again by whoever put it.
    pub(super) fn read_inbound(&self, name: &FileName) -> Result<Readable, Trouble> {
        let inside = self.inside();
        if let Some(upload) = inside.open.get(name) {
            let upload = lock(upload);
            if !upload.is_on_disk() {
                let mut bytes = vec![0; usize::try_from(upload.length()).unwrap_or(0)];
                upload.read(0, &mut bytes)?;
                return Ok(Readable::Content(Content::from(bytes).into()));
            }
        }
        if let Ok(file) = self.unfinished.reopen(name) {
            return Ok(Readable::File(file));
        }
        let file = inside.taken.find(name).ok_or(Trouble::NoSuchFile)?;
        drop(inside);
        let collected = self.inbox.handed(&self.partner, file.id)?;
        Ok(Readable::Content(collected.content))
    }
}
