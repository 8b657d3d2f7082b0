//! The names by which AS2 parties call each other.

use super::super::fault::{FaultKind, shown};
use super::super::written::{Item, Value};
use serde::Serialize;
use std::fmt;

/// The AS2 id of a party, without quotes; compared by case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct As2Id(String);

impl As2Id {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for As2Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Value for As2Id {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if printable && (1..=LONGEST).contains(&text.len()) && text.trim() == text {
            return Ok(Self(text.to_owned()));
        }
        let (what, how) = ("AS2 id", "1 to 128 printable ASCII characters, without quotes around");
        Err(FaultKind::Malformed { value: shown(text), what, how })
    }
}

/// The longest id (RFC 4130 §6.2).
const LONGEST: usize = 128;
