//! What strace wrote down of a victim: what it did to the disk, and what it said, in order.

use super::disk::{Disk, Op};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use wharf::message::MessageId;

/// The calls that matter.
pub(super) const CALLS: &str = "trace=openat,write,pwrite64,fsync,fdatasync,rename,renameat,\
    renameat2,ftruncate,unlink,unlinkat,rmdir,mkdir,close,fcntl,writev,pwritev,fallocate,link,lseek";

/// What a victim did to its disk, and when it said what.
pub(super) struct Tape {
    pub(super) disk: Disk,
    /// Everything that was said, each with how much had been done to the disk by then.
    said: Vec<(usize, String)>,
}

/// What was said until some moment.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) new: BTreeMap<String, MessageId>,
    pub(super) settled: BTreeSet<MessageId>,
    pub(super) delivered: BTreeSet<MessageId>,
    /// Every key that was ever said to be new, now or later.
    pub(super) tried: BTreeSet<String>,
}

/// A call, whole.
struct Call<'t> {
    name: &'t str,
    arguments: Vec<&'t str>,
    result: i64,
    /// How much had been done when it began.
    begun: usize,
}

/// What is behind a descriptor.
#[derive(Clone)]
enum Target {
    File {
        file: usize,
        position: u64,
    },
    Folder(PathBuf),
    /// What the spool's own folder stands in.
    Above,
}

impl Tape {
    /// Reads a trace of what was done in `folder`, on a disk as it was `before`.
    pub(super) fn read(text: &str, folder: &Path, before: Disk) -> Self {
        let mut reading = Reading {
            tape: Self { disk: before, said: Vec::new() },
            folder: folder.to_owned(),
            open: HashMap::new(),
        };
        let mut unfinished: HashMap<&str, (String, usize)> = HashMap::new();
        let mut joined;
        for line in text.lines() {
            let (thread, call) = line.split_once(' ').unwrap();
            let call = call.trim_start();
            let (call, begun) = if let Some(begin) = call.strip_suffix(" <unfinished ...>") {
                // Its descriptor is free from here on: another thread may open something under the
                // same number before this call is told to have ended.
                if let Some(closed) = begin.strip_prefix("close(") {
                    reading.open.remove(&closed.trim_end_matches(')').parse().unwrap());
                    continue;
                }
                unfinished.insert(thread, (begin.to_owned(), reading.tape.disk.length()));
                continue;
            } else if let Some(end) = call.strip_prefix("<... ") {
                let (_, end) = end.split_once(" resumed>").unwrap();
                let Some((begin, begun)) = unfinished.remove(thread) else { continue };
                joined = begin + end;
                (joined.as_str(), begun)
            } else {
                (call, reading.tape.disk.length())
            };
            if let Some(call) = Call::parse(call, begun) {
                reading.call(&call);
            }
        }
        reading.tape
    }

    /// How much was done.
    pub(super) fn length(&self) -> usize {
        self.disk.length()
    }

    /// What was said while no more than so much had been done.
    pub(super) fn said_until(&self, moment: usize) -> Said {
        let mut said = Said::default();
        for (at, line) in &self.said {
            let words: Vec<&str> = line.split(' ').collect();
            if let ["new", key, ..] = words.as_slice() {
                said.tried.insert((*key).to_owned());
            }
            if *at > moment {
                continue;
            }
            match words.as_slice() {
                ["new", key, id, "."] => {
                    said.new.insert((*key).to_owned(), super::id(id));
                }
                ["settled", id, "."] => {
                    said.settled.insert(super::id(id));
                }
                ["delivered", id, "."] => {
                    said.delivered.insert(super::id(id));
                }
                _ => {}
            }
        }
        said
    }
}

impl<'t> Call<'t> {
    /// None if it failed, or is no call.
    fn parse(text: &'t str, begun: usize) -> Option<Self> {
        let (call, result) = text.rsplit_once(" = ")?;
        let (name, arguments) = call.trim_end().strip_suffix(')')?.split_once('(')?;
        let result = result.split(' ').next()?.parse().ok().filter(|result| *result >= 0)?;
        Some(Self { name, arguments: arguments.split(", ").collect(), result, begun })
    }

    fn number(&self, n: usize) -> i64 {
        self.arguments[n].parse().unwrap()
    }

    fn bytes(&self, n: usize) -> Vec<u8> {
        let text = self.arguments[n].strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let text = text.unwrap_or_else(|| panic!("{}: a text was cut off", self.name));
        text.split("\\x").skip(1).map(|hex| u8::from_str_radix(hex, 16).unwrap()).collect()
    }

