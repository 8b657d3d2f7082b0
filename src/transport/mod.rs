//! The wires to partners: bytes and the proof of who sent them, in and out.
//!
//! A transport proves who calls, opens the seal, hands the bytes to the [`Inbox`] and gives the
//! answer that comes back; and it carries a parcel to a partner once, and says what came of it. It
//! knows no X12, no spool and no retries: it never sleeps, loops or tries again by itself.
//!
//! Invariants: nothing is answered before the [`Inbox`] has said yes; what a partner wrote becomes
//! neither a path nor a header nor an address that we call; a partner sees what is theirs only.

mod allowance;
pub mod as2;
mod carriers;
mod clients;
mod error;
mod finders;
pub mod folder;
pub mod https;
mod inbox;
mod mail;
mod outgoing;
mod pickup;
pub mod sftp;

pub use carriers::Carriers;
pub use error::{Blame, NOT_TRUSTED, TransportError};
pub use finders::look;
pub use inbox::{
    Answered, Collected, FieldFault, Handed, Inbox, Letter, Ready, Receipt, ReceiptSet, Refusal,
    RefusalKind, Returned, Staging, Taken,
};
pub use mail::{Mail, Reply};
pub use outgoing::{Attempt, Delivery, Notebook, Outgoing};
pub use pickup::{Left, LookError, Looked, Memory, Owner};
