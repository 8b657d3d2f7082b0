//! A set held against its rules: structure, elements, conditions, guide.
//!
//! Knows what a set's segments must be and in which order. Does not know envelopes, and reads no
//! grammar files.
//!
//! Invariants: pure; time is linear in the set, whatever it holds; a good segment costs no
//! allocation; every finding lies within the bytes of its set.

mod amounts;
mod classes;
mod condition;
mod element;
mod guide;
mod guided;
mod hierarchy;
mod hops;
mod ledger;
mod phrases;
mod plan;
mod position;
mod relational;
mod run;
mod scene;
mod site;
mod sort;
mod structure;
mod tell;
#[cfg(test)]
mod testing;
mod totals;
mod trailer;
mod value;
mod words;

pub use ledger::MAX_FINDINGS;
pub use run::{Checked, Rules, check};
pub(super) use run::{Plans, check_planned};
pub(super) use trailer::{ends, header, number, quoted};
pub(super) use value::{is_date, is_time};
pub(super) use words::{Facts, Spot, any_of, count, finding as words, named, shown};
