//! Any bytes as a message of several parts: nothing is required of it, so that all of it is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use wharf::transport::as2::{Headers, Memory, Policy, Terms, open};

fuzz_target!(|data: &[u8]| {
    let (kind, body) = data.split_at(data.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let headers: Headers = [("Content-Type", kind)].into_iter().collect();
    let policy = Policy { must_be_signed: false, must_be_encrypted: false, ..Policy::default() };
    let at = jiff::Timestamp::UNIX_EPOCH;
    let terms = Terms { policy: &policy, ours: &[], theirs: &[], mic: None, at };
    let _ = open(&headers, &mut Cursor::new(body), &terms, &mut Memory::default());
});
