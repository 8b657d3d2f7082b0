//! PKCS#12 (`.p12`, `.pfx`): certificates and a key in one file, under a password.
//!
//! Read by the crypto library, whatever program wrote it: PBES2 with AES, and the old 3DES and RC2.
//! Written by ourselves with PBES2, AES-256 and HMAC-SHA256 only, because the library can write the
//! old ciphers only.

mod der;
mod locked;
mod write;

use locked::Refused;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// What a PKCS#12 file holds.
pub struct Pkcs12 {
    /// Its certificates in DER, in order.
    pub certificates: Vec<Vec<u8>>,
    /// Its private key as PKCS#8 in DER, if it holds one.
    pub key: Option<Zeroizing<Vec<u8>>>,
}

impl Pkcs12 {
    /// Whether bytes look as such a file does: a sequence that begins with the version 3.
    pub fn is_one(bytes: &[u8]) -> bool {
        let version = |bytes: &[u8]| bytes.starts_with(&[0x02, 0x01, 0x03]);
        match bytes {
            // BER without a length, or a length of one to three bytes.
            [0x30, 0x80, rest @ ..]
            | [0x30, 0x81, _, rest @ ..]
            | [0x30, 0x82, _, _, rest @ ..]
            | [0x30, 0x83, _, _, _, rest @ ..] => version(rest),
            _ => false,
        }
    }

    /// Opens a file with its password.
    pub fn open(bytes: &[u8], password: &str) -> Result<Self, Pkcs12Error> {
        let (key, certificates) = locked::open(bytes, password).map_err(Pkcs12Error::from)?;
        Ok(Self { certificates, key })
    }

    /// Writes it as a file, under a password. The first certificate is that of the key; `name` is how
    /// programs call the pair.
    pub fn seal(&self, name: &str, password: &str) -> Result<Vec<u8>, Pkcs12Error> {
        if password.is_empty() {
            return Err(Pkcs12Error::NoPassword);
        }
        write::write(&self.certificates, self.key.as_ref(), name, password)
            .ok_or(Pkcs12Error::Failed)
    }
}

impl fmt::Debug for Pkcs12 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_some() { "a key" } else { "no key" };
        write!(f, "Pkcs12({} certificates, {key})", self.certificates.len())
    }
}

/// A private key that is encrypted (`ENCRYPTED PRIVATE KEY`), opened with its password: PKCS#8 in DER.
pub(super) fn decrypt_key(der: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    locked::decrypt(der, password).map_err(Pkcs12Error::from)
}

/// A private key in any form (PKCS#8, PKCS#1, SEC1) as PKCS#8, both in DER.
pub(super) fn as_pkcs8(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    locked::as_pkcs8(der).ok_or(Pkcs12Error::Unreadable)
}

/// Why a file cannot be opened or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Pkcs12Error {
    /// The password is another one.
    #[error("the password is not the one of this file")]
    WrongPassword,
    /// It cannot be read with any password.
    #[error(
        "this is no PKCS#12 file, or one with a cipher or more than one key that we cannot read"
    )]
    Unreadable,
    /// Nothing is written without a password.
    #[error("a key is written under a password only; give one")]
    NoPassword,
    /// The system or the crypto library refused.
    #[error("it could not be encrypted: the system gives no random bytes, or the library refused")]
    Failed,
}

impl From<Refused> for Pkcs12Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Password => Self::WrongPassword,
            Refused::Form => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::certificate::Certificate;
    use super::super::key_kind::KeyKind;
    use super::super::new_pair::NewPair;
    use super::super::private_key::PrivateKey;
    use super::*;

    fn pair(kind: KeyKind) -> Pkcs12 {
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        let made = NewPair::new("acme", kind, at, 30).make().unwrap();
        let certificates = vec![made.certificate.der().to_vec()];
        Pkcs12 { certificates, key: Some(made.key.der) }
    }

    #[test]
    fn what_is_written_is_opened_with_its_password_and_no_other() {
        for kind in [KeyKind::Rsa { bits: 2048 }, KeyKind::P256, KeyKind::P384] {
            let written = pair(kind);
            let file = written.seal("Acme \u{e4}", "pass \u{20ac}").unwrap();
            assert!(Pkcs12::is_one(&file));
            let read = Pkcs12::open(&file, "pass \u{20ac}").unwrap();
            assert_eq!(read.certificates, written.certificates);
            let certificate = Certificate::from_der(&read.certificates[0]).unwrap();
            let key = PrivateKey::from_der(&read.key.unwrap()).unwrap();
            assert!(key.belongs_to(&certificate));
            for wrong in ["", "pass", "pass \u{20ac} "] {
                assert_eq!(Pkcs12::open(&file, wrong).unwrap_err(), Pkcs12Error::WrongPassword);
            }
        }
    }

    #[test]
    fn a_key_never_leaves_without_a_password() {
        assert_eq!(pair(KeyKind::P256).seal("a", "").unwrap_err(), Pkcs12Error::NoPassword);
    }

    #[test]
    fn what_is_cut_or_changed_is_refused() {
        let file = pair(KeyKind::P256).seal("a", "secret").unwrap();
        for end in 0..file.len() {
            assert!(Pkcs12::open(&file[..end], "secret").is_err(), "{end}");
        }
        let middle = file.len() / 2;
        let mut changed = file;
        changed[middle] ^= 1;
        assert!(Pkcs12::open(&changed, "secret").is_err());
    }

    #[test]
    fn it_does_not_show_itself() {
        assert_eq!(format!("{:?}", pair(KeyKind::P256)), "Pkcs12(1 certificates, a key)");
    }
}
