//! The algorithms by name, and hashing.

use aws_lc_rs::digest;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// SHA-1, for partners that can do no better.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// All of them, the weakest first.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its name as RFC 5751 writes it, such as `sha-256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// How many bytes it has.
    pub fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// A new computation.
    pub fn hasher(self) -> Hasher {
        Hasher { algorithm: self, context: digest::Context::new(self.engine()) }
    }

    /// The digest of `bytes`.
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        digest::digest(self.engine(), bytes).as_ref().to_vec()
    }

    fn engine(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DigestAlgorithm {
    type Err = UnknownAlgorithm;

    /// Reads every spelling in use: `sha-256`, `SHA256`, `rsa-sha256`, `sha2-256`.
    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        let plain: String =
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        match plain.strip_prefix("rsa").unwrap_or(&plain) {
            "sha" | "sha1" => Ok(Self::Sha1),
            "sha256" | "sha2256" => Ok(Self::Sha256),
            "sha384" | "sha2384" => Ok(Self::Sha384),
            "sha512" | "sha2512" => Ok(Self::Sha512),
            _ => Err(UnknownAlgorithm::of(text)),
        }
    }
}

/// A digest that is being computed.
#[derive(Clone)]
pub struct Hasher {
    algorithm: DigestAlgorithm,
    context: digest::Context,
}

impl Hasher {
    /// Which digest it computes.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// The digest of all that was taken in.
    pub fn finish(self) -> Vec<u8> {
        self.context.finish().as_ref().to_vec()
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({})", self.algorithm)
    }
}

/// How a signature is made of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignatureScheme {
    /// RSA, PKCS#1 v1.5.
    RsaPkcs1,
    /// RSA, PSS.
    RsaPss,
    /// ECDSA.
    Ecdsa,
}

impl SignatureScheme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RsaPkcs1, Self::RsaPss, Self::Ecdsa];

    /// Its name, such as `rsa-pss`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaPkcs1 => "rsa-pkcs1",
            Self::RsaPss => "rsa-pss",
            Self::Ecdsa => "ecdsa",
        }
    }
}

/// How the key of the content is given to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyTransport {
    /// RSA, PKCS#1 v1.5.
    RsaPkcs1,
    /// RSA, OAEP with SHA-1.
    RsaOaepSha1,
    /// RSA, OAEP with SHA-256.
    RsaOaepSha256,
    /// RSA, OAEP with SHA-384.
    RsaOaepSha384,
    /// RSA, OAEP with SHA-512.
    RsaOaepSha512,
}

impl KeyTransport {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::RsaPkcs1,
        Self::RsaOaepSha1,
        Self::RsaOaepSha256,
        Self::RsaOaepSha384,
        Self::RsaOaepSha512,
    ];

    /// OAEP with a digest.
    pub fn oaep(digest: DigestAlgorithm) -> Self {
        match digest {
            DigestAlgorithm::Sha1 => Self::RsaOaepSha1,
            DigestAlgorithm::Sha256 => Self::RsaOaepSha256,
            DigestAlgorithm::Sha384 => Self::RsaOaepSha384,
            DigestAlgorithm::Sha512 => Self::RsaOaepSha512,
        }
    }

    /// The digest of OAEP; `None` for PKCS#1 v1.5.
    pub fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::RsaPkcs1 => None,
            Self::RsaOaepSha1 => Some(DigestAlgorithm::Sha1),
            Self::RsaOaepSha256 => Some(DigestAlgorithm::Sha256),
            Self::RsaOaepSha384 => Some(DigestAlgorithm::Sha384),
            Self::RsaOaepSha512 => Some(DigestAlgorithm::Sha512),
        }
    }

    /// Its name, such as `rsa-oaep-sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaPkcs1 => "rsa-pkcs1",
            Self::RsaOaepSha1 => "rsa-oaep-sha1",
            Self::RsaOaepSha256 => "rsa-oaep-sha256",
            Self::RsaOaepSha384 => "rsa-oaep-sha384",
            Self::RsaOaepSha512 => "rsa-oaep-sha512",
        }
    }
}

