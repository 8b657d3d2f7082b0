//! The real folder in which a partner's unfinished files lie: beneath it and nowhere else.
//!
//! Every file is opened by the kernel beneath the open folder, with no link followed on the way;
//! names are written so that they cannot be a path. What is no such name is nobody's business.

use super::name::FileName;
use super::trouble::Trouble;
use crate::message::{MessageId, PartnerId};
use jiff::Timestamp;
use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, ResolveFlags};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

/// The folder of one partner's unfinished files, and of the marks beside it.
#[derive(Debug)]
pub(super) struct Unfinished {
    files: Arc<OwnedFd>,
    marks: OwnedFd,
}

/// A file that lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lying {
    pub(super) length: u64,
    pub(super) written: Timestamp,
}

impl Unfinished {
    /// Opens the folder of a partner, and makes it if it is not there. What was claimed when we
    /// ended was never answered for, so that it will be put again.
    pub(super) fn open(root: &Path, partner: &PartnerId) -> io::Result<Self> {
        let root = rustix::fs::openat(CWD, root, FOLDER, Mode::empty())?;
        let all = folder(&root, "sftp")?;
        let own = folder(&all, partner.as_str())?;
        let files = folder(&own, "inbound")?;
        let marks = folder(&own, "marks")?;
        for entry in Dir::read_from(&files)? {
            let entry = entry?;
            if entry.file_name().to_bytes().starts_with(CLAIMED.as_bytes()) {
                rustix::fs::unlinkat(&files, entry.file_name(), AtFlags::empty())?;
            }
        }
        Ok(Self { files: Arc::new(files), marks })
    }

    /// Makes a new file of this name; another of the same name is not touched, only gone.
    pub(super) fn create(&self, name: &FileName) -> Result<File, Trouble> {
        match self.remove(name) {
            Ok(()) | Err(Trouble::NoSuchFile) => {}
            Err(other) => return Err(other),
        }
        self.file(&name.on_disk(), OFlags::CREATE | OFlags::EXCL)
    }

    /// Opens the file of this name.
    pub(super) fn reopen(&self, name: &FileName) -> Result<File, Trouble> {
        self.file(&name.on_disk(), OFlags::empty())
    }

    fn file(&self, name: &str, extra: OFlags) -> Result<File, Trouble> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NOCTTY | extra;
        let mode = Mode::RUSR | Mode::WUSR;
        let mode = if extra.contains(OFlags::CREATE) { mode } else { Mode::empty() };
        let file = File::from(rustix::fs::openat2(&*self.files, name, flags, mode, BENEATH)?);
        let stat = rustix::fs::fstat(&file)?;
        // Somebody on this machine put a link or a pipe there: it is no file of the partner's.
        let plain = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
        if plain && stat.st_nlink == 1 { Ok(file) } else { Err(Trouble::Links) }
    }

    /// What lies under this name.
    pub(super) fn look(&self, name: &FileName) -> Result<Lying, Trouble> {
        let name = name.on_disk();
        let stat = rustix::fs::statat(&*self.files, name.as_str(), AtFlags::SYMLINK_NOFOLLOW)?;
        lying(&stat).ok_or(Trouble::Links)
    }

    /// Everything that lies there.
    pub(super) fn list(&self) -> Result<Vec<(FileName, Lying)>, Trouble> {
        let mut found = Vec::new();
        for entry in Dir::read_from(&*self.files)? {
            let entry = entry?;
            let Some(name) = FileName::from_disk(entry.file_name().to_bytes()) else { continue };
            // Gone between the two looks is gone.
            if let Ok(lying) = self.look(&name) {
                found.push((name, lying));
            }
        }
        Ok(found)
    }

    pub(super) fn rename(&self, from: &FileName, to: &FileName) -> Result<(), Trouble> {
        let (from, to) = (from.on_disk(), to.on_disk());
        Ok(rustix::fs::renameat(&*self.files, from, &*self.files, to)?)
    }

    pub(super) fn remove(&self, name: &FileName) -> Result<(), Trouble> {
        Ok(rustix::fs::unlinkat(&*self.files, name.on_disk(), AtFlags::empty())?)
    }

    /// Takes a file out of the partner's reach: it has another name from now on, which is given.
    pub(super) fn claim(&self, name: &FileName, now: Timestamp) -> Result<String, Trouble> {
        let claimed = format!("{CLAIMED}{}", MessageId::mint(now));
        rustix::fs::renameat(&*self.files, name.on_disk(), &*self.files, claimed.as_str())?;
        Ok(claimed)
    }

    /// Gives a claimed file its name back, unless there is another of that name by now.
    pub(super) fn give_back(&self, claimed: &str, name: &FileName) -> Result<(), Trouble> {
        let to = name.on_disk();
        let never_over = rustix::fs::RenameFlags::NOREPLACE;
        Ok(rustix::fs::renameat_with(&*self.files, claimed, &*self.files, to, never_over)?)
    }

    /// Does away with a claimed file.
    pub(super) fn forget(&self, claimed: &str) -> Result<(), Trouble> {
        Ok(rustix::fs::unlinkat(&*self.files, claimed, AtFlags::empty())?)
    }

    /// The folder itself, for whoever takes a file over.
    pub(super) fn folder(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.files)
    }

    /// How much room there is on the disk: the size of a block, how many there are, and how many
    /// are free.
    pub(super) fn room(&self) -> Result<(u64, u64, u64), Trouble> {
        let disk = rustix::fs::fstatvfs(&*self.files)?;
        Ok((disk.f_frsize, disk.f_blocks, disk.f_bavail))
    }

    /// Notes that the partner wants to see a message no longer.
    pub(super) fn mark(&self, id: MessageId) -> Result<(), Trouble> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::openat2(&self.marks, id.to_string(), flags, mode, BENEATH)?;
        Ok(())
    }

    /// The messages that the partner wants to see no longer.
    pub(super) fn marks(&self) -> Result<HashSet<MessageId>, Trouble> {
        let mut marks = HashSet::new();
        for entry in Dir::read_from(&self.marks)? {
            let entry = entry?;
            let name = entry.file_name().to_str().ok();
            marks.extend(name.and_then(|name| name.parse::<MessageId>().ok()));
        }
        Ok(marks)
    }
}

