//! How a message is to be packed.

use super::quirks::Quirk;
use crate::pki::{
    Certificate, Cipher, DigestAlgorithm, KeyPair, KeyTransport, PkiError, SignatureScheme,
};
use jiff::Timestamp;
use std::io;
use thiserror::Error;

/// How a message is to be packed.
#[derive(Clone, Copy, Debug)]
pub struct Packing<'a> {
    /// The content's type, such as `application/edi-x12`.
    pub content_type: &'a str,
    /// The file's name to give.
    pub file_name: Option<&'a str>,
    /// How to sign it.
    pub sign: Option<Signing<'a>>,
    /// How to encrypt it.
    pub encrypt: Option<Encrypting<'a>>,
    /// When to compress it.
    pub compress: Compress,
    /// The digest of the MIC, for what is not signed; what is signed has its signature's.
    pub mic: DigestAlgorithm,
    /// The receiver's habits.
    pub quirks: &'a [Quirk],
    /// Now.
    pub at: Timestamp,
}

/// How to sign.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// With which pair of ours.
    pub pair: &'a KeyPair,
    /// Over which digest.
    pub digest: DigestAlgorithm,
    /// How.
    pub scheme: SignatureScheme,
    /// Whether the signature is over attributes (the digest, the time), as it should be.
    pub attributes: bool,
    /// How the signer's certificate is named.
    pub naming: Naming,
    /// Whether the certificate goes along.
    pub with_certificate: bool,
}

impl<'a> Signing<'a> {
    /// With a pair, as most partners expect it: SHA-256, and what the key can do.
    pub fn with(pair: &'a KeyPair) -> Self {
        let rsa = pair.certificate().key_kind().is_rsa();
        Self {
            pair,
            digest: DigestAlgorithm::Sha256,
            scheme: if rsa { SignatureScheme::RsaPkcs1 } else { SignatureScheme::Ecdsa },
            attributes: true,
            naming: Naming::IssuerAndSerial,
            with_certificate: true,
        }
    }
}

/// How to encrypt.
#[derive(Clone, Copy, Debug)]
pub struct Encrypting<'a> {
    /// For whom; at least one, all RSA.
    pub recipients: &'a [Certificate],
    /// With which cipher.
    pub cipher: Cipher,
    /// How its key is transported.
    pub key_transport: KeyTransport,
    /// How the recipients' certificates are named.
    pub naming: Naming,
}

impl<'a> Encrypting<'a> {
    /// For some certificates, as most partners expect it: AES-256 in CBC mode, PKCS#1 v1.5.
    pub fn to(recipients: &'a [Certificate]) -> Self {
        Self {
            recipients,
            cipher: Cipher::Aes256Cbc,
            key_transport: KeyTransport::RsaPkcs1,
            naming: Naming::IssuerAndSerial,
        }
    }
}

/// How a certificate is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By its issuer and its number there.
    IssuerAndSerial,
    /// By the identifier of its key.
    SubjectKeyId,
}

/// When to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compress {
    /// Not at all.
    Never,
    /// Before it is signed.
    BeforeSigning,
    /// After it was signed, before it is encrypted.
    AfterSigning,
}

/// Why a message could not be packed.
#[derive(Debug, Error)]
pub enum PackError {
    /// The content could not be read.
    #[error("the content cannot be read: {0}")]
    Content(#[from] io::Error),
    /// A certificate or a key cannot do what is asked.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// Nobody to encrypt for.
    #[error("it is to be encrypted, and for nobody")]
    NoRecipient,
    /// The content changed between two readings.
    #[error("the content changed while it was packed")]
    ContentChanged,
}
