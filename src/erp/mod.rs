//! The ERP's side: what it is told, and what it hands in.
//!
//! Events reach the ERP two ways, and each subscriber chooses: webhooks, which we call, and the feed,
//! which it reads. Both tell the same `CloudEvents` with the same ids. Does not know X12, nor how
//! anything reaches a partner.
//!
//! Invariants: an event is told at least once, with one id for ever; test events never reach a
//! production subscriber; what the ERP hands in is on the disk before it gets its 202.

mod cloud;
mod kinds;
mod webhooks;

pub use webhooks::{Pace, ParkedEvent, Standing, Webhooks};