/// A folder within another, made if it is not there, for its owner only.
fn folder(within: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    match rustix::fs::mkdirat(within, name, Mode::RWXU) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(rustix::fs::openat2(within, name, FOLDER, Mode::empty(), BENEATH)?)
}

fn lying(stat: &rustix::fs::Stat) -> Option<Lying> {
    let plain = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    let length = u64::try_from(stat.st_size).ok()?;
    let written = Timestamp::from_second(stat.st_mtime).ok()?;
    plain.then_some(Lying { length, written })
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

/// How the names of claimed files begin, as no name of a partner's does on the disk.
const CLAIMED: &str = "%claimed-";

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;
    use std::os::unix::fs::symlink;

    fn unfinished() -> (tempfile::TempDir, Unfinished) {
        let home = tempfile::tempdir().unwrap();
        let partner = PartnerId::new("acme").unwrap();
        let unfinished = Unfinished::open(home.path(), &partner).unwrap();
        (home, unfinished)
    }

    fn name(name: &str) -> FileName {
        FileName::new(name.as_bytes()).unwrap()
    }

    #[test]
    fn a_file_lies_under_its_name_until_it_is_claimed() {
        let (home, unfinished) = unfinished();
        let a = name("a b/".trim_end_matches('/'));
        unfinished.create(&a).unwrap().write_all(b"abc").unwrap();
        assert_eq!(unfinished.look(&a).unwrap().length, 3);
        assert_eq!(unfinished.list().unwrap()[0].0, a);
        let claimed = unfinished.claim(&a, Timestamp::UNIX_EPOCH).unwrap();
        assert!(unfinished.list().unwrap().is_empty());
        assert_eq!(unfinished.look(&a), Err(Trouble::NoSuchFile));
        unfinished.give_back(&claimed, &a).unwrap();
        assert_eq!(unfinished.look(&a).unwrap().length, 3);
        unfinished.claim(&a, Timestamp::UNIX_EPOCH).unwrap();
        Unfinished::open(home.path(), &PartnerId::new("acme").unwrap()).unwrap();
        let folder = home.path().join("sftp/acme/inbound");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "what was claimed is cleared away");
    }

    #[test]
    fn links_that_somebody_put_there_are_not_followed() {
        let (home, unfinished) = unfinished();
        let folder = home.path().join("sftp/acme/inbound");
        let secret = home.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        symlink(&secret, folder.join("soft")).unwrap();
        fs::hard_link(&secret, folder.join("hard")).unwrap();
        assert!(unfinished.reopen(&name("soft")).is_err());
        assert_eq!(unfinished.reopen(&name("hard")).unwrap_err(), Trouble::Links);
        assert_eq!(unfinished.look(&name("soft")), Err(Trouble::Links));
        unfinished.create(&name("soft")).unwrap().write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
        fs::remove_dir_all(&folder).unwrap();
        symlink(home.path(), &folder).unwrap();
        let partner = PartnerId::new("acme").unwrap();
        assert!(Unfinished::open(home.path(), &partner).is_err());
    }

    #[test]
    fn marks_last() {
        let (home, unfinished) = unfinished();
        let id = MessageId::mint(Timestamp::UNIX_EPOCH);
        unfinished.mark(id).unwrap();
        let again = Unfinished::open(home.path(), &PartnerId::new("acme").unwrap()).unwrap();
        assert_eq!(again.marks().unwrap(), HashSet::from([id]));
    }
}
