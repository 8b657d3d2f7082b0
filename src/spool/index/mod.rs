//! The index: where in the journal to look, and what is open. Never the only copy of anything.
//!
//! Knows entries and positions. Does not know who asks, nor what a message holds.
//!
//! A posting says that the record at a position has to do with a key: a message, an identity, a
//! reference. A key is forty-eight bits of a hash; whoever follows a posting reads the record and
//! sees whether it is the right one. Recent postings are in memory; at a checkpoint they are
//! written, sorted, as a run that never changes again, together with the rows of open messages, the
//! control numbers, the cursors, and the position in the journal that all this reaches to. What came
//! after that position is read from the journal at the next start.
//!
//! # Why runs, and not a row for each fact
//! sled does about a hundred thousand row operations a second, and memory and disk swell with every
//! random insert: a row for each fact of a million messages took two minutes and 1.3 GB here. Eleven
//! million postings packed into forty thousand sorted rows took one second and 213 MB. And since
//! sled is only written at checkpoints, none of it is in the way of those who wait for the disk.

mod disk;
mod filter;
mod key;
mod memory;
mod offers;
mod run;
mod trust;

pub(super) use disk::{Disk, Found};
pub(super) use key::{Key, WINDOW, normal};
pub(super) use memory::{Memory, Reach};