/// A cipher for content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cipher {
    /// AES-128 in CBC mode.
    Aes128Cbc,
    /// AES-192 in CBC mode.
    Aes192Cbc,
    /// AES-256 in CBC mode.
    Aes256Cbc,
    /// AES-128 in GCM mode.
    Aes128Gcm,
    /// AES-192 in GCM mode.
    Aes192Gcm,
    /// AES-256 in GCM mode.
    Aes256Gcm,
    /// Triple DES in CBC mode, for partners that can do no better.
    TripleDesCbc,
}

impl Cipher {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Aes128Cbc,
        Self::Aes192Cbc,
        Self::Aes256Cbc,
        Self::Aes128Gcm,
        Self::Aes192Gcm,
        Self::Aes256Gcm,
        Self::TripleDesCbc,
    ];

    /// The bytes of a tag.
    pub const TAG: usize = 16;

    /// Its name, such as `aes-256-gcm`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aes128Cbc => "aes-128-cbc",
            Self::Aes192Cbc => "aes-192-cbc",
            Self::Aes256Cbc => "aes-256-cbc",
            Self::Aes128Gcm => "aes-128-gcm",
            Self::Aes192Gcm => "aes-192-gcm",
            Self::Aes256Gcm => "aes-256-gcm",
            Self::TripleDesCbc => "3des-cbc",
        }
    }

    /// Whether it finds out by itself that content was changed.
    pub fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm)
    }

    /// How long its key is, in bytes.
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes192Cbc | Self::Aes192Gcm | Self::TripleDesCbc => 24,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
        }
    }

    /// How long its vector is, in bytes.
    pub fn vector_length(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes192Cbc | Self::Aes256Cbc => 16,
            Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm => 12,
            Self::TripleDesCbc => 8,
        }
    }

    /// How many bytes `length` bytes are when they are encrypted, without the tag.
    pub fn encrypted_length(self, length: u64) -> u64 {
        if self.is_authenticated() {
            return length;
        }
        let block = if self == Self::TripleDesCbc { 8 } else { 16 };
        length / block * block + block
    }
}

/// Names an enum of algorithms by its own list.
macro_rules! named {
    ($kind:ty) => {
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $kind {
            type Err = UnknownAlgorithm;

            fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
                let named = |known: &Self| known.name().eq_ignore_ascii_case(text.trim());
                Self::ALL.into_iter().find(named).ok_or_else(|| UnknownAlgorithm::of(text))
            }
        }
    };
}

named!(SignatureScheme);
named!(KeyTransport);
named!(Cipher);

/// A name that is no algorithm's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no algorithm is called `{0}`")]
pub struct UnknownAlgorithm(String);

impl UnknownAlgorithm {
    fn of(text: &str) -> Self {
        Self(text.chars().take(64).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_known_by_every_spelling_in_use() {
        for (text, digest) in [
            ("sha1", DigestAlgorithm::Sha1),
            ("SHA-1", DigestAlgorithm::Sha1),
            ("rsa-sha1", DigestAlgorithm::Sha1),
            ("sha256", DigestAlgorithm::Sha256),
            ("SHA-256", DigestAlgorithm::Sha256),
            ("sha2-256", DigestAlgorithm::Sha256),
            ("sha-384", DigestAlgorithm::Sha384),
            ("Sha512", DigestAlgorithm::Sha512),
        ] {
            assert_eq!(text.parse(), Ok(digest), "{text}");
            assert_eq!(digest.name().parse(), Ok(digest));
        }
        for text in ["md5", "sha3-256", "", "required"] {
            assert!(text.parse::<DigestAlgorithm>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_algorithm_is_read_back_from_its_name() {
        for cipher in Cipher::ALL {
            assert_eq!(cipher.to_string().parse(), Ok(cipher));
        }
        for transport in KeyTransport::ALL {
            assert_eq!(transport.to_string().parse(), Ok(transport));
            assert_eq!(
                transport.digest().map(KeyTransport::oaep),
                transport.digest().map(|_| transport)
            );
        }
        for scheme in SignatureScheme::ALL {
            assert_eq!(scheme.to_string().parse(), Ok(scheme));
        }
    }

    #[test]
    fn a_digest_in_pieces_is_the_digest_of_the_whole() {
        for algorithm in DigestAlgorithm::ALL {
            let mut hasher = algorithm.hasher();
            hasher.update(b"ab");
            hasher.update(b"c");
            let digest = hasher.finish();
            assert_eq!(digest, algorithm.of(b"abc"));
            assert_eq!(digest.len(), algorithm.length());
        }
    }
}
