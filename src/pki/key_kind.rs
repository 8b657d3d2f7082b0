//! The sorts of keys that we have a use for.

use super::algorithm::SignatureScheme;
use super::error::PkiError;
use super::evp::{Key, Sort};
use std::fmt;

/// What sort of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA.
    Rsa {
        /// The bits of its modulus.
        bits: u32,
    },
    /// EC on P-256.
    P256,
    /// EC on P-384.
    P384,
}

impl KeyKind {
    /// What we have a use for.
    pub(super) fn of(key: &Key) -> Result<Self, PkiError> {
        match key.sort() {
            // 1024 bits are read, so that it can be said of an old certificate what is wrong.
            Sort::Rsa(bits @ 1024..=8192) => Ok(Self::Rsa { bits }),
            Sort::Rsa(bits) => Err(PkiError::KeyKind(format!("RSA of {bits} bits"))),
            Sort::P256 => Ok(Self::P256),
            Sort::P384 => Ok(Self::P384),
            Sort::Other => Err(PkiError::KeyKind("of another kind".to_owned())),
        }
    }

    /// Whether it is RSA, the only sort that we encrypt to.
    pub fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    /// Whether it can make signatures of this sort.
    pub fn fits(self, scheme: SignatureScheme) -> bool {
        match scheme {
            SignatureScheme::RsaPkcs1 | SignatureScheme::RsaPss => self.is_rsa(),
            SignatureScheme::Ecdsa => !self.is_rsa(),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::P256 => f.write_str("EC P-256"),
            Self::P384 => f.write_str("EC P-384"),
        }
    }
}
