//! Webhooks: each subscriber is told every event that it wants, signed, in order, at least once.
//!
//! Signed as Standard Webhooks. Each subscriber reads the journal at its own cursor; a new one begins
//! with what happens after it is first seen. Only an answer of 2xx is a yes, and any 2xx is: what
//! else the answer says is not looked at, so a login page that comes with 200 counts as delivered.
//!
//! Invariants: an event's id is the same on every attempt; events about one subject of one partner
//! arrive in their order; an event that is not told is either before the cursor or parked under a
//! marker of its own, at every moment; one event that nobody will have holds up its own subject and
//! nothing else; test events go to test subscribers, and only they.
//!
//! # Why parked events are cursors
//! A cursor that waits for one bad event would have the whole stretch behind it told again at the
//! next start. So the bad one gets a cursor of its own, in the same write that moves on the other.

mod desk;
mod health;
#[cfg(test)]
mod laws;
mod line;
mod marker;
mod pace;
mod parked;
mod post;
mod reader;
mod run;
mod sign;
mod subscribers;
mod telling;

pub use pace::Pace;
pub use parked::ParkedEvent;
pub use subscribers::{Standing, Webhooks};
