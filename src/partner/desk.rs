//! Where files lie while they are read, and where their faults gather.

use super::fault::{Fault, FaultKind, Faults, nearest, shown};
use std::cell::RefCell;
use toml::Spanned;
use toml::de::DeTable;

/// A place in one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    file: usize,
    start: usize,
}

impl Place {
    /// The place at another byte of the same file.
    pub(super) fn at(self, start: usize) -> Self {
        Self { start, ..self }
    }
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<T> {
    pub(super) place: Place,
    pub(super) value: T,
}

/// The files read so far and everything found wrong in them.
#[derive(Debug, Default)]
pub(super) struct Desk {
    files: RefCell<Vec<File>>,
}

#[derive(Debug)]
struct File {
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
    /// How many characters stand before every [`STRIDE`]th byte.
    counts: Vec<usize>,
    found: Vec<(usize, Found)>,
    /// Faults that are only counted.
    more: usize,
}

#[derive(Debug)]
enum Found {
    Here(FaultKind),
    /// In a file of another sort, that knows its own places.
    There(Fault),
}

impl Desk {
    /// Lays a file on the desk; the place is its beginning.
    pub(super) fn open(&self, name: &str, text: &str) -> Place {
        let mut files = self.files.borrow_mut();
        files.push(File::new(name, text));
        Place { file: files.len() - 1, start: 0 }
    }

    pub(super) fn fault(&self, place: Place, kind: FaultKind) {
        self.add(place, Found::Here(kind));
    }

    /// A fault in a file that `place` names.
    pub(super) fn fault_there(&self, place: Place, fault: Fault) {
        self.add(place, Found::There(fault));
    }

    fn add(&self, place: Place, found: Found) {
        let mut files = self.files.borrow_mut();
        let Some(file) = files.get_mut(place.file) else { return };
        if file.found.len() < MOST_KEPT {
            file.found.push((place.start, found));
        } else {
            file.more += 1;
        }
    }

    /// A key that means nothing, next to what could stand in its place.
    pub(super) fn unknown<'k>(
        &self,
        key: Placed<&str>,
        known: impl Iterator<Item = &'k str> + Clone,
        listed: impl FnOnce() -> Vec<String>,
    ) {
        // What is only counted needs no good advice, which takes its time.
        let nearest = if self.is_full(key.place) { None } else { nearest(key.value, known) };
        let known = if nearest.is_some() { Vec::new() } else { listed() };
        self.fault(key.place, FaultKind::UnknownKey { key: shown(key.value), nearest, known });
    }

    fn is_full(&self, place: Place) -> bool {
        self.files.borrow().get(place.file).is_none_or(|file| file.found.len() >= MOST_KEPT)
    }

    /// The table that a whole file is; `None` if it is no TOML.
    pub(super) fn parse<'t>(&self, place: Place, text: &'t str) -> Option<Spanned<DeTable<'t>>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let start = error.span().map_or(0, |span| span.start);
            let why = error.message().lines().collect::<Vec<_>>().join(", ");
            self.fault(place.at(start), FaultKind::Syntax(shown(&why)));
        }
        errors.is_empty().then_some(table)
    }

    /// A place in words: `partners/acme.toml:7:3`.
    pub(super) fn words(&self, place: Place) -> String {
        let files = self.files.borrow();
        let words = files.get(place.file).map(|file| {
            let (line, column) = file.line_and_column(place.start);
            format!("{}:{line}:{column}", file.name)
        });
        words.unwrap_or_default()
    }

    /// The line that a place is in.
    pub(super) fn line(&self, place: Place) -> u32 {
        let files = self.files.borrow();
        files.get(place.file).map_or(1, |file| file.line_and_column(place.start).0)
    }

    pub(super) fn is_clean(&self) -> bool {
        self.files.borrow().iter().all(|file| file.found.is_empty())
    }

    /// Everything found, in the order of the files.
    pub(super) fn faults(self) -> Faults {
        Faults(self.files.into_inner().into_iter().flat_map(File::faults).collect())
    }
}

impl File {
    fn new(name: &str, text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        let ends = text.as_bytes().chunks(STRIDE).scan(0, |count, chunk| {
            *count += characters(chunk);
            Some(*count)
        });
        let counts = std::iter::once(0).chain(ends).collect();
        let (name, text) = (name.to_owned(), text.to_owned());
        Self { name, text, lines, counts, found: Vec::new(), more: 0 }
    }

    fn faults(mut self) -> Vec<Fault> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|(start, _)| *start);
        let last = found.last().map_or(0, |(start, _)| *start);
        let mut more = self.more;
        let mut faults = Vec::new();
        for (start, found) in found {
            let fault = match found {
                Found::Here(kind) => self.fault(start, kind),
                Found::There(fault) => fault,
            };
            if faults.len() >= MOST_LISTED {
                more += 1;
            } else if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        if more > 0 {
            faults.push(self.fault(last, FaultKind::More(more)));
        }
        faults
    }

    fn fault(&self, start: usize, kind: FaultKind) -> Fault {
        let (line, column) = self.line_and_column(start);
        Fault { file: self.name.clone(), line, column, kind }
    }

    fn line_and_column(&self, at: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let column = self.characters_before(at).saturating_sub(self.characters_before(start)) + 1;
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (narrow(line), narrow(column))
    }

    /// Lines may be as long as the file, and faults many: only a stride is ever counted again.
    fn characters_before(&self, at: usize) -> usize {
        let stride = at / STRIDE;
        let rest = self.text.as_bytes().get(stride * STRIDE..at).unwrap_or_default();
        self.counts.get(stride).copied().unwrap_or(0) + characters(rest)
    }
}

/// How many characters begin in these bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// How many faults of one file are listed.
const MOST_LISTED: usize = 100;

/// How many are kept to choose the first of.
const MOST_KEPT: usize = 1_000;

const STRIDE: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_however_long_the_line() {
        let text = format!("é\n{}x", "é".repeat(3_000));
        let desk = Desk::default();
        let place = desk.open("a.toml", &text);
        assert_eq!(desk.words(place.at(text.len() - 1)), "a.toml:2:3001");
        assert_eq!(desk.words(place.at(0)), "a.toml:1:1");
    }

    #[test]
    fn faults_beyond_the_listed_are_counted() {
        let desk = Desk::default();
        let place = desk.open("a.toml", &" ".repeat(5_000));
        for at in (0..3_000).rev() {
            desk.fault(place.at(at), FaultKind::SecretSource);
        }
        let faults = desk.faults().0;
        assert_eq!((faults.len(), faults[0].column), (101, 2_001));
        assert_eq!(faults[100].kind, FaultKind::More(2_900));
    }
}
