//! What a message cannot do without: the private operations of RSA-2048, and its bytes' AES and SHA.

use super::parties::Parties;
use std::hint::black_box;
use std::time::{Duration, Instant};
use wharf::pki::{Cipher, Decryptor, DigestAlgorithm, Encryptor, KeyTransport, SignatureScheme};

/// The cryptography of one message.
pub(crate) struct Limit<'p> {
    parties: &'p Parties,
    content: Vec<u8>,
    wrapped: Vec<u8>,
    signature: Vec<u8>,
}

impl<'p> Limit<'p> {
    /// That of a message with this content.
    pub(crate) fn of(parties: &'p Parties, content: &[u8]) -> Self {
        let wrapped = parties.us.certificate().wrap_key(KeyTransport::RsaPkcs1, &[7; 32]).unwrap();
        let digest = DigestAlgorithm::Sha256.of(content);
        let signature = parties.them.key().sign(RSA, DigestAlgorithm::Sha256, &digest).unwrap();
        // AES decrypts whole blocks.
        let whole = content.len() / 16 * 16;
        Self { parties, content: content[..whole].to_vec(), wrapped, signature }
    }

    /// Of one that comes, with its receipt.
    pub(crate) fn receive(&self) {
        let us = self.parties.us.key();
        let key = us.unwrap_key(KeyTransport::RsaPkcs1, None, &self.wrapped, 32).unwrap();
        let mut decryptor = Decryptor::new(Cipher::Aes256Cbc, &key, &[0; 16], b"").unwrap();
        let mut out = Vec::with_capacity(self.content.len() + 64);
        decryptor.update(&self.content, &mut out).unwrap();
        let digest = DigestAlgorithm::Sha256.of(&out);
        let them = self.parties.them.certificate();
        black_box(them.verify(RSA, DigestAlgorithm::Sha256, &digest, &self.signature));
        black_box(us.sign(RSA, DigestAlgorithm::Sha256, &digest).unwrap());
    }

    /// Of one that goes.
    pub(crate) fn send(&self) {
        let digest = DigestAlgorithm::Sha256.of(&self.content);
        black_box(self.parties.us.key().sign(RSA, DigestAlgorithm::Sha256, &digest).unwrap());
        let them = self.parties.them.certificate();
        black_box(them.wrap_key(KeyTransport::RsaPkcs1, &[7; 32]).unwrap());
        let mut encryptor = Encryptor::new(Cipher::Aes256Cbc, &[7; 32], &[0; 16]).unwrap();
        let mut out = Vec::with_capacity(self.content.len() + 64);
        encryptor.update(&self.content, &mut out).unwrap();
        black_box(encryptor.finish(&mut out).unwrap());
    }
}

/// How often something is done in a second, on one core.
pub(crate) fn rate(work: impl Fn()) -> f64 {
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < TURN {
        work();
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

const RSA: SignatureScheme = SignatureScheme::RsaPkcs1;
const TURN: Duration = Duration::from_millis(400);
