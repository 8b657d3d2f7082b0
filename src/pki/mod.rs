//! Certificates and private keys, and what is done with them: sign, verify, wrap and unwrap a key.
//!
//! It knows keys and algorithms, and nothing of messages, partners or wires. Nothing here asks a
//! clock, opens a file or trusts a chain: a certificate is trusted because someone pinned it.
//!
//! Invariants: a private key never shows itself and is wiped when it is dropped; unwrapping a key
//! says the same in the same time whatever was wrong with it; `unsafe` stands in `evp.rs` and where PKCS#12
//! is opened only.
//!
//! # Why
//!
//! `aws-lc-rs` has no safe way to RSA without padding (its own decryption tells good padding from
//! bad, which is an oracle), to PSS with a peer's salt, to OAEP with a mask of another digest, nor to
//! AES-GCM in pieces. So the few calls that we need go to the same library below it, in one file.

mod algorithm;
mod certificate;
mod cipher;
mod error;
mod evp;
mod expiry;
mod holding;
mod key_kind;
mod key_pair;
mod new_pair;
mod pem;
mod pkcs12;
mod private_key;
mod subject;
mod unwrap;

pub use algorithm::{
    Cipher, DigestAlgorithm, Hasher, KeyTransport, SignatureScheme, UnknownAlgorithm,
};
pub use certificate::Certificate;
pub use cipher::{Decryptor, Encryptor};
pub use error::PkiError;
pub use expiry::{Nearness, days_left};
pub use holding::{Holding, HoldingError};
pub use key_kind::KeyKind;
pub use key_pair::KeyPair;
pub use new_pair::{MadePair, MadeRequest, NewKey, NewPair, Purpose};
pub use pkcs12::{Pkcs12, Pkcs12Error};
pub use private_key::PrivateKey;
pub use subject::{NotASubject, Subject};

/// Fills `bytes` with what nobody can guess.
pub fn random(bytes: &mut [u8]) -> Result<(), PkiError> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| PkiError::NoRandomness)
}
