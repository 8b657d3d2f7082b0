//! Maps.

mod codes;
mod compile;
mod convert;
mod error;
mod fields;
mod file;
mod instances;
mod map;
mod path;
mod plan;
mod read;
mod resolve;
mod rule;
mod schema;
mod shape;
mod source;
#[cfg(test)]
mod specimen;
mod text;
mod unmapped;

pub use error::{FaultKind, MapError, MapErrorKind, MapFault, MapFaults};
pub use map::{Map, Scratch};
pub use source::MapSources;
