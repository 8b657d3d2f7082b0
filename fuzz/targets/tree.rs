//! Any bytes as JSON: the tree takes nothing that serde_json refuses, but for numbers that no float
//! can hold, which it keeps as they are written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wharf::document::Tree;

fuzz_target!(|data: &[u8]| {
    let theirs = serde_json::from_slice::<serde_json::Value>(data);
    match Tree::parse(data) {
        Ok(tree) => {
            drop(tree.root().pointer());
            let refused = theirs.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(refused.is_empty() || refused.starts_with("number out of range"), "{refused}");
        }
        Err(error) => drop(error.to_string()),
    }
});
