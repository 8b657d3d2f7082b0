//! What a certificate is, in words and as JSON.

use super::super::paint::visible;
use crate::pki::{Certificate, DigestAlgorithm, days_left};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A certificate as JSON.
pub(in crate::cli) fn about(certificate: &Certificate, at: Timestamp) -> Map<String, Value> {
    let all = json!({
        "subject": certificate.subject(),
        "issuer": certificate.issuer(),
        "serial": certificate.serial_hex(),
        "key": certificate.key_kind().to_string(),
        "may": may(certificate),
        "valid_from": certificate.valid_from(),
        "valid_until": certificate.valid_until(),
        "days_left": days_left(certificate.valid_until(), at),
        "sha256": certificate.fingerprint().to_string(),
        "sha1": hex(&DigestAlgorithm::Sha1.of(certificate.der())),
    });
    match all {
        Value::Object(all) => all,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// A certificate in lines for people, and for those whom they send them to.
pub(super) fn lines(certificate: &Certificate) -> Vec<(&'static str, String)> {
    let issuer = if certificate.issuer() == certificate.subject() {
        "itself".to_owned()
    } else {
        visible(certificate.issuer())
    };
    vec![
        ("subject", visible(certificate.subject())),
        ("issued by", issuer),
        ("serial", certificate.serial_hex()),
        ("key", format!("{}, to {}", certificate.key_kind(), may(certificate).join(" and "))),
        (
            "valid",
            format!("{} to {}", day(certificate.valid_from()), day(certificate.valid_until())),
        ),
        ("SHA-256", colons(&DigestAlgorithm::Sha256.of(certificate.der()))),
        ("SHA-1", colons(&DigestAlgorithm::Sha1.of(certificate.der()))),
    ]
}

/// What it may do.
pub(super) fn may(certificate: &Certificate) -> Vec<&'static str> {
    let all = [(certificate.may_sign(), "sign"), (certificate.may_encrypt(), "be encrypted to")];
    let may: Vec<_> = all.into_iter().filter(|(may, _)| *may).map(|(_, what)| what).collect();
    if may.is_empty() { vec!["do neither: its key usage says so"] } else { may }
}

/// The day of a time, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// How many days are left, in words.
pub(super) fn left(until: Timestamp, at: Timestamp) -> String {
    if at > until {
        return match days_left(until, at) + 1 {
            0 => "ended today".to_owned(),
            -1 => "ended a day ago".to_owned(),
            days => format!("ended {} days ago", -days),
        };
    }
    match days_left(until, at) {
        0 => "ends within a day".to_owned(),
        1 => "a day left".to_owned(),
        days => format!("{days} days left"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}
