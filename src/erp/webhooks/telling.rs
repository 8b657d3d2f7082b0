//! An event as a subscriber's line holds it.

use crate::event::Notice;
use crate::spool::{BodyRef, Cursor};

/// An event as it was read from the journal; its data is read when it is sent.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    pub(super) notice: Notice,
    pub(super) data: BodyRef,
    /// The places before and behind it.
    pub(super) before: Cursor,
    pub(super) after: Cursor,
}
