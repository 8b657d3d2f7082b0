//! What goes out to a partner.

use crate::message::{Content, MessageId};

/// What goes out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The message: its name at every attempt, so that the partner knows a repetition.
    pub id: MessageId,
    /// Its content type; none: X12.
    pub content_type: Option<String>,
    /// The name of the file; none: the message's id.
    pub file_name: Option<String>,
    /// The bytes.
    pub content: Content,
}
