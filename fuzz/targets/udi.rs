//! Any text as what a scanner reads off a device.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wharf::document::Udi;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = text.parse::<Udi>().map_err(|error| error.to_string());
    }
});
