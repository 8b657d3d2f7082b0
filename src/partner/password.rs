//! Passwords, for the partners whose software knows nothing better: a slow, salted hash of each.

use super::fault::FaultKind;
use super::written::{Item, Value};
use crate::message::Digest;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Serialize, Serializer};
use std::fmt;

/// The hash of a password: Argon2id, written as `$argon2id$v=19$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The hash of a password with this salt, which is random.
    pub fn of(password: &[u8], salt: [u8; 16]) -> Option<Self> {
        let hash = argon()?.hash_password_with_salt(password, &salt).ok()?;
        Some(Self(hash.to_string()))
    }

    /// Whether this is the password. Takes as long whether or not it is.
    pub fn is(&self, password: &[u8]) -> bool {
        let Ok(hash) = Phc::new(&self.0) else { return false };
        argon().is_some_and(|argon| argon.verify_password(password, &hash).is_ok())
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// What tells it from another, and no more: it goes nowhere but the partner's file.
impl Serialize for PasswordHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digest = Digest::of(self.0.as_bytes()).to_string();
        let short = digest.chars().take(12).collect::<String>();
        serializer.collect_str(&format_args!("argon2id {short}"))
    }
}

impl Value for PasswordHash {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        // Not repeated: it may be the password itself.
        let sound = text.len() <= LONGEST
            && text.starts_with("$argon2id$")
            && Phc::new(text).is_ok_and(|hash| {
                Params::try_from(&hash).is_ok_and(|params| params.m_cost() <= MOST_MEMORY)
            });
        if sound { Ok(Self(text.to_owned())) } else { Err(FaultKind::NoPasswordHash) }
    }
}

/// Argon2id with 19 MiB and two passes, as OWASP asks for.
fn argon() -> Option<Argon2<'static>> {
    let params = Params::new(19 << 10, 2, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

const LONGEST: usize = 200;

/// The most memory that a hash may ask for, in KiB.
const MOST_MEMORY: u32 = 128 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_not_shown() {
        let hash = PasswordHash::of(b"open sesame", [7; 16]).unwrap();
        assert!(hash.to_string().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.is(b"open sesame") && !hash.is(b"open sesamE") && !hash.is(b""));
        assert_eq!(format!("{hash:?}"), "PasswordHash");
    }
}
