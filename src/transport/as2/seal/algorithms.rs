//! Algorithms as CMS names them: read from an `AlgorithmIdentifier`, and written as one.

use super::super::error::As2Error;
use super::oid;
use super::tlv::{Elements, INTEGER, NULL, OCTETS, OID, SEQUENCE, element, plain};
use crate::pki::{Cipher, DigestAlgorithm, KeyTransport, SignatureScheme};

const DIGESTS: [(&[u8], DigestAlgorithm); 4] = [
    (oid::SHA1, DigestAlgorithm::Sha1),
    (oid::SHA256, DigestAlgorithm::Sha256),
    (oid::SHA384, DigestAlgorithm::Sha384),
    (oid::SHA512, DigestAlgorithm::Sha512),
];

const CIPHERS: [(&[u8], Cipher); 7] = [
    (oid::AES128_CBC, Cipher::Aes128Cbc),
    (oid::AES192_CBC, Cipher::Aes192Cbc),
    (oid::AES256_CBC, Cipher::Aes256Cbc),
    (oid::AES128_GCM, Cipher::Aes128Gcm),
    (oid::AES192_GCM, Cipher::Aes192Gcm),
    (oid::AES256_GCM, Cipher::Aes256Gcm),
    (oid::TRIPLE_DES, Cipher::TripleDesCbc),
];

/// Signatures that name their digest themselves, or leave it to the signer.
const SIGNATURES: [(&[u8], SignatureScheme, Option<DigestAlgorithm>); 10] = [
    (oid::RSA, SignatureScheme::RsaPkcs1, None),
    (oid::RSA_SHA1, SignatureScheme::RsaPkcs1, Some(DigestAlgorithm::Sha1)),
    (oid::RSA_SHA256, SignatureScheme::RsaPkcs1, Some(DigestAlgorithm::Sha256)),
    (oid::RSA_SHA384, SignatureScheme::RsaPkcs1, Some(DigestAlgorithm::Sha384)),
    (oid::RSA_SHA512, SignatureScheme::RsaPkcs1, Some(DigestAlgorithm::Sha512)),
    (oid::EC_KEY, SignatureScheme::Ecdsa, None),
    (oid::ECDSA_SHA1, SignatureScheme::Ecdsa, Some(DigestAlgorithm::Sha1)),
    (oid::ECDSA_SHA256, SignatureScheme::Ecdsa, Some(DigestAlgorithm::Sha256)),
    (oid::ECDSA_SHA384, SignatureScheme::Ecdsa, Some(DigestAlgorithm::Sha384)),
    (oid::ECDSA_SHA512, SignatureScheme::Ecdsa, Some(DigestAlgorithm::Sha512)),
];

/// An `AlgorithmIdentifier`, taken apart: its identifier, and its parameters.
fn parts(identifier: &[u8]) -> Option<(&[u8], Elements<'_>)> {
    let mut parts = Elements::new(identifier);
    let oid = parts.expect(OID).ok()?;
    Some((oid, parts))
}

/// The digest that the content of an `AlgorithmIdentifier` names.
pub(super) fn digest(identifier: &[u8]) -> Option<DigestAlgorithm> {
    let (name, _) = parts(identifier)?;
    DIGESTS.iter().find(|(oid, _)| *oid == name).map(|(_, digest)| *digest)
}

/// What the content of an `AlgorithmIdentifier` names, for people.
pub(super) fn name(identifier: &[u8]) -> String {
    parts(identifier).map(|(name, _)| oid::dotted(name)).unwrap_or_default()
}

/// The signature scheme that the content of an `AlgorithmIdentifier` names, for a signer over `digest`.
pub(super) fn signature(
    identifier: &[u8],
    over: DigestAlgorithm,
) -> Result<SignatureScheme, As2Error> {
    let unknown = |what: &[u8]| As2Error::UnknownSignature(oid::dotted(what));
    let (name, parameters) = parts(identifier).ok_or_else(|| unknown(&[]))?;
    let (scheme, stated) = if name == oid::RSA_PSS {
        // Some leave the parameters out, which would mean SHA-1, and mean the signer's digest.
        let stated = if states_hash(parameters) { parameters } else { Elements::new(&[]) };
        let (digest, mask) = hash_and_mask(stated, over).ok_or_else(|| unknown(name))?;
        if digest != mask {
            return Err(As2Error::UnknownSignature("PSS with a mask of another digest".to_owned()));
        }
        (SignatureScheme::RsaPss, Some(digest))
    } else {
        let known = SIGNATURES.iter().find(|(oid, _, _)| *oid == name);
        known.map(|(_, scheme, stated)| (*scheme, *stated)).ok_or_else(|| unknown(name))?
    };
    match stated {
        Some(stated) if stated != over => {
            Err(As2Error::UnknownSignature(format!("{stated} where the signer says {over}")))
        }
        Some(_) | None => Ok(scheme),
    }
}

