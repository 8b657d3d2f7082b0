//! What a file with a key or a certificate holds, whatever form it has: PEM, DER, PKCS#12.

use super::certificate::Certificate;
use super::error::PkiError;
use super::pem;
use super::pkcs12::{Pkcs12, Pkcs12Error, as_pkcs8, decrypt_key};
use super::private_key::PrivateKey;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// What a file holds. It does not show its key.
#[derive(Default)]
pub struct Holding {
    /// Its certificates, in order.
    pub certificates: Vec<Certificate>,
    /// Its private key, as PKCS#8 in DER.
    pub key: Option<Zeroizing<Vec<u8>>>,
    /// Whether it stood under a password.
    pub locked: bool,
}

/// Why a file gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HoldingError {
    /// It holds nothing that we know.
    #[error(
        "there is no certificate and no key in it; it can be PEM, DER (.cer, .der) or PKCS#12 (.p12, .pfx)"
    )]
    Nothing,
    /// It stands under a password, and there is none.
    #[error("it stands under a password, and none was given")]
    Locked,
    /// It cannot be opened.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Error),
    /// What is in it cannot be used.
    #[error(transparent)]
    Pki(#[from] PkiError),
}

impl Holding {
    /// Looks what a file holds; `password` is asked only if it stands under one.
    pub fn read(
        bytes: &[u8],
        password: &mut dyn FnMut() -> Option<Zeroizing<String>>,
    ) -> Result<Self, HoldingError> {
        if Pkcs12::is_one(bytes) {
            return Self::of_pkcs12(bytes, password);
        }
        if bytes.first() == Some(&SEQUENCE) {
            return Self::of_der(bytes, password);
        }
        let mut holding = Self::default();
        for block in pem::blocks(bytes) {
            match (&*block.label, block.der) {
                ("CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE", Some(der)) => {
                    holding.certificates.push(Certificate::from_der(&der)?);
                }
                ("ENCRYPTED PRIVATE KEY", Some(der)) => holding.unlock(&der, password)?,
                (label, Some(der)) if label.ends_with(KEY) => {
                    holding.key = Some(as_pkcs8(&der).map_err(|_| PkiError::KeyUnreadable)?);
                }
                // The old way to encrypt a key puts headers before the base64.
                (label, None) if label.ends_with(KEY) => return Err(PkiError::KeyEncrypted.into()),
                _ => {}
            }
        }
        holding.usable()
    }

    /// The key, as one that can be used.
    pub fn private_key(&self) -> Option<PrivateKey> {
        self.key.as_ref().and_then(|der| PrivateKey::from_der(der).ok())
    }

    /// The certificate that stands lowest in the chain: that of the key, or the one that issued none
    /// of the others.
    pub fn leaf(&self) -> Option<&Certificate> {
        let issued = |one: &Certificate| {
            let others = self.certificates.iter().filter(|other| *other != one);
            others.into_iter().any(|other| other.issuer() == one.subject())
        };
        let key = self.private_key();
        let of_key = |one: &&Certificate| key.as_ref().is_some_and(|key| key.belongs_to(one));
        let all = &self.certificates;
        all.iter().find(of_key).or_else(|| all.iter().find(|one| !issued(one))).or(all.first())
    }

    fn of_pkcs12(
        bytes: &[u8],
        password: &mut dyn FnMut() -> Option<Zeroizing<String>>,
    ) -> Result<Self, HoldingError> {
        // Programs write such a file under no password if none was given.
        let (opened, locked) = match Pkcs12::open(bytes, "") {
            Err(Pkcs12Error::WrongPassword) => {
                (Pkcs12::open(bytes, &password().ok_or(HoldingError::Locked)?), true)
            }
            other => (other, false),
        };
        let Pkcs12 { certificates, key } = opened?;
        let certificates = certificates.iter().map(|der| Certificate::from_der(der));
        let certificates = certificates.collect::<Result<_, _>>()?;
        Self { certificates, key, locked }.usable()
    }

