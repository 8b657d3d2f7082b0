//! Algorithms and habits, by the names that they have in a profile.

use super::super::fault::{FaultKind, nearest, shown};
use super::super::word::words;
use super::super::written::{Item, Value};
use crate::pki::{Cipher, DigestAlgorithm, KeyTransport, SignatureScheme};

words! {
    /// A habit of a partner's program that we go along with.
    pub enum Habit {
        /// Digests are named as before RFC 5751 (`sha256`).
        OldDigestNames = "old-digest-names",
        /// Types are named `application/x-pkcs7-mime`.
        OldTypeNames = "old-type-names",
        /// Content goes in base64.
        Base64Content = "base64-content",
        /// A duplicate is answered with the warning that it is one, in place of the first receipt again.
        WarnedDuplicates = "warned-duplicates",
        /// Bodies go in chunks, without their length.
        Chunked = "chunked",
        /// Names are always in quotes.
        QuotedNames = "quoted-names",
        /// Their MIC is over what was compressed.
        MicBeforeCompression = "mic-before-compression",
    }
}

/// Reads a closed set of algorithms by their names.
macro_rules! algorithms {
    ($($kind:ty),*) => {$(
        impl Value for $kind {
            fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
                named(item, &Self::ALL, Self::name)
            }
        }
    )*};
}

algorithms!(Cipher, DigestAlgorithm, KeyTransport, SignatureScheme);

fn named<T: Copy>(
    item: &Item<'_>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, FaultKind> {
    let text = item.text()?;
    let found = all.iter().find(|one| name(**one) == text);
    found.copied().ok_or_else(|| {
        let names = || all.iter().map(|one| name(*one));
        FaultKind::NotOneOf {
            value: shown(text),
            nearest: nearest(text, names()),
            known: names().map(str::to_owned).collect(),
        }
    })
}
