//! Why a parcel did not arrive, and whose move is next.

use std::time::Duration;
use thiserror::Error;

/// Who has to move before it can go better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// Nobody: it may go better by itself.
    Weather,
    /// The partner.
    Partner,
    /// We.
    Us,
}

/// Why an attempt to send failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The other side could not be reached: no name, no route, no answer to a connection.
    #[error("cannot reach {endpoint}: {why}")]
    Unreachable {
        /// Where.
        endpoint: String,
        /// Why.
        why: String,
    },
    /// The other side is not who it should be.
    #[error("{endpoint} does not prove who it is: {why}")]
    NotTrusted {
        /// Where.
        endpoint: String,
        /// Why.
        why: String,
    },
    /// They do not let us in.
    #[error("{endpoint} does not let us in: {why}")]
    Denied {
        /// Where.
        endpoint: String,
        /// Why.
        why: String,
    },
    /// It took too long, or the connection broke: whether it arrived is not known.
    #[error("the connection to {endpoint} broke: {why}")]
    Broken {
        /// Where.
        endpoint: String,
        /// Why.
        why: String,
    },
    /// They are busy, or broken for now.
    #[error("{endpoint} answered {status}: {text}")]
    Busy {
        /// Where.
        endpoint: String,
        /// The status of their protocol.
        status: u16,
        /// The beginning of what they said.
        text: String,
        /// How long they want us to wait, if they said so.
        retry_after: Option<Duration>,
    },
    /// They will not have it.
    #[error("{endpoint} refused it with {status}: {text}")]
    Refused {
        /// Where.
        endpoint: String,
        /// The status of their protocol.
        status: u16,
        /// The beginning of what they said.
        text: String,
    },
    /// What came back does not prove that they have it.
    #[error("{endpoint}: {why}")]
    Unproven {
        /// Where.
        endpoint: String,
        /// The stable name of what is wrong with the proof, such as `mdn_missing`.
        code: &'static str,
        /// What is wrong with it.
        why: String,
        /// Whether sending the very same again can end otherwise.
        again: bool,
    },
    /// We are not set up to send there.
    #[error("cannot send to {endpoint}: {why}")]
    NotSetUp {
        /// Where.
        endpoint: String,
        /// What is missing.
        why: String,
    },
}

/// The code of [`TransportError::NotTrusted`].
pub const NOT_TRUSTED: &str = "not_trusted";

impl TransportError {
    /// Whose move is next.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::Busy { .. }
            | Self::Unproven { again: true, .. } => Blame::Weather,
            Self::NotTrusted { .. }
            | Self::Denied { .. }
            | Self::Refused { .. }
            | Self::Unproven { .. } => Blame::Partner,
            Self::NotSetUp { .. } => Blame::Us,
        }
    }

    /// Whether the other side is not who it should be: nothing is given to it, and nothing asked of
    /// it, until a person has looked.
    pub fn parks(&self) -> bool {
        matches!(self, Self::NotTrusted { .. })
    }

    /// A stable name, for interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::NotTrusted { .. } => NOT_TRUSTED,
            Self::Denied { .. } => "access_denied",
            Self::Broken { .. } => "connection_broken",
            Self::Busy { .. } => "partner_busy",
            Self::Refused { .. } => "refused_by_partner",
            Self::Unproven { code, .. } => code,
            Self::NotSetUp { .. } => "not_set_up",
        }
    }

    /// Whether it says something of the endpoint, and so of whatever else is to go there; otherwise
    /// it is about this one parcel.
    pub fn is_about_the_endpoint(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::NotTrusted { .. }
            | Self::Denied { .. }
            | Self::Broken { .. }
            | Self::Busy { .. }
            | Self::NotSetUp { .. } => true,
            Self::Refused { .. } | Self::Unproven { .. } => false,
        }
    }

    /// How long the other side wants us to wait, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Unreachable { .. }
            | Self::NotTrusted { .. }
            | Self::Denied { .. }
            | Self::Broken { .. }
            | Self::Refused { .. }
            | Self::Unproven { .. }
            | Self::NotSetUp { .. } => None,
        }
    }
}
