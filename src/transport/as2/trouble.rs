//! What stops the opening of a message: an error, or something that reading it once more can settle.

use super::error::As2Error;
use crate::pki::DigestAlgorithm;
use std::io;
use thiserror::Error;

/// What stops the opening of a message. It travels through readers as an [`io::Error`].
#[derive(Clone, Debug, Error)]
pub(super) enum Trouble {
    /// It cannot be opened.
    #[error(transparent)]
    Final(#[from] As2Error),
    /// It may be opened when it is read again, with what the first reading found out.
    #[error("it has to be read again")]
    Again(Hint),
}

/// What one reading found out for the next.
#[derive(Clone, Debug)]
pub(super) enum Hint {
    /// The signature is over this digest.
    Digest(DigestAlgorithm),
    /// The lines of what is signed should end in CRLF.
    Canonical,
    /// The envelope authenticates this besides its content.
    Authenticated(Vec<u8>),
}

/// What earlier readings found out.
#[derive(Debug, Default)]
pub(super) struct Hints {
    pub(super) digest: Option<DigestAlgorithm>,
    pub(super) canonical: bool,
    pub(super) authenticated: Vec<u8>,
}

impl Hints {
    /// Takes in a hint; false if it was known.
    pub(super) fn add(&mut self, hint: Hint) -> bool {
        match hint {
            Hint::Digest(digest) => self.digest.replace(digest) != Some(digest),
            Hint::Canonical => !std::mem::replace(&mut self.canonical, true),
            Hint::Authenticated(also) => {
                let new = self.authenticated.is_empty();
                self.authenticated = also;
                new
            }
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(trouble) => trouble,
            Err(error) => Self::Final(As2Error::Io(error.to_string())),
        }
    }
}

impl From<Trouble> for io::Error {
    fn from(trouble: Trouble) -> Self {
        Self::new(io::ErrorKind::InvalidData, trouble)
    }
}

/// An error, as it travels through readers.
pub(super) fn failed(error: As2Error) -> io::Error {
    Trouble::Final(error).into()
}
