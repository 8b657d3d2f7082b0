//! What happens to messages.

use super::lineage::Lineage;
use crate::message::{Channel, Digest, MessageId, PartnerId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that happened to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// To which message.
    pub message: MessageId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A proven sender handed it in; it waits to be read.
    Received,
    /// It was put aside before anything acted on it; a person decides.
    Quarantined(Trouble),
    /// The same bytes came again and got the same answer.
    Repeated {
        /// The door.
        channel: Channel,
    },
    /// Other bytes came under the same identity.
    Contradicted {
        /// The door.
        channel: Channel,
        /// The SHA-256 of the other bytes.
        digest: Digest,
    },
    /// A transaction set in it was accepted.
    SetAccepted {
        /// Which.
        set: SetName,
        /// What was noted against it all the same.
        findings: Vec<String>,
    },
    /// A transaction set in it was rejected.
    SetRejected {
        /// Which.
        set: SetName,
        /// Why.
        findings: Vec<String>,
    },
    /// A transaction set in it became a canonical document.
    Translated {
        /// Which.
        set: SetName,
        /// The kind of document, such as `purchase_order`.
        document: String,
        /// The event that tells the ERP of it.
        event: EventId,
    },
    /// An answer to it was put in the queue.
    AnswerQueued {
        /// The answer.
        answer: MessageId,
        /// Its kind, such as `997`.
        kind: String,
    },
    /// It was read, and all that follows from it was set going.
    Settled,
    /// It was read and rejected as a whole.
    Rejected(Trouble),
    /// It was read and found to be a repetition of another message that was accepted.
    Duplicated {
        /// The other message.
        of: MessageId,
    },
    /// It was put into an interchange with others.
    Batched {
        /// The interchange.
        into: MessageId,
    },
    /// It waits to be sent.
    Queued,
    /// It waits for the partner to collect it.
    Offered,
    /// An attempt to send it failed; it will be tried again.
    AttemptFailed(Trouble),
    /// The partner's side has it.
    Delivered {
        /// What the partner's side said, such as `250 ok` or the disposition of an MDN.
        receipt: String,
        /// Whether an acknowledgment is to follow.
        awaits_acknowledgment: bool,
    },
    /// The partner's side took it; the receipt that proves it is to come by itself.
    HandedOver {
        /// What they said.
        said: String,
    },
    /// The acknowledgment did not come in time.
    AcknowledgmentOverdue,
    /// The partner accepted it.
    Acknowledged {
        /// The message that said so, if one did.
        by: Option<MessageId>,
        /// In which words.
        verdict: String,
    },
    /// The partner rejected it.
    Refused {
        /// The message that said so, if one did.
        by: Option<MessageId>,
        /// Why.
        trouble: Trouble,
    },
    /// It was given up until a person acts.
    DeadLettered(Trouble),
    /// A person sent a dead letter on its way again.
    Retried(Hand),
    /// A person let it out of quarantine.
    Released(Hand),
    /// A person gave it up for good.
    Discarded(Hand),
    /// A person had it done again.
    Replayed {
        /// Who.
        hand: Hand,
        /// Whether acknowledgments are to be sent again too.
        answers: bool,
    },
    /// Anything worth keeping that changes nothing.
    Noted(String),
}

impl EventKind {
    /// A stable name, for interfaces and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Quarantined(_) => "quarantined",
            Self::Repeated { .. } => "repeated",
            Self::Contradicted { .. } => "contradicted",
            Self::SetAccepted { .. } => "set_accepted",
            Self::SetRejected { .. } => "set_rejected",
            Self::Translated { .. } => "translated",
            Self::AnswerQueued { .. } => "answer_queued",
            Self::Settled => "settled",
            Self::Rejected(_) => "rejected",
            Self::Duplicated { .. } => "duplicated",
            Self::Batched { .. } => "batched",
            Self::Queued => "queued",
            Self::Offered => "offered",
            Self::AttemptFailed(_) => "attempt_failed",
            Self::Delivered { .. } => "delivered",
            Self::HandedOver { .. } => "handed_over",
            Self::AcknowledgmentOverdue => "acknowledgment_overdue",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Refused { .. } => "refused",
            Self::DeadLettered(_) => "dead_lettered",
            Self::Retried(_) => "retried",
            Self::Released(_) => "released",
            Self::Discarded(_) => "discarded",
            Self::Replayed { .. } => "replayed",
            Self::Noted(_) => "noted",
        }
    }

    /// The trouble that it tells of, if it does.
    pub fn trouble(&self) -> Option<&Trouble> {
        if let Self::Quarantined(trouble)
        | Self::Rejected(trouble)
        | Self::AttemptFailed(trouble)
        | Self::Refused { trouble, .. }
        | Self::DeadLettered(trouble) = self
        {
            Some(trouble)
        } else {
            None
        }
    }
}

/// What went wrong, and whose move is next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// A stable name, for interfaces and metrics.
    pub code: String,
    /// What went wrong, for a person.
    pub text: String,
    /// Who should act.
    pub owner: String,
}

/// A person who acted, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// Who.
    pub by: String,
    /// Why, in their words.
    pub why: String,
}

/// A transaction set within a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetName {
    /// Its kind, such as `850`.
    pub kind: String,
    /// The control number of its interchange.
    pub interchange: String,
    /// The control number of its group.
    pub group: String,
    /// Its own control number.
    pub control: String,
}

/// The id of an event told to the ERP: minted once, and the same on every attempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An event told to the ERP; its data is kept beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id.
    pub id: EventId,
    /// Its type, such as `wharf.purchase_order.acknowledged.v1`.
    pub kind: String,
    /// What it is about, such as an order number; events about one subject keep their order.
    pub subject: String,
    /// The message that it comes from.
    pub message: MessageId,
    /// Where in that message, from and to which byte.
    pub wire: Option<(u64, u64)>,
    /// When.
    pub at: Timestamp,
    /// Whether it is only a test.
    pub test: bool,
    /// From or to which partner.
    pub partner: PartnerId,
    /// The message that told the same before, as far as its number says: it may have been sent twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible_duplicate_of: Option<MessageId>,
}

impl Notice {
    /// What it belongs to.
    pub fn lineage(&self) -> Lineage {
        Lineage::of(&self.partner, &self.subject)
    }
}
