//! The maps that a command uses, each compiled when it is first needed.

use super::engine;
use super::input::Source;
use super::terms::CommandError;
use crate::document::DocumentKind;
use crate::grammar::SetRules;
use crate::map::{Map, MapSources, Scratch};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

/// The shipped maps, with a partner's own laid over them.
pub(super) struct Maps {
    sources: MapSources,
    sets: Vec<(String, DocumentKind)>,
    /// By release and set.
    compiled: HashMap<(String, String), Map>,
    scratch: Scratch,
}

impl Maps {
    /// The shipped maps, and the partner's map in `file`.
    pub(super) fn new(file: Option<&Path>) -> Result<Self, CommandError> {
        let mut sources = MapSources::shipped();
        if let Some(path) = file {
            sources = sources
                .with_partner(path.display().to_string(), text(&Source::File(path.to_owned()))?);
        }
        let sets = sources.sets();
        Ok(Self { sources, sets, compiled: HashMap::new(), scratch: Scratch::default() })
    }

    /// The map for a set of a release, if there is one, and memory to use it with.
    pub(super) fn of_set(
        &mut self,
        release: &str,
        rules: &SetRules,
    ) -> Result<Option<(&Map, &mut Scratch)>, CommandError> {
        let key = (release.to_owned(), rules.id.clone());
        if !self.compiled.contains_key(&key) {
            if !self.sets.iter().any(|(set, _)| *set == rules.id) {
                return Ok(None);
            }
            let map = Map::compile(&self.sources, rules).map_err(engine::wrong)?;
            self.compiled.insert(key.clone(), map);
        }
        Ok(self.compiled.get(&key).map(|map| (map, &mut self.scratch)))
    }

    /// The set that a document is written as.
    pub(super) fn set_of(&self, json: &[u8]) -> Result<String, CommandError> {
        #[derive(Deserialize)]
        struct Head<'h> {
            #[serde(borrow)]
            document: Cow<'h, str>,
        }
        let known = DocumentKind::ALL.map(DocumentKind::name).join(", ");
        let head: Head<'_> = serde_json::from_slice(json).map_err(|_| {
            let text = format!("the field \"document\" must say what this is: one of {known}");
            CommandError::Wrong(text)
        })?;
        let kind: DocumentKind = head
            .document
            .parse()
            .map_err(|error| CommandError::Wrong(format!("{error}; there are {known}")))?;
        let set = self.sets.iter().find(|(_, document)| *document == kind);
        set.map(|(set, _)| set.clone())
            .ok_or_else(|| CommandError::Wrong(format!("no map writes the document {kind}")))
    }

    /// The sets that there are maps for, in words.
    pub(super) fn sets(&self) -> String {
        let mut sets = self.sets.iter().map(|(set, _)| set.as_str()).collect::<Vec<_>>();
        sets.sort_unstable();
        sets.join(", ")
    }
}

/// The text of a map file.
pub(super) fn text(source: &Source) -> Result<String, CommandError> {
    String::from_utf8(engine::read(source)?).map_err(|_| {
        CommandError::Wrong(format!("{}: this is not UTF-8 text, so it is no map", source.name()))
    })
}
