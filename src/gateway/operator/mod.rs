//! What an operator may see and do, whether they ask on the command line or over HTTP.
//!
//! [`Operator`] finds messages, tells their story in the words of procurement, and does the few
//! things that only a person decides: send a dead letter on its way again, let a message out of
//! quarantine, give one up, have messages done again, set control numbers. Everything it answers can
//! be written as JSON and read back, so that whoever asks another process prints the same.
//!
//! Does not know how it is asked, and asks no clock. What a person does is an event of the message
//! with their name and their reason; without a reason nothing is done.
//!
//! Invariants: nothing here moves a message but through an event that fits its state; a replay asked
//! for twice is done once, and keeps the ids of its events, which follow from what they are about.

mod answer;
mod ask;
mod closing;
mod compare;
mod desk;
mod error;
mod queues;
mod replay;
mod scene;
mod story;
mod words;

pub use answer::{Card, Done, Line, Listing, Part, Sequence};
pub use ask::{Ask, MOST};
pub use closing::Closing;
pub use compare::{Comparison, Difference, FieldChange};
pub use desk::{Names, Operator, Reread, Rereads};
pub use error::OperatorError;
pub use queues::{Held, Queue, Queues};
pub use replay::{Replay, Replayed, Take};
pub use story::{Chapter, Story};
