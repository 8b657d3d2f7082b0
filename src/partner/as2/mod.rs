//! A partner's AS2: who they are there, which certificates are theirs and which keys are ours, what
//! must be signed and encrypted and how, and how receipts (MDNs) travel.
//!
//! It knows which certificate and which key are used when. It does not know how anything is signed
//! or sent.
//!
//! Invariants: an AS2 id is one partner's; a key file is readable by us only; a weak algorithm is
//! named, with the last day on which it may be used, or it is refused; plain HTTP off this machine is
//! named too.

mod certificates;
mod exception;
mod http;
mod id;
mod keys;
mod ours;
mod profile;
mod receipts;
mod security;
mod span;
#[cfg(test)]
mod tests;
mod words;

pub use certificates::{PinFor, Pinned};
pub use exception::{Exception, Weakness};
pub use http::{Basic, Calls};
pub use id::As2Id;
pub use keys::OwnPair;
pub use ours::OurAs2;
pub(super) use ours::WrittenOurs;
pub use profile::As2;
pub(super) use profile::WrittenAs2;
pub use receipts::{AskFor, Receipts};
pub use security::{Accept, Compressing, Encrypt, Pack, Sign};
pub use span::Span;
pub use words::Habit;
