//! SEF, the Standard Exchange Format: a text file of grammar read into rules.
//!
//! In two stages: the text becomes records that know their places (`model`), then what they
//! refer to is looked up, in the file and in the base that it is laid over (`dictionary`,
//! `narrow`, `masks`, `build`). Knows nothing of interchanges.
//!
//! Invariants: every fault is found in one reading and has its line and column; nothing that the
//! file demands is left out without a fault or a warning; reading takes time and memory in
//! proportion to the file, whatever it holds.

mod at;
mod build;
mod codes;
mod conditions;
mod cursor;
mod dictionary;
mod element_rules;
mod elements;
mod fault;
mod file;
mod kind;
mod lists;
mod load;
mod location;
mod marks;
mod masks;
mod model;
mod names;
mod narrow;
mod range;
#[cfg(test)]
mod sample;
mod semantics;
mod sets;
mod text;

pub use fault::{SefFault, SefFaults};
pub use kind::SefFaultKind;
pub use load::Loaded;
pub(super) use load::read_over;
