//! New pairs: a key, and a certificate that it signed itself or a request for one.

use super::certificate::Certificate;
use super::error::PkiError;
use super::key_kind::KeyKind;
use super::pem;
use super::subject::Subject;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, RsaKeySize,
    SigningKey,
};
use std::fmt;
use zeroize::Zeroizing;

/// What a new pair is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To sign and to be encrypted to.
    Both,
    /// To sign only.
    Sign,
    /// To be encrypted to only.
    Encrypt,
    /// TLS, as a server and as a client.
    Tls,
}

/// A pair that is to be made.
#[derive(Clone, Debug)]
pub struct NewPair {
    /// Whose it is.
    pub subject: Subject,
    /// What sort of key: RSA of 2048, 3072 or 4096 bits, or EC.
    pub kind: KeyKind,
    /// What for.
    pub purpose: Purpose,
    /// The names and addresses of a host, for TLS.
    pub hosts: Vec<String>,
    /// From when: the day of this time, from its beginning in UTC.
    pub from: Timestamp,
    /// For how many days.
    pub days: u32,
}

/// A pair that was made.
#[derive(Debug)]
pub struct MadePair {
    /// The key.
    pub key: NewKey,
    /// The certificate that it signed itself.
    pub certificate: Certificate,
}

/// A key that was made with a request for a certificate.
#[derive(Debug)]
pub struct MadeRequest {
    /// The key.
    pub key: NewKey,
    /// The request, as PKCS#10 in PEM.
    pub request: String,
}

/// A private key that is to be kept somewhere. It does not show itself.
pub struct NewKey {
    /// It, as PKCS#8 in DER.
    pub der: Zeroizing<Vec<u8>>,
}

impl NewKey {
    /// It as PEM.
    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(pem::write("PRIVATE KEY", &self.der))
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewKey")
    }
}

impl NewPair {
    /// A pair by the common name of its owner, to sign and to be encrypted to.
    pub fn new(name: &str, kind: KeyKind, from: Timestamp, days: u32) -> Self {
        let (subject, purpose) = (Subject::common(name), Purpose::Both);
        Self { subject, kind, purpose, hosts: Vec::new(), from, days }
    }

    /// Makes the key, and a certificate signed by it.
    pub fn make(&self) -> Result<MadePair, PkiError> {
        let (params, key) = (self.params()?, self.key()?);
        let signed = params.self_signed(&key).map_err(|_| PkiError::Failed(SIGNING))?;
        Ok(MadePair { certificate: Certificate::from_der(signed.der())?, key: kept(&key) })
    }

    /// Makes the key, and a request that an authority makes a certificate of.
    pub fn request(&self) -> Result<MadeRequest, PkiError> {
        let (params, key) = (self.params()?, self.key()?);
        let request = request(&params, &key).ok_or(PkiError::Failed(SIGNING))?;
        Ok(MadeRequest { request, key: kept(&key) })
    }

    fn key(&self) -> Result<KeyPair, PkiError> {
        let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        let made = match self.kind {
            KeyKind::Rsa { bits: 2048 } => rsa(RsaKeySize::_2048),
            KeyKind::Rsa { bits: 3072 } => rsa(RsaKeySize::_3072),
            KeyKind::Rsa { bits: 4096 } => rsa(RsaKeySize::_4096),
            KeyKind::Rsa { bits } => return Err(PkiError::KeyKind(format!("RSA of {bits} bits"))),
            KeyKind::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            KeyKind::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
        };
        made.map_err(|_| PkiError::Failed("making a key"))
    }

    fn params(&self) -> Result<CertificateParams, PkiError> {
        let mut params = CertificateParams::new(self.hosts.clone()).map_err(|_| {
            PkiError::CertificateUnreadable("a host is no name and no address".to_owned())
        })?;
        let first = self.from.to_zoned(TimeZone::UTC).date();
        let last = first.saturating_add(Span::new().try_days(self.days).unwrap_or_default());
        let (first, last) = (numbers(first), numbers(last));
        params.not_before = rcgen::date_time_ymd(first.0, first.1, first.2);
        params.not_after = rcgen::date_time_ymd(last.0, last.1, last.2);
        params.distinguished_name = self.subject.distinguished();
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = self.usages();
        if self.purpose == Purpose::Tls {
            params.extended_key_usages =
                vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        }
        Ok(params)
    }

