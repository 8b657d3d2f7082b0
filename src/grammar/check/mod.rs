//! A set held against its rules.
mod classes;
mod ledger;
mod plan;
mod relational;
mod structure;
#[cfg(test)]
mod testing;
mod value;
mod words;
