//! Reading the journal: one record by its position, or all from a position on.

use super::super::error::SpoolError;
use super::super::files::{long, short};
use super::record::{self, Header, Mark, VERSION};
use super::segment::{self, Segment, read_some_at};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Reads what is durable, while others write.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    folder: PathBuf,
    extent: Arc<RwLock<Extent>>,
}

/// How far the journal reaches.
#[derive(Clone, Debug)]
pub(super) struct Extent {
    /// Where its segments start.
    pub(super) starts: Vec<u64>,
    /// Behind the last durable record.
    pub(super) end: u64,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it is.
    pub(crate) position: u64,
    /// Where the next would be.
    pub(crate) next: u64,
    /// What it holds.
    pub(crate) payload: Vec<u8>,
}

/// What a walk through the journal comes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record.
    Record(Record),
    /// Bytes that are no record, from one position to another.
    Gap(u64, u64),
}

impl Reader {
    pub(super) fn new(folder: &Path, starts: Vec<u64>, end: u64) -> Self {
        let extent = Arc::new(RwLock::new(Extent { starts, end }));
        Self { folder: folder.to_owned(), extent }
    }

    /// Behind the last durable record.
    pub(crate) fn end(&self) -> u64 {
        self.extent.read().unwrap_or_else(PoisonError::into_inner).end
    }

    /// The position of the oldest record that may still be there.
    pub(crate) fn start(&self) -> u64 {
        let extent = self.extent.read().unwrap_or_else(PoisonError::into_inner);
        extent.starts.first().map_or(0, |start| start + segment::HEADER)
    }

    /// Where its segments start, in order.
    pub(crate) fn starts(&self) -> Vec<u64> {
        self.extent.read().unwrap_or_else(PoisonError::into_inner).starts.clone()
    }

    /// Finds nothing any more that stands before `position`, where a segment starts; tells the
    /// segments that are hidden by it.
    pub(crate) fn hide(&self, position: u64) -> Vec<u64> {
        let mut hidden = Vec::new();
        self.extend(|extent| {
            let count = extent.starts.partition_point(|start| *start < position);
            hidden = extent.starts.drain(..count).collect();
        });
        hidden
    }

    /// Finds again what was hidden.
    pub(crate) fn unhide(&self, hidden: Vec<u64>) {
        self.extend(|extent| {
            extent.starts.splice(0..0, hidden);
        });
    }

    /// The folder of the journal.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the segment is that starts at `start`.
    pub(crate) fn path(&self, start: u64) -> PathBuf {
        Segment::path(&self.folder, start)
    }