    fn usages(&self) -> Vec<KeyUsagePurpose> {
        let sign = KeyUsagePurpose::DigitalSignature;
        // Only RSA can be encrypted to; TLS 1.2 may do so too.
        let wrap = self.kind.is_rsa().then_some(KeyUsagePurpose::KeyEncipherment);
        match self.purpose {
            Purpose::Both | Purpose::Tls => [sign].into_iter().chain(wrap).collect(),
            Purpose::Sign => vec![sign],
            Purpose::Encrypt => vec![KeyUsagePurpose::KeyEncipherment],
        }
    }
}

fn request(params: &CertificateParams, key: &impl SigningKey) -> Option<String> {
    params.serialize_request(key).ok()?.pem().ok()
}

fn kept(key: &KeyPair) -> NewKey {
    NewKey { der: Zeroizing::new(key.serialize_der()) }
}

/// A day as year, month and day of the month.
fn numbers(day: Date) -> (i32, u8, u8) {
    let small = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(day.year()), small(day.month()), small(day.day()))
}

const SIGNING: &str = "signing a certificate";

#[cfg(test)]
mod tests {
    use super::super::private_key::PrivateKey;
    use super::*;

    const RSA: KeyKind = KeyKind::Rsa { bits: 2048 };

    fn now() -> Timestamp {
        "2026-11-28T11:12:13Z".parse().unwrap()
    }

    #[test]
    fn a_pair_is_one_and_says_whose_it_is_until_when_and_what_for() {
        for kind in [RSA, KeyKind::P256, KeyKind::P384] {
            let made = NewPair::new("acme", kind, now(), 365).make().unwrap();
            let certificate = &made.certificate;
            assert!(PrivateKey::from_der(&made.key.der).unwrap().belongs_to(certificate));
            assert!(PrivateKey::from_pem(made.key.to_pem().as_bytes()).is_ok());
            assert_eq!(certificate.key_kind(), kind);
            assert_eq!((certificate.subject(), certificate.issuer()), ("CN=acme", "CN=acme"));
            assert_eq!(certificate.valid_from().to_string(), "2026-11-28T00:00:00Z");
            assert_eq!(certificate.valid_until().to_string(), "2027-11-28T00:00:00Z");
            assert!(certificate.is_valid_at(now()));
            assert_eq!((certificate.may_sign(), certificate.may_encrypt()), (true, kind.is_rsa()));
        }
    }

    #[test]
    fn what_it_is_for_is_all_that_it_may_do() {
        for (purpose, may) in [
            (Purpose::Both, (true, true)),
            (Purpose::Tls, (true, true)),
            (Purpose::Sign, (true, false)),
            (Purpose::Encrypt, (false, true)),
        ] {
            let new = NewPair { purpose, ..NewPair::new("acme", RSA, now(), 1) };
            let certificate = new.make().unwrap().certificate;
            assert_eq!((certificate.may_sign(), certificate.may_encrypt()), may, "{purpose:?}");
        }
    }

    #[test]
    fn two_pairs_have_nothing_in_common() {
        let new = NewPair::new("acme", KeyKind::P256, now(), 1);
        let (one, other) = (new.make().unwrap(), new.make().unwrap());
        assert_ne!(one.certificate.serial(), other.certificate.serial());
        assert_ne!(one.key.der, other.key.der);
    }

    #[test]
    fn a_request_is_for_its_key() {
        let made = NewPair::new("acme", RSA, now(), 1).request().unwrap();
        assert!(made.request.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
        assert!(PrivateKey::from_der(&made.key.der).is_ok());
        assert_eq!(format!("{:?}", made.key), "NewKey");
    }

    #[test]
    fn what_cannot_be_made_is_refused_and_never_panics() {
        let odd = NewPair::new("acme", KeyKind::Rsa { bits: 1024 }, now(), 1);
        assert!(matches!(odd.make(), Err(PkiError::KeyKind(_))));
        let host = NewPair { hosts: vec!["\u{e4}".to_owned()], ..NewPair::new("a", RSA, now(), 1) };
        assert!(host.make().is_err());
        let long = NewPair::new("acme", KeyKind::P256, now(), u32::MAX);
        assert!(long.make().is_ok());
    }
}
