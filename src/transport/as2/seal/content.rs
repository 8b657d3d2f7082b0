//! What a CMS structure holds, and where its content begins.

use super::super::error::As2Error;
use super::ber::Ber;
use super::oid;
use super::tlv::{Elements, OID, SEQUENCE};
use std::io::{self, BufRead};

/// What a CMS structure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// Encrypted.
    Enveloped,
    /// Encrypted with a cipher that authenticates.
    AuthEnveloped,
    /// Signed, with the content inside.
    Signed,
    /// Compressed.
    Compressed,
}

/// A CMS structure, read up to the first field after its identifier.
pub(in super::super) struct Structure<'r> {
    /// What it is.
    pub(in super::super) kind: Kind,
    pub(super) ber: Ber<&'r mut dyn BufRead>,
}

impl<'r> Structure<'r> {
    /// Reads the beginning. What a part's headers call it is not asked: many call everything an
    /// envelope.
    pub(in super::super) fn begin(source: &'r mut dyn BufRead) -> io::Result<Self> {
        let mut ber = Ber::new(source, As2Error::EnvelopeUnreadable);
        ber.enter_next(SEQUENCE, "it is no CMS structure")?;
        let header = ber.expect(OID, "it does not say what it is")?;
        let name = ber.element(header, 64)?;
        let name = Elements::new(&name).expect(OID).unwrap_or_default();
        let kind = [
            (oid::ENVELOPED, Kind::Enveloped),
            (oid::AUTH_ENVELOPED, Kind::AuthEnveloped),
            (oid::SIGNED, Kind::Signed),
            (oid::COMPRESSED, Kind::Compressed),
        ];
        let kind = kind.into_iter().find(|(oid, _)| *oid == name).map(|(_, kind)| kind);
        let kind = kind.ok_or_else(|| ber.broken("it is a CMS structure of another kind"))?;
        match kind {
            Kind::Enveloped | Kind::AuthEnveloped => {}
            Kind::Signed => ber.is(As2Error::SignatureUnreadable),
            Kind::Compressed => ber.is(As2Error::Decompression),
        }
        ber.enter_next(0xa0, "its content is missing")?;
        ber.enter_next(SEQUENCE, "its content is missing")?;
        Ok(Self { kind, ber })
    }
}
