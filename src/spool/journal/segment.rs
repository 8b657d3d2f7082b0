//! A file of the journal: a header, then records one after the other.

use super::super::error::SpoolError;
use super::super::files::{make_file, sync_folder};
use super::record::Mark;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// How many bytes stand before the first record.
pub(super) const HEADER: u64 = 32;

const MAGIC: &[u8; 8] = b"WHARFJNL";

/// The newest format that we know.
const FORMAT: u32 = 1;

/// A file of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The position of its first byte; files follow each other without a hole.
    pub(super) start: u64,
    /// Where it is.
    pub(super) path: PathBuf,
    /// How many bytes it holds.
    pub(super) length: u64,
}

impl Segment {
    /// The segments in `folder`, in order.
    pub(super) fn all(folder: &Path) -> Result<Vec<Self>, SpoolError> {
        let mut segments = Vec::new();
        for file in fs::read_dir(folder).map_err(SpoolError::io("list", folder))? {
            let file = file.map_err(SpoolError::io("list", folder))?;
            let name = file.file_name();
            let Some(start) = name
                .to_str()
                .and_then(|name| name.strip_suffix(SUFFIX))
                .filter(|digits| digits.len() == 20)
                .and_then(|digits| digits.parse().ok())
            else {
                continue;
            };
            let path = file.path();
            let length = file.metadata().map_err(SpoolError::io("look at", &path))?.len();
            segments.push(Self { start, path, length });
        }
        segments.sort_by_key(|segment| segment.start);
        Ok(segments)
    }

    /// The path of the segment that starts at `start`.
    pub(super) fn path(folder: &Path, start: u64) -> PathBuf {
        folder.join(format!("{start:020}{SUFFIX}"))
    }

    /// Makes the segment that starts at `start`, durably. If that fails, nothing is left of it.
    pub(super) fn create(folder: &Path, start: u64, mark: Mark) -> io::Result<File> {
        let path = Self::path(folder, start);
        let file = make_file(&path)?;
        let made = file
            .write_all_at(&header(start, mark), 0)
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_folder(folder));
        match made {
            Ok(()) => Ok(file),
            Err(error) => {
                fs::remove_file(&path)?;
                Err(error)
            }
        }
    }

    /// Opens it for reading and tells the mark of its records; `None` if it has none.
    ///
    /// A damaged header loses nothing: the mark stands in the first record too, and a wrong one
    /// fits no record.
    pub(super) fn open(&self) -> Result<Option<(File, Mark)>, SpoolError> {
        let file = File::open(&self.path).map_err(SpoolError::io("open", &self.path))?;
        let mut head = [0; 36];
        let read = read_some_at(&file, &mut head, 0).map_err(SpoolError::io("read", &self.path))?;
        let head = head.get(..read).unwrap_or_default();
        Ok(match self.mark(head)? {
            Some(mark) => Some((file, mark)),
            None => head.last_chunk::<4>().filter(|_| read == 36).map(|mark| (file, *mark)),
        })
    }

    /// Whether its header is whole.
    pub(super) fn is_headed(&self) -> Result<bool, SpoolError> {
        let file = File::open(&self.path).map_err(SpoolError::io("open", &self.path))?;
        let mut head = [0; 32];
        let read = read_some_at(&file, &mut head, 0).map_err(SpoolError::io("read", &self.path))?;
        Ok(self.mark(head.get(..read).unwrap_or_default())?.is_some())
    }

    fn mark(&self, head: &[u8]) -> Result<Option<Mark>, SpoolError> {
        let Some(head) = head.first_chunk::<32>() else { return Ok(None) };
        let [rest @ .., c0, c1, c2, c3] = head;
        if crc32fast::hash(rest) != u32::from_le_bytes([*c0, *c1, *c2, *c3]) {
            return Ok(None);
        }
        let Some(rest) = rest.strip_prefix(MAGIC) else { return Ok(None) };
        let [f0, f1, f2, f3, m0, m1, m2, m3, start @ ..] = rest else { return Ok(None) };
        let found = u32::from_le_bytes([*f0, *f1, *f2, *f3]);
        if found > FORMAT {
            return Err(SpoolError::Newer { path: self.path.clone(), found, known: FORMAT });
        }
        let fits = start.first_chunk::<8>().is_some_and(|s| u64::from_le_bytes(*s) == self.start);
        Ok(fits.then_some([*m0, *m1, *m2, *m3]))
    }

    /// The position behind its last byte.
    pub(super) fn end(&self) -> u64 {
        self.start + self.length
    }
}

/// Reads as many bytes as there are, at most `buffer`.
pub(super) fn read_some_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + super::super::files::long(read)) {
            Ok(0) => break,
            Ok(n) => read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

fn header(start: u64, mark: Mark) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(FORMAT.to_le_bytes());
    header.extend(mark);
    header.extend(start.to_le_bytes());
    header.extend([0; 4]);
    let crc = crc32fast::hash(&header);
    header.extend(crc.to_le_bytes());
    header
}

const SUFFIX: &str = ".journal";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_listed_in_order_and_others_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for start in [7000, 0, 200] {
            Segment::create(folder.path(), start, *b"mark").unwrap();
        }
        fs::write(folder.path().join("notes.txt"), "x").unwrap();
        let segments = Segment::all(folder.path()).unwrap();
        let starts: Vec<u64> = segments.iter().map(|segment| segment.start).collect();
        assert_eq!(starts, [0, 200, 7000]);
        assert_eq!(segments[1].end(), 232);
        assert_eq!(segments[1].open().unwrap().unwrap().1, *b"mark");
    }

    #[test]
    fn a_segment_under_a_wrong_name_is_not_headed() {
        let folder = tempfile::tempdir().unwrap();
        Segment::create(folder.path(), 0, *b"mark").unwrap();
        fs::rename(Segment::path(folder.path(), 0), Segment::path(folder.path(), 9)).unwrap();
        let segments = Segment::all(folder.path()).unwrap();
        assert!(!segments[0].is_headed().unwrap());
    }

    #[test]
    fn a_newer_format_is_refused_in_clear_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = Segment::create(folder.path(), 0, *b"mark").unwrap();
        let mut head = header(0, *b"mark");
        head[8] = 2;
        let crc = crc32fast::hash(&head[..28]);
        head[28..].copy_from_slice(&crc.to_le_bytes());
        file.write_all_at(&head, 0).unwrap();
        let refused = Segment::all(folder.path()).unwrap()[0].open().unwrap_err();
        assert!(refused.to_string().ends_with("is in format 2; this Wharf knows formats up to 1"));
    }
}
