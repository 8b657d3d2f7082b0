//! What came of a look.

use super::super::error::{Blame, TransportError};
use super::super::inbox::{Refusal, RefusalKind};
use std::time::Duration;
use thiserror::Error;

/// What came of a look.
#[derive(Debug, Default)]
pub struct Looked {
    /// How many files the house took.
    pub taken: u32,
    /// How many it had before.
    pub repeats: u32,
    /// How many still have to stay as they are.
    pub settling: u32,
    /// When the first of those will have stayed for long enough.
    pub again: Option<Duration>,
    /// What was left where it is, and why.
    pub left: Vec<Left>,
    /// Why the look ended before its end, if it did.
    pub trouble: Option<LookError>,
}

/// A file that was left where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its name.
    pub name: String,
    /// Why, and what to do.
    pub why: String,
}

/// Why a look ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LookError {
    /// The other side.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The house takes nothing now.
    #[error(transparent)]
    House(#[from] Refusal),
}

impl LookError {
    /// Whose move is next.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Transport(error) => error.blame(),
            Self::House(_) => Blame::Us,
        }
    }

    /// A stable name, for interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Transport(error) => error.code(),
            Self::House(refusal) => refusal.code,
        }
    }

    /// Whether the other side is not who it should be: nothing more is asked of it until a person
    /// has looked.
    pub fn parks(&self) -> bool {
        matches!(self, Self::Transport(error) if error.parks())
    }
}

/// Whether the house may take the same at another time, so that the look is of no use now.
pub(super) fn is_passing(refusal: &Refusal) -> bool {
    match refusal.kind {
        RefusalKind::Full | RefusalKind::Unavailable | RefusalKind::Unknown => true,
        RefusalKind::Invalid
        | RefusalKind::Conflict
        | RefusalKind::NotAgreed
        | RefusalKind::TooLarge => false,
    }
}

impl Looked {
    /// A file was left where it is.
    pub(super) fn left(&mut self, name: &str, why: impl Into<String>) {
        self.left.push(Left { name: super::name::shown(name), why: why.into() });
    }

    /// Adds what came of a look at another folder.
    pub(in crate::transport) fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.repeats += other.repeats;
        self.settling += other.settling;
        self.again = self.again.into_iter().chain(other.again).min();
        self.left.extend(other.left);
        self.trouble = self.trouble.take().or(other.trouble);
    }

    /// A look that could not begin.
    pub(in crate::transport) fn failed(trouble: impl Into<LookError>) -> Self {
        Self { trouble: Some(trouble.into()), ..Self::default() }
    }
}
