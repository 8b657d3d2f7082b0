//! A certificate with its private key.

use super::certificate::Certificate;
use super::error::PkiError;
use super::private_key::PrivateKey;

/// A certificate of ours, with the private key that belongs to it.
#[derive(Clone, Debug)]
pub struct KeyPair {
    certificate: Certificate,
    key: PrivateKey,
}

impl KeyPair {
    /// Puts the two together, if they belong together.
    pub fn new(certificate: Certificate, key: PrivateKey) -> Result<Self, PkiError> {
        if key.belongs_to(&certificate) {
            Ok(Self { certificate, key })
        } else {
            Err(PkiError::NotAPair(certificate.subject().to_owned()))
        }
    }

    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The private key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }
}
