//! HTTPS with partners: what they post to us and collect from us, and what we post to them.
//!
//! Invariants: everything but the description of the interface wants a credential, and is about the
//! one partner whose credential it is; what belongs to another is answered as what does not exist.

mod access;
mod file_name;
mod hand_in;
mod mailbox;
pub mod receive;
mod reply;
pub mod send;
