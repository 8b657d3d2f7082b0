//! The names of partners: each is a file or folder, and a part of URLs.

use super::fault::{FaultKind, shown};
use crate::message::PartnerId;

/// The partner of this name, if a partner may have it.
pub(super) fn partner_name(name: &str) -> Result<PartnerId, FaultKind> {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let sound = name.len() <= LONGEST
        && name != OURS
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.bytes().all(plain);
    let id = if sound { PartnerId::new(name).ok() } else { None };
    id.ok_or_else(|| FaultKind::Name(shown(name)))
}

/// Our own file is called this.
const OURS: &str = "us";

const LONGEST: usize = 40;
