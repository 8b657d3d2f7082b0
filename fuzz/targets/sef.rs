//! Any text as a SEF file: as a guide over a shipped release, and as a dictionary of its own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wharf::grammar::{Library, Standard};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::shipped);

fuzz_target!(|data: &[u8]| {
    let _ = LIBRARY.guide("guide.sef", data).map_err(|faults| faults.to_string());
    let _ = Standard::parse_sef("own.sef", data, None).map_err(|faults| faults.to_string());
});
