//! Envelopes and compressed contents, written: what stands before a content of a known length.

use super::super::packing::{Encrypting, Naming, PackError};
use super::algorithms;
use super::identifier::Identifier;
use super::oid;
use super::tlv::{INTEGER, OCTETS, OID, SEQUENCE, element, put_long_header, set};
use crate::pki::{Certificate, Cipher, random};
use zeroize::Zeroizing;

/// An envelope to be filled.
pub(in super::super) struct Sealing {
    pub(in super::super) cipher: Cipher,
    pub(in super::super) key: Zeroizing<Vec<u8>>,
    pub(in super::super) vector: Vec<u8>,
    /// What stands before the encrypted content.
    pub(in super::super) before: Vec<u8>,
}

/// An envelope for a content of `length` bytes. Behind the encrypted content stands its tag, as
/// [`tag_element`] writes it, if the cipher has one.
pub(in super::super) fn seal(
    encrypting: &Encrypting<'_>,
    length: u64,
) -> Result<Sealing, PackError> {
    let cipher = encrypting.cipher;
    let mut key = Zeroizing::new(vec![0; cipher.key_length()]);
    let mut vector = vec![0; cipher.vector_length()];
    random(&mut key)?;
    random(&mut vector)?;
    if encrypting.recipients.is_empty() {
        return Err(PackError::NoRecipient);
    }
    let recipients: Vec<Vec<u8>> = encrypting
        .recipients
        .iter()
        .map(|certificate| recipient(encrypting, certificate, &key))
        .collect::<Result<_, _>>()?;
    let encrypted = cipher.encrypted_length(length);
    let tag = if cipher.is_authenticated() { TAG_ELEMENT } else { 0 };
    let mut content =
        [element(OID, &[oid::DATA]), algorithms::write_cipher(cipher, &vector)].concat();
    put_long_header(0x80, encrypted, &mut content);
    let content = around(SEQUENCE, &content, encrypted);
    let (kind, version) = match (cipher.is_authenticated(), encrypting.naming) {
        (true, _) => (oid::AUTH_ENVELOPED, 0),
        (false, Naming::IssuerAndSerial) => (oid::ENVELOPED, 0),
        (false, Naming::SubjectKeyId) => (oid::ENVELOPED, 2),
    };
    let data = [element(INTEGER, &[&[version]]), set(recipients), content].concat();
    let before = structure(kind, &around(SEQUENCE, &data, encrypted + tag), encrypted + tag);
    Ok(Sealing { cipher, key, vector, before })
}

/// What stands before a compressed content of `length` bytes.
pub(in super::super) fn compressed(length: u64) -> Vec<u8> {
    let mut string = Vec::new();
    put_long_header(OCTETS, length, &mut string);
    let content = [element(OID, &[oid::DATA]), around(0xa0, &string, length)].concat();
    let data = [
        element(INTEGER, &[&[0]]),
        element(SEQUENCE, &[&element(OID, &[oid::ZLIB])]),
        around(SEQUENCE, &content, length),
    ]
    .concat();
    structure(oid::COMPRESSED, &around(SEQUENCE, &data, length), length)
}

/// The tag of an encrypted content, as it stands behind it.
pub(in super::super) fn tag_element(tag: &[u8]) -> Vec<u8> {
    element(OCTETS, &[tag])
}

/// How long [`tag_element`] is.
pub(in super::super) const TAG_ELEMENT: u64 = 18;

fn recipient(
    encrypting: &Encrypting<'_>,
    certificate: &Certificate,
    key: &[u8],
) -> Result<Vec<u8>, PackError> {
    let wrapped = certificate.wrap_key(encrypting.key_transport, key)?;
    let version = match encrypting.naming {
        Naming::IssuerAndSerial => 0,
        Naming::SubjectKeyId => 2,
    };
    Ok(element(
        SEQUENCE,
        &[
            &element(INTEGER, &[&[version]]),
            &Identifier::write(certificate, encrypting.naming),
            &algorithms::write_key_transport(encrypting.key_transport),
            &element(OCTETS, &[&wrapped]),
        ],
    ))
}

/// The beginning of a structure of a kind, of which `rest` bytes follow later.
fn structure(kind: &[u8], content: &[u8], rest: u64) -> Vec<u8> {
    let content = [element(OID, &[kind]), around(0xa0, content, rest)].concat();
    around(SEQUENCE, &content, rest)
}

/// The beginning of an element, of which `rest` bytes follow later.
fn around(tag: u8, beginning: &[u8], rest: u64) -> Vec<u8> {
    let length = u64::try_from(beginning.len()).unwrap_or(u64::MAX).saturating_add(rest);
    let mut element = Vec::with_capacity(beginning.len() + 8);
    put_long_header(tag, length, &mut element);
    element.extend_from_slice(beginning);
    element
}
