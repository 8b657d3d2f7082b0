//! Any bytes: every set of a known kind becomes a document, however bad it is, and may be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use wharf::grammar::{Examiner, Library, Options};
use wharf::map::{Map, MapSources, Scratch};
use wharf::x12::{Delimiters, Item, ReadError, Reader, Writer};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::shipped);
static MAPS: LazyLock<BTreeMap<(String, String), Map>> = LazyLock::new(|| {
    let sources = MapSources::shipped();
    let mut maps = BTreeMap::new();
    for release in ["004010", "005010"] {
        let standard = LIBRARY.standard(release).unwrap().unwrap();
        for (set, _) in sources.sets() {
            if let Some(rules) = standard.sets.get(&set) {
                maps.insert((release.to_owned(), set), Map::compile(&sources, rules).unwrap());
            }
        }
    }
    maps
});

fuzz_target!(|data: &[u8]| {
    let (mut reader, mut scratch) = (Reader::new(data), Scratch::default());
    let mut examiner = Examiner::new(&LIBRARY, Options::default());
    loop {
        let item = match reader.next() {
            Ok(None) => break,
            Ok(Some(item)) => item,
            Err(ReadError::Syntax(_)) => continue,
            Err(ReadError::Io(error)) => panic!("a slice failed: {error}"),
        };
        let examined = examiner.item(&item).unwrap();
        let (Item::Set(set), Some(standard)) = (item, examined.standard) else { continue };
        let key = (standard.release.clone(), set.id().into_owned());
        let Some(map) = MAPS.get(&key) else { continue };
        let mut json = vec![];
        if map.read_json(&set, &examined.placement, &mut scratch, &mut json).is_ok() {
            let _: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
            let mut writer = Writer::new(Delimiters::default()).unwrap();
            let _ = map.write_json(&json, &mut scratch, &mut writer, "0001");
        }
    }
});
