//! A partner's own SFTP server: what we fetch there, and what we put there.
//!
//! Invariants: nothing is signed in to before it has proved to hold a key that the partner's file
//! names; one that holds another is asked for nothing until a person has looked; a file of ours
//! appears there under its name whole, or not at all; nothing of theirs is held in memory whole.
//!
//! # Why two libraries of SSH
//!
//! async-ssh2-tokio connects, signs in and holds the host's key against the pinned one. Its own
//! transfers hold a file in memory, so the files go by requests of SFTP of our own, several at a time.

mod connect;
mod fault;
mod files;
mod host;
mod look;
pub mod ping;
mod place;
pub mod receive;
pub mod send;
mod terms;
