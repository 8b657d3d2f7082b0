//! Folders of this machine, or mounted here: what a partner or an old program puts there, and what
//! we put there for them.
//!
//! Invariants: a file is reached from its folder, never by a path made of text; no symbolic link is
//! followed, and nothing but a plain file is read; what we write appears under its name whole and
//! durable, or not at all, and never over another file.

mod beneath;
mod place;
pub mod receive;
pub mod send;
