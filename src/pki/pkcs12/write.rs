//! Writing PKCS#12 (RFC 7292) as OpenSSL 3 and Java do: PBES2, AES-256, HMAC-SHA256.

use super::super::algorithm::{Cipher, DigestAlgorithm};
use super::super::cipher::Encryptor;
use super::der::{NULL, implicit_octets, integer, octets, oid, sequence, set, under, wide_text};
use aws_lc_rs::{hmac, pbkdf2, rand};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// The file; `None` if the library refuses, or gives no random bytes.
pub(super) fn write(
    certificates: &[Vec<u8>],
    key: Option<&Zeroizing<Vec<u8>>>,
    name: &str,
    password: &str,
) -> Option<Vec<u8>> {
    // By this, programs find the certificate of the key.
    let id = certificates.first().map(|first| DigestAlgorithm::Sha1.of(first));
    let attributes = |id: &[u8]| {
        set(vec![
            sequence(&[&oid(&LOCAL_KEY_ID), &set(vec![octets(id)])]),
            sequence(&[&oid(&FRIENDLY_NAME), &set(vec![wide_text(name)])]),
        ])
    };
    let mut bags = Vec::new();
    for (place, certificate) in certificates.iter().enumerate() {
        let inside = sequence(&[&oid(&X509), &under(&octets(certificate))]);
        let about = id.as_deref().filter(|_| place == 0 && key.is_some()).map(attributes);
        let about = about.unwrap_or_default();
        bags.push(sequence(&[&oid(&CERTIFICATE_BAG), &under(&inside), &about]));
    }
    let bags: Vec<&[u8]> = bags.iter().map(Vec::as_slice).collect();
    let (algorithm, hidden) = encrypt(&sequence(&bags), password)?;
    let content = sequence(&[&oid(&DATA), &algorithm, &implicit_octets(&hidden)]);
    let content = sequence(&[&integer(0), &content]);
    let mut contents = sequence(&[&oid(&ENCRYPTED_DATA), &under(&content)]);
    if let Some(key) = key {
        let (algorithm, hidden) = encrypt(key, password)?;
        let inside = under(&sequence(&[&algorithm, &octets(&hidden)]));
        let about = attributes(&id.unwrap_or_default());
        let bag = sequence(&[&oid(&SHROUDED_KEY_BAG), &inside, &about]);
        contents.extend(sequence(&[&oid(&DATA), &under(&octets(&sequence(&[&bag])))]));
    }
    let safe = sequence(&[&contents]);
    let salt = random::<16>()?;
    let digest = sequence(&[&oid(&SHA256), &NULL]);
    let mac = sequence(&[&digest, &octets(&mac(&safe, &salt, password))]);
    let mac = sequence(&[&mac, &octets(&salt), &integer(ROUNDS)]);
    let safe = sequence(&[&oid(&DATA), &under(&octets(&safe))]);
    Some(sequence(&[&integer(3), &safe, &mac]))
}

/// The algorithm as it is written, and the bytes under it.
fn encrypt(bytes: &[u8], password: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let (salt, vector) = (random::<16>()?, random::<16>()?);
    let mut key = Zeroizing::new([0; 32]);
    let rounds = NonZeroU32::new(ROUNDS)?;
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.as_bytes(), &mut *key);
    let mut hidden = Vec::new();
    let mut encryptor = Encryptor::new(Cipher::Aes256Cbc, &*key, &vector).ok()?;
    encryptor.update(bytes, &mut hidden).ok()?;
    encryptor.finish(&mut hidden).ok()?;
    let random = sequence(&[&oid(&HMAC_SHA256), &NULL]);
    let derivation = sequence(&[&octets(&salt), &integer(ROUNDS), &random]);
    let derivation = sequence(&[&oid(&PBKDF2), &derivation]);
    let cipher = sequence(&[&oid(&AES_256_CBC), &octets(&vector)]);
    let algorithm = sequence(&[&oid(&PBES2), &sequence(&[&derivation, &cipher])]);
    Some((algorithm, hidden))
}

/// What shows that the file is whole, by a key that PKCS#12 derives in its own way (RFC 7292, B.2):
/// for a key as long as the digest that is one chain of digests.
fn mac(safe: &[u8], salt: &[u8], password: &str) -> Vec<u8> {
    let wide = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes);
    let wide = Zeroizing::new(wide.collect::<Vec<u8>>());
    let filled = |bytes: &[u8]| {
        let length = bytes.len().div_ceil(BLOCK) * BLOCK;
        bytes.iter().copied().cycle().take(length).collect::<Vec<u8>>()
    };
    let mut key = Zeroizing::new([vec![FOR_A_MAC; BLOCK], filled(salt), filled(&wide)].concat());
    for _ in 0..ROUNDS {
        key = Zeroizing::new(DigestAlgorithm::Sha256.of(&key));
    }
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), safe).as_ref().to_vec()
}

fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// How often a password is hashed, for each of the three keys that are made of it.
const ROUNDS: u32 = 100_000;

/// What the derived key is for, and the block of its digest.
const FOR_A_MAC: u8 = 3;
const BLOCK: usize = 64;

// The names, as the content of their encoding.
const DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
const PBKDF2: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
const PBES2: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const HMAC_SHA256: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];
const FRIENDLY_NAME: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
const LOCAL_KEY_ID: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x15];
const X509: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
const SHROUDED_KEY_BAG: [u8; 11] =
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x02];
const CERTIFICATE_BAG: [u8; 11] =
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x03];
const SHA256: [u8; 9] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const AES_256_CBC: [u8; 9] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];
