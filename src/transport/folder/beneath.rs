//! A folder held open, and what is reached from it: the kernel keeps every name beneath it.

use super::super::pickup::{Entry, Stat};
use rustix::fd::OwnedFd;
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, ResolveFlags, fstat, fsync, mkdirat,
    openat, openat2, renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;

/// A folder held open.
#[derive(Debug)]
pub(super) struct Beneath(OwnedFd);

impl Beneath {
    /// Opens the folder that an operator named; the way to it may be of any sort.
    pub(super) fn open(path: &Path) -> Result<Self, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(CWD, path, flags, Mode::empty()).map(Self)
    }

    /// Every plain file in it.
    pub(super) fn list(&self) -> Result<Vec<Entry>, Errno> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            if matches!(entry.file_type(), FileType::Directory | FileType::Symlink) {
                continue;
            }
            match self.stat_raw(entry.file_name()) {
                Ok(Some(stat)) => {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    entries.push(Entry { name, stat });
                }
                // No plain file, or gone since it was listed.
                Ok(None) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(entries)
    }

    /// What a plain file is like; nothing for what is none.
    pub(super) fn stat(&self, name: &str) -> Result<Option<Stat>, Errno> {
        self.stat_raw(name)
    }

    fn stat_raw<N: rustix::path::Arg>(&self, name: N) -> Result<Option<Stat>, Errno> {
        let stat = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(plain(&stat))
    }

    /// Opens a plain file for reading. A pipe does not keep us waiting: it is none.
    pub(super) fn read(&self, name: &str) -> Result<File, Errno> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat2(&self.0, name, flags, Mode::empty(), BENEATH)?;
        plain(&fstat(&file)?).ok_or(Errno::INVAL)?;
        Ok(File::from(file))
    }

    /// A new file, which nobody else has.
    pub(super) fn create(&self, name: &str) -> Result<File, Errno> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::WGRP;
        openat2(&self.0, name, flags, mode, BENEATH).map(File::from)
    }

    /// Renames a file, never over another; `to` may be in a folder directly within, which is made.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        let Some((within, name)) = to.split_once('/') else {
            return rename(&self.0, from, &self.0, to);
        };
        match mkdirat(&self.0, within, Mode::RWXU | Mode::RWXG) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let within = openat2(&self.0, within, flags, Mode::empty(), BENEATH)?;
        rename(&self.0, from, &within, name)
    }

    /// Deletes a file.
    pub(super) fn remove(&self, name: &str) -> Result<(), Errno> {
        unlinkat(&self.0, name, AtFlags::empty())
    }

    /// Makes what was named here durable.
    pub(super) fn sync(&self) -> Result<(), Errno> {
        fsync(&self.0)
    }
}

/// What an open file is like.
pub(super) fn stat_of(file: &File) -> Result<Stat, Errno> {
    plain(&fstat(file)?).ok_or(Errno::INVAL)
}

fn rename(from: &OwnedFd, name: &str, to: &OwnedFd, new: &str) -> Result<(), Errno> {
    match renameat_with(from, name, to, new, RenameFlags::NOREPLACE) {
        // Some mounted file systems cannot promise it, and then a look must do.
        Err(Errno::INVAL | Errno::NOSYS) => match statat(to, new, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Err(Errno::EXIST),
            Err(Errno::NOENT) => renameat(from, name, to, new),
            Err(error) => Err(error),
        },
        renamed => renamed,
    }
}

fn plain(stat: &rustix::fs::Stat) -> Option<Stat> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return None;
    }
    let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
    let modified = stat.st_mtime.saturating_mul(1_000_000_000).saturating_add(nanoseconds);
    Some(Stat { size: u64::try_from(stat.st_size).unwrap_or(0), modified })
}

/// Nothing leads out of the folder, by whatever name.
const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let inside = home.path().join("in");
        fs::create_dir(&inside).unwrap();
        fs::write(home.path().join("secret"), "x").unwrap();
        symlink(home.path().join("secret"), inside.join("link")).unwrap();
        symlink(home.path(), inside.join("up")).unwrap();
        fs::write(inside.join("a"), "1").unwrap();
        fs::write(inside.join("b"), "2").unwrap();
        let folder = Beneath::open(&inside).unwrap();
        for name in ["link", "../secret", "up/secret", "/etc/passwd", "up", "."] {
            assert!(folder.read(name).is_err(), "{name}");
        }
        for name in ["../new", "up/new", "link"] {
            assert!(folder.create(name).is_err(), "{name}");
        }
        assert!(folder.rename("a", "up/a").is_err());
        assert_eq!(folder.rename("a", "b"), Err(Errno::EXIST));
        folder.rename("a", "done/a").unwrap();
        assert_eq!(fs::read_to_string(inside.join("done/a")).unwrap(), "1");
        let listed = folder.list().unwrap();
        assert_eq!(listed.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn a_pipe_is_no_file_and_keeps_nobody_waiting() {
        let home = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo").arg(home.path().join("pipe")).status();
        assert!(made.unwrap().success());
        let folder = Beneath::open(home.path()).unwrap();
        assert!(folder.list().unwrap().is_empty());
        assert_eq!(folder.read("pipe").unwrap_err(), Errno::INVAL);
    }
}
