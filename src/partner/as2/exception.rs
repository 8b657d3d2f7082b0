//! What is too weak for everyone, and borne with from one partner until a day.

use super::super::word::words;
use super::super::written::Table;
use super::span::end;
use crate::pki::{Cipher, DigestAlgorithm};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

words! {
    /// What is too weak for everyone.
    pub enum Weakness {
        /// Signatures and MICs over SHA-1.
        Sha1 = "sha1",
        /// Triple DES.
        TripleDes = "3des-cbc",
        /// RSA keys of less than 2048 bits.
        Rsa1024 = "rsa-1024",
    }
}

/// An exception for one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// What is borne with.
    pub allow: Weakness,
    /// The last day.
    pub until: Date,
    /// Why.
    pub why: String,
}

impl Exception {
    /// The last moment.
    pub fn ends(&self) -> Timestamp {
        end(self.until)
    }
}

/// Reads `[[as2.legacy]]`.
pub(super) fn exceptions(table: &mut Table<'_>) -> Vec<Exception> {
    table.tables("legacy").into_iter().filter_map(exception).collect()
}

fn exception(mut table: Table<'_>) -> Option<Exception> {
    let (allow, until) = (table.need("allow"), table.need("until"));
    let why = table.need("why");
    table.finish();
    Some(Exception { allow: allow?.value, until: until?.value, why: why?.value })
}

pub(super) fn is_excepted(exceptions: &[Exception], weakness: Weakness) -> bool {
    exceptions.iter().any(|exception| exception.allow == weakness)
}

/// The weakness of a digest, if it has one.
pub(super) fn of_digest(digest: DigestAlgorithm) -> Option<Weakness> {
    (digest == DigestAlgorithm::Sha1).then_some(Weakness::Sha1)
}

/// The weakness of a cipher, if it has one.
pub(super) fn of_cipher(cipher: Cipher) -> Option<Weakness> {
    (cipher == Cipher::TripleDesCbc).then_some(Weakness::TripleDes)
}
