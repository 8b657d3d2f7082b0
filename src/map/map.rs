//! A compiled map: what turns a set into a document and a document into a set.

use super::compile::compile;
use super::error::{MapError, MapErrorKind, MapFaults};
use super::plan::Plan;
use super::read::{ReadScratch, Walk};
use super::source::MapSources;
use crate::document::Document;
use crate::grammar::{Placement, SetRules};
use crate::x12::Set;

/// A map, compiled for the sets of one release.
#[derive(Debug)]
pub struct Map {
    plan: Plan,
}

/// Memory that translating needs, kept from one set to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    read: ReadScratch,
}

impl Map {
    /// Compiles the map for the sets of `rules`.
    ///
    /// # Errors
    /// Everything that is wrong in the files of the map.
    pub fn compile(sources: &MapSources, rules: &SetRules) -> Result<Self, MapFaults> {
        let merged = sources.merged(&rules.id)?;
        compile(merged, rules, false).map(|plan| Self { plan })
    }

    /// Appends the document that `set` is, as JSON text.
    ///
    /// # Errors
    /// The set is another one than the map's, or its levels nest too deep.
    pub fn read_json(
        &self,
        set: &Set<'_>,
        placement: &Placement,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), MapError> {
        let whole = |kind| MapError { pointer: String::new(), kind };
        if set.id() != *self.plan.set {
            let (wanted, given) = (self.plan.set.clone(), set.id().as_ref().into());
            return Err(whole(MapErrorKind::WrongSet { wanted, given }));
        }
        let before = out.len();
        let mut walk = Walk::new(&self.plan, set, placement, &mut scratch.read, out);
        walk.document().map_err(|kind| {
            out.truncate(before);
            whole(kind)
        })
    }

    /// The document that `set` is.
    ///
    /// # Errors
    /// As [`Map::read_json`]; and a set that lacks what every such document has.
    pub fn read(
        &self,
        set: &Set<'_>,
        placement: &Placement,
        scratch: &mut Scratch,
    ) -> Result<Document, MapError> {
        let mut json = vec![];
        self.read_json(set, placement, scratch, &mut json)?;
        Document::from_json(&json).map_err(|error| {
            let kind = MapErrorKind::Document(error.to_string().into());
            MapError { pointer: String::new(), kind }
        })
    }
}
