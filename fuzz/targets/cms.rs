//! Any bytes as a CMS structure, for a reader with a key and a pinned certificate.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use std::sync::LazyLock;
use wharf::pki::{Certificate, KeyPair, PrivateKey};
use wharf::transport::as2::mdn::Report;
use wharf::transport::as2::{Headers, Memory, Policy, Terms, open};

static PAIR: LazyLock<KeyPair> = LazyLock::new(|| {
    let certificate = Certificate::from_pem(include_bytes!("cms/cert.pem")).unwrap().remove(0);
    KeyPair::new(certificate, PrivateKey::from_pem(include_bytes!("cms/key.pem")).unwrap()).unwrap()
});

fuzz_target!(|data: &[u8]| {
    let headers: Headers = [("Content-Type", "application/pkcs7-mime")].into_iter().collect();
    let policy = Policy { must_be_signed: false, must_be_encrypted: false, ..Policy::default() };
    let (ours, theirs) = ([PAIR.clone()], [PAIR.certificate().clone()]);
    let at = jiff::Timestamp::UNIX_EPOCH;
    let terms = Terms { policy: &policy, ours: &ours, theirs: &theirs, mic: None, at };
    let _ = open(&headers, &mut Cursor::new(data), &terms, &mut Memory::default());
    let _ = Report::open(&headers, data, &terms).map_err(|fault| fault.to_string());
});
