//! A compiled map: what turns a set into a document and a document into a set.

use super::compile::compile;
use super::emit::Emitter;
use super::error::{MapError, MapErrorKind, MapFaults, Trouble};
use super::json::{Json, pointer};
use super::plan::Plan;
use super::read::{ReadScratch, Walk};
use super::sheet::Sheet;
use super::source::MapSources;
use super::text::Classes;
use super::write::Composer;
use crate::document::Document;
use crate::grammar::{Placement, SetRules};
use crate::x12::{Set, Writer};

/// A map, compiled for the sets of one release.
#[derive(Debug)]
pub struct Map {
    pub(super) plan: Plan,
}

/// Memory that translating needs, kept from one set to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    read: ReadScratch,
    classes: Option<Classes>,
    sheet: Sheet,
}

impl Map {
    /// Compiles the map for the sets of `rules`.
    ///
    /// # Errors
    /// Everything that is wrong in the files of the map.
    pub fn compile(sources: &MapSources, rules: &SetRules) -> Result<Self, MapFaults> {
        let merged = sources.merged(&rules.id);
        compile(merged, rules, false).map(|plan| Self { plan })
    }

    /// Compiles the map for the sets of `rules` and holds every rule to it, those of the shipped
    /// maps as well, which are otherwise allowed to ask for what a release does not have.
    ///
    /// # Errors
    /// Everything that is wrong in the files of the map.
    pub fn check(sources: &MapSources, rules: &SetRules) -> Result<Self, MapFaults> {
        let merged = sources.merged(&rules.id);
        compile(merged, rules, true).map(|plan| Self { plan })
    }

    /// The field of the document that an element of a set is written from, as a JSON pointer such as
    /// `/lines/2/price`; for a whole segment, the member of a list that it heads. `position` is that
    /// of the segment in the set, ST being 1. Only for fields that an element alone decides.
    pub fn field(
        &self,
        set: &Set<'_>,
        segment: &str,
        position: u32,
        element: Option<u32>,
    ) -> Option<String> {
        self.plan.places.pointer(set, segment, position, element)
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
        let Scratch { read, classes, .. } = scratch;
        if classes.as_ref().is_none_or(|classes| !classes.suit(set.delimiters())) {
            *classes = Some(Classes::new(set.delimiters()));
        }
        let classes = classes.get_or_insert_with(|| Classes::new(set.delimiters()));
        let mut walk = Walk::new(&self.plan, set, placement, read, classes, out);
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

    /// Writes the document in `json` as a set, from ST to SE; on an error nothing is written.
    ///
    /// # Errors
    /// Names the place in the document that cannot be written, and why.
    pub fn write_json(
        &self,
        json: &[u8],
        scratch: &mut Scratch,
        writer: &mut Writer,
        control: &str,
    ) -> Result<(), MapError> {
        self.compose(json, scratch, writer, control).map_err(|trouble| {
            let pointer = pointer(std::str::from_utf8(json).unwrap_or_default(), trouble.at());
            MapError { pointer, kind: trouble.into_kind() }
        })
    }

    /// Writes a document as a set, from ST to SE; on an error nothing is written.
    ///
    /// # Errors
    /// As [`Map::write_json`].
    pub fn write(
        &self,
        document: &Document,
        scratch: &mut Scratch,
        writer: &mut Writer,
        control: &str,
    ) -> Result<(), MapError> {
        self.write_json(&document.to_json(), scratch, writer, control)
    }

    fn compose(
        &self,
        json: &[u8],
        scratch: &mut Scratch,
        writer: &mut Writer,
        control: &str,
    ) -> Result<(), Trouble> {
        let json = Json::new(json)?;
        let text = json.text();
        Composer { plan: &self.plan, json, sheet: &mut scratch.sheet }.document()?;
        Emitter::new(&self.plan, &scratch.sheet, text, writer).set(control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::Library;

    #[test]
    fn the_shipped_maps_fit_the_shipped_releases() {
        let library = Library::shipped();
        let sources = MapSources::shipped();
        for release in library.releases() {
            let standard = library.standard(&release).unwrap().unwrap();
            for (set, _) in sources.sets() {
                let Some(rules) = standard.sets.get(&set) else { continue };
                if let Err(faults) = Map::compile(&sources, rules) {
                    panic!("{release} {set}\n{faults}");
                }
                if let Err(faults) = Map::check(&sources, rules).map(|_| ()) {
                    println!("{release} {set}\n{faults}");
                }
            }
        }
    }
}
