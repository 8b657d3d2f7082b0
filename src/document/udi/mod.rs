//! Device identifications as they are printed and scanned: the three agencies' ways to write which
//! device it is, and which lot, serial number and dates it has.

mod carrier;
mod gs1;
mod hibc;
mod isbt;
mod read;

pub use carrier::{Issuer, Udi, UdiError};
