//! A disk that knows what it was told to keep, and may have kept any of the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Something done to the disk; paths are within the spool.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Write { file: usize, offset: u64, bytes: Vec<u8> },
    Cut { file: usize, length: u64 },
    Name { path: PathBuf, file: usize },
    Rename { from: PathBuf, to: PathBuf, file: usize },
    Gone { path: PathBuf },
    Folder { path: PathBuf },
}

/// All that was done, in order.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// Each with the moment from which on it is sure, if it ever is.
    done: Vec<(Op, Option<usize>)>,
    /// What was there before.
    before: Image,
    /// The files by name, as a process sees them.
    names: BTreeMap<PathBuf, usize>,
    files: usize,
}

/// What is on the disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    folders: BTreeSet<PathBuf>,
    names: BTreeMap<PathBuf, usize>,
    files: BTreeMap<usize, Vec<u8>>,
}

/// How it goes with what the disk was not told to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Luck {
    /// Nothing of it is there.
    None,
    /// All of it is there: as if only the process had died.
    All,
    /// Of each thing done, all or nothing.
    Some,
    /// Of each write, any of its sectors.
    Torn,
    /// Any sectors, and the file is as long as if all were there.
    TornAndLong,
    /// All but the names: whatever was named or renamed since is not.
    Nameless,
}

impl Luck {
    pub(super) const ALL: [Self; 6] =
        [Self::None, Self::All, Self::Some, Self::Torn, Self::TornAndLong, Self::Nameless];
}

/// Numbers that look random, and are the same each time.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    pub(super) fn below(&mut self, most: usize) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % u64::try_from(most).unwrap()
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

impl Disk {
    /// What is in a folder now, all of it sure.
    pub(super) fn found(folder: &Path) -> Self {
        let mut disk = Self::default();
        let mut waiting = vec![folder.to_owned()];
        while let Some(next) = waiting.pop().filter(|next| next.is_dir()) {
            disk.before.folders.insert(next.strip_prefix(folder).unwrap().to_owned());
            for entry in fs::read_dir(&next).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let file = disk.new_file();
                let name = path.strip_prefix(folder).unwrap().to_owned();
                disk.before.files.insert(file, fs::read(&path).unwrap());
                disk.before.names.insert(name.clone(), file);
                disk.names.insert(name, file);
            }
        }
        disk
    }

    /// How much was done.
    pub(super) fn length(&self) -> usize {
        self.done.len()
    }

    pub(super) fn new_file(&mut self) -> usize {
        self.files += 1;
        self.files
    }

    /// The file of a name, as a process sees it now.
    pub(super) fn named(&self, path: &Path) -> Option<usize> {
        self.names.get(path).copied()
    }

    /// Something was done.
    pub(super) fn note(&mut self, op: Op) {
        match &op {
            Op::Name { path, file } => {
                self.names.insert(path.clone(), *file);
            }
            Op::Rename { from, to, file } => {
                self.names.remove(from);
                self.names.insert(to.clone(), *file);
            }
            Op::Gone { path } => {
                self.names.remove(path);
            }
            Op::Write { .. } | Op::Cut { .. } | Op::Folder { .. } => {}
        }
        self.done.push((op, None));
    }

    /// A file was synced; what was done before it `begun` is sure, its name is not.
    pub(super) fn sync_file(&mut self, file: usize, begun: usize) {
        self.sure(begun, |op| match op {
            Op::Write { file: other, .. } | Op::Cut { file: other, .. } => *other == file,
            Op::Name { .. } | Op::Rename { .. } | Op::Gone { .. } | Op::Folder { .. } => false,
        });
    }

    /// A folder was synced, or that above the spool: the names in it are sure.
    pub(super) fn sync_folder(&mut self, folder: Option<&Path>, begun: usize) {
        self.sure(begun, |op| match op {
            Op::Name { path, .. } | Op::Gone { path } | Op::Folder { path } => {
                path.parent() == folder
            }
            // It is one thing to the disk, if it is anything: where it came from is gone with it.
            Op::Rename { to, .. } => to.parent() == folder,
            Op::Write { .. } | Op::Cut { .. } => false,
        });
    }

    fn sure(&mut self, begun: usize, of: impl Fn(&Op) -> bool) {
        let now = self.done.len();
        for (op, sure) in self.done.iter_mut().take(begun) {
            if sure.is_none() && of(op) {
                *sure = Some(now);
            }
        }
    }

    /// What may be there if the power went after so much was done.
    pub(super) fn after_a_cut(&self, moment: usize, luck: Luck, chance: &mut Chance) -> Image {
        let mut image = self.before.clone();
        for (op, sure) in self.done.iter().take(moment) {
            if sure.is_some_and(|sure| sure <= moment) {
                image.apply(op);
                continue;
            }
            let of_data = matches!(op, Op::Write { .. } | Op::Cut { .. });
            match (luck, op) {
                (Luck::Torn | Luck::TornAndLong, Op::Write { file, offset, bytes }) => {
                    image.tear(*file, *offset, bytes, luck == Luck::TornAndLong, chance);
                }
                (Luck::All, _) => image.apply(op),
                (Luck::Nameless, _) if of_data => image.apply(op),
                (Luck::Some | Luck::Torn | Luck::TornAndLong, _) if chance.coin() => {
                    image.apply(op);
                }
                _ => {}
            }
        }
        image
    }
}

