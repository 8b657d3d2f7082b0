//! Files taken from a folder of somebody else's, whatever wire it is reached by: one look at a time.
//!
//! A file is complete when its size and time have stayed the same for as long as was agreed, and it
//! is taken only if they are still the same after its last byte was read. It is renamed first,
//! where that is allowed, so that nobody else takes it or writes to it; then read, made durable, and
//! only then deleted, moved, or remembered.
//!
//! Invariants: nothing is deleted or moved before the house has it, nor if it is not the very file
//! that was read; a name is never a path; what another gateway has claimed is left to it.
//!
//! # What a crash leaves, and why it is no harm
//!
//! - Claimed and not read, or read in part: it lies there under its claim's name, which says whose
//!   it is, and is taken at the next look.
//! - In the house and not deleted: it is read again, the house knows the bytes, and it is deleted.
//! - Where nothing may be renamed or deleted, the house is asked for name, size and time first.
//!
//! # Why claims of others are taken over after an hour
//!
//! A gateway that is gone for good must not keep a partner's files for ever, and one that is alive
//! does not take an hour for a file.

mod catch;
mod errand;
mod look;
mod memory;
mod name;
mod place;
mod rules;
mod take;
mod told;

pub(in crate::transport) use catch::Catch;
pub(in crate::transport) use errand::Errand;
pub(in crate::transport) use look::look;
pub use memory::Memory;
pub(in crate::transport) use name::names_for;
pub(in crate::transport) use place::{Entry, Place, PlaceError, Stat};
pub use rules::Owner;
pub use told::{Left, LookError, Looked};
