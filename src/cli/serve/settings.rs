//! Where everything is, settled once.

use super::super::config;
use super::arguments::Arguments;
use crate::grammar::Library;
use crate::message::Moment;
use crate::partner::{Disk, Faults, Partners, Shelf, Us};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) partners: PathBuf,
    spool: Option<PathBuf>,
    pub(super) certs: PathBuf,
    pub(super) workers: usize,
}

impl Settings {
    pub(super) fn of(arguments: &Arguments) -> Self {
        let partners = arguments.partners.clone();
        let certs = arguments.certs.clone().unwrap_or_else(|| beside(&partners, "certs"));
        let (spool, workers) = (arguments.spool.clone(), usize::from(arguments.workers));
        Self { partners, spool, certs, workers }
    }

    /// The partners as their files say now.
    pub(super) fn load(&self, library: &Library) -> Result<Partners, Faults> {
        Partners::load(&Disk::new(&self.partners, &config::variable), &Shelf::new(library))
    }

    /// A path that is relative to where the folder of partners lies.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        beside(&self.partners, path)
    }

    /// The folder of the spool.
    pub(super) fn spool(&self, us: &Us) -> PathBuf {
        self.spool.clone().unwrap_or_else(|| beside(&self.partners, &us.spool))
    }
}

/// A path that is relative to where the folder of partners lies.
fn beside(partners: &Path, path: &str) -> PathBuf {
    partners.parent().map_or_else(|| PathBuf::from(path), |parent| parent.join(path))
}

/// Now, by both clocks.
pub(super) fn clock() -> Moment {
    Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
}
