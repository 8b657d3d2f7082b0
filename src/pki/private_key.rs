//! Private keys.

use super::algorithm::{DigestAlgorithm, KeyTransport, SignatureScheme};
use super::certificate::Certificate;
use super::error::PkiError;
use super::evp::Key;
use super::key_kind::KeyKind;
use super::{pem, unwrap};
use std::fmt;
use zeroize::Zeroizing;

/// A private key. It never shows itself, and is wiped when the last of its clones is dropped.
#[derive(Clone)]
pub struct PrivateKey {
    key: Key,
    kind: KeyKind,
}

impl PrivateKey {
    /// The first private key in a PEM file: PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub fn from_pem(bytes: &[u8]) -> Result<Self, PkiError> {
        let block = pem::blocks(bytes)
            .into_iter()
            .find(|block| block.label.ends_with("PRIVATE KEY"))
            .ok_or(PkiError::NoKey)?;
        match block.der {
            Some(der) if block.label != "ENCRYPTED PRIVATE KEY" => Self::from_der(&der),
            Some(_) => Err(PkiError::KeyEncrypted),
            // The old way to encrypt a key puts headers before the base64.
            None if contains(bytes, b"ENCRYPTED") => Err(PkiError::KeyEncrypted),
            None => Err(PkiError::KeyUnreadable),
        }
    }

    /// A private key in DER: PKCS#8, PKCS#1 or SEC1.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let key = Key::private(der).ok_or(PkiError::KeyUnreadable)?;
        let kind = KeyKind::of(&key)?;
        Ok(Self { key, kind })
    }

    /// What sort of key it is.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether it is the private half of the certificate's key.
    pub fn belongs_to(&self, certificate: &Certificate) -> bool {
        self.key.pairs_with(certificate.key())
    }

    /// Signs a digest.
    pub fn sign(
        &self,
        scheme: SignatureScheme,
        algorithm: DigestAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, PkiError> {
        if !self.kind.fits(scheme) {
            let (key, what) = (self.kind.to_string(), scheme.to_string());
            return Err(PkiError::Unfit { key, what });
        }
        self.key.sign(scheme, algorithm, digest).ok_or(PkiError::Failed("signing"))
    }

    /// Unwraps a content's key of `length` bytes. If it was not wrapped well, that is not said: what
    /// comes back is a random key, in the same time. `mask` is the digest of OAEP's mask, where it is
    /// not that of OAEP itself.
    pub fn unwrap_key(
        &self,
        transport: KeyTransport,
        mask: Option<DigestAlgorithm>,
        wrapped: &[u8],
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let KeyKind::Rsa { bits } = self.kind else {
            let (key, what) = (self.kind.to_string(), transport.to_string());
            return Err(PkiError::Unfit { key, what });
        };
        let modulus = usize::try_from(bits.div_ceil(8)).unwrap_or(0);
        unwrap::unwrap(&self.key, transport, mask, wrapped, length, modulus)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.kind)
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
