//! A folder on a partner's server as a place that files are taken from.

use super::super::super::pickup::{Catch, Entry, Place, PlaceError, Stat};
use super::connect::Session;
use super::fault::told;
use std::sync::Arc;

/// A folder on a partner's server.
pub(super) struct Distant {
    session: Arc<Session>,
    folder: String,
}

impl Distant {
    pub(super) fn new(session: &Arc<Session>, folder: &str) -> Self {
        Self { session: Arc::clone(session), folder: folder.to_owned() }
    }

    fn path(&self, name: &str) -> String {
        within(&self.folder, name)
    }
}

/// The path of what is in a folder.
pub(super) fn within(folder: &str, name: &str) -> String {
    match folder {
        "." => name.to_owned(),
        folder => format!("{}/{name}", folder.trim_end_matches('/')),
    }
}

impl Place for Distant {
    async fn list(&self) -> Result<Vec<Entry>, PlaceError> {
        self.session.list(&self.folder).await
    }

    async fn stat(&self, name: &str) -> Result<Stat, PlaceError> {
        self.session.stat(&self.path(name)).await
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), PlaceError> {
        let renamed = self.session.sftp.rename(self.path(from), self.path(to)).await;
        renamed.map(drop).map_err(|error| told(&self.session.endpoint, error))
    }

    async fn remove(&self, name: &str) -> Result<(), PlaceError> {
        let removed = self.session.sftp.remove(self.path(name)).await;
        removed.map(drop).map_err(|error| told(&self.session.endpoint, error))
    }

    async fn read(&self, name: &str, stat: Stat, into: &mut Catch) -> Result<(), PlaceError> {
        self.session.fetch(&self.path(name), stat, into).await
    }
}
