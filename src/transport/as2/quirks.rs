//! What some partners need that the standards do not ask for.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A habit of a partner's program that we go along with, because it is named in their profile.
///
/// What can be borne with from anyone is borne with from everyone, and needs no quirk: a missing
/// Content-Transfer-Encoding, base64 that is stated and not there, `x-pkcs7-*` types, MDNs without
/// brackets around the Message-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
    /// Digests are named as before RFC 5751 (`sha256`), for programs that do not know `sha-256`.
    OldDigestNames,
    /// Types are named `application/x-pkcs7-mime` and `application/x-pkcs7-signature`.
    OldTypeNames,
    /// Content is sent in base64, for gateways that break binary parts.
    Base64Content,
    /// A duplicate is answered `processed`, without the warning, for programs that take the warning
    /// for an error and send for ever.
    PlainDuplicates,
    /// Bodies are sent in chunks; by default their length is stated.
    Chunked,
    /// Names are always in quotes, in all headers.
    QuotedNames,
    /// Their MIC is over what was compressed, and not over what was signed.
    MicBeforeCompression,
}

impl Quirk {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::OldDigestNames,
        Self::OldTypeNames,
        Self::Base64Content,
        Self::PlainDuplicates,
        Self::Chunked,
        Self::QuotedNames,
        Self::MicBeforeCompression,
    ];

    /// Its name in a profile.
    pub fn name(self) -> &'static str {
        match self {
            Self::OldDigestNames => "old-digest-names",
            Self::OldTypeNames => "old-type-names",
            Self::Base64Content => "base64-content",
            Self::PlainDuplicates => "plain-duplicates",
            Self::Chunked => "chunked",
            Self::QuotedNames => "quoted-names",
            Self::MicBeforeCompression => "mic-before-compression",
        }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(text: &str) -> Result<Self, UnknownQuirk> {
        let named = |quirk: &Self| quirk.name() == text;
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| UnknownQuirk(text.chars().take(64).collect()))
    }
}

/// A name that is no quirk's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no quirk is called `{0}`")]
pub struct UnknownQuirk(String);