    fn path(&self, n: usize) -> PathBuf {
        PathBuf::from(String::from_utf8(self.bytes(n)).unwrap())
    }
}

struct Reading {
    tape: Tape,
    folder: PathBuf,
    open: HashMap<i64, Target>,
}

impl Reading {
    fn call(&mut self, call: &Call<'_>) {
        match call.name {
            "openat" => self.opened(&call.path(1), call.arguments[2], call.result),
            "write" if call.number(0) == 1 => {
                let at = self.tape.disk.length();
                let text = String::from_utf8_lossy(&call.bytes(1)).into_owned();
                self.tape.said.extend(text.lines().map(|line| (at, line.to_owned())));
            }
            "write" => self.written(call.number(0), None, &call.bytes(1), call.result),
            "pwrite64" => {
                let offset = u64::try_from(call.number(3)).unwrap();
                self.written(call.number(0), Some(offset), &call.bytes(1), call.result);
            }
            "fsync" | "fdatasync" => self.synced(call.number(0), call.begun),
            "ftruncate" => {
                if let Some(Target::File { file, .. }) = self.open.get(&call.number(0)) {
                    let length = u64::try_from(call.number(1)).unwrap();
                    self.tape.disk.note(Op::Cut { file: *file, length });
                }
            }
            "rename" => self.renamed(&call.path(0), &call.path(1)),
            "unlink" => self.gone(&call.path(0)),
            "mkdir" => {
                if let Some(path) = self.within(&call.path(0)) {
                    self.tape.disk.note(Op::Folder { path });
                }
            }
            "close" => drop(self.open.remove(&call.number(0))),
            "lseek" => {
                let to = u64::try_from(call.result).unwrap();
                if let Some(Target::File { position, .. }) = self.open.get_mut(&call.number(0)) {
                    *position = to;
                }
            }
            "fcntl" if call.arguments[1].starts_with("F_DUPFD") => {
                if let Some(target) = self.open.get(&call.number(0)).cloned() {
                    self.open.insert(call.result, target);
                }
            }
            "fcntl" => {}
            other => {
                // What the model does not know must not be done to the spool.
                let touches = call.arguments[0].parse().is_ok_and(|fd| self.open.contains_key(&fd));
                assert!(!touches && !matches!(other, "renameat" | "renameat2" | "link"), "{other}");
            }
        }
    }

    /// The path within the spool, if it is there.
    fn within(&self, path: &Path) -> Option<PathBuf> {
        path.strip_prefix(&self.folder).ok().map(Path::to_owned)
    }

    fn opened(&mut self, path: &Path, flags: &str, fd: i64) {
        self.open.remove(&fd);
        if Some(path) == self.folder.parent() {
            self.open.insert(fd, Target::Above);
        }
        let Some(path) = self.within(path) else { return };
        let disk = &mut self.tape.disk;
        let target = match disk.named(&path) {
            Some(file) => Target::File { file, position: 0 },
            None if flags.contains("O_CREAT") => {
                let file = disk.new_file();
                disk.note(Op::Name { path, file });
                Target::File { file, position: 0 }
            }
            None => Target::Folder(path),
        };
        if let (Target::File { file, .. }, true) = (&target, flags.contains("O_TRUNC")) {
            disk.note(Op::Cut { file: *file, length: 0 });
        }
        self.open.insert(fd, target);
    }

    fn written(&mut self, fd: i64, at: Option<u64>, bytes: &[u8], result: i64) {
        let Some(Target::File { file, position }) = self.open.get_mut(&fd) else { return };
        let count = usize::try_from(result).unwrap();
        let offset = at.unwrap_or(*position);
        if at.is_none() {
            *position += u64::try_from(count).unwrap();
        }
        self.tape.disk.note(Op::Write { file: *file, offset, bytes: bytes[..count].to_vec() });
    }

    fn synced(&mut self, fd: i64, begun: usize) {
        match self.open.get(&fd) {
            Some(Target::File { file, .. }) => self.tape.disk.sync_file(*file, begun),
            Some(Target::Folder(path)) => self.tape.disk.sync_folder(Some(&path.clone()), begun),
            Some(Target::Above) => self.tape.disk.sync_folder(None, begun),
            None => {}
        }
    }

    fn renamed(&mut self, from: &Path, to: &Path) {
        if let (Some(from), Some(to)) = (self.within(from), self.within(to)) {
            let file = self.tape.disk.named(&from).expect("only files are renamed");
            self.tape.disk.note(Op::Rename { from, to, file });
        }
    }

    fn gone(&mut self, path: &Path) {
        if let Some(path) = self.within(path) {
            self.tape.disk.note(Op::Gone { path });
        }
    }
}
