//! Two parties, and a message between them.

use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, PKCS_RSA_SHA256, RsaKeySize};
use std::fmt::Write as _;
use std::io::Cursor;
use wharf::pki::{Certificate, DigestAlgorithm, KeyPair, PrivateKey};
use wharf::transport::as2::{Compress, Encrypting, Packing, Policy, Signing, Terms, pack};

/// Two parties.
pub(crate) struct Parties {
    pub(crate) us: KeyPair,
    pub(crate) them: KeyPair,
    ours: [KeyPair; 1],
    theirs: [Certificate; 1],
    policy: Policy,
}

impl Parties {
    pub(crate) fn new() -> Self {
        let [us, them] = ["us", "them"].map(pair);
        let mut policy = Policy::default();
        policy.limits.content = 2 << 30;
        let (ours, theirs) = ([us.clone()], [them.certificate().clone()]);
        Self { us, them, ours, theirs, policy }
    }

    /// Under which we open what they send.
    pub(crate) fn terms(&self) -> Terms<'_> {
        let (policy, ours, theirs) = (&self.policy, &self.ours, &self.theirs);
        Terms { policy, ours, theirs, mic: None, at: now() }
    }
}

fn pair(name: &str) -> KeyPair {
    let key = rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let pem = params.self_signed(&key).unwrap().pem();
    let certificate = Certificate::from_pem(pem.as_bytes()).unwrap().remove(0);
    let key = PrivateKey::from_pem(key.serialize_pem().as_bytes()).unwrap();
    KeyPair::new(certificate, key).unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

/// X12 of some length.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut text = String::new();
    let mut n: u64 = 7;
    while text.len() < length {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "PO1*{}*{}*EA*{}.25**BP*{}~\r\n", n >> 54, n >> 60, n >> 50, n >> 40).unwrap();
    }
    text.truncate(length);
    text.into_bytes()
}

/// Signed and encrypted, as most partners have it.
pub(crate) fn packing<'a>(from: &'a KeyPair, to: &'a [Certificate]) -> Packing<'a> {
    Packing {
        content_type: "application/edi-x12",
        file_name: Some("order.edi"),
        sign: Some(Signing::with(from)),
        encrypt: Some(Encrypting::to(to)),
        compress: Compress::Never,
        mic: DigestAlgorithm::Sha256,
        quirks: &[],
        at: now(),
    }
}

/// A message from them to us.
pub(crate) fn letter(parties: &Parties, content: &[u8]) -> (Vec<(String, String)>, Vec<u8>) {
    let recipients = [parties.us.certificate().clone()];
    let packed = pack(Cursor::new(content), &packing(&parties.them, &recipients)).unwrap();
    let headers = packed.headers().to_vec();
    let mut body = Vec::new();
    std::io::copy(&mut packed.into_reader().unwrap(), &mut body).unwrap();
    (headers, body)
}