    /// Says how far the journal reaches now.
    pub(super) fn extend(&self, change: impl FnOnce(&mut Extent)) {
        change(&mut self.extent.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The record at `position`.
    pub(crate) fn record(&self, position: u64) -> Result<Record, SpoolError> {
        let damaged = || SpoolError::Damaged { at: format!("position {position} of the journal") };
        let segment = self.segment(position).ok_or_else(damaged)?;
        let (file, mark) = segment.open()?.ok_or_else(damaged)?;
        let mut head = [0; record::HEADER];
        let io = SpoolError::io("read", &segment.path);
        read_some_at(&file, &mut head, position - segment.start).map_err(io)?;
        let header = Header::read(&head, mark).ok_or_else(damaged)?;
        let at = position - segment.start + long(record::HEADER);
        let mut payload = vec![0; bounded(&segment, at, header.length).ok_or_else(damaged)?];
        let io = SpoolError::io("read", &segment.path);
        read_some_at(&file, &mut payload, at).map_err(io)?;
        if !header.fits(position, &payload) {
            return Err(damaged());
        }
        Ok(Record { position, next: position + header.whole(), payload })
    }

    /// `length` bytes at `position`, which the caller must hold against a digest.
    pub(crate) fn bytes(&self, position: u64, length: u64) -> Result<Vec<u8>, SpoolError> {
        let damaged = || SpoolError::Damaged { at: format!("position {position} of the journal") };
        let segment = self.segment(position).ok_or_else(damaged)?;
        let file = File::open(&segment.path).map_err(SpoolError::io("open", &segment.path))?;
        let at = position - segment.start;
        let mut bytes = vec![0; bounded(&segment, at, short(length)).ok_or_else(damaged)?];
        read_some_at(&file, &mut bytes, at).map_err(SpoolError::io("read", &segment.path))?;
        Ok(bytes)
    }

    /// Every durable record from `position` on, and the gaps between them.
    pub(crate) fn scan(&self, position: u64) -> Scan {
        let extent = self.extent.read().unwrap_or_else(PoisonError::into_inner).clone();
        let next = extent.starts.partition_point(|start| *start <= position);
        let mut segments = Vec::new();
        for (n, start) in extent.starts.iter().enumerate().skip(next.saturating_sub(1)) {
            let end = extent.starts.get(n + 1).copied().unwrap_or(extent.end);
            let path = Segment::path(&self.folder, *start);
            segments.push(Segment { start: *start, path, length: end.saturating_sub(*start) });
        }
        Scan::new(segments, position)
    }

    /// The segment that holds `position`, as far as it is durable.
    fn segment(&self, position: u64) -> Option<Segment> {
        let extent = self.extent.read().unwrap_or_else(PoisonError::into_inner);
        let next = extent.starts.partition_point(|start| *start <= position);
        let start = *extent.starts.get(next.checked_sub(1)?)?;
        let end = extent.starts.get(next).copied().unwrap_or(extent.end);
        let path = Segment::path(&self.folder, start);
        (position < end).then_some(Segment { start, path, length: end - start })
    }
}

/// `length`, if that many bytes at `offset` are within the segment.
fn bounded(segment: &Segment, offset: u64, length: usize) -> Option<usize> {
    (offset.checked_add(long(length))? <= segment.length).then_some(length)
}

/// A walk through the journal.
#[derive(Debug)]
pub(crate) struct Scan {
    segments: std::vec::IntoIter<Segment>,
    open: Option<Open>,
    position: u64,
}

/// The segment in hand, with a window of its bytes.
#[derive(Debug)]
struct Open {
    segment: Segment,
    file: File,
    mark: Mark,
    /// The bytes from `offset` on.
    window: Vec<u8>,
    offset: u64,
}

impl Scan {
    /// A walk from `position`, which must be where a record starts, or before the first.
    pub(super) fn new(segments: Vec<Segment>, position: u64) -> Self {
        Self { segments: segments.into_iter(), open: None, position }
    }

    fn step(&mut self) -> Result<Option<Found>, SpoolError> {
        loop {
            let Some(open) = &mut self.open else {
                let Some(segment) = self.segments.next() else { return Ok(None) };
                let from = self.position;
                if from < segment.start && from > 0 {
                    // A segment is missing. Before the oldest there is nothing to miss.
                    self.position = segment.start;
                    self.segments = with(segment, &self.segments);
                    return Ok(Some(Found::Gap(from, self.position)));
                }
                let first = segment.start + segment::HEADER;
                self.position = from.max(first);
                if self.position >= segment.end() {
                    self.position = segment.end();
                    continue;
                }
                let Some((file, mark)) = segment.open()? else {
                    self.position = segment.end();
                    return Ok(Some(Found::Gap(segment.start, self.position)));
                };
                self.open = Some(Open { segment, file, mark, window: Vec::new(), offset: 0 });
                continue;
            };
            let end = open.segment.end();
            if self.position >= end {
                self.open = None;
                continue;
            }
            let from = self.position;
            if let Some(record) = open.record(from)? {
                self.position = record.next;
                return Ok(Some(Found::Record(record)));
            }
            self.position = open.resume(from)?.unwrap_or(end);
            return Ok(Some(Found::Gap(from, self.position)));
        }
    }
}

fn with(first: Segment, rest: &std::vec::IntoIter<Segment>) -> std::vec::IntoIter<Segment> {
    let mut all = vec![first];
    all.extend_from_slice(rest.as_slice());
    all.into_iter()
}

impl Iterator for Scan {
    type Item = Result<Found, SpoolError>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.step();
        if found.is_err() {
            self.open = None;
            self.segments = Vec::new().into_iter();
        }
        found.transpose()
    }
}

impl Open {
    /// The record at `position`; `None` if there is none.
    fn record(&mut self, position: u64) -> Result<Option<Record>, SpoolError> {
        let mark = self.mark;
        let head = self.bytes(position, record::HEADER)?;
        let Some(header) = Header::read(head, mark) else { return Ok(None) };
        let next = position + header.whole();
        if next > self.segment.end() {
            return Ok(None);
        }
        let payload = self.bytes(position + long(record::HEADER), header.length)?;
        if !header.fits(position, payload) {
            return Ok(None);
        }
        if header.version > VERSION {
            let (found, known) = (u32::from(header.version), u32::from(VERSION));
            return Err(SpoolError::Newer { path: self.segment.path.clone(), found, known });
        }
        Ok(Some(Record { position, next, payload: payload.to_vec() }))
    }

    /// Where the next record behind `position` is, if one is.
    fn resume(&mut self, position: u64) -> Result<Option<u64>, SpoolError> {
        let mut from = position + 1;
        while from < self.segment.end() {
            let mark = self.mark;
            let bytes = self.bytes(from, WINDOW)?;
            let Some(hit) = memchr::memmem::find(bytes, &mark) else {
                // The mark may begin in the last three bytes.
                from += long(bytes.len().saturating_sub(3).max(1));
                continue;
            };
            from += long(hit);
            if self.record(from)?.is_some() {
                return Ok(Some(from));
            }
            from += 1;
        }
        Ok(None)
    }

    /// `length` bytes at `position`, or fewer where the segment ends.
    fn bytes(&mut self, position: u64, length: usize) -> Result<&[u8], SpoolError> {
        let at = position - self.segment.start;
        let length = length.min(short(self.segment.length.saturating_sub(at)));
        let within = |window: &[u8], offset: u64| {
            at >= offset && at + long(length) <= offset + long(window.len())
        };
        if !within(&self.window, self.offset) {
            let whole = length.max(WINDOW).min(short(self.segment.length - at));
            self.window.resize(whole, 0);
            let io = SpoolError::io("read", &self.segment.path);
            let read = read_some_at(&self.file, &mut self.window, at).map_err(io)?;
            self.window.truncate(read);
            self.offset = at;
        }
        let from = short(at - self.offset);
        let to = (from + length).min(self.window.len());
        Ok(self.window.get(from..to).unwrap_or_default())
    }
}

/// How much is read at once.
const WINDOW: usize = 256 << 10;
