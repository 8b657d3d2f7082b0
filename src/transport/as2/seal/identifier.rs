//! How CMS names a certificate: by issuer and serial number, or by the identifier of its key.

use super::super::packing::Naming;
use super::tlv::{Elements, INTEGER, OCTETS, SEQUENCE, element, plain};
use crate::pki::Certificate;
use std::fmt;

/// The name of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identifier {
    /// The issuer's name in DER, and the serial number.
    IssuerAndSerial(Vec<u8>, Vec<u8>),
    /// The identifier of its key.
    SubjectKeyId(Vec<u8>),
}

impl Identifier {
    /// Reads the next element as one.
    pub(super) fn read(fields: &mut Elements<'_>) -> Result<Self, ()> {
        match fields.next() {
            Some((SEQUENCE, content, _)) => {
                let mut fields = Elements::new(content);
                let (tag, _, issuer) = fields.next().ok_or(())?;
                let serial = fields.expect(INTEGER)?;
                if tag == SEQUENCE {
                    Ok(Self::IssuerAndSerial(issuer.to_vec(), plain(serial).to_vec()))
                } else {
                    Err(())
                }
            }
            Some((0x80, id, _)) => Ok(Self::SubjectKeyId(id.to_vec())),
            // In pieces, or tagged twice, as some write it.
            Some((0xa0, content, _)) => {
                Elements::new(content).expect(OCTETS).map(|id| Self::SubjectKeyId(id.to_vec()))
            }
            Some(_) | None => Err(()),
        }
    }

    /// Whether it is the name of this certificate.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial(issuer, serial) => {
                issuer == certificate.issuer_der() && serial == plain(certificate.serial())
            }
            Self::SubjectKeyId(id) => id == certificate.subject_key_id(),
        }
    }

    /// The name of a certificate, as an element.
    pub(super) fn write(certificate: &Certificate, naming: Naming) -> Vec<u8> {
        match naming {
            Naming::IssuerAndSerial => {
                let serial = element(INTEGER, &[certificate.serial()]);
                element(SEQUENCE, &[certificate.issuer_der(), &serial])
            }
            Naming::SubjectKeyId => element(0x80, &[certificate.subject_key_id()]),
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, bytes) = match self {
            Self::IssuerAndSerial(_, serial) => ("serial number", serial),
            Self::SubjectKeyId(id) => ("key identifier", id),
        };
        write!(f, "{what} ")?;
        bytes.iter().take(20).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
