//! The MIC: the digest by which both sides know that they speak of the same bytes.

use crate::pki::{DigestAlgorithm, Hasher};
use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};
use base64::{alphabet, engine::DecodePaddingMode};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A digest with the name of its algorithm.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mic {
    /// The algorithm.
    pub algorithm: DigestAlgorithm,
    /// The digest.
    pub value: Vec<u8>,
}

impl Mic {
    /// The MIC of `bytes`.
    pub fn of(algorithm: DigestAlgorithm, bytes: &[u8]) -> Self {
        Self { algorithm, value: algorithm.of(bytes) }
    }

    /// The MIC that a computation comes to.
    pub fn computed(hasher: Hasher) -> Self {
        Self { algorithm: hasher.algorithm(), value: hasher.finish() }
    }

    /// Its digest in base64.
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.value)
    }
}

impl fmt::Display for Mic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.base64(), self.algorithm)
    }
}

impl fmt::Debug for Mic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Mic {
    type Err = NotAMic;

    /// Reads `Received-Content-MIC`; where the algorithm is left out it is told by the length.
    fn from_str(text: &str) -> Result<Self, NotAMic> {
        let (value, name) = text.split_once(',').unwrap_or((text, ""));
        let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
        let engine = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
        let value = engine.decode(value).map_err(|_| NotAMic)?;
        // Some peers give the name in quotes, or with more after it.
        let name = name.split([',', ';']).next().unwrap_or_default().trim().trim_matches('"');
        let of_length = |digest: &DigestAlgorithm| digest.length() == value.len();
        let algorithm = if name.is_empty() {
            DigestAlgorithm::ALL.into_iter().find(of_length).ok_or(NotAMic)?
        } else {
            name.parse().map_err(|_| NotAMic)?
        };
        if of_length(&algorithm) { Ok(Self { algorithm, value }) } else { Err(NotAMic) }
    }
}

/// Text that is no MIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no MIC")]
pub struct NotAMic;

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mic_is_read_back_and_in_every_partners_spelling() {
        let mic = Mic::of(DigestAlgorithm::Sha256, b"abc");
        assert_eq!(mic.to_string(), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=, sha-256");
        let base64 = mic.base64();
        for text in [
            format!("{base64}, sha-256"),
            format!("{base64},sha256"),
            format!(" {base64} , \"SHA256\""),
            format!("{}, sha-256", base64.trim_end_matches('=')),
            base64.clone(),
        ] {
            assert_eq!(text.parse(), Ok(mic.clone()), "{text}");
        }
    }

    #[test]
    fn what_is_no_mic_is_refused() {
        let base64 = Mic::of(DigestAlgorithm::Sha256, b"abc").base64();
        for text in ["", ",", "x!, sha-256", &format!("{base64}, sha1"), &format!("{base64}, md5")]
        {
            assert!(text.parse::<Mic>().is_err(), "{text}");
        }
    }
}
