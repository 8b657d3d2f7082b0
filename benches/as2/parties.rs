//! Two parties, and a message between them.

use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, PKCS_RSA_SHA256, RsaKeySize};
use std::fmt::Write as _;
use std::io::Cursor;
use wharf::pki::{Certificate, DigestAlgorithm, KeyPair, PrivateKey};
use wharf::transport::as2::{Compress, Encrypting, Packing, Policy, Signing, Terms, pack};

/// Two parties.
#[derive(Clone)]
pub(crate) struct Parties {
    pub(crate) us: KeyPair,
    pub(crate) them: KeyPair,
    /// Our certificate and key in PEM, and their certificate.
    pub(crate) files: [String; 3],
    ours: [KeyPair; 1],
    theirs: [Certificate; 1],
    our_certificate: [Certificate; 1],
    policy: Policy,
}

impl Parties {
    pub(crate) fn new() -> Self {
        let [(us, our_certificate, our_key), (them, their_certificate, _)] =
            ["us", "them"].map(pair);
        let files = [our_certificate, our_key, their_certificate];
        let mut policy = Policy::default();
        policy.limits.content = 2 << 30;
        let (ours, theirs) = ([us.clone()], [them.certificate().clone()]);
        let our_certificate = [us.certificate().clone()];
        Self { us, them, files, ours, theirs, our_certificate, policy }
    }

    /// Under which we open what they send.
    pub(crate) fn terms(&self) -> Terms<'_> {
        let (policy, ours, theirs) = (&self.policy, &self.ours, &self.theirs);
        Terms { policy, ours, theirs, mic: None, at: now() }
    }

    /// Under which they open what we send.
    pub(crate) fn terms_of_theirs(&self) -> Terms<'_> {
        let (ours, theirs) = (std::slice::from_ref(&self.them), &self.our_certificate);
        Terms { ours, theirs, ..self.terms() }
    }
}

/// A pair, and its certificate and key in PEM.
fn pair(name: &str) -> (KeyPair, String, String) {
    let key = rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 1, 1);
    let [pem, key] = [params.self_signed(&key).unwrap().pem(), key.serialize_pem()];
    let certificate = Certificate::from_pem(pem.as_bytes()).unwrap().remove(0);
    let private = PrivateKey::from_pem(key.as_bytes()).unwrap();
    (KeyPair::new(certificate, private).unwrap(), pem, key)
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
