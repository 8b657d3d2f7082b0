//! Any bytes are packets of SFTP, or are refused; any path comes to a place, or is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wharf::transport::sftp::{Place, packet};

fuzz_target!(|data: &[u8]| {
    let mut rest = data;
    while let Ok(Some(length)) = packet::length(rest) {
        let Some(bytes) = rest.get(4..4 + length) else { break };
        let _read = packet::read(bytes);
        rest = &rest[4 + length..];
    }
    let _read = packet::read(data);
    if let Ok(place) = Place::of(data) {
        assert_eq!(Place::of(&place.path()), Ok(place));
    }
});
