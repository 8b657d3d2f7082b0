//! Certificates: whose key it is, until when, and what for.

use super::algorithm::{DigestAlgorithm, KeyTransport, SignatureScheme};
use super::error::PkiError;
use super::evp::{Key, Padding};
use super::key_kind::KeyKind;
use super::pem;
use crate::message::Digest;
use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use x509_cert::certificate::{CertificateInner, Raw, TbsCertificateInner};
use x509_cert::ext::pkix::{KeyUsage, SubjectKeyIdentifier};
use x509_cert::time::Time;

/// An X.509 certificate. A clone costs nothing.
#[derive(Clone)]
pub struct Certificate(Arc<Parts>);

struct Parts {
    der: Vec<u8>,
    fingerprint: Digest,
    subject: String,
    issuer: String,
    issuer_der: Vec<u8>,
    serial: Vec<u8>,
    valid_from: Timestamp,
    valid_until: Timestamp,
    may_sign: bool,
    may_encrypt: bool,
    key_id: Vec<u8>,
    states_key_id: bool,
    key: Key,
    kind: KeyKind,
}

impl Certificate {
    /// A certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let unreadable = |error: der::Error| PkiError::CertificateUnreadable(error.to_string());
        let certificate: CertificateInner<Raw> =
            CertificateInner::from_der(der).map_err(unreadable)?;
        let tbs = certificate.tbs_certificate();
        let spki = tbs.subject_public_key_info();
        let key = Key::public(&spki.to_der().map_err(unreadable)?).ok_or_else(|| {
            PkiError::KeyKind(format!("of another kind (its OID is {})", spki.algorithm.oid))
        })?;
        let kind = KeyKind::of(&key)?;
        let usage = usage(tbs)?;
        let stated: Option<Vec<u8>> = tbs
            .get_extension::<SubjectKeyIdentifier>()
            .map_err(unreadable)?
            .map(|(_, id)| id.0.as_bytes().to_vec());
        let validity = tbs.validity();
        Ok(Self(Arc::new(Parts {
            fingerprint: Digest::of(der),
            subject: tbs.subject().to_string(),
            issuer: tbs.issuer().to_string(),
            issuer_der: tbs.issuer().to_der().map_err(unreadable)?,
            serial: tbs.serial_number().as_bytes().to_vec(),
            valid_from: timestamp(validity.not_before),
            valid_until: timestamp(validity.not_after),
            may_sign: usage
                .is_none_or(|usage| usage.digital_signature() || usage.non_repudiation()),
            may_encrypt: kind.is_rsa() && usage.is_none_or(|usage| usage.key_encipherment()),
            states_key_id: stated.is_some(),
            // RFC 5280, 4.2.1.2 (1): what a peer calls a key whose certificate states no name for it.
            key_id: stated
                .unwrap_or_else(|| DigestAlgorithm::Sha1.of(spki.subject_public_key.raw_bytes())),
            key,
            kind,
            der: der.to_vec(),
        })))
    }

    /// All certificates of a PEM file, in order; at least one.
    pub fn from_pem(bytes: &[u8]) -> Result<Vec<Self>, PkiError> {
        let blocks = pem::blocks(bytes);
        let certificates: Vec<Self> = blocks
            .iter()
            .filter(|block| {
                matches!(&*block.label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE")
            })
            .map(|block| {
                let base64 = || PkiError::CertificateUnreadable("it is not base64".to_owned());
                Self::from_der(block.der.as_ref().ok_or_else(base64)?)
            })
            .collect::<Result<_, _>>()?;
        if certificates.is_empty() { Err(PkiError::NoCertificate) } else { Ok(certificates) }
    }

    /// All certificates of a file, PEM or DER; at least one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Vec<Self>, PkiError> {
        // DER begins with the tag of a sequence, and a length of two bytes.
        if bytes.starts_with(&[0x30, 0x82]) {
            return Self::from_der(bytes).map(|certificate| vec![certificate]);
        }
        Self::from_pem(bytes)
    }

    /// Its DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// It as PEM.
    pub fn to_pem(&self) -> String {
        pem::write("CERTIFICATE", self.der())
    }

    /// The SHA-256 of its DER.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// Whose it is, such as `CN=acme`.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Who issued it.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The issuer's name, in DER.
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer_der
    }

    /// Its number at its issuer, as the content of an INTEGER.
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// Its number at its issuer, in hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex(&self.0.serial)
    }

    /// From when it is valid.
    pub fn valid_from(&self) -> Timestamp {
        self.0.valid_from
    }

    /// Until when it is valid, that moment included.
    pub fn valid_until(&self) -> Timestamp {
        self.0.valid_until
    }

    /// Whether it is valid at a time.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        (self.0.valid_from..=self.0.valid_until).contains(&at)
    }

    /// What sort of key it has.
    pub fn key_kind(&self) -> KeyKind {
        self.0.kind
    }

    /// Whether its key usage lets it sign; one that states none may.
    pub fn may_sign(&self) -> bool {
        self.0.may_sign
    }

    /// Whether its key usage lets others encrypt to it; only RSA.
    pub fn may_encrypt(&self) -> bool {
        self.0.may_encrypt
    }

    /// The identifier of its key: as stated, or the SHA-1 of the key if none is.
    pub fn subject_key_id(&self) -> &[u8] {
        &self.0.key_id
    }

    /// Whether it states the identifier of its key itself.
    pub fn states_key_id(&self) -> bool {
        self.0.states_key_id
    }

    /// Whether `signature` is one of `digest` by this certificate's key. Asks no validity and no usage.
    pub fn verify(
        &self,
        scheme: SignatureScheme,
        algorithm: DigestAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        self.0.kind.fits(scheme) && self.0.key.verify(scheme, algorithm, digest, signature)
    }

    /// Wraps a content's key, so that only the holder of the private key can unwrap it.
    pub fn wrap_key(&self, transport: KeyTransport, key: &[u8]) -> Result<Vec<u8>, PkiError> {
        if !self.0.kind.is_rsa() {
            let (key, what) = (self.0.kind.to_string(), transport.to_string());
            return Err(PkiError::Unfit { key, what });
        }
        let padding =
            transport.digest().map_or(Padding::Pkcs1, |digest| Padding::Oaep(digest, digest));
        self.0.key.encrypt(padding, key).ok_or(PkiError::Failed("wrapping a key"))
    }

    pub(super) fn key(&self) -> &Key {
        &self.0.key
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.fingerprint == other.0.fingerprint
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.0.subject, self.0.fingerprint)
    }
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(nibble.into(), 16));
        }
    }
    hex
}

fn usage(tbs: &TbsCertificateInner<Raw>) -> Result<Option<KeyUsage>, PkiError> {
    tbs.get_extension::<KeyUsage>()
        .map(|found| found.map(|(_, usage)| usage))
        .map_err(|error: der::Error| PkiError::CertificateUnreadable(error.to_string()))
}

fn timestamp(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
