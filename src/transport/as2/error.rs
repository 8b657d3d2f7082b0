//! Why a message could not be opened, and what its sender is told: one table.

use super::disposition::{Disposition, ProcessingError};
use crate::pki::{Cipher, DigestAlgorithm, KeyTransport, SignatureScheme};
use thiserror::Error;

/// Why a message could not be opened.
///
/// Its text is for our log. What the sender is told is [`As2Error::disposition`] and
/// [`As2Error::advice`], which tell less.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum As2Error {
    /// It is not signed.
    #[error("it is not signed, and must be")]
    NotSigned,
    /// It is not encrypted.
    #[error("it is not encrypted, and must be")]
    NotEncrypted,
    /// It is encrypted with nothing that would show a change, and not signed inside.
    #[error(
        "it is encrypted in CBC mode and not signed inside, so that anyone could have changed it"
    )]
    UnsignedCbc,
    /// A digest that the partner's policy does not allow.
    #[error("it is signed over {0}, which the policy does not allow")]
    DigestNotAllowed(DigestAlgorithm),
    /// A signature scheme that the policy does not allow.
    #[error("it is signed with {0}, which the policy does not allow")]
    SignatureNotAllowed(SignatureScheme),
    /// A cipher that the policy does not allow.
    #[error("it is encrypted with {0}, which the policy does not allow")]
    CipherNotAllowed(Cipher),
    /// A key transport that the policy does not allow.
    #[error("its key is transported with {0}, which the policy does not allow")]
    KeyTransportNotAllowed(KeyTransport),
    /// An algorithm of the signature that we do not know.
    #[error("its signature uses an algorithm that is not known here: {0}")]
    UnknownSignature(String),
    /// An algorithm of the encryption that we do not know.
    #[error("it is encrypted with an algorithm that is not known here: {0}")]
    UnknownCipher(String),
    /// Nobody whom we know signed it.
    #[error("it is signed by none of the pinned certificates; it names {0}")]
    UnknownSigner(String),
    /// The signer's certificate is not valid now.
    #[error("it is signed by the certificate {0}, which is not valid at this time")]
    SignerNotValid(String),
    /// The signer's certificate is not for signing.
    #[error("it is signed by the certificate {0}, whose key usage does not let it sign")]
    SignerMayNotSign(String),
    /// The signature is not one by the signer's key.
    #[error("the signature is not by the key of the pinned certificate {0}")]
    BadSignature(String),
    /// The bytes are not those that were signed.
    #[error("the bytes are not those that were signed")]
    Changed,
    /// It is signed more than once, or in a way that leaves something unsigned.
    #[error("exactly one content and one signature over it are expected: {0}")]
    SignatureStructure(&'static str),
    /// The signature cannot be read.
    #[error("the signature cannot be read: {0}")]
    SignatureUnreadable(&'static str),
    /// It is not encrypted for any key of ours.
    #[error("it is not encrypted for any of our certificates; it names {0}")]
    NotForUs(String),
    /// It could not be decrypted; why is not known, not even here.
    #[error("it could not be decrypted")]
    Decryption,
    /// The envelope cannot be read.
    #[error("the envelope cannot be read: {0}")]
    EnvelopeUnreadable(&'static str),
    /// It could not be decompressed.
    #[error("it could not be decompressed: {0}")]
    Decompression(&'static str),
    /// It would be larger than it may be when it is decompressed.
    #[error("decompressed it would be larger than it may be ({0} bytes)")]
    Bomb(u64),
    /// Its MIME structure is broken.
    #[error("its MIME structure is broken: {0}")]
    Mime(&'static str),
    /// It is nested too deep, or has too many parts.
    #[error("it is nested too deep or has too many parts: {0}")]
    TooComplex(&'static str),
    /// Its content is larger than it may be.
    #[error("its content is larger than it may be ({0} bytes)")]
    TooLarge(u64),
    /// It is a receipt, and not a message.
    #[error("it is a receipt (MDN), and not a message")]
    IsReport,
    /// It asks for an answer in a form that we do not know, and says that nothing else will do.
    #[error("it requires a receipt in a format that is not known here: `{0}`")]
    UnsupportedFormat(String),
    /// It asks for MICs that we do not compute, and says that nothing else will do.
    #[error("it requires a receipt with one of the MIC algorithms `{0}`")]
    UnsupportedMic(String),
    /// Its bytes could not be read, or its content not be written.
    #[error("reading or writing failed: {0}")]
    Io(String),
    /// Something of ours failed.
    #[error("something of ours failed: {0}")]
    Ours(String),
}

/// Each error with its code, its disposition and its advice. No `_`: a new error says all three.
macro_rules! table {
    ($($pattern:pat => $code:literal, $disposition:expr, $advice:literal;)*) => {
        impl As2Error {
            /// Its stable name, for events, the API and metrics.
            pub fn code(&self) -> &'static str {
                match self { $($pattern => $code,)* }
            }

            /// What the sender is told in the receipt, for machines.
            pub fn disposition(&self) -> Disposition {
                match self { $($pattern => $disposition,)* }
            }

            /// What the sender is told in the receipt, for people: a sentence that says what to do.
            pub fn advice(&self) -> &'static str {
                match self { $($pattern => $advice,)* }
            }
        }
    };
}

const AUTHENTICATION: Disposition = Disposition::Error(ProcessingError::AuthenticationFailed);
const DECRYPTION: Disposition = Disposition::Error(ProcessingError::DecryptionFailed);
const INTEGRITY: Disposition = Disposition::Error(ProcessingError::IntegrityCheckFailed);
const DECOMPRESSION: Disposition = Disposition::Error(ProcessingError::DecompressionFailed);
const INSUFFICIENT: Disposition = Disposition::Error(ProcessingError::InsufficientMessageSecurity);
const UNEXPECTED: Disposition = Disposition::Error(ProcessingError::UnexpectedProcessingError);

table! {
    Self::NotSigned => "not_signed", INSUFFICIENT,
        "The message is not signed. Sign it with the certificate that we agreed on.";
    Self::NotEncrypted => "not_encrypted", INSUFFICIENT,
        "The message is not encrypted. Encrypt it for our certificate.";
    Self::UnsignedCbc => "unsigned_cbc", INSUFFICIENT,
        "The message is encrypted but not signed. Sign it before you encrypt it, or use AES-GCM.";
    Self::DigestNotAllowed(_) => "digest_not_allowed", INSUFFICIENT,
        "The message is signed over a digest that we do not accept. Use SHA-256.";
    Self::SignatureNotAllowed(_) => "signature_not_allowed", INSUFFICIENT,
        "The message is signed in a way that we did not agree on.";
    Self::CipherNotAllowed(_) => "cipher_not_allowed", INSUFFICIENT,
        "The message is encrypted with a cipher that we do not accept. Use AES.";
    Self::KeyTransportNotAllowed(_) => "key_transport_not_allowed", INSUFFICIENT,
        "The message's key is transported in a way that we did not agree on.";
    Self::UnknownSignature(_) => "unknown_signature_algorithm", AUTHENTICATION,
        "The signature uses an algorithm that we do not know. Use RSA or ECDSA with SHA-256.";
    Self::UnknownCipher(_) => "unknown_cipher", DECRYPTION,
        "The message is encrypted with an algorithm that we do not know. Use AES with RSA.";
    Self::UnknownSigner(_) => "unknown_signer", AUTHENTICATION,
        "The message is signed with a certificate that we do not know. Send us your new certificate, or sign with the one that we have.";
    Self::SignerNotValid(_) => "signer_not_valid", AUTHENTICATION,
        "The certificate that the message is signed with is not valid now. Sign with one that is, and send it to us.";
    Self::SignerMayNotSign(_) => "signer_may_not_sign", AUTHENTICATION,
        "The certificate that the message is signed with is not meant for signing.";
    Self::BadSignature(_) => "bad_signature", AUTHENTICATION,
        "The signature was not made with the key of the certificate that we have of you.";
    Self::Changed => "changed", INTEGRITY,
        "The message is not what was signed: it was changed on its way, or signed over other bytes.";
    Self::SignatureStructure(_) => "signature_structure", AUTHENTICATION,
        "The message must be one content with one signature over it.";
    Self::SignatureUnreadable(_) => "signature_unreadable", AUTHENTICATION,
        "The signature cannot be read.";
    Self::NotForUs(_) => "not_for_us", DECRYPTION,
        "The message could not be decrypted. Encrypt it for our current certificate.";
    Self::Decryption => "decryption_failed", DECRYPTION,
        "The message could not be decrypted. Encrypt it for our current certificate.";
    Self::EnvelopeUnreadable(_) => "envelope_unreadable", DECRYPTION,
        "The message could not be decrypted. Encrypt it for our current certificate.";
    Self::Decompression(_) => "decompression_failed", DECOMPRESSION,
        "The message could not be decompressed. Compress it with zlib, or not at all.";
    Self::Bomb(_) => "decompression_bomb", DECOMPRESSION,
        "The message would be too large decompressed.";
    Self::Mime(_) => "mime_broken", UNEXPECTED,
        "The MIME structure of the message is broken.";
    Self::TooComplex(_) => "too_complex", UNEXPECTED,
        "The message is nested too deep or has too many parts.";
    Self::TooLarge(_) => "too_large", UNEXPECTED,
        "The message is larger than we accept.";
    Self::IsReport => "is_report", UNEXPECTED,
        "This is a receipt, which nothing is answered to.";
    Self::UnsupportedFormat(_) => "unsupported_format", Disposition::unsupported_format(),
        "The receipt was required in a format that we do not know. Ask for pkcs7-signature.";
    Self::UnsupportedMic(_) => "unsupported_mic_algorithms", Disposition::unsupported_mic_algorithms(),
        "The receipt was required with a MIC algorithm that we do not know. Ask for sha-256.";
    Self::Io(_) => "io", UNEXPECTED,
        "Something on our side failed. Send the message again later.";
    Self::Ours(_) => "ours", UNEXPECTED,
        "Something on our side failed. Send the message again later.";
}

impl As2Error {
    /// Whether it was ours to avoid: the sender did nothing wrong and may send it again.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Io(_) | Self::Ours(_))
    }
}
