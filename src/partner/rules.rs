//! What agreements are held against: the releases, and the guides and maps beside the files.

use super::desk::{Desk, Place, Placed};
use super::fault::{Fault, FaultKind, shown};
use super::quantity::Size;
use super::source::Source;
use crate::grammar::{Library, SetRules, Standard};
use crate::map::{Map, MapFault, MapSources};
use crate::message::Digest;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

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

/// A partner's own map, compiled.
#[derive(Clone, Serialize)]
pub struct OwnMap {
    /// The file.
    pub file: String,
    /// The SHA-256 of what it holds.
    pub sha256: Digest,
    /// The map, for the sets of the agreement's release.
    #[serde(skip)]
    pub map: Arc<Map>,
}

impl fmt::Debug for OwnMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnMap({})", self.file)
    }
}

/// The releases and the shipped maps, each made once, however often partners are read.
#[derive(Debug)]
pub struct Shelf<'l> {
    pub(super) library: &'l Library,
    maps: MapSources,
    /// The sets that a map ships for.
    mapped: BTreeSet<String>,
    /// By set and release.
    compiled: Mutex<BTreeMap<(String, String), Arc<Map>>>,
}

impl<'l> Shelf<'l> {
    /// A shelf with the releases of this library.
    pub fn new(library: &'l Library) -> Self {
        let maps = MapSources::shipped();
        let mapped = maps.sets().into_iter().map(|(set, _)| set).collect();
        Self { library, maps, mapped, compiled: Mutex::default() }
    }

    /// Whether a map for this set ships.
    pub(super) fn has_map(&self, set: &str) -> bool {
        self.mapped.contains(set)
    }

    /// The shipped map for the sets of `set` in the release of `base`.
    pub(super) fn map(
        &self,
        desk: &Desk,
        asked: Place,
        set: &SetRules,
        base: &Standard,
    ) -> Option<Arc<Map>> {
        // Whoever panicked while holding it left whole maps in it.
        let lock = || self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (set.id.clone(), base.release.clone());
        if let Some(known) = lock().get(&key) {
            return Some(known.clone());
        }
        let map = compiled(desk, asked, &self.maps, set)?;
        lock().insert(key, map.clone());
        Some(map)
    }
}

/// Reads guides and maps for one reading of all files.
pub(super) struct Rules<'r> {
    pub(super) source: &'r dyn Source,
    pub(super) shelf: &'r Shelf<'r>,
    /// By path and release.
    guides: RefCell<BTreeMap<(String, String), Option<Guide>>>,
}

impl<'r> Rules<'r> {
    pub(super) fn new(source: &'r dyn Source, shelf: &'r Shelf<'r>) -> Self {
        Self { source, shelf, guides: RefCell::default() }
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

    /// The map in the file that `name` names in `folder`, for the sets of `set`.
    pub(super) fn own_map(
        &self,
        desk: &Desk,
        folder: &str,
        name: &Placed<String>,
        set: &SetRules,
    ) -> Option<OwnMap> {
        let path = beside(desk, folder, name)?;
        let file = self.source.shown(&path);
        let bytes = self.bytes(desk, &path, name, LARGEST_TEXT)?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            let kind = FaultKind::NotText;
            desk.fault_there(name.place, Fault { file, line: 1, column: 1, kind });
            return None;
        };
        let maps = self.shelf.maps.clone().with_partner(&file, text);
        if let Some(is) = maps.partner_set().filter(|is| *is != set.id) {
            let (file, wanted) = (name.value.clone(), set.id.clone());
            desk.fault(name.place, FaultKind::MapOfOtherSet { file, is: shown(&is), wanted });
            return None;
        }
        let map = compiled(desk, name.place, &maps, set)?;
        Some(OwnMap { file, sha256: Digest::of(&bytes), map })
    }

    fn bytes(
        &self,
        desk: &Desk,
        path: &str,
        name: &Placed<String>,
        limit: Size,
    ) -> Option<Vec<u8>> {
        let kind = match self.source.read(path, limit.bytes()) {
            Ok(bytes) if too_large(&bytes, limit) => FaultKind::TooLarge(limit.to_string()),
            Ok(bytes) => return Some(bytes),
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

fn compiled(desk: &Desk, asked: Place, maps: &MapSources, set: &SetRules) -> Option<Arc<Map>> {
    let faults = match Map::compile(maps, set) {
        Ok(map) => return Some(Arc::new(map)),
        Err(faults) => faults.0,
    };
    for MapFault { file, line, column, kind } in faults {
        desk.fault_there(asked, Fault { file, line, column, kind: FaultKind::Map(kind) });
    }
    None
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
