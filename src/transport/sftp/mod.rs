//! SFTP: a mailbox for each partner, with folders of our making.
//!
//! `inbound/` is what they put; `outbound/` and `acknowledgments/` what waits for them; `rejected/`
//! what we could not read, with a text that says why; `archive/`, if that was agreed, what they
//! fetched. Nothing of it is a folder on our disk but what is unfinished.
//!
//! Invariants: only a partner who was proven opens a channel, and only for `sftp`; what a partner
//! calls a file is never a path; a file is handed in when it is complete, and its last request is
//! answered when that is durable; a letter is signed off when every byte was sent and the file was
//! closed; what was begun and not completed lies where it can be resumed, within a quota.
//!
//! # Why packets of our own
//!
//! russh-sftp's server takes names as UTF-8 only, answers one request at a time, and copies each
//! byte through serde. Version 3 is two dozen packets.

mod access;
mod attributes;
pub mod client;
mod connection;
mod door;
mod fields;
mod handles;
mod host_keys;
mod house;
mod inbound;
mod line;
mod listing;
mod mailbox;
mod name;
mod names;
pub mod packet;
mod penalties;
mod pump;
mod ranges;
mod receive;
mod replies;
mod send;
mod session;
mod shelf;
mod suites;
mod trouble;
mod unfinished;
mod upload;
mod waiting;

pub use attributes::Attributes;
pub use door::{Door, DoorError, Limits};
pub use host_keys::{HostKeyError, HostKeys};
pub use name::{FileName, Folder, Place};
pub use trouble::Trouble;
