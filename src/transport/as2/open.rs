//! The way in: a message is opened layer by layer, while it is read.

use super::error::As2Error;
use super::headers::Headers;
use super::opened::{Opened, Sinks, Terms};
use std::io::{Read, Seek};

/// Opens a message: its contents go into `sinks`, and are good if this returns [`Opened`].
pub fn open<B: Read + Seek, S: Sinks>(
    headers: &Headers,
    body: &mut B,
    terms: &Terms<'_>,
    sinks: &mut S,
) -> Result<Opened, As2Error> {
    let _ = (headers, body, terms, sinks);
    Err(As2Error::Decryption)
}

/// Whether what came is a receipt and not a message, by its headers and the first bytes of its body
/// (some hundred will do).
pub fn is_report(headers: &Headers, beginning: &[u8]) -> bool {
    let _ = (headers, beginning);
    false
}
