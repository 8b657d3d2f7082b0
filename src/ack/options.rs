//! What an agreement says about acknowledgments.

use crate::x12::Delimiters;
use serde::{Deserialize, Serialize};

/// How received interchanges are answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// When a TA1 is written.
    pub interchange: InterchangePolicy,
    /// What answers a functional group.
    pub functional: FunctionalPolicy,
    /// Which sets get an AK2 loop.
    pub loops: Loops,
    /// How much is said of one set.
    pub limits: Limits,
    /// The separators to write with; the received interchange's if not given.
    pub delimiters: Option<Delimiters>,
    /// Whether a line feed follows each segment.
    pub newlines: bool,
}

/// When a TA1 is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterchangePolicy {
    /// Not even when asked for.
    Never,
    /// When ISA14 asks for it.
    #[default]
    AsRequested,
    /// When ISA14 asks for it, and when the envelope has an error.
    OnError,
    /// For every interchange but those that hold nothing but a TA1.
    Always,
}

/// What answers a functional group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionalPolicy {
    /// A 999 from release 005010 on, a 997 before.
    #[default]
    Auto,
    /// Always a 997.
    #[serde(rename = "997")]
    Functional,
    /// Always a 999; in release 005010 for groups older than it.
    #[serde(rename = "999")]
    Implementation,
    /// Nothing.
    Never,
}

/// Which sets get an AK2 loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loops {
    /// Every set of the group.
    #[default]
    All,
    /// Only sets with errors of their own; AK9 speaks for the others.
    OnlyFaulty,
}

/// How much is said of one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// AK3 (IK3) segments in an AK2 loop.
    pub segments: usize,
    /// AK4 (IK4) segments behind an AK3; the standard allows 99.
    pub elements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { segments: 1000, elements: 99 }
    }
}
