//! The two routes, and what becomes of what goes wrong on them.
//!
//! Inbound, a proven partner's bytes are accepted durably and answered; then a worker reads them:
//! duplicates, who speaks, the check, the acknowledgments, the documents and the events that tell
//! the ERP of them, in one write. Outbound, the ERP's document is accepted durably; a worker writes
//! the interchange, another sends it, and the partner's acknowledgment is matched to it.
//!
//! Knows agreements, X12 and the spool. Does not know how bytes travel, nor what the ERP does with
//! an event. The only room that asks the clock for the routes.
//!
//! Invariants: what follows from a piece of work is one write; a control number is taken only for
//! an interchange that is kept; what we send passes the check that we hold others to; one bad set
//! holds back no other; what cannot go on says why, whose move it is, and can be found.
//!
//! # Why the ERP's documents are messages of their own
//! A document is accepted before it is put into an interchange, so that its `202` means that it is
//! durable, and so that several can wait for each other. The interchange is another message, about
//! which the partner's side speaks.

mod accept;
mod acknowledged;
mod agreed;
mod content;
mod expiry;
mod house;
mod inbound;
mod inbox;
mod letters;
mod lineage;
mod mail;
mod missing;
mod notices;
pub mod operator;
mod outbound;
pub mod polling;
mod quota;
mod receipt;
mod recipients;
mod refer;
mod refuse;
mod reload;
mod reread;
mod retry;
mod words;
mod workers;

pub use accept::Order;
pub use expiry::{Lasting, lasting};
pub use house::Gateway;
pub use reload::Reloaded;
pub use workers::Workers;

/// What a door is told, for rooms that know no transport.
pub use crate::transport::{FieldFault, Refusal, RefusalKind, Taken};
