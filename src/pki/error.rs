//! What can be wrong with a certificate or a key.

use thiserror::Error;

/// Why a certificate or a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PkiError {
    /// No certificate at all.
    #[error(
        "there is no certificate in it; a certificate begins with `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate,
    /// Not readable as a certificate.
    #[error("the certificate cannot be read: {0}")]
    CertificateUnreadable(String),
    /// No private key at all.
    #[error("there is no private key in it; a key begins with `-----BEGIN PRIVATE KEY-----`")]
    NoKey,
    /// The key is encrypted with a passphrase.
    #[error("the private key is encrypted; decrypt it with `openssl pkey -in KEY -out KEY.plain`")]
    KeyEncrypted,
    /// Not readable as a private key.
    #[error("the private key cannot be read; it must be PKCS#8, PKCS#1 or SEC1")]
    KeyUnreadable,
    /// A kind of key that AS2 has no use for.
    #[error("keys must be RSA of 2048 to 8192 bits, or EC on P-256 or P-384; this is {0}")]
    KeyKind(String),
    /// Certificate and key are not of one pair.
    #[error("the private key does not belong to the certificate of {0}")]
    NotAPair(String),
    /// The key cannot do what was asked.
    #[error("a key of kind {key} cannot be used for {what}")]
    Unfit {
        /// What the key is.
        key: String,
        /// What was asked of it.
        what: String,
    },
    /// The library refused.
    #[error("{0} failed in the crypto library")]
    Failed(&'static str),
    /// The system has no randomness.
    #[error("the system gives no random bytes")]
    NoRandomness,
}
