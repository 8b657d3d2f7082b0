//! The maps in use: each compiled when its set is first met.

use super::error::MapFaults;
use super::source::MapSources;
use super::translate::Map;
use crate::grammar::SetRules;
use std::sync::Arc;

/// Maps by the rules that they were compiled for.
#[derive(Debug, Default)]
pub struct Maps {
    sources: MapSources,
    compiled: Vec<(Arc<SetRules>, Arc<Map>)>,
}

impl Maps {
    /// Maps from these sources; none is compiled yet.
    pub fn new(sources: MapSources) -> Self {
        Self { sources, compiled: vec![] }
    }

    /// The files that the maps are made of, which tell what becomes of which set.
    pub fn sources(&self) -> &MapSources {
        &self.sources
    }

    /// The map for sets with these rules; `None` if no file has one.
    ///
    /// # Errors
    /// Everything that is wrong in the files of the map.
    pub fn map(&mut self, rules: &Arc<SetRules>) -> Result<Option<Arc<Map>>, MapFaults> {
        if let Some((_, map)) = self.compiled.iter().find(|(known, _)| Arc::ptr_eq(known, rules)) {
            return Ok(Some(Arc::clone(map)));
        }
        if self.sources.document(&rules.id).is_none() {
            return Ok(None);
        }
        let map = Arc::new(Map::compile(&self.sources, rules)?);
        self.compiled.push((Arc::clone(rules), Arc::clone(&map)));
        Ok(Some(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentKind;
    use crate::grammar::Library;

    #[test]
    fn a_map_is_compiled_once_for_each_release() {
        let library = Library::shipped();
        let rules = |release| library.standard(release).unwrap().unwrap().sets["850"].clone();
        let mut maps = Maps::new(MapSources::shipped());
        let first = maps.map(&rules("004010")).unwrap().unwrap();
        let again = maps.map(&rules("004010")).unwrap().unwrap();
        let other = maps.map(&rules("005010")).unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert!(!Arc::ptr_eq(&first, &other));
    }

    #[test]
    fn each_document_has_its_set() {
        let maps = Maps::new(MapSources::shipped());
        assert_eq!(maps.sources().set(DocumentKind::ShipNotice).as_deref(), Some("856"));
        assert_eq!(maps.sources().document("810"), Some(DocumentKind::Invoice));
        assert_eq!(maps.sources().document("832"), None);
    }

    #[test]
    fn a_set_without_a_map_has_none() {
        let rules = Arc::new(SetRules { id: "832".into(), ..SetRules::default() });
        assert!(Maps::new(MapSources::shipped()).map(&rules).unwrap().is_none());
    }
}
