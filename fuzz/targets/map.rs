//! Any text as a partner's map: merged, compiled, and used on an order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wharf::grammar::{Examiner, Library, Options};
use wharf::map::{Map, MapSources, Scratch};
use wharf::x12::{Delimiters, Item, Reader, Writer};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::shipped);
const ORDER: &[u8] = include_bytes!("../../conformance/004010/850/hospital-order/in.edi");

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let sources = MapSources::shipped().with_partner("partner.toml", text);
    let standard = LIBRARY.standard("004010").unwrap().unwrap();
    let set = sources.partner_set().unwrap_or("850".to_owned());
    let Some(rules) = standard.sets.get(&set) else { return };
    let map = match Map::compile(&sources, rules) {
        Ok(map) => map,
        Err(faults) => return drop(faults.to_string()),
    };
    let (mut reader, mut scratch) = (Reader::new(ORDER), Scratch::default());
    let mut examiner = Examiner::new(&LIBRARY, Options::default());
    while let Some(item) = reader.next().unwrap() {
        let examined = examiner.item(&item).unwrap();
        let Item::Set(order) = item else { continue };
        let mut json = vec![];
        if map.read_json(&order, &examined.placement, &mut scratch, &mut json).is_ok() {
            let _: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
            let mut writer = Writer::new(Delimiters::default()).unwrap();
            let _ = map.write_json(&json, &mut scratch, &mut writer, "0001");
        }
    }
});
