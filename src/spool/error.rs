//! Why the spool did not do what it was asked.

use crate::event::NotNow;
use crate::message::{Identity, MessageId};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Why the spool did not do what it was asked.
#[derive(Clone, Debug, Error)]
pub enum SpoolError {
    /// Another process has it.
    #[error("the spool {} is in use by process {pid}", path.display())]
    InUse {
        /// The spool.
        path: PathBuf,
        /// The other process, as far as it said.
        pid: String,
    },
    /// A newer Wharf wrote it.
    #[error("{} is in format {found}; this Wharf knows formats up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that we know.
        known: u32,
    },
    /// A file could not be read or written.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// What was tried, such as `open`.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// There is no room on the disk. Nothing was kept; the same may be tried again.
    #[error("there is no room on the disk")]
    Full,
    /// The disk failed to confirm a write. Whether it was kept shows when the spool is opened again.
    #[error("the disk did not confirm a write, so nothing more is accepted: {reason}")]
    Stopped {
        /// What the disk said.
        reason: String,
    },
    /// Bytes in the spool are not what was written.
    #[error("the spool is damaged at {at}")]
    Damaged {
        /// Where: a file, or a position in the journal.
        at: String,
    },
    /// The index cannot be used now. Nothing was kept; the same may be tried again.
    #[error("the index of the spool is not available: {reason}")]
    Unavailable {
        /// Why not.
        reason: String,
    },
    /// No such message.
    #[error("there is no message `{0}`")]
    Unknown(MessageId),
    /// The event does not fit the state.
    #[error("message `{message}`: {why}")]
    NotNow {
        /// The message.
        message: MessageId,
        /// What does not fit what.
        why: NotNow,
    },
    /// The work was given to somebody else, or taken back.
    #[error("the lease of message `{0}` has ended")]
    LeaseEnded(MessageId),
    /// The identity belongs to another message.
    #[error("`{}` of `{}` belongs to message `{by}`", identity.key, identity.scope)]
    Taken {
        /// The identity.
        identity: Identity,
        /// The other message.
        by: MessageId,
    },
    /// More than fits in one write.
    #[error("{length} bytes are too many for one write; {most} are the most")]
    TooLarge {
        /// How many there were.
        length: u64,
        /// How many there may be.
        most: u64,
    },
    /// A start for control numbers that would use some again.
    #[error("control number {next} cannot be the next: {last} was taken before")]
    NumberBehind {
        /// What was asked for.
        next: u32,
        /// The last taken.
        last: u32,
    },
}

impl SpoolError {
    /// A stable name, for interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "spool_in_use",
            Self::Newer { .. } => "spool_newer",
            Self::Io { .. } => "spool_io",
            Self::Full => "spool_full",
            Self::Stopped { .. } => "spool_stopped",
            Self::Damaged { .. } => "spool_damaged",
            Self::Unavailable { .. } => "spool_unavailable",
            Self::Unknown(_) => "message_unknown",
            Self::NotNow { .. } => "not_now",
            Self::LeaseEnded(_) => "lease_ended",
            Self::Taken { .. } => "identity_taken",
            Self::TooLarge { .. } => "too_large",
            Self::NumberBehind { .. } => "number_behind",
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "stop that process, or ask it through its operator interface",
            Self::Newer { .. } => "run the version of Wharf that wrote it, or a newer one",
            Self::Io { .. } => "look at the permissions and the health of the disk",
            Self::Full => "make room on the disk; nothing else needs to be done",
            Self::Stopped { .. } => "look at the health of the disk, then start Wharf again",
            Self::Damaged { .. } => "run `wharf spool verify`, and restore what it names",
            Self::Unavailable { .. } => "it is retried at once; if it stays, look at the disk",
            Self::Unknown(_) => "look for it with `wharf spool list` or `wharf trace`",
            Self::NotNow { .. } => "look at what happened to it with `wharf spool show`",
            Self::LeaseEnded(_) => "nothing needs to be done: the work is given out again",
            Self::Taken { .. } => "compare the two messages with `wharf spool show`",
            Self::TooLarge { .. } => "split it into several interchanges",
            Self::NumberBehind { .. } => "choose a number that the partner has not seen yet",
        }
    }

    /// For `map_err`: the error of doing `what` on `path`.
    pub(super) fn io<'p>(
        what: &'static str,
        path: &'p Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'p> {
        move |source| Self::Io { what, path: path.to_owned(), source: Arc::new(source) }
    }
}
