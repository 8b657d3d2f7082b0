//! Durable state: what was accepted, what happened to it, and what is due.
//!
//! Knows messages, events and the disk. Does not know X12, partners' agreements, or when to retry;
//! asks no clock, and sends nothing. Everything that is awaited here is on the disk when the await
//! ends well, and only then.
//!
//! There are few writes, each one record of the journal and therefore done whole or not at all:
//! [`Spool::accept`] takes in a message, [`Spool::settle`] writes what came of a piece of work,
//! [`Spool::enqueue`] begins something outbound, [`Spool::advance`] says what else happened. A
//! [`Step`] gathers what such a write holds. Work is given out by [`Spool::next_due`] under a
//! [`Lease`]; the ERP side reads on with [`Spool::follow`].
//!
//! Invariants: the journal is the only truth, and state is the fold of its events; what is ours to
//! do is always due at some time; an identity or a control number is never decided on by two writes
//! at once; nothing in the index is needed to build it again.
//!
//! # Why there is no repair
//! A write is one record, so a crash leaves it or does not. Whatever else is on the disk follows
//! from the records, and the next start makes it so: it cuts off an unfinished record, and reads
//! into the index what the index lacks. Killed while doing so, it does the same again.
//!
//! # Why a journal of our own and sled beside it
//! sled's `flush` does not make anything durable, and a damaged tree may not open. Measured on a
//! plain disk the journal confirms many times more records than any store that does make them
//! durable. So sled holds only what can be built anew, and it is looked at with suspicion.

mod backup;
mod bodies;
mod body_reader;
mod claims;
mod control;
mod entry;
mod error;
mod export;
mod files;
mod follow;
mod holdings;
mod horizon;
mod index;
mod journal;
mod keeper;
mod keeping;
mod lock;
mod lookup;
mod offer;
mod open;
mod queue;
mod retire;
mod row;
mod search;
mod settings;
mod shared;
mod step;
mod store;
mod verify;
mod write;

pub use backup::{Backup, backup};
pub use bodies::BodyWriter;
pub use body_reader::BodyReader;
pub use control::{LARGEST as LARGEST_NUMBER, Number};
pub use entry::{BodyRef, Cursor, Head, NotACursor, NumberKind};
pub use error::SpoolError;
pub use follow::{Stretch, Told};
pub use holdings::{Amount, Holding};
pub use horizon::{Horizon, Restored};
pub use lookup::Known;
pub use offer::Offer;
pub use open::Recovery;
pub use queue::{Lane, Lease, Work};
pub use retire::{Retired, Retirement};
pub use row::Summary;
pub use search::{Dossier, Page, Query};
pub use settings::Settings;
pub use shared::{SpoolStopped, Tide};
pub use step::{Arrival, Step};
pub use store::{Accepted, Depth, Spool};
pub use verify::{Fault, Gone, Verified, verify};
