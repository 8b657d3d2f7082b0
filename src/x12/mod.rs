//! X12's syntax: bytes to envelopes, transaction sets, segments and elements, and back.
//!
//! Knows separators, fixed widths, counts and positions. Does not know what any segment means, opens
//! no file and asks no clock: bytes come through a [`Source`], so that a file, a pipe and a slice read
//! alike, the slice where it is.
//!
//! Invariants: every segment and element knows its byte offset; nothing here allocates per segment
//! but the index of the set in hand; memory is bounded by the largest set, and that by [`Limits`];
//! any byte may arrive, and the structure that is there is given out before and after a fault.
//!
//! # Why items and not a tree
//! An interchange can be larger than memory, so the [`Reader`] gives out one [`Item`] at a time: a
//! header, a set whole, a trailer or its absence. Every header is followed by its end, whatever the
//! bytes held, so that whoever follows the items needs no state of their own to close things.

mod binary;
mod delimiters;
mod envelope;
mod error;
mod heads;
mod item;
mod marks;
mod opening;
mod read;
mod role;
mod segment;
mod set;
mod source;
mod stops;
mod window;
mod write;
mod write_error;

pub use delimiters::{DelimiterFault, DelimiterRole, Delimiters};
pub use envelope::{Group, Interchange, Trailer};
pub use error::{Lookalike, SyntaxError, SyntaxErrorKind};
pub use item::{Item, Limits, ReadError};
pub use opening::{GroupHeader, InterchangeHeader};
pub use read::Reader;
pub use segment::{Element, Segment, text};
pub use set::{Lines, Set};
pub use source::{InMemory, Source, Streamed};
pub use write::Writer;
pub use write_error::WriteError;
