//! The layers of a message, from the outside in.
//!
//! # Why
//!
//! Whoever holds a message that was encrypted in CBC mode could find out its content by sending it
//! again, changed, as often as it takes, if the answers told a padding that is good from one that is
//! not. So inside such an envelope, until a signature over all of it was verified, whatever is wrong
//! says `decryption-failed`, nothing may follow the content, and the work done is the same.

mod attached;
mod reading;
mod signed;

pub(super) use reading::Layers;