/// How a key is transported, by the content of an `AlgorithmIdentifier`, and the digest of its mask.
pub(super) fn key_transport(
    identifier: &[u8],
) -> Result<(KeyTransport, Option<DigestAlgorithm>), As2Error> {
    let unknown = |what: &[u8]| As2Error::UnknownCipher(oid::dotted(what));
    let (name, parameters) = parts(identifier).ok_or_else(|| unknown(&[]))?;
    if name == oid::RSA {
        return Ok((KeyTransport::RsaPkcs1, None));
    }
    if name != oid::RSA_OAEP || has_label(parameters) {
        return Err(unknown(name));
    }
    let sha1 = DigestAlgorithm::Sha1;
    let (digest, mask) = hash_and_mask(parameters, sha1).ok_or_else(|| unknown(name))?;
    Ok((KeyTransport::oaep(digest), Some(mask)))
}

/// Whether the parameters of PSS name a digest.
fn states_hash(mut parameters: Elements<'_>) -> bool {
    parameters.within(SEQUENCE).is_ok_and(|fields| fields.tag() == Some(0xa0))
}

/// The parameters `[0] hash, [1] mask` of OAEP and PSS: SHA-1 where one is left out, and `none` twice
/// where there are none.
fn hash_and_mask(
    mut parameters: Elements<'_>,
    none: DigestAlgorithm,
) -> Option<(DigestAlgorithm, DigestAlgorithm)> {
    let Ok(mut fields) = parameters.within(SEQUENCE) else {
        return Some((none, none));
    };
    let hash = match fields.optional(0xa0) {
        Some(field) => digest(Elements::new(field).expect(SEQUENCE).ok()?)?,
        None => DigestAlgorithm::Sha1,
    };
    let mask = match fields.optional(0xa1) {
        Some(field) => {
            let (name, mut of) = parts(Elements::new(field).expect(SEQUENCE).ok()?)?;
            let of = of.expect(SEQUENCE).ok()?;
            (name == oid::MGF1).then(|| digest(of))??
        }
        None => DigestAlgorithm::Sha1,
    };
    Some((hash, mask))
}

/// Whether OAEP has a label, which nobody uses.
fn has_label(mut parameters: Elements<'_>) -> bool {
    let Ok(mut fields) = parameters.within(SEQUENCE) else { return false };
    fields.optional(0xa0);
    fields.optional(0xa1);
    let Some(source) = fields.optional(0xa2) else { return false };
    let label = Elements::new(source).expect(SEQUENCE).ok().and_then(parts);
    label
        .is_none_or(|(name, mut label)| name != oid::P_SPECIFIED || label.expect(OCTETS) != Ok(&[]))
}

/// A cipher with its vector, by the content of an `AlgorithmIdentifier`.
pub(super) struct CipherSpec {
    pub(super) cipher: Cipher,
    pub(super) vector: Vec<u8>,
    /// How long its tag is; nothing for a cipher without one.
    pub(super) tag: usize,
}

/// The cipher that the content of an `AlgorithmIdentifier` names.
pub(super) fn cipher(identifier: &[u8]) -> Result<CipherSpec, As2Error> {
    let unknown = |what: &[u8]| As2Error::UnknownCipher(oid::dotted(what));
    let (name, mut parameters) = parts(identifier).ok_or_else(|| unknown(&[]))?;
    let known = CIPHERS.iter().find(|(oid, _)| *oid == name);
    let cipher = known.map(|(_, cipher)| *cipher).ok_or_else(|| unknown(name))?;
    let vectorless = |()| As2Error::EnvelopeUnreadable("a cipher without its vector");
    if !cipher.is_authenticated() {
        let vector = parameters.expect(OCTETS).map_err(vectorless)?.to_vec();
        if vector.len() != cipher.vector_length() {
            return Err(As2Error::EnvelopeUnreadable("a vector of another length"));
        }
        return Ok(CipherSpec { cipher, vector, tag: 0 });
    }
    let mut fields = parameters.within(SEQUENCE).map_err(vectorless)?;
    let vector = fields.expect(OCTETS).map_err(vectorless)?.to_vec();
    // RFC 5084, 3.2: twelve bytes where nothing is stated.
    let tag = match fields.optional(INTEGER).map(plain) {
        None => 12,
        Some([length @ 12..=16]) => usize::from(*length),
        Some(_) => return Err(As2Error::EnvelopeUnreadable("a tag of a length that no tag has")),
    };
    if vector.is_empty() || vector.len() > 64 {
        return Err(As2Error::EnvelopeUnreadable("a vector of another length"));
    }
    Ok(CipherSpec { cipher, vector, tag })
}