impl Image {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Write { file, offset, bytes } => self.put(*file, *offset, bytes),
            Op::Cut { file, length } => {
                self.files.entry(*file).or_default().resize(usize::try_from(*length).unwrap(), 0);
            }
            Op::Name { path, file } => {
                self.names.insert(path.clone(), *file);
            }
            Op::Rename { from, to, file } => {
                if self.names.get(from) == Some(file) {
                    self.names.remove(from);
                }
                self.names.insert(to.clone(), *file);
            }
            Op::Gone { path } => {
                self.names.remove(path);
            }
            Op::Folder { path } => {
                self.folders.insert(path.clone());
            }
        }
    }

    fn put(&mut self, file: usize, offset: u64, bytes: &[u8]) {
        let held = self.files.entry(file).or_default();
        let from = usize::try_from(offset).unwrap();
        let end = from + bytes.len();
        held.resize(held.len().max(end), 0);
        held[from..end].copy_from_slice(bytes);
    }

    /// Keeps any of the sectors of a write.
    fn tear(&mut self, file: usize, offset: u64, bytes: &[u8], long: bool, chance: &mut Chance) {
        if long {
            let end = usize::try_from(offset).unwrap() + bytes.len();
            let held = self.files.entry(file).or_default();
            held.resize(held.len().max(end), 0);
        }
        let mut from = 0;
        while from < bytes.len() {
            let at = offset + u64::try_from(from).unwrap();
            let left = usize::try_from(SECTOR - at % SECTOR).unwrap();
            let to = (from + left).min(bytes.len());
            if chance.coin() {
                self.put(file, at, &bytes[from..to]);
            }
            from = to;
        }
    }

    /// Makes it so in a folder, on a machine that was started again.
    pub(super) fn write(&self, folder: &Path) {
        if self.folders.contains(Path::new("")) {
            fs::create_dir(folder).unwrap();
        }
        // Parents sort before what is in them; what has no parent cannot be reached.
        for path in self.folders.iter().filter(|path| !path.as_os_str().is_empty()) {
            let path = folder.join(path);
            if path.parent().is_some_and(Path::is_dir) {
                fs::create_dir(path).unwrap();
            }
        }
        for (name, file) in &self.names {
            let path = folder.join(name);
            if !path.parent().is_some_and(Path::is_dir) {
                continue;
            }
            let mut bytes = self.files.get(file).cloned().unwrap_or_default();
            if name == Path::new("index.state") && bytes.starts_with(b"open ") {
                bytes = b"open another-run-of-the-machine 1\n".to_vec();
            }
            fs::write(path, bytes).unwrap();
        }
    }
}

/// What a disk writes whole or not at all.
const SECTOR: u64 = 512;
