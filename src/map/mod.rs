//! Maps: files that say how a set and its document correspond, and the two translations.
//!
//! Knows both X12's places and the documents' fields, and is the only room that does. Does not know
//! what a field means to a buyer, and does not judge a set: that is the grammar's affair, before
//! reading and after writing.
//!
//! Invariants: what was read and is written again says the same, and what is written and read again
//! is the same document; what no rule takes is kept in `unmapped` beside the fields of the loop it
//! stood in; values are converted exactly or not at all; time is linear in the set or document.
//!
//! # Why text on both sides
//! A document is JSON text between here and whoever wants it, so reading writes that text while it
//! walks the plan, and writing puts each value to its element when it meets it in the text. No tree
//! stands between, and the typed documents are read from the text where someone wants them.
//!
//! # How a map is written
//! A path such as `BEG03` names an element; `{ each = "REF", fields = … }` makes a list of segments
//! or loops; `pairs`, `values` and `hierarchy` are the lists that X12 writes in other ways; `codes`
//! and `alias` name tables of words. The types of values come from the grammar. A partner's map
//! `extends` a set's and holds only what differs.

mod claims;
mod codes;
mod compile;
mod convert;
mod decimal;
mod emit;
mod error;
mod fields;
mod file;
mod fill;
mod instances;
mod json;
#[cfg(test)]
mod laws;
mod maps;
mod path;
mod places;
mod plan;
mod read;
mod resolve;
mod restore;
mod rule;
mod schema;
mod shape;
mod sheet;
mod source;
#[cfg(test)]
mod specimen;
mod text;
mod translate;
mod unmapped;
mod values;
mod write;

pub use error::{FaultKind, MapError, MapErrorKind, MapFault, MapFaults};
pub use maps::Maps;
pub use source::MapSources;
pub use translate::{Map, Scratch};
