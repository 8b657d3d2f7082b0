//! MIME as it streams: headers, parts, transfer encodings.
//!
//! It knows the form of a message and nothing of what is in it. Headers are bounded, parts end where
//! their boundary is, and nothing is held but a buffer.

mod canonical;
mod head;
mod multipart;
mod transfer;

pub(super) use canonical::Canonical;
pub(super) use head::read_head;
pub(super) use multipart::Multipart;
pub(super) use transfer::decoded;
