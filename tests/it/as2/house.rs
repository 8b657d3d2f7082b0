//! Two parties with their certificates, and a letter between them.

use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize};
use std::fmt::Write as _;
use std::io::Cursor;
use wharf::pki::{Certificate, DigestAlgorithm, KeyPair, PrivateKey};
use wharf::transport::as2::{
    Allowed, As2Error, Compress, Encrypting, Headers, Memory, Opened, Packing, Policy, Signing,
    Terms, open, pack,
};

/// Which key a party has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// RSA.
    Rsa,
    /// EC on P-256.
    P256,
    /// EC on P-384.
    P384,
}

/// A party.
pub(crate) struct Party {
    pub(crate) pair: KeyPair,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
}

impl Party {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(name, Sort::Rsa, |_| ())
    }

    pub(crate) fn with(name: &str, sort: Sort, change: impl Fn(&mut CertificateParams)) -> Self {
        let key = match sort {
            Sort::Rsa => rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
            Sort::P256 => rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            Sort::P384 => rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
        };
        let key = key.unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages =
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        // Only then is the identifier of the key written into it.
        params.is_ca = rcgen::IsCa::ExplicitNoCa;
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2049, 1, 1);
        change(&mut params);
        let certificate_pem = params.self_signed(&key).unwrap().pem();
        let key_pem = key.serialize_pem();
        let certificates = Certificate::from_pem(certificate_pem.as_bytes()).unwrap();
        let private = PrivateKey::from_pem(key_pem.as_bytes()).unwrap();
        let pair = KeyPair::new(certificates[0].clone(), private).unwrap();
        Self { pair, certificates, certificate_pem, key_pem }
    }
}

/// Now.
pub(crate) fn now() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

/// A policy that lets everything through that can be read at all.
pub(crate) fn lenient() -> Policy {
    let mut policy = Policy {
        must_be_signed: false,
        must_be_encrypted: false,
        unsigned_cbc: true,
        ..Policy::default()
    };
    policy.digests.push(Allowed::always(DigestAlgorithm::Sha1));
    policy.ciphers.push(Allowed::always(wharf::pki::Cipher::TripleDesCbc));
    policy
}

/// A content of some length that does not repeat itself too much.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut text =
        String::from("ISA*00*          *00*          *ZZ*US             *ZZ*ACME           ~");
    let mut n: u64 = 7;
    while text.len() < length {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "PO1*{}*{}*EA*{}.25**BP*{}~\r\n", n >> 54, n >> 60, n >> 50, n >> 40).unwrap();
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(length);
    bytes
}

/// How a letter is packed.
pub(crate) fn packing<'a>(
    sign: Option<Signing<'a>>,
    encrypt: Option<Encrypting<'a>>,
) -> Packing<'a> {
    Packing {
        content_type: "application/edi-x12",
        file_name: Some("order.edi"),
        sign,
        encrypt,
        compress: Compress::Never,
        mic: DigestAlgorithm::Sha256,
        quirks: &[],
        at: now(),
    }
}

/// A letter as it goes: the headers of its body, and the body.
pub(crate) struct Letter {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) mic: wharf::transport::as2::Mic,
}

pub(crate) fn letter(content: &[u8], packing: &Packing<'_>) -> Letter {
    let packed = pack(Cursor::new(content), packing).unwrap();
    let (headers, length, mic) = (packed.headers().to_vec(), packed.length(), packed.mic().clone());
    let mut body = Vec::new();
    std::io::copy(&mut packed.into_reader().unwrap(), &mut body).unwrap();
    assert_eq!(u64::try_from(body.len()).unwrap(), length, "the length that was announced");
    Letter { headers, body, mic }
}

impl Letter {
    pub(crate) fn open(&self, terms: &Terms<'_>) -> Result<(Opened, Vec<Vec<u8>>), As2Error> {
        read(&self.headers, &self.body, terms)
    }
}

pub(crate) fn read(
    headers: &[(String, String)],
    body: &[u8],
    terms: &Terms<'_>,
) -> Result<(Opened, Vec<Vec<u8>>), As2Error> {
    let headers: Headers = headers.iter().map(|(name, value)| (&**name, value)).collect();
    let mut sinks = Memory::default();
    let opened = open(&headers, &mut Cursor::new(body), terms, &mut sinks)?;
    Ok((opened, sinks.contents))
}
