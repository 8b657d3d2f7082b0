//! What proves who calls: bearer tokens, of which only the hash is kept, and client certificates.
//!
//! # Why a plain hash
//!
//! A token is 256 random bits of our own making. Nobody can try them out, so SHA-256 is enough, and
//! looking a hash up in a map tells nothing about the token by its time. A password would need a
//! slow, salted hash; there are none here.

use super::desk::Placed;
use super::fault::{FaultKind, shown};
use super::written::{Item, Table, Value};
use crate::message::Digest;
use serde::Serialize;
use std::fmt;

/// A new token: shown once to whoever will use it, and then forgotten.
pub struct NewToken(String);

impl NewToken {
    /// The token made of 256 random bits.
    pub fn of(random: [u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", Digest::from_bytes(random)))
    }

    /// The token, to be handed over.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> Digest {
        token_hash(&self.0)
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewToken")
    }
}

/// The hash under which a token is looked up: SHA-256 of its text.
pub fn token_hash(token: &str) -> Digest {
    Digest::of(token.as_bytes())
}

/// A token or a certificate that someone may sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Credential {
    /// The SHA-256 of the token's text or of the certificate's DER.
    pub sha256: Digest,
    /// What a person wrote beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Reads a list of credentials.
pub(super) fn credentials(table: &mut Table<'_>, key: &'static str) -> Vec<Placed<Credential>> {
    table.tables(key).into_iter().filter_map(credential).collect()
}

fn credential(mut table: Table<'_>) -> Option<Placed<Credential>> {
    let sha256 = table.need::<Digest>("sha256");
    let note = table.get("note");
    table.finish();
    let sha256 = sha256?;
    Some(Placed { place: sha256.place, value: Credential { sha256: sha256.value, note } })
}

impl Value for Digest {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        // As openssl prints fingerprints: in pairs with colons.
        let digits = text.chars().filter(|c| *c != ':').collect::<String>();
        Self::try_from(digits).map_err(|_| FaultKind::Malformed {
            value: shown(text),
            what: "SHA-256",
            how: "its 64 hexadecimal digits; `wharf partner token` makes one for a token",
        })
    }
}

/// Whether this is the hash of a token that is published with the samples.
pub(super) fn is_of_sample(hash: &Digest) -> bool {
    SAMPLE_TOKENS.iter().any(|token| token_hash(token) == *hash)
}

/// So that scanners for leaked secrets and people know what it is.
const PREFIX: &str = "wharf_";

/// The tokens that the shipped samples are used with.
const SAMPLE_TOKENS: [&str; 3] = [
    "sample-token-of-acme-medical",
    "sample-token-of-northwind-devices",
    "sample-token-of-the-erp",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_random_bits_in_hexadecimal_and_hides_itself() {
        let token = NewToken::of([0xAB; 32]);
        assert_eq!(token.text(), format!("wharf_{}", "ab".repeat(32)));
        assert_eq!(token.hash(), token_hash(token.text()));
        assert_eq!(format!("{token:?}"), "NewToken");
    }

    #[test]
    fn the_samples_tokens_are_known() {
        assert!(is_of_sample(&token_hash("sample-token-of-acme-medical")));
        assert!(!is_of_sample(&token_hash("another")));
    }
}
