//! How bad each kind of finding is, by default and by agreement.

use super::kind::{FindingKind, Severity};
use std::collections::BTreeMap;

/// The severity of each kind: the trade's defaults, and what an agreement says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Severities {
    changed: BTreeMap<FindingKind, Severity>,
}

impl Severities {
    /// The same severities with `kind` set to `severity`.
    #[must_use]
    pub fn with(mut self, kind: FindingKind, severity: Severity) -> Self {
        self.changed.insert(kind, severity);
        self
    }

    /// The severity of `kind`.
    pub fn of(&self, kind: FindingKind) -> Severity {
        self.changed.get(&kind).copied().unwrap_or_else(|| kind.default_severity())
    }
}