/// A digest as an `AlgorithmIdentifier`.
pub(super) fn write_digest(algorithm: DigestAlgorithm) -> Vec<u8> {
    let name = DIGESTS.iter().find(|(_, digest)| *digest == algorithm).map_or(oid::SHA256, |d| d.0);
    element(SEQUENCE, &[&element(OID, &[name]), &NULL])
}

/// A signature scheme over a digest as an `AlgorithmIdentifier`.
pub(super) fn write_signature(scheme: SignatureScheme, over: DigestAlgorithm) -> Vec<u8> {
    match scheme {
        // RFC 3370, 3.2: every reader knows the plain name.
        SignatureScheme::RsaPkcs1 => element(SEQUENCE, &[&element(OID, &[oid::RSA]), &NULL]),
        SignatureScheme::RsaPss => {
            let salt = u8::try_from(over.length()).unwrap_or(32);
            let salt = element(0xa2, &[&element(INTEGER, &[&[salt]])]);
            let parameters = element(SEQUENCE, &[&hash_and_mask_of(over), &salt]);
            element(SEQUENCE, &[&element(OID, &[oid::RSA_PSS]), &parameters])
        }
        SignatureScheme::Ecdsa => {
            let named = SIGNATURES.iter().find(|(_, known, stated)| {
                *known == SignatureScheme::Ecdsa && *stated == Some(over)
            });
            element(SEQUENCE, &[&element(OID, &[named.map_or(oid::EC_KEY, |named| named.0)])])
        }
    }
}

/// A key transport as an `AlgorithmIdentifier`.
pub(super) fn write_key_transport(transport: KeyTransport) -> Vec<u8> {
    match transport.digest() {
        None => element(SEQUENCE, &[&element(OID, &[oid::RSA]), &NULL]),
        Some(digest) => {
            let parameters = element(SEQUENCE, &[&hash_and_mask_of(digest)]);
            element(SEQUENCE, &[&element(OID, &[oid::RSA_OAEP]), &parameters])
        }
    }
}

/// A cipher with its vector as an `AlgorithmIdentifier`.
pub(super) fn write_cipher(cipher: Cipher, vector: &[u8]) -> Vec<u8> {
    let name = CIPHERS.iter().find(|(_, known)| *known == cipher).map_or(oid::AES256_CBC, |c| c.0);
    let vector = element(OCTETS, &[vector]);
    let parameters = if cipher.is_authenticated() {
        element(SEQUENCE, &[&vector, &element(INTEGER, &[&[16]])])
    } else {
        vector
    };
    element(SEQUENCE, &[&element(OID, &[name]), &parameters])
}

/// The fields `[0] hash, [1] mask`, left out where they are SHA-1, as DER wants defaults left out.
fn hash_and_mask_of(digest: DigestAlgorithm) -> Vec<u8> {
    if digest == DigestAlgorithm::Sha1 {
        return Vec::new();
    }
    let hash = write_digest(digest);
    let mask = element(SEQUENCE, &[&element(OID, &[oid::MGF1]), &hash]);
    [element(0xa0, &[&hash]), element(0xa1, &[&mask])].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(identifier: &[u8]) -> &[u8] {
        Elements::new(identifier).expect(SEQUENCE).unwrap()
    }

    #[test]
    fn every_algorithm_is_read_back_as_it_was_written() {
        for over in DigestAlgorithm::ALL {
            assert_eq!(digest(content(&write_digest(over))), Some(over));
            for scheme in SignatureScheme::ALL {
                let written = write_signature(scheme, over);
                assert_eq!(signature(content(&written), over), Ok(scheme));
            }
        }
        for transport in KeyTransport::ALL {
            let written = write_key_transport(transport);
            let mask = transport.digest();
            assert_eq!(key_transport(content(&written)), Ok((transport, mask)));
        }
        for known in Cipher::ALL {
            let vector = vec![7; known.vector_length()];
            let spec = cipher(content(&write_cipher(known, &vector))).unwrap();
            assert_eq!((spec.cipher, spec.vector), (known, vector));
            assert_eq!(spec.tag, if known.is_authenticated() { 16 } else { 0 });
        }
    }

    #[test]
    fn what_is_not_known_is_named() {
        let rc2 = element(OID, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 2]]);
        let refused = cipher(&rc2).err().unwrap();
        assert_eq!(refused, As2Error::UnknownCipher("1.2.840.113549.3.2".to_owned()));
        let written = write_signature(SignatureScheme::RsaPss, DigestAlgorithm::Sha256);
        assert!(signature(content(&written), DigestAlgorithm::Sha512).is_err());
    }
}
