//! Why an operator is told no.

use crate::event::State;
use crate::message::MessageId;
use crate::spool::SpoolError;
use std::io;
use std::sync::Arc;
use thiserror::Error;

/// Why an operator is told no.
#[derive(Clone, Debug, Error)]
pub enum OperatorError {
    /// The spool did not do it.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// Text that is no message id.
    #[error("this is no message id: `{0}`")]
    NotAnId(String),
    /// Nothing carries the reference.
    #[error("nothing here carries the reference `{0}`")]
    NothingFound(String),
    /// A message has no such part.
    #[error("message `{message}` has no part `{part}`")]
    NoPart {
        /// The message.
        message: MessageId,
        /// What was asked for.
        part: String,
    },
    /// What was asked does not fit where the message stands.
    #[error("message `{message}` is {state} and cannot be {event}")]
    NotNow {
        /// The message.
        message: MessageId,
        /// Where it stands.
        state: State,
        /// What was asked, such as `retried`.
        event: &'static str,
    },
    /// Who acts, or why, is not said.
    #[error("`{0}` says nothing")]
    Unsaid(&'static str),
    /// Who acts, or why, is too long.
    #[error("`{what}` has {length} characters; {most} are the most")]
    Lengthy {
        /// Which.
        what: &'static str,
        /// How many it has.
        length: usize,
        /// How many it may have.
        most: usize,
    },
    /// A replay of everything.
    #[error("a replay of everything was asked for")]
    NotNarrowed,
    /// A replay of too much.
    #[error("more than {0} messages would be done again")]
    TooMany(usize),
    /// There is no such partner.
    #[error("there is no partner `{0}`")]
    NoPartner(String),
    /// Bytes could not be handed on.
    #[error("cannot hand on the bytes of message `{message}`")]
    Broken {
        /// The message.
        message: MessageId,
        /// Why not.
        source: Arc<io::Error>,
    },
}

impl OperatorError {
    /// A stable name, for interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Spool(error) => error.code(),
            Self::NotAnId(_) => "not_a_message_id",
            Self::NothingFound(_) => "reference_unknown",
            Self::NoPart { .. } => "part_unknown",
            Self::NotNow { .. } => "not_now",
            Self::Unsaid(_) => "unsaid",
            Self::Lengthy { .. } => "too_long",
            Self::NotNarrowed => "not_narrowed",
            Self::TooMany(_) => "too_many",
            Self::NoPartner(_) => "partner_unknown",
            Self::Broken { .. } => "bytes_broken",
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Spool(error) => error.hint(),
            Self::NotAnId(_) => "copy it from `wharf spool list`, or use `wharf trace REFERENCE`",
            Self::NothingFound(_) => "look at what there is with `wharf spool list`",
            Self::NoPart { .. } => "`wharf spool show` names the parts that it has",
            Self::NotNow { message, state, .. } => {
                return advice(*state, *message).unwrap_or_else(|| {
                    format!("see what happened to it: wharf spool show {message}")
                });
            }
            Self::Unsaid(_) => "say it in a few words: it is kept with the message",
            Self::Lengthy { .. } => "say it in fewer words",
            Self::NotNarrowed => "name a partner, a time, a state, a set or a reference",
            Self::TooMany(_) => "name a shorter time, and go on from there",
            Self::NoPartner(_) => "see who there is with `wharf partner list`",
            Self::Broken { .. } => "run `wharf spool verify`, and look at the health of the disk",
        }
        .to_owned()
    }

    /// What is wrong and what to do, in one line.
    pub fn told(&self) -> String {
        let why = match self {
            Self::Spool(SpoolError::Io { source, .. }) | Self::Broken { source, .. } => {
                format!(": {source}")
            }
            Self::Spool(_)
            | Self::NotAnId(_)
            | Self::NothingFound(_)
            | Self::NoPart { .. }
            | Self::NotNow { .. }
            | Self::Unsaid(_)
            | Self::Lengthy { .. }
            | Self::NotNarrowed
            | Self::TooMany(_)
            | Self::NoPartner(_) => String::new(),
        };
        format!("{self}{why}; {}", self.hint())
    }
}

/// What a person can do with a message that stands so, if there is anything.
pub(super) fn advice(state: State, id: MessageId) -> Option<String> {
    let again = || format!("to have it done again: wharf spool replay --id {id} --why \"…\"");
    match state {
        State::Dead => Some(format!(
            "when the cause is gone: wharf spool retry {id} --why \"…\"; if it is not wanted any \
             more: wharf spool discard {id} --why \"…\""
        )),
        State::Quarantined => Some(format!(
            "if it is good: wharf spool release {id} --why \"…\"; if not: wharf spool discard {id} \
             --why \"…\""
        )),
        State::Received | State::Queued => Some("it is taken up by itself; wait".to_owned()),
        State::Offered | State::Awaiting => {
            Some("the partner has to move; nothing needs to be done here".to_owned())
        }
        State::Settled
        | State::Rejected
        | State::Duplicate
        | State::Delivered
        | State::Acknowledged
        | State::Refused => Some(again()),
        State::Discarded => None,
    }
}
