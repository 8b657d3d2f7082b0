//! Why a receipt does not prove a delivery.

use super::super::disposition::Disposition;
use thiserror::Error;

/// Why a receipt does not prove that a message was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MdnFault {
    /// None came.
    #[error("no receipt (MDN) came")]
    Missing,
    /// It cannot be read.
    #[error("the receipt (MDN) cannot be read: {0}")]
    Unreadable(&'static str),
    /// It is not signed, and a signed one was asked for.
    #[error("the receipt (MDN) is not signed, and a signed one was asked for")]
    Unsigned,
    /// Its signature is not one by a pinned certificate over these bytes.
    #[error("the receipt (MDN) is not signed by the partner: {0}")]
    BadSignature(String),
    /// It is for another message, or from or to somebody else.
    #[error("the receipt (MDN) is not for this message: {0}")]
    WrongMessage(String),
    /// It says that something else was received than was sent.
    #[error("the receipt (MDN) is for other bytes: they received {theirs}, we sent {ours}")]
    MicMismatch {
        /// What the receipt says; empty if it says nothing.
        theirs: String,
        /// What we sent.
        ours: String,
    },
    /// The partner did not take the message in.
    #[error("the partner did not take the message in: {disposition}; {text}")]
    Negative {
        /// What became of it.
        disposition: Disposition,
        /// What the receipt says to people.
        text: String,
    },
}

impl MdnFault {
    /// Its stable name, for events, the API and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "mdn_missing",
            Self::Unreadable(_) => "mdn_unreadable",
            Self::Unsigned => "mdn_unsigned",
            Self::BadSignature(_) => "mdn_bad_signature",
            Self::WrongMessage(_) => "mdn_wrong_message",
            Self::MicMismatch { .. } => "mic_mismatch",
            Self::Negative { .. } => "mdn_negative",
        }
    }

    /// Whether sending the very same message again can have another outcome.
    pub fn is_worth_retrying(&self) -> bool {
        match self {
            // A receipt that was lost or spoilt on its way says nothing of the message.
            Self::Missing | Self::Unreadable(_) => true,
            Self::Negative { disposition, .. } => disposition.is_worth_retrying(),
            Self::Unsigned
            | Self::BadSignature(_)
            | Self::WrongMessage(_)
            | Self::MicMismatch { .. } => false,
        }
    }
}
