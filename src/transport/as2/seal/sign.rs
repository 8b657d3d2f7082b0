//! Detached signatures, written.

use super::super::packing::{Naming, PackError, Signing};
use super::algorithms;
use super::identifier::Identifier;
use super::oid;
use super::tlv::{GENERALIZED_TIME, INTEGER, OCTETS, OID, SEQUENCE, SET, UTC_TIME, element, set};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A detached signature over a content of this digest.
pub(in super::super) fn sign(
    signing: &Signing<'_>,
    content: &[u8],
    at: Timestamp,
) -> Result<Vec<u8>, PackError> {
    let key = signing.pair.key();
    let certificate = signing.pair.certificate();
    let digest = algorithms::write_digest(signing.digest);
    let attributes = signing.attributes.then(|| attributes(content, at));
    let value = match &attributes {
        Some(attributes) => {
            key.sign(signing.scheme, signing.digest, &signing.digest.of(attributes))?
        }
        None => key.sign(signing.scheme, signing.digest, content)?,
    };
    // In the signer they have a tag of their own; what was signed has that of a SET.
    let attributes = attributes.map(|mut attributes| {
        if let Some(tag) = attributes.first_mut() {
            *tag = 0xa0;
        }
        attributes
    });
    let version = match signing.naming {
        Naming::IssuerAndSerial => 1,
        Naming::SubjectKeyId => 3,
    };
    let version = element(INTEGER, &[&[version]]);
    let signer = element(
        SEQUENCE,
        &[
            &version,
            &Identifier::write(certificate, signing.naming),
            &digest,
            attributes.as_deref().unwrap_or_default(),
            &algorithms::write_signature(signing.scheme, signing.digest),
            &element(OCTETS, &[&value]),
        ],
    );
    let certificates =
        if signing.with_certificate { element(0xa0, &[certificate.der()]) } else { Vec::new() };
    let data = element(
        SEQUENCE,
        &[
            &version,
            &set(vec![digest]),
            &element(SEQUENCE, &[&element(OID, &[oid::DATA])]),
            &certificates,
            &set(vec![signer]),
        ],
    );
    Ok(element(SEQUENCE, &[&element(OID, &[oid::SIGNED]), &element(0xa0, &[&data])]))
}

/// What the signature is over: that it is data, its digest, and when it was signed.
fn attributes(content: &[u8], at: Timestamp) -> Vec<u8> {
    let attribute = |name: &[u8], value: &[u8]| {
        element(SEQUENCE, &[&element(OID, &[name]), &element(SET, &[value])])
    };
    set(vec![
        attribute(oid::CONTENT_TYPE, &element(OID, &[oid::DATA])),
        attribute(oid::SIGNING_TIME, &time(at)),
        attribute(oid::MESSAGE_DIGEST, &element(OCTETS, &[content])),
    ])
}

/// A time as RFC 5652, 11.3 wants it: `UTCTime` up to 2049.
fn time(at: Timestamp) -> Vec<u8> {
    let at = at.to_zoned(TimeZone::UTC);
    if (1950..2050).contains(&at.year()) {
        element(UTC_TIME, &[at.strftime("%y%m%d%H%M%SZ").to_string().as_bytes()])
    } else {
        element(GENERALIZED_TIME, &[at.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes()])
    }
}
