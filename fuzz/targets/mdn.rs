//! Any bytes as a receipt.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wharf::transport::as2::mdn::Report;
use wharf::transport::as2::{Headers, is_report};

fuzz_target!(|data: &[u8]| {
    let (kind, body) = data.split_at(data.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let headers: Headers = [("Content-Type", kind)].into_iter().collect();
    is_report(&headers, body);
    let _ = Report::read(&headers, body).map_err(|fault| fault.to_string());
});
