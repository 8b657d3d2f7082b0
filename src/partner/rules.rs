//! What agreements are held against: the releases, and the guides and maps beside the files.

use super::fault::{Fault, FaultKind, shown};
use super::quantity::Size;
use super::source::Source;
use super::written::{Desk, Placed};
use crate::grammar::{Library, SetRules, Standard};
use crate::message::Digest;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;

/// What knows the maps.
pub trait Maps {
    /// Whether a map for `set` ships.
    fn ships(&self, set: &str) -> bool;

    /// Everything wrong in a partner's own map for the sets of `rules`; `file` is its name in
    /// faults.
    fn check(&self, file: &str, text: &str, rules: &SetRules) -> Result<(), Vec<Fault>>;
}

/// A partner's implementation guide, read.
#[derive(Clone, Serialize)]
pub struct Guide {
    /// The file.
    pub file: String,
    /// The SHA-256 of what it holds.
    pub sha256: Digest,
    /// Its rules, laid over those of its release.
    #[serde(skip)]
    pub standard: Arc<Standard>,
}

impl fmt::Debug for Guide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guide({})", self.file)
    }
}

/// A partner's own map.
#[derive(Clone, Debug, Serialize)]
pub struct MapFile {
    /// The file.
    pub file: String,
    /// The SHA-256 of what it holds.
    pub sha256: Digest,
    /// What it holds.
    #[serde(skip)]
    pub text: Arc<str>,
}

/// Reads guides and maps, each guide once.
pub(super) struct Rules<'r> {
    pub(super) source: &'r dyn Source,
    pub(super) library: &'r Library,
    pub(super) maps: &'r dyn Maps,
    guides: RefCell<BTreeMap<(String, String), Option<Guide>>>,
}

impl<'r> Rules<'r> {
    pub(super) fn new(source: &'r dyn Source, library: &'r Library, maps: &'r dyn Maps) -> Self {
        Self { source, library, maps, guides: RefCell::default() }
    }

    /// The guide in the file that `name` names in `folder`, laid over `base`.
    pub(super) fn guide(
        &self,
        desk: &Desk,
        folder: &str,
        name: &Placed<String>,
        base: &Standard,
    ) -> Option<Guide> {
        let path = beside(desk, folder, name)?;
        let key = (path, base.release.clone());
        if let Some(known) = self.guides.borrow().get(&key) {
            return known.clone();
        }
        let guide = self.read_guide(desk, &key.0, name, base);
        self.guides.borrow_mut().insert(key, guide.clone());
        guide
    }

    fn read_guide(
        &self,
        desk: &Desk,
        path: &str,
        name: &Placed<String>,
        base: &Standard,
    ) -> Option<Guide> {
        let file = self.source.shown(path);
        let bytes = self.bytes(desk, path, name, LARGEST_GUIDE)?;
        match Standard::parse_sef(&file, &bytes, Some(base)) {
            Ok(loaded) => {
                let standard = Arc::new(loaded.standard);
                Some(Guide { file, sha256: Digest::of(&bytes), standard })
            }
            Err(faults) => {
                for fault in faults.0 {
                    let (line, column) = (fault.line, fault.column);
                    let kind = FaultKind::Guide(fault.kind);
                    desk.fault_there(name.place, Fault { file: fault.file, line, column, kind });
                }
                None
            }
        }
    }

    /// The map in the file that `name` names in `folder`, if it is one for the sets of `set`.
    pub(super) fn map(
        &self,
        desk: &Desk,
        folder: &str,
        name: &Placed<String>,
        set: &SetRules,
    ) -> Option<MapFile> {
        let path = beside(desk, folder, name)?;
        let file = self.source.shown(&path);
        let bytes = self.bytes(desk, &path, name, LARGEST_TEXT)?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            let kind = FaultKind::NotText;
            desk.fault_there(name.place, Fault { file, line: 1, column: 1, kind });
            return None;
        };
        match self.maps.check(&file, text, set) {
            Ok(()) => Some(MapFile { file, sha256: Digest::of(&bytes), text: text.into() }),
            Err(faults) => {
                for fault in faults {
                    desk.fault_there(name.place, fault);
                }
                None
            }
        }
    }

    fn bytes(
        &self,
        desk: &Desk,
        path: &str,
        name: &Placed<String>,
        limit: Size,
    ) -> Option<Vec<u8>> {
        let kind = match self.source.read(path, limit.bytes()) {
            Ok(bytes) => match too_large(&bytes, limit) {
                false => return Some(bytes),
                true => FaultKind::TooLarge(limit),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                desk.fault(name.place, FaultKind::NoFile(self.source.shown(path)));
                return None;
            }
            Err(error) => FaultKind::Unreadable(error.to_string()),
        };
        let file = self.source.shown(path);
        desk.fault_there(name.place, Fault { file, line: 1, column: 1, kind });
        None
    }
}

pub(super) fn too_large(bytes: &[u8], limit: Size) -> bool {
    u64::try_from(bytes.len()).map_or(true, |length| length > limit.bytes())
}

/// The path of a file in a partner's folder; a name that leads out of it is a fault.
fn beside(desk: &Desk, folder: &str, name: &Placed<String>) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.value.chars().all(plain) && !name.value.starts_with('.') {
        return Some(format!("{folder}/{}", name.value));
    }
    let kind = FaultKind::Malformed {
        value: shown(&name.value),
        what: "file in the partner's folder",
        how: "a plain name without folders, as in \"850.sef\"",
    };
    desk.fault(name.place, kind);
    None
}

/// A partner's file or map is text of a few pages.
pub(super) const LARGEST_TEXT: Size = Size::of_bytes(1_000_000);

/// A guide may be a whole dictionary.
const LARGEST_GUIDE: Size = Size::of_bytes(32_000_000);
