//! What must be signed and encrypted, and how what we send is.

use super::super::desk::Placed;
use super::super::fault::FaultKind;
use super::super::word::words;
use super::super::written::Table;
use super::exception::{Exception, Weakness, is_excepted, of_cipher, of_digest};
use crate::pki::{Cipher, DigestAlgorithm, KeyTransport, SignatureScheme};
use serde::{Serialize, Serializer};

/// What is required of what they send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Accept {
    /// Whether it must be signed.
    pub signed: bool,
    /// Whether it must be encrypted.
    pub encrypted: bool,
}

/// How what we send is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pack {
    /// How it is signed, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign: Option<Sign>,
    /// How it is encrypted, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypt: Option<Encrypt>,
    /// When it is compressed.
    pub compress: Compressing,
}

/// How we sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sign {
    /// Over which digest.
    #[serde(serialize_with = "shown")]
    pub digest: DigestAlgorithm,
    /// How; as the key can, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_shown")]
    pub scheme: Option<SignatureScheme>,
}

/// How we encrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Encrypt {
    /// With which cipher.
    #[serde(serialize_with = "shown")]
    pub cipher: Cipher,
    /// How its key is transported.
    #[serde(serialize_with = "shown")]
    pub key_transport: KeyTransport,
}

words! {
    /// When we compress.
    pub enum Compressing {
        /// Not at all.
        Never = "never",
        /// Before it is signed.
        BeforeSigning = "before-signing",
        /// After it was signed.
        AfterSigning = "after-signing",
    }
}

impl Accept {
    /// Reads `[as2.accept]`: signed and encrypted, if nothing is said.
    pub(super) fn read(table: Option<Table<'_>>) -> Self {
        let Some(mut table) = table else { return Self { signed: true, encrypted: true } };
        let accept =
            Self { signed: table.or("signed", true), encrypted: table.or("encrypted", true) };
        table.finish();
        accept
    }
}

impl Pack {
    /// Reads `[as2.send]`: signed over SHA-256 and encrypted with AES-256, if nothing is said.
    pub(super) fn read(table: Option<Table<'_>>, exceptions: &[Exception]) -> Self {
        let sign = Sign { digest: DigestAlgorithm::Sha256, scheme: None };
        let encrypt = Encrypt { cipher: Cipher::Aes256Cbc, key_transport: KeyTransport::RsaPkcs1 };
        let Some(mut table) = table else {
            return Self { sign: Some(sign), encrypt: Some(encrypt), compress: Compressing::Never };
        };
        let signed = table.or("sign", true);
        let digest = table.placed::<DigestAlgorithm>("digest");
        named(&table, digest.as_ref(), exceptions, of_digest);
        let scheme = table.get("signature");
        let digest = digest.map_or(sign.digest, |digest| digest.value);
        let sign = signed.then_some(Sign { digest, scheme });
        let encrypted = table.or("encrypt", true);
        let cipher = table.placed::<Cipher>("cipher");
        named(&table, cipher.as_ref(), exceptions, of_cipher);
        let cipher = cipher.map_or(encrypt.cipher, |cipher| cipher.value);
        let key_transport = table.or("key_transport", encrypt.key_transport);
        let encrypt = encrypted.then_some(Encrypt { cipher, key_transport });
        let compress = table.or("compress", Compressing::Never);
        table.finish();
        Self { sign, encrypt, compress }
    }
}

/// What is weak is named among the exceptions, or it is a fault.
fn named<T: Copy>(
    table: &Table<'_>,
    what: Option<&Placed<T>>,
    exceptions: &[Exception],
    weakness: impl Fn(T) -> Option<Weakness>,
) {
    let Some(Placed { place, value }) = what else { return };
    if let Some(weakness) = weakness(*value).filter(|of| !is_excepted(exceptions, *of)) {
        table.fault(*place, FaultKind::Weak(weakness.word()));
    }
}

fn shown<T: std::fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn maybe_shown<T: std::fmt::Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
