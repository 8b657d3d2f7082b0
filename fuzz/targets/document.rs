//! Any bytes as a JSON document: written as every set that there is a map for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wharf::document::Document;
use wharf::grammar::Library;
use wharf::map::{Map, MapSources, Scratch};
use wharf::x12::{Delimiters, Writer};

static MAPS: LazyLock<Vec<Map>> = LazyLock::new(|| {
    let (library, sources) = (Library::shipped(), MapSources::shipped());
    let standard = library.standard("004010").unwrap().unwrap();
    let rules = sources.sets().into_iter().map(|(set, _)| standard.sets[&set].clone());
    rules.map(|rules| Map::compile(&sources, &rules).unwrap()).collect()
});

fuzz_target!(|data: &[u8]| {
    let mut scratch = Scratch::default();
    for map in MAPS.iter() {
        let mut writer = Writer::new(Delimiters::default()).unwrap();
        if let Err(error) = map.write_json(data, &mut scratch, &mut writer, "0001") {
            drop(error.to_string());
            assert!(writer.into_bytes().is_empty(), "half a set was written");
        }
    }
    if let Ok(document) = Document::from_json(data) {
        let again = Document::from_json(&document.to_json()).expect("its own JSON");
        assert_eq!(again.to_json(), document.to_json());
    }
});
