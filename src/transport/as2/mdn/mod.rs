//! Receipts (MDNs, RFC 8098 as RFC 4130 §7 has it): written for what came, and read for what we sent.
//!
//! It knows the report's parts and what makes a receipt prove a delivery. It does not know which
//! receipts are still awaited: who asks says which message a receipt must be for.
//!
//! Invariants: a MIC stands in every receipt that has one to state; a body begins with its boundary and
//! its length is known; [`Report::check`] is the only way to [`Delivered`].

mod fault;
mod read;
mod write;

pub use fault::MdnFault;
pub use read::{Delivered, Expected, Report};
pub use write::{Answer, Written, write};
