//! Files that we take from a folder: which, when they are complete, and what becomes of them.

use super::desk::Placed;
use super::fault::{FaultKind, shown};
use super::quantity::Length;
use super::word::words;
use super::written::{Item, Table, Value};
use globset::{GlobBuilder, GlobMatcher};
use serde::{Serialize, Serializer};
use std::fmt;

/// Files that we take from a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pickup {
    /// The folder, as whoever keeps it calls it.
    pub folder: String,
    /// Which files; none: all that have no name for what is being written.
    #[serde(rename = "match")]
    pub matches: Vec<Pattern>,
    /// What becomes of a file that we have.
    pub after: After,
    /// Whether a file is renamed before it is read, so that nobody else takes it or writes to it.
    pub claim: bool,
    /// How long size and time must have stayed the same before a file is taken for complete.
    pub stable: Length,
}

/// What becomes of a file that we have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// It is deleted.
    Delete,
    /// It stays, and we remember that we have it.
    Keep,
    /// It is moved into this folder within the folder.
    Move(String),
}

words! {
    /// The words for what needs no further setting.
    enum AfterWord {
        /// It is deleted.
        Delete = "delete",
        /// It stays.
        Keep = "keep",
    }
}

/// A pattern that names of files may match, such as `*.edi`; upper and lower case are the same.
#[derive(Clone)]
pub struct Pattern(GlobMatcher);

impl Pattern {
    /// Whether a name matches.
    pub fn fits(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

impl Pickup {
    /// Whether a file of this name is meant.
    pub fn wants(&self, name: &str) -> bool {
        self.matches.is_empty() || self.matches.iter().any(|pattern| pattern.fits(name))
    }

    /// Reads what stands beside the folder's name in `table`.
    pub(super) fn read(table: &mut Table<'_>, folder: String) -> Self {
        let matches = table.list::<Pattern>("match").into_iter().map(|one| one.value).collect();
        let after = after(table);
        let claim = table.or("claim", true);
        let stable = table.or("stable", Length::seconds(10));
        Self { folder, matches, after, claim, stable }
    }
}

fn after(table: &mut Table<'_>) -> After {
    match table.item("after") {
        None => After::Delete,
        Some(item) if item.is_text() => match item.read::<AfterWord>().map(|word| word.value) {
            Some(AfterWord::Keep) => After::Keep,
            Some(AfterWord::Delete) | None => After::Delete,
        },
        Some(item) => {
            let Some(mut table) = item.table() else { return After::Delete };
            let to: Option<Placed<Within>> = table.need("move");
            table.finish();
            to.map_or(After::Delete, |to| After::Move(to.value.0))
        }
    }
}

/// In words.
impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete => f.write_str("then deleted"),
            Self::Keep => f.write_str("left there and remembered"),
            Self::Move(to) => write!(f, "then moved to {to}"),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.glob().glob())
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.glob().glob())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.glob() == other.0.glob()
    }
}

impl Eq for Pattern {}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Value for Pattern {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let malformed = || FaultKind::Malformed {
            value: shown(text),
            what: "pattern of file names",
            how: "one without folders, as in \"*.edi\" or \"INV[0-9]*.{x12,txt}\"",
        };
        if text.is_empty() || text.contains('/') {
            return Err(malformed());
        }
        let glob = GlobBuilder::new(text).case_insensitive(true).build();
        glob.map(|glob| Self(glob.compile_matcher())).map_err(|_| malformed())
    }
}

/// One folder directly within another.
struct Within(String);

impl Value for Within {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?.trim();
        let plain = |c: char| !c.is_control() && c != '/' && c != '\\';
        let sound = !text.is_empty() && !text.starts_with('.') && text.chars().all(plain);
        sound.then(|| Self(text.to_owned())).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "folder within the folder",
            how: "its name alone, as in \"archive\"",
        })
    }
}
