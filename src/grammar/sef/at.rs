//! A place in the text, and what is wrong there.

use super::kind::SefFaultKind;

/// A place in the text: a byte offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At(pub(super) u32);

impl At {
    /// The place `bytes` further on.
    pub(super) fn plus(self, bytes: usize) -> Self {
        Self(self.0.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX)))
    }
}

/// A fault that ends the reading of one part of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) at: At,
    pub(super) kind: SefFaultKind,
}

impl Broken {
    pub(super) fn new(at: At, kind: SefFaultKind) -> Self {
        Self { at, kind }
    }
}
