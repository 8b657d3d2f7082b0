//! Why something cannot be done, in words that a person at a partner's `sftp` prompt understands.

use super::super::inbox::{Refusal, RefusalKind};
use std::io;
use thiserror::Error;

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// The end of a file or a list.
    #[error("this is the end")]
    End,
    /// There is nothing of that name.
    #[error("there is no such file")]
    NoSuchFile,
    /// There is no such folder.
    #[error("there is no such folder; there are inbound, outbound, acknowledgments and rejected")]
    NoSuchFolder,
    /// A name that no file here can have.
    #[error("a file cannot be called so: {0}")]
    Name(&'static str),
    /// Files are put elsewhere.
    #[error("files are put into inbound/ and nowhere else")]
    OnlyInbound,
    /// Folders are ours.
    #[error("the folders here are fixed: put files into inbound/ itself")]
    Folders,
    /// There are no links.
    #[error("there are no links here")]
    Links,
    /// The file is a folder.
    #[error("this is a folder")]
    IsFolder,
    /// A handle is open on it.
    #[error("it is still being written; close it first")]
    Open,
    /// It was taken, and is ours now.
    #[error("it was taken and cannot be changed any more; put the whole file again to replace it")]
    Taken,
    /// The name is in use.
    #[error("there is a file of that name")]
    Exists,
    /// Somebody opened the same file anew.
    #[error("another session of yours began to write this file anew; this one cannot go on")]
    TakenOver,
    /// Larger than agreed.
    #[error("it is larger than the {0} bytes that are agreed")]
    TooLarge(u64),
    /// Too much lies unfinished.
    #[error(
        "{0} of yours lie unfinished in inbound/, the most that is agreed; finish or remove some"
    )]
    Quota(String),
    /// There is no such handle.
    #[error("there is no such open file")]
    Handle,
    /// Too many handles.
    #[error("too many files are open in this session; close some")]
    Handles,
    /// A file to be fetched is removed before that.
    #[error("it was not fetched yet; a complete fetch is the receipt, and then it goes by itself")]
    NotFetched,
    /// The partner is one no more, or not with this key.
    #[error("you may not sign in any more; please ask")]
    Gone,
    /// We do not do that.
    #[error("this server does not do that")]
    Unsupported,
    /// Bytes that are no packet of SFTP.
    #[error("this is no packet of SFTP version 3")]
    Malformed,
    /// The house says no.
    #[error("{text}")]
    Refused {
        /// What sort of no.
        kind: RefusalKind,
        /// In words.
        text: String,
    },
    /// There is no room.
    #[error("there is no room for it now; try again later")]
    Full,
    /// The disk gives other bytes than were kept.
    #[error("it is damaged here and cannot be given out; please tell us")]
    Damaged,
    /// The disk does not do what it should; our log says what.
    #[error("it could not be kept; try again later")]
    Disk(String),
}

impl Trouble {
    /// The code of SFTP version 3.
    pub(super) fn code(&self) -> u32 {
        match self {
            Self::End => 1,
            Self::NoSuchFile | Self::NoSuchFolder => 2,
            Self::OnlyInbound
            | Self::Folders
            | Self::Links
            | Self::Taken
            | Self::NotFetched
            | Self::Gone => 3,
            Self::Name(_)
            | Self::IsFolder
            | Self::Open
            | Self::Exists
            | Self::TakenOver
            | Self::TooLarge(_)
            | Self::Quota(_)
            | Self::Handle
            | Self::Handles
            | Self::Full
            | Self::Damaged
            | Self::Disk(_) => 4,
            Self::Malformed => 5,
            Self::Unsupported => 8,
            Self::Refused { kind, .. } => match kind {
                RefusalKind::Unknown => 2,
                RefusalKind::NotAgreed => 3,
                RefusalKind::Invalid
                | RefusalKind::Conflict
                | RefusalKind::TooLarge
                | RefusalKind::Full
                | RefusalKind::Unavailable => 4,
            },
        }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { kind: refusal.kind, text: refusal.text }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        let is = |kinds: &[io::ErrorKind]| kinds.contains(&error.kind());
        if is(&[io::ErrorKind::NotFound]) {
            Self::NoSuchFile
        } else if is(&[io::ErrorKind::AlreadyExists]) {
            Self::Exists
        } else if is(&[io::ErrorKind::InvalidData]) {
            Self::Damaged
        } else if is(&[io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded]) {
            Self::Full
        } else {
            Self::Disk(error.to_string())
        }
    }
}

impl From<rustix::io::Errno> for Trouble {
    fn from(error: rustix::io::Errno) -> Self {
        io::Error::from(error).into()
    }
}
