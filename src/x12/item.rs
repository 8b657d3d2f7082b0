//! What a reader gives out, what it keeps, and why it stops.

use super::envelope::{Group, Interchange, Trailer};
use super::error::SyntaxError;
use super::segment::Segment;
use super::set::Set;
use std::io;
use thiserror::Error;

/// What a reader gives out, in the order of the input.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// An ISA.
    Interchange(&'a Interchange),
    /// A GS.
    Group(&'a Group),
    /// A transaction set whole, or what there is of it when its SE is missing.
    Set(Set<'a>),
    /// A segment outside a set: TA1, ISB, ISE, or one that has no business there.
    Loose(Segment<'a>),
    /// The end of a group: its GE, or `None` where it is missing.
    GroupEnd(Option<&'a Trailer>),
    /// The end of an interchange: its IEA, or `None` where it is missing.
    InterchangeEnd(Option<&'a Trailer>),
}

/// Bounds on what a reader keeps in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in a segment; binary segments count against the set alone.
    pub segment: usize,
    /// Bytes in a transaction set, and again in the index of its segments and elements; at most
    /// 1 GiB.
    pub set: usize,
}

impl Limits {
    /// Places in a window are counted in 32 bits, and a window may be twice as large as a set.
    pub(super) const LARGEST_SET: usize = 1 << 30;
}

impl Default for Limits {
    fn default() -> Self {
        Self { segment: 1 << 20, set: 256 << 20 }
    }
}

/// Why a reader cannot go on from where it is.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The source failed; nothing more can be read.
    #[error("the input cannot be read")]
    Io(#[from] io::Error),
    /// The bytes are not X12 here. The next item is the next interchange, if there is one.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
}
