//! What happened to a message, in the past tense, and the state that it adds up to.
//!
//! State is the fold of events and nothing else: [`Life::begin`] with the first, [`Life::after`]
//! with each that follows. What cannot have happened now is refused there, so that no other code
//! holds rules of what may follow what.

mod kind;
mod life;
mod lineage;

pub use kind::{Event, EventId, EventKind, Hand, Notice, SetName, Trouble};
pub use life::{Life, NotNow, State};
pub use lineage::Lineage;
