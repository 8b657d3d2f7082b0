//! The algorithms that we offer: modern ones, and an old one as long as a partner's file names it.

use crate::partner::{Legacy, Partners};
use jiff::civil::Date;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, cipher, compression, kex, mac};

/// What is offered to everyone who calls, before anyone knows who that is: an old algorithm may be
/// offered only if it can be refused to those who did not agree to it, once they are known.
pub(super) fn preferred(partners: &Partners, today: Date) -> Preferred {
    let named = |legacy: Legacy| {
        let allows = |partner: &crate::partner::Partner| {
            partner.wires.sftp.as_ref().is_some_and(|sftp| sftp.allows(legacy, today))
        };
        partners.iter().any(allows)
    };
    let mut keys = KEYS.to_vec();
    if named(Legacy::SshRsa) {
        keys.push(Algorithm::Rsa { hash: None });
    }
    Preferred {
        kex: KEX.to_vec().into(),
        key: keys.into(),
        host_key_certificates: Vec::new().into(),
        cipher: CIPHERS.to_vec().into(),
        mac: MACS.to_vec().into(),
        compression: vec![compression::NONE].into(),
    }
}

const KEX: [kex::Name; 8] = [
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::DH_G18_SHA512,
    kex::DH_G16_SHA512,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_SERVER,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
];

const CIPHERS: [cipher::Name; 4] =
    [cipher::CHACHA20_POLY1305, cipher::AES_256_GCM, cipher::AES_256_CTR, cipher::AES_128_CTR];

const MACS: [mac::Name; 4] =
    [mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM, mac::HMAC_SHA512, mac::HMAC_SHA256];

const KEYS: [Algorithm; 6] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];
