//! What was agreed with a partner, in the words of those who open and pack.

use super::headers::As2Name;
use super::packing::{Compress, Encrypting, Signing};
use super::policy::{Allowed, Limits, Policy};
use super::quirks::Quirk;
use crate::partner::{As2, As2Id, Compressing, Encrypt, Habit, OwnPair, Sign, Weakness};
use crate::pki::{Certificate, Cipher, DigestAlgorithm, KeyPair};
use jiff::Timestamp;

/// What a message of theirs must be; `content` is the most bytes that it may have when it is opened.
pub fn policy(as2: &As2, content: u64) -> Policy {
    let mut policy = Policy {
        must_be_signed: as2.accept.signed,
        must_be_encrypted: as2.accept.encrypted,
        limits: Limits { content, ..Limits::default() },
        ..Policy::default()
    };
    for exception in &as2.legacy {
        let until = exception.ends();
        match exception.allow {
            Weakness::Sha1 => policy.digests.push(Allowed::until(DigestAlgorithm::Sha1, until)),
            Weakness::TripleDes => policy.ciphers.push(Allowed::until(Cipher::TripleDesCbc, until)),
            // Keys were looked at when the profile was read.
            Weakness::Rsa1024 => {}
        }
    }
    policy
}

/// The habits of theirs that we go along with.
pub(super) fn quirks(as2: &As2) -> Vec<Quirk> {
    let quirk = |habit: &Habit| match habit {
        Habit::OldDigestNames => Quirk::OldDigestNames,
        Habit::OldTypeNames => Quirk::OldTypeNames,
        Habit::Base64Content => Quirk::Base64Content,
        Habit::PlainDuplicates => Quirk::PlainDuplicates,
        Habit::Chunked => Quirk::Chunked,
        Habit::QuotedNames => Quirk::QuotedNames,
        Habit::MicBeforeCompression => Quirk::MicBeforeCompression,
    };
    as2.quirks.iter().map(quirk).collect()
}

/// Every pair of ours: whatever was encrypted for one of them is decrypted.
pub(super) fn pairs(as2: &As2) -> Vec<KeyPair> {
    as2.keys.iter().map(|own| own.pair.clone()).collect()
}

/// How we sign what we send.
pub(super) fn signing(own: &OwnPair, sign: Sign) -> Signing<'_> {
    let usual = Signing::with(&own.pair);
    Signing { digest: sign.digest, scheme: sign.scheme.unwrap_or(usual.scheme), ..usual }
}

/// How we encrypt what we send.
pub(super) fn encrypting(recipients: &[Certificate], encrypt: Encrypt) -> Encrypting<'_> {
    let Encrypt { cipher, key_transport } = encrypt;
    Encrypting { cipher, key_transport, ..Encrypting::to(recipients) }
}

/// When we compress.
pub(super) fn compress(when: Compressing) -> Compress {
    match when {
        Compressing::Never => Compress::Never,
        Compressing::BeforeSigning => Compress::BeforeSigning,
        Compressing::AfterSigning => Compress::AfterSigning,
    }
}

/// What we were to send with is too weak by now, if so: an exception has ended.
pub(super) fn ended(as2: &As2, at: Timestamp) -> Option<String> {
    let digest = as2.send.sign.map(|sign| sign.digest);
    let cipher = as2.send.encrypt.map(|encrypt| encrypt.cipher);
    let used = [
        (digest == Some(DigestAlgorithm::Sha1)).then_some(Weakness::Sha1),
        (cipher == Some(Cipher::TripleDesCbc)).then_some(Weakness::TripleDes),
    ];
    let holds =
        |weakness: &Weakness| as2.legacy.iter().any(|of| of.allow == *weakness && at <= of.ends());
    let weak = used.into_iter().flatten().find(|weakness| !holds(weakness))?;
    Some(format!(
        "the exception for {weak} has ended; agree on something stronger, or on a later day"
    ))
}

/// An id as a name in a header; ids are read by the same rule.
pub(super) fn name(id: &As2Id) -> Result<As2Name, String> {
    As2Name::new(id.as_str()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_habit_has_the_name_of_its_quirk() {
        for quirk in Quirk::ALL {
            let known = [
                Habit::OldDigestNames,
                Habit::OldTypeNames,
                Habit::Base64Content,
                Habit::PlainDuplicates,
                Habit::Chunked,
                Habit::QuotedNames,
                Habit::MicBeforeCompression,
            ];
            assert!(known.iter().any(|habit| habit.word() == quirk.name()), "{quirk}");
        }
    }
}
