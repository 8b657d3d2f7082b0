//! A partner's mailbox: one virtual root, and what all sessions of the partner share.

use super::super::inbox::Inbox;
use super::attributes::Attributes;
use super::name::{FileName, Folder};
use super::names::Names;
use super::ranges::Ranges;
use super::shelf::Shelves;
use super::trouble::Trouble;
use super::unfinished::Unfinished;
use super::upload::Upload;
use crate::message::{MessageId, PartnerId};
use crate::partner::{Fetched, Partner, Sftp, SftpLimits};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A partner's mailbox.
#[derive(Debug)]
pub(super) struct Mailbox<I> {
    pub(super) inbox: Arc<I>,
    pub(super) partner: PartnerId,
    pub(super) unfinished: Unfinished,
    pub(super) sessions: AtomicU32,
    /// Unfinished files, and the bytes in them.
    files: AtomicU64,
    bytes: AtomicU64,
    inside: Mutex<Inside>,
}

/// What changes in it.
#[derive(Debug)]
pub(super) struct Inside {
    /// Files that are being written.
    pub(super) open: HashMap<FileName, Arc<Mutex<Upload>>>,
    pub(super) taken: Recent,
    /// What was read of the letters that wait, by whoever in whatever session.
    pub(super) had: HashMap<MessageId, Ranges>,
    /// What the letters that wait are called.
    pub(super) names: Names,
    pub(super) shelves: Shelves,
    /// What the partner removed from where it was kept.
    pub(super) hidden: HashSet<MessageId>,
    last_writer: u64,
}

/// What was agreed with the partner, as of now.
#[derive(Clone, Debug)]
pub(super) struct Agreed {
    pub(super) fetched: Fetched,
    pub(super) limits: SftpLimits,
    /// The largest file.
    pub(super) largest: u64,
}

impl Agreed {
    pub(super) fn of(partner: &Partner, sftp: &Sftp) -> Self {
        let largest = partner.terms.limits.body.bytes();
        Self { fetched: sftp.fetched, limits: sftp.limits, largest }
    }

    /// The folders that the partner sees.
    pub(super) fn folders(&self) -> Vec<Folder> {
        let archive = self.fetched == Fetched::Archive;
        Folder::ALL.into_iter().filter(|folder| *folder != Folder::Archive || archive).collect()
    }
}

impl<I: Inbox> Mailbox<I> {
    /// Opens the mailbox of a partner, whose unfinished files lie beneath `root`.
    pub(super) fn open(inbox: Arc<I>, root: &Path, partner: &PartnerId) -> io::Result<Self> {
        let unfinished = Unfinished::open(root, partner)?;
        let plain = |trouble: Trouble| io::Error::other(trouble.to_string());
        let lying = unfinished.list().map_err(plain)?;
        let hidden = unfinished.marks().map_err(plain)?;
        let bytes = lying.iter().map(|(_, lying)| lying.length).sum::<u64>();
        let files = u64::try_from(lying.len()).unwrap_or(u64::MAX);
        let inside = Inside {
            open: HashMap::new(),
            taken: Recent::default(),
            had: HashMap::new(),
            names: Names::default(),
            shelves: Shelves::default(),
            hidden,
            last_writer: 0,
        };
        Ok(Self {
            inbox,
            partner: partner.clone(),
            unfinished,
            sessions: AtomicU32::new(0),
            files: AtomicU64::new(files),
            bytes: AtomicU64::new(bytes),
            inside: Mutex::new(inside),
        })
    }

    /// What was agreed, unless the partner is one no more.
    pub(super) fn agreed(&self) -> Result<Agreed, Trouble> {
        let partners = self.inbox.partners();
        let partner = partners.partner(self.partner.as_str()).ok_or(Trouble::Gone)?;
        let sftp = partner.wires.sftp.as_ref().ok_or(Trouble::Gone)?;
        Ok(Agreed::of(partner, sftp))
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.inbox.now().at
    }

    /// Nobody looks at it now: what was laid out for those who did is given up.
    pub(super) fn put_away(&self) {
        let mut inside = self.inside();
        inside.shelves.clear();
        inside.names.clear(|id| self.inbox.still_waits(&self.partner, id));
    }

    /// One more unfinished file, if that is agreed.
    pub(super) fn one_more(&self, agreed: &Agreed) -> Result<(), Trouble> {
        let most = u64::from(agreed.limits.partial_files);
        if self.files.fetch_add(1, Ordering::Relaxed) >= most {
            self.files.fetch_sub(1, Ordering::Relaxed);
            return Err(Trouble::Quota(format!("{most} files")));
        }
        Ok(())
    }

    /// So many more unfinished bytes, if that is agreed.
    pub(super) fn more_bytes(&self, more: u64, agreed: &Agreed) -> Result<(), Trouble> {
        let most = agreed.limits.partial_bytes;
        if self.bytes.fetch_add(more, Ordering::Relaxed).saturating_add(more) > most.bytes() {
            self.bytes.fetch_sub(more, Ordering::Relaxed);
            return Err(Trouble::Quota(most.to_string()));
        }
        Ok(())
    }

    pub(super) fn fewer_bytes(&self, fewer: u64) {
        self.bytes.fetch_sub(fewer, Ordering::Relaxed);
    }

    /// One file of so many bytes lies unfinished no longer.
    pub(super) fn one_less(&self, length: u64) {
        self.files.fetch_sub(1, Ordering::Relaxed);
        self.fewer_bytes(length);
    }
}

impl Inside {
    /// Takes something off the folder that it is in.
    pub(super) fn take_off(&mut self, folder: Folder, name: &FileName, id: MessageId) {
        self.names.forget(folder, name, id);
        self.shelves.take_off(folder, name);
    }

    /// A name for whoever writes next.
    pub(super) fn writer(&mut self) -> u64 {
        self.last_writer += 1;
        self.last_writer
    }
}

pub(super) fn lock(upload: &Mutex<Upload>) -> MutexGuard<'_, Upload> {
    upload.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that was taken, as the listing shows it for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TakenFile {
    pub(super) id: MessageId,
    pub(super) length: u64,
    pub(super) at: Timestamp,
}

impl TakenFile {
    /// Nobody can write it any more, and that is how it looks.
    pub(super) fn attributes(&self) -> Attributes {
        Attributes::file(self.length, 0o444, self.at)
    }
}

/// The files that were taken last.
#[derive(Debug, Default)]
pub(super) struct Recent {
    files: HashMap<FileName, TakenFile>,
    order: VecDeque<(FileName, MessageId)>,
}

impl Recent {
    pub(super) fn find(&self, name: &FileName) -> Option<TakenFile> {
        self.files.get(name).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&FileName, &TakenFile)> {
        self.files.iter()
    }

    pub(super) fn insert(&mut self, name: FileName, file: TakenFile) {
        self.order.push_back((name.clone(), file.id));
        self.files.insert(name, file);
        while self.order.len() > SHOWN {
            let Some((oldest, id)) = self.order.pop_front() else { break };
            if self.files.get(&oldest).is_some_and(|file| file.id == id) {
                self.files.remove(&oldest);
            }
        }
    }

    pub(super) fn remove(&mut self, name: &FileName) -> Option<TakenFile> {
        self.files.remove(name)
    }
}

/// How many taken files the listing shows.
const SHOWN: usize = 10_000;
