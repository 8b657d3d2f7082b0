//! Maps.

mod claims;
mod codes;
mod compile;
mod convert;
mod emit;
mod error;
mod fields;
mod file;
mod instances;
mod json;
mod map;
mod path;
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
mod unmapped;
mod values;
mod write;

pub use error::{FaultKind, MapError, MapErrorKind, MapFault, MapFaults};
pub use map::{Map, Scratch};
pub use source::MapSources;
