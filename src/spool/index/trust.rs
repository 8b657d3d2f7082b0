//! Whether what is on disk can be believed.
//!
//! A process that is killed leaves all that it wrote in the kernel's hands, and the next one finds
//! it. A power cut does not: the disk may have kept some writes and not others, in any order, and
//! nothing in the store would show it. So a file beside the index says whether it was closed in
//! order, or else in which run of the machine, and in which file, it was last open. An index that was
//! open when the machine went down, or that was copied while it was open, is built anew.

use super::super::error::SpoolError;
use super::super::files::{make_file, sync_folder};
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file that says whether the index can be believed.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    /// The spool.
    folder: PathBuf,
}

/// What the store keeps its pages in.
const PAGES: &str = "index/db";

impl Trust {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Why the index cannot be believed, if it cannot.
    pub(super) fn doubt(&self) -> Option<String> {
        let Ok(said) = fs::read_to_string(self.path()) else {
            return Some("nothing says how it was left".into());
        };
        match said.trim() {
            CLOSED => None,
            open if Some(open) == self.open_now().as_deref() => None,
            DAMAGED => Some("it was found damaged".into()),
            _ => Some("the machine went down, or it was copied, while it was open".into()),
        }
    }

    /// It is open from now on.
    pub(super) fn open(&self) -> Result<(), SpoolError> {
        self.say(&self.open_now().unwrap_or_else(|| DAMAGED.into()))
    }

    /// It was closed, and is on the disk.
    pub(super) fn closed(&self) -> Result<(), SpoolError> {
        self.say(CLOSED)
    }

    /// It must not be believed again.
    pub(super) fn damaged(&self) -> Result<(), SpoolError> {
        self.say(DAMAGED)
    }

    fn open_now(&self) -> Option<String> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let file = fs::metadata(self.folder.join(PAGES)).ok()?;
        Some(format!("open {} {}", boot.trim(), file.ino()))
    }

    fn say(&self, what: &str) -> Result<(), SpoolError> {
        let path = self.path();
        let new = self.folder.join("index.state.new");
        let io = |error| SpoolError::io("write", &new)(error);
        match fs::remove_file(&new) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let mut file = make_file(&new).map_err(io)?;
        writeln!(file, "{what}").and_then(|()| file.sync_all()).map_err(io)?;
        fs::rename(&new, &path).map_err(SpoolError::io("rename", &path))?;
        sync_folder(&self.folder).map_err(SpoolError::io("sync", &self.folder))
    }

    fn path(&self) -> PathBuf {
        self.folder.join("index.state")
    }
}

const CLOSED: &str = "closed";
const DAMAGED: &str = "damaged";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_believed_if_it_was_closed_or_only_its_process_ended() {
        let home = tempfile::tempdir().unwrap();
        let trust = Trust::new(home.path());
        assert!(trust.doubt().is_some());
        trust.closed().unwrap();
        assert_eq!(trust.doubt(), None);
        fs::create_dir(home.path().join("index")).unwrap();
        fs::write(home.path().join(PAGES), "x").unwrap();
        trust.open().unwrap();
        assert_eq!(trust.doubt(), None, "the same run of the machine, the same file");
        trust.say("open 0 1").unwrap();
        assert!(trust.doubt().is_some(), "another run of the machine");
        trust.damaged().unwrap();
        assert!(trust.doubt().is_some());
    }
}
