//! Where files lie while they are read, and where their faults gather.

use super::fault::{Fault, FaultKind, Faults, shown};
use std::cell::RefCell;
use std::collections::BTreeMap;
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
    found: RefCell<Vec<(Place, Found)>>,
}

#[derive(Debug)]
struct File {
    name: String,
    /// Where each line begins.
    lines: Vec<usize>,
    text: String,
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
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        let mut files = self.files.borrow_mut();
        files.push(File { name: name.to_owned(), lines, text: text.to_owned() });
        Place { file: files.len() - 1, start: 0 }
    }

    pub(super) fn fault(&self, place: Place, kind: FaultKind) {
        self.found.borrow_mut().push((place, Found::Here(kind)));
    }

    /// A fault in a file that `place` names.
    pub(super) fn fault_there(&self, place: Place, fault: Fault) {
        self.found.borrow_mut().push((place, Found::There(fault)));
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
        let fault = self.place(place, FaultKind::SecretSource);
        format!("{}:{}:{}", fault.file, fault.line, fault.column)
    }

    /// The line that a place is in.
    pub(super) fn line(&self, place: Place) -> u32 {
        self.place(place, FaultKind::SecretSource).line
    }

    pub(super) fn is_clean(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Everything found, in the order of the files.
    pub(super) fn faults(self) -> Faults {
        let mut found = self.found.take();
        found.sort_by_key(|(place, _)| *place);
        let mut seen = BTreeMap::<usize, usize>::new();
        let mut faults = Vec::new();
        let mut last = BTreeMap::new();
        for (place, found) in found {
            let count = seen.entry(place.file).or_default();
            *count += 1;
            last.insert(place.file, place);
            if *count <= MOST_LISTED {
                let fault = match found {
                    Found::Here(kind) => self.place(place, kind),
                    Found::There(fault) => fault,
                };
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        let more = |(file, count): (&usize, &usize)| {
            let place = last.get(file)?;
            Some(self.place(*place, FaultKind::More(count.checked_sub(MOST_LISTED + 1)? + 1)))
        };
        faults.extend(seen.iter().filter_map(more));
        Faults(faults)
    }

    fn place(&self, place: Place, kind: FaultKind) -> Fault {
        let files = self.files.borrow();
        let Some(file) = files.get(place.file) else {
            return Fault { file: String::new(), line: 1, column: 1, kind };
        };
        let line = file.lines.partition_point(|start| *start <= place.start).max(1);
        let start = file.lines.get(line - 1).copied().unwrap_or(0);
        let before = file.text.get(start..place.start).unwrap_or_default();
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let column = before.chars().count() + 1;
        Fault { file: file.name.clone(), line: narrow(line), column: narrow(column), kind }
    }
}

/// How many faults of one file are listed.
const MOST_LISTED: usize = 100;
