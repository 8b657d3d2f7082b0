//! What a message must be to be opened: what a partner's profile says, with safe defaults.

use crate::pki::{Cipher, DigestAlgorithm, KeyTransport, SignatureScheme};
use jiff::Timestamp;

/// What is required of a message, and what it may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether it must be signed.
    pub must_be_signed: bool,
    /// Whether it must be encrypted.
    pub must_be_encrypted: bool,
    /// Whether what is encrypted in CBC mode may lack a signature inside; whoever carries it could
    /// change it unseen (EFAIL).
    pub unsigned_cbc: bool,
    /// The digests that a signature may be over.
    pub digests: Vec<Allowed<DigestAlgorithm>>,
    /// How signatures may be made.
    pub signatures: Vec<Allowed<SignatureScheme>>,
    /// The ciphers.
    pub ciphers: Vec<Allowed<Cipher>>,
    /// How keys may be transported.
    pub key_transports: Vec<Allowed<KeyTransport>>,
    /// How much it may be.
    pub limits: Limits,
}

/// An algorithm that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed<T> {
    /// Which.
    pub what: T,
    /// Until when, for what is only borne with.
    pub until: Option<Timestamp>,
}

impl<T> Allowed<T> {
    /// Allowed for good.
    pub fn always(what: T) -> Self {
        Self { what, until: None }
    }

    /// Allowed until a day.
    pub fn until(what: T, until: Timestamp) -> Self {
        Self { what, until: Some(until) }
    }
}

/// How much a message may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of its contents, after everything was opened.
    pub content: u64,
    /// How many times larger a decompressed content may be than its compressed form.
    pub ratio: u64,
    /// The parts of a multipart, and the attachments altogether.
    pub parts: usize,
    /// How deep MIME and seals may nest.
    pub depth: usize,
    /// The bytes of one part's headers.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { content: 100_000_000, ratio: 100, parts: 10, depth: 16, headers: 32_768 }
    }
}

impl Default for Policy {
    /// Signed and encrypted; SHA-256 or better, AES.
    fn default() -> Self {
        let old = |digest: &DigestAlgorithm| *digest == DigestAlgorithm::Sha1;
        let old_cipher = |cipher: &Cipher| *cipher == Cipher::TripleDesCbc;
        Self {
            must_be_signed: true,
            must_be_encrypted: true,
            unsigned_cbc: false,
            digests: all(DigestAlgorithm::ALL.into_iter().filter(|digest| !old(digest))),
            signatures: all(SignatureScheme::ALL),
            ciphers: all(Cipher::ALL.into_iter().filter(|cipher| !old_cipher(cipher))),
            key_transports: all(KeyTransport::ALL),
            limits: Limits::default(),
        }
    }
}

impl Policy {
    /// Whether an algorithm of one of the lists may be used at a time.
    pub fn allows<T: PartialEq>(list: &[Allowed<T>], what: &T, at: Timestamp) -> bool {
        list.iter()
            .any(|allowed| allowed.what == *what && allowed.until.is_none_or(|until| at <= until))
    }

    /// The digests that may be used at a time.
    pub fn digests_at(&self, at: Timestamp) -> impl Iterator<Item = DigestAlgorithm> + '_ {
        self.digests
            .iter()
            .filter(move |allowed| allowed.until.is_none_or(|until| at <= until))
            .map(|allowed| allowed.what)
    }
}

fn all<T>(these: impl IntoIterator<Item = T>) -> Vec<Allowed<T>> {
    these.into_iter().map(Allowed::always).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_weak_is_refused_unless_it_is_named_and_not_past_its_day() {
        let [before, after] =
            ["2026-06-30T00:00:00Z", "2026-07-02T00:00:00Z"].map(|day| day.parse().unwrap());
        let mut policy = Policy::default();
        let allows =
            |policy: &Policy, at| Policy::allows(&policy.digests, &DigestAlgorithm::Sha1, at);
        assert!(!allows(&policy, before));
        let until = "2026-07-01T00:00:00Z".parse().unwrap();
        policy.digests.push(Allowed::until(DigestAlgorithm::Sha1, until));
        assert!(allows(&policy, before));
        assert!(!allows(&policy, after));
        assert_eq!(policy.digests_at(before).count(), 4);
        assert_eq!(policy.digests_at(after).count(), 3);
        assert!(!Policy::allows(&policy.ciphers, &Cipher::TripleDesCbc, before));
    }
}
