//! Any bytes as JSON: the tree takes what serde_json takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wharf::document::Tree;

fuzz_target!(|data: &[u8]| {
    let theirs = serde_json::from_slice::<serde_json::Value>(data);
    match Tree::parse(data) {
        Ok(tree) => {
            drop(tree.root().pointer());
            assert!(theirs.is_ok(), "taken: {theirs:?}");
        }
        Err(error) => drop(error.to_string()),
    }
});
