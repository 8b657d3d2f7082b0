//! Public keys of SSH, as they stand in files and are known again on the wire.

use super::fault::{FaultKind, shown};
use super::written::{Item, Value};
use crate::message::Digest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use russh::keys::ssh_key::public::KeyData;
use serde::{Serialize, Serializer};
use std::fmt;

/// A public key: Ed25519, ECDSA, or RSA of 2,048 bits or more.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The line of a `.pub` file without its comment.
    line: String,
    /// The SHA-256 of the key as the wire has it.
    sha256: Digest,
    comment: Option<String>,
}

impl PublicKey {
    /// The key in a line of a `.pub` file.
    pub fn parse(line: &str) -> Option<Self> {
        let key = russh::keys::PublicKey::from_openssh(line.trim()).ok()?;
        if !is_strong(key.key_data()) {
            return None;
        }
        let comment = Some(key.comment().to_string()).filter(|comment| !comment.is_empty());
        let plain = russh::keys::PublicKey::from(key.key_data().clone());
        let sha256 = fingerprint(&plain)?;
        Some(Self { line: plain.to_openssh().ok()?, sha256, comment })
    }

    /// Whether the key that someone proved to hold is this one.
    pub fn is(&self, proven: &russh::keys::PublicKey) -> bool {
        fingerprint(proven) == Some(self.sha256)
    }

    /// The SHA-256 of the key as the wire has it.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// The fingerprint as OpenSSH shows it, such as `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(self.sha256.as_bytes()))
    }

    /// What stood behind the key in its line.
    pub(super) fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }
}

/// The line without its comment.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Value for PublicKey {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        Self::parse(text).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "public key",
            how: "the line of an Ed25519, ECDSA or RSA key (2,048 bits or more), as in id_ed25519.pub",
        })
    }
}

fn fingerprint(key: &russh::keys::PublicKey) -> Option<Digest> {
    key.to_bytes().ok().map(|bytes| Digest::of(&bytes))
}

fn is_strong(key: &KeyData) -> bool {
    if let KeyData::Rsa(rsa) = key {
        return rsa.key_size() >= WEAKEST_RSA;
    }
    matches!(key, KeyData::Ed25519(_) | KeyData::Ecdsa(_))
}

/// The fewest bits of an RSA key.
const WEAKEST_RSA: u32 = 2_048;
