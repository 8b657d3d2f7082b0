//! What all connections share: the inbox, the mailboxes, and how much of us there is.

use super::super::inbox::Inbox;
use super::mailbox::Mailbox;
use super::trouble::Trouble;
use crate::message::PartnerId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// What all connections share.
#[derive(Debug)]
pub(super) struct House<I> {
    pub(super) inbox: Arc<I>,
    /// The folder beneath which unfinished files lie.
    root: PathBuf,
    mailboxes: Mutex<HashMap<PartnerId, Arc<Mailbox<I>>>>,
    pub(super) hashing: Arc<Semaphore>,
    /// Sessions at work, which are waited for when we end.
    pub(super) at_work: TaskTracker,
}

impl<I: Inbox> House<I> {
    pub(super) fn new(inbox: Arc<I>, root: PathBuf) -> Self {
        Self {
            inbox,
            root,
            mailboxes: Mutex::default(),
            hashing: Arc::new(Semaphore::new(2)),
            at_work: TaskTracker::new(),
        }
    }

    /// The mailbox of a partner.
    pub(super) fn mailbox(&self, partner: &PartnerId) -> Result<Arc<Mailbox<I>>, Trouble> {
        let mut all = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailbox) = all.get(partner) {
            return Ok(Arc::clone(mailbox));
        }
        let mailbox = Mailbox::open(Arc::clone(&self.inbox), &self.root, partner)?;
        let mailbox = Arc::new(mailbox);
        all.insert(partner.clone(), Arc::clone(&mailbox));
        Ok(mailbox)
    }

    pub(super) fn today(&self) -> Date {
        self.inbox.now().at.to_zoned(TimeZone::UTC).date()
    }
}

/// How often somebody may try to sign in on one connection.
pub(super) const ATTEMPTS: usize = 6;