    fn of_der(
        bytes: &[u8],
        password: &mut dyn FnMut() -> Option<Zeroizing<String>>,
    ) -> Result<Self, HoldingError> {
        let mut holding = Self::default();
        match Certificate::from_der(bytes) {
            Ok(certificate) => holding.certificates.push(certificate),
            Err(fault) => match as_pkcs8(bytes) {
                Ok(key) => holding.key = Some(key),
                Err(_) if is_locked_key(bytes) => holding.unlock(bytes, password)?,
                Err(_) => return Err(fault.into()),
            },
        }
        holding.usable()
    }

    fn unlock(
        &mut self,
        der: &[u8],
        password: &mut dyn FnMut() -> Option<Zeroizing<String>>,
    ) -> Result<(), HoldingError> {
        self.key = Some(decrypt_key(der, &password().ok_or(HoldingError::Locked)?)?);
        self.locked = true;
        Ok(())
    }

    fn usable(self) -> Result<Self, HoldingError> {
        if let Some(key) = &self.key {
            // A key of a sort that we have no use for is said to be so now, and not when it is needed.
            PrivateKey::from_der(key)?;
        } else if self.certificates.is_empty() {
            return Err(HoldingError::Nothing);
        }
        Ok(self)
    }
}

impl fmt::Debug for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holding({:?}, {:?})", self.certificates, self.private_key())
    }
}

/// Whether it looks as an encrypted key does: an algorithm's sequence that begins with a name of
/// PKCS#5 or PKCS#12.
fn is_locked_key(der: &[u8]) -> bool {
    let beginning = der.get(..der.len().min(32)).unwrap_or_default();
    let names: [&[u8]; 2] = [&[0x86, 0xf7, 0x0d, 0x01, 0x05], &[0x86, 0xf7, 0x0d, 0x01, 0x0c]];
    names.iter().any(|name| beginning.windows(name.len()).any(|window| window == *name))
}

const SEQUENCE: u8 = 0x30;

/// The end of a key's label.
const KEY: &str = "PRIVATE KEY";

#[cfg(test)]
mod tests {
    use super::super::key_kind::KeyKind;
    use super::super::new_pair::{MadePair, NewPair};
    use super::*;

    fn made() -> MadePair {
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        NewPair::new("acme", KeyKind::P256, at, 30).make().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Holding, HoldingError> {
        Holding::read(bytes, &mut || None)
    }

    #[test]
    fn every_form_of_a_pair_is_read() {
        let MadePair { key, certificate } = made();
        let pem = format!("hello\n{}{}", &*key.to_pem(), certificate.to_pem());
        let sealed =
            Pkcs12 { certificates: vec![certificate.der().to_vec()], key: Some(key.der.clone()) };
        let sealed = sealed.seal("acme", "secret").unwrap();
        let opened = Holding::read(&sealed, &mut || Some(Zeroizing::new("secret".to_owned())));
        for holding in [read(pem.as_bytes()), opened] {
            let holding = holding.unwrap();
            assert_eq!(holding.certificates, std::slice::from_ref(&certificate));
            assert!(holding.private_key().unwrap().belongs_to(holding.leaf().unwrap()));
        }
        assert_eq!(read(certificate.der()).unwrap().certificates, [certificate]);
        assert!(read(&key.der).unwrap().private_key().is_some());
        assert_eq!(read(&sealed).unwrap_err(), HoldingError::Locked);
    }

    #[test]
    fn what_holds_nothing_says_so() {
        for bytes in [&b""[..], b"hello", b"-----BEGIN X-----\n-----END X-----\n"] {
            assert_eq!(read(bytes).unwrap_err(), HoldingError::Nothing);
        }
        assert!(matches!(read(&[0x30, 0]), Err(HoldingError::Pki(_))));
        let old = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(read(old).unwrap_err(), PkiError::KeyEncrypted.into());
    }

    #[test]
    fn it_does_not_show_its_key() {
        let shown = format!("{:?}", read(&made().key.der).unwrap());
        assert_eq!(shown, "Holding([], Some(PrivateKey(EC P-256)))");
    }
}
