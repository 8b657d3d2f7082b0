//! Where the journal ends: found by reading its last segment, whatever a crash left there.

use super::super::error::SpoolError;
use super::super::files::sync_folder;
use super::read::{Found, Scan};
use super::record::Mark;
use super::segment::{HEADER, Segment};
use std::fs::{self, File, OpenOptions};
use std::path::Path;

/// The journal as it was found.
#[derive(Debug)]
pub(super) struct Recovered {
    /// Where its segments start.
    pub(super) starts: Vec<u64>,
    /// The last segment, open for writing.
    pub(super) file: Option<(File, Mark)>,
    /// Behind the last record.
    pub(super) end: u64,
    /// How many bytes of an unfinished write were cut off.
    pub(super) cut: u64,
}

impl Recovered {
    /// Finds the end of the journal in `folder` and cuts off what a crash left behind it.
    ///
    /// Bytes that are no record but stand before good ones are damage and stay where they are.
    pub(super) fn of(folder: &Path) -> Result<Self, SpoolError> {
        let mut segments = Segment::all(folder)?;
        let mut cut = 0;
        while let Some(last) = segments.last() {
            if last.length >= HEADER && (last.length > HEADER || last.is_headed()?) {
                break;
            }
            // Never finished, so nothing in it was ever confirmed.
            cut += last.length;
            fs::remove_file(&last.path).map_err(SpoolError::io("remove", &last.path))?;
            sync_folder(folder).map_err(SpoolError::io("sync", folder))?;
            segments.pop();
        }
        let starts = segments.iter().map(|segment| segment.start).collect();
        let Some(last) = segments.pop() else {
            return Ok(Self { starts, file: None, end: 0, cut });
        };
        let end = end(&last)?;
        let io = SpoolError::io("open", &last.path);
        let file = OpenOptions::new().write(true).open(&last.path).map_err(io)?;
        if end < last.end() {
            cut += last.end() - end;
            file.set_len(end - last.start)
                .and_then(|()| file.sync_all())
                .map_err(SpoolError::io("cut", &last.path))?;
        }
        let mark = last.open()?.map(|(_, mark)| mark);
        let headed = last.is_headed()?;
        let file = mark.filter(|_| headed).map(|mark| (file, mark));
        Ok(Self { starts, file, end, cut })
    }
}

/// Behind the last record of `segment`.
fn end(segment: &Segment) -> Result<u64, SpoolError> {
    let mut end = segment.start + HEADER;
    for found in Scan::new(vec![segment.clone()], segment.start) {
        if let Found::Record(record) = found? {
            end = record.next;
        }
    }
    Ok(end)
}
