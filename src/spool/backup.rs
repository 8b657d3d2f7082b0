//! A copy that can be restored, taken while the spool is in use.

use super::error::SpoolError;
use super::files::{make_folder, sync_folder};
use super::journal;
use super::retire::copy;
use std::fs;
use std::path::{Path, PathBuf};

/// What is in a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    /// How many files of the journal.
    pub segments: usize,
    /// How many bodies in files of their own.
    pub bodies: usize,
    /// How many bytes together.
    pub bytes: u64,
}

/// Copies the spool in `folder` into `to`, durably. What was acknowledged before it began is in the
/// copy; of what comes meanwhile some may be. Into the same folder again it copies what is new.
///
/// The journal is copied first, from its oldest file on, and then the bodies: a body is on the disk
/// before any record names it, so whatever the copied records name is there to be copied. A record
/// that was being written is cut off when the copy is opened. The index is left out: it is built anew.
pub fn backup(folder: &Path, to: &Path) -> Result<Backup, SpoolError> {
    let (journal, bodies) = (to.join("journal"), to.join("bodies"));
    for made in [to, &journal, &bodies] {
        make_folder(made)?;
    }
    let mut backup = Backup::default();
    let reader = journal::look(&folder.join("journal"))?;
    for start in reader.starts() {
        let from = reader.path(start);
        let target = journal.join(from.file_name().unwrap_or_default());
        copy(&from, &target)?;
        backup.segments += 1;
        backup.bytes += length(&target);
    }
    sync_folder(&journal).map_err(SpoolError::io("sync", &journal))?;
    for shelf in folders(&folder.join("bodies"))? {
        let target = bodies.join(shelf.file_name().unwrap_or_default());
        make_folder(&target)?;
        for entry in fs::read_dir(&shelf).map_err(SpoolError::io("list", &shelf))? {
            let from = entry.map_err(SpoolError::io("list", &shelf))?.path();
            let target = target.join(from.file_name().unwrap_or_default());
            copy(&from, &target)?;
            backup.bodies += 1;
            backup.bytes += length(&target);
        }
        sync_folder(&target).map_err(SpoolError::io("sync", &target))?;
    }
    sync_folder(&bodies).map_err(SpoolError::io("sync", &bodies))?;
    Ok(backup)
}

/// The shelves of bodies; what is unfinished is on none.
fn folders(bodies: &Path) -> Result<Vec<PathBuf>, SpoolError> {
    let mut shelves = Vec::new();
    for entry in fs::read_dir(bodies).map_err(SpoolError::io("list", bodies))? {
        let path = entry.map_err(SpoolError::io("list", bodies))?.path();
        let named = path.file_name().is_some_and(|name| name.len() == 2);
        if named && path.is_dir() {
            shelves.push(path);
        }
    }
    Ok(shelves)
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}
