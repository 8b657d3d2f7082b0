//! The partners' files are read again when they change, and when someone asks for it.

use super::settings::Settings;
use crate::gateway::{Gateway, Reloaded};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often to look whether a file changed.
const OFTEN: Duration = Duration::from_secs(2);

/// A look at the files of a folder, from time to time.
pub(super) struct Watch {
    folder: PathBuf,
    /// What was there when they were read last.
    read: Look,
    /// What was there at the last look.
    seen: Look,
}

/// Every file, with its size and when it was written.
type Look = Vec<(PathBuf, u64, Option<SystemTime>)>;

impl Watch {
    pub(super) fn new(settings: &Settings) -> Self {
        let folder = settings.partners.clone();
        let read = look(&folder);
        Self { folder, seen: read.clone(), read }
    }

    /// Whether something changed since they were read, and has been quiet for a while: whoever
    /// writes several files is not read in the middle of it.
    pub(super) async fn changed(&mut self) -> bool {
        tokio::time::sleep(OFTEN).await;
        let folder = self.folder.clone();
        let Ok(now) = tokio::task::spawn_blocking(move || look(&folder)).await else {
            return false;
        };
        let quiet = now == self.seen;
        self.seen = now;
        if quiet && self.seen != self.read {
            self.read.clone_from(&self.seen);
            return true;
        }
        false
    }
}

fn look(folder: &Path) -> Look {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(of) if of.is_dir() && open.len() < MOST => open.push(entry.path()),
                Ok(of) if files.len() < MOST => {
                    files.push((entry.path(), of.len(), of.modified().ok()));
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
    files.sort();
    files
}

/// The most files that are looked at.
const MOST: usize = 100_000;

/// Reads the partners' files again, and says in the log what came of it. Whether anything changed.
pub(super) fn reload(settings: &Settings, house: &Gateway) -> bool {
    let before = house.partners();
    match house.reload(settings.load(house.library())) {
        Reloaded::Same => {
            tracing::info!("the partners' files say the same as before");
            false
        }
        Reloaded::Now(changes) => {
            for change in changes {
                tracing::info!(change, "the partners' files were read again");
            }
            let (now, then) = (house.partners(), before);
            if now.us().listeners != then.us().listeners || now.us().spool != then.us().spool {
                tracing::warn!("listeners and the spool's folder change at the next start only");
            }
            true
        }
        Reloaded::Kept(faults) => {
            for fault in &faults.0 {
                tracing::error!(%fault, "the partners' files have a fault; those from before hold");
            }
            false
        }
    }
}

/// The same for whoever asks: what is true now, or what is wrong, in words.
pub(super) fn told(settings: &Settings, house: &Gateway) -> Result<String, String> {
    match house.reload(settings.load(house.library())) {
        Reloaded::Same => Ok("the partners' files say the same as before".to_owned()),
        Reloaded::Now(changes) => Ok(changes.join("\n")),
        Reloaded::Kept(faults) => Err(faults.to_string()),
    }
}
