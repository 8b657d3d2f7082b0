//! One process per spool.

use super::error::SpoolError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Holds the spool for this process until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the spool in `folder`.
    pub(super) fn take(folder: &Path) -> Result<Self, SpoolError> {
        let path = folder.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(SpoolError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = Vec::new();
                #[expect(clippy::disallowed_methods, reason = "limited by `take`")]
                let read = file.take(20).read_to_end(&mut pid);
                let pid = read.map_or(String::new(), |_| String::from_utf8_lossy(&pid).into());
                let pid = if pid.trim().is_empty() { "unknown".into() } else { pid.trim().into() };
                return Err(SpoolError::InUse { path: folder.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(SpoolError::io("lock", &path)(error)),
        }
        // Who holds it is only a help for people, so a full disk is no reason not to start.
        let _told = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { file })
    }
}

impl Drop for Lock {
    /// Gives the spool back at once: a child that another thread has just forked still holds the
    /// file, and with it the lock, until it becomes another program.
    fn drop(&mut self) {
        let _closing_unlocks_as_well = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let refused = Lock::take(folder.path()).unwrap_err();
        assert_eq!(refused.code(), "spool_in_use");
        assert!(refused.to_string().ends_with(&format!("by process {}", std::process::id())));
        drop(first);
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_child_that_still_has_the_file_does_not_keep_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let forked = first.file.try_clone().unwrap();
        drop(first);
        Lock::take(folder.path()).unwrap();
        drop(forked);
    }
}
