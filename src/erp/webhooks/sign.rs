//! Signatures of Standard Webhooks (<https://www.standardwebhooks.com>).

use crate::partner::Secret;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;

/// What a subscriber's events are signed with.
pub(super) struct Keys(Vec<Hmac<Sha256>>);

impl Keys {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        Self(secrets.iter().filter_map(|secret| key(secret.expose())).collect())
    }

    /// The header `webhook-signature`: one signature for each key, so that a receiver who knows any
    /// of them can check it while one takes over from the other.
    pub(super) fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let one = |key: &Hmac<Sha256>| {
            let mut mac = key.clone();
            mac.update(format!("{id}.{seconds}.").as_bytes());
            mac.update(body);
            format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

/// The key that a secret is: `whsec_` and base64, or any other bytes as they are.
fn key(secret: &[u8]) -> Option<Hmac<Sha256>> {
    let decoded = secret
        .strip_prefix(PREFIX.as_bytes())
        .and_then(|text| BASE64_STANDARD.decode(text).ok())
        .unwrap_or_else(|| secret.to_vec());
    // A key of any length is one.
    Hmac::new_from_slice(&decoded).ok()
}

/// How a secret begins that is written as Standard Webhooks has it.
const PREFIX: &str = "whsec_";

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secrets: &[&str], id: &str, seconds: i64, body: &str) -> String {
        let keys = secrets.iter().filter_map(|secret| key(secret.as_bytes())).collect();
        Keys(keys).sign(id, seconds, body.as_bytes())
    }

    /// The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_signature_is_that_of_the_specification() {
        assert_eq!(
            sign(
                &[SECRET],
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn each_secret_signs_and_other_texts_are_keys_as_they_stand() {
        let both = sign(&[SECRET, "plain"], "a", 1, "b");
        assert_eq!(both, [sign(&[SECRET], "a", 1, "b"), sign(&["plain"], "a", 1, "b")].join(" "));
        assert_ne!(sign(&["plain"], "a", 1, "b"), sign(&["plain2"], "a", 1, "b"));
        let keys = Keys(vec![key(b"plain").unwrap()]);
        assert_eq!(format!("{keys:?}"), "Keys(1)", "a key is never shown");
    }
}
