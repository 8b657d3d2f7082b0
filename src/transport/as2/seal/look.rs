//! What stands around a content, for whoever looks and has no key: nothing here is verified.

use super::super::error::As2Error;
use super::super::opened::{Form, Signed, Terms};
use super::algorithms;
use super::ber::SMALL;
use super::content::Structure;
use super::identifier::Identifier;
use super::signature::{Signature, begin};
use super::tlv::{Elements, INTEGER, OCTETS, OID, SEQUENCE, SET};
use crate::pki::{Certificate, DigestAlgorithm};
use std::io;

/// An envelope from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct EnvelopeLook {
    /// The cipher, by its name, or its OID if we do not know it.
    pub(in super::super) cipher: String,
    /// For whom, and how the key is given to them.
    pub(in super::super) recipients: Vec<RecipientLook>,
}

/// A recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct RecipientLook {
    identifier: Option<Identifier>,
    /// How it is named.
    pub(in super::super) named: String,
    /// How the key is transported.
    pub(in super::super) transport: String,
}

impl RecipientLook {
    /// Whether it is the holder of this certificate.
    pub(in super::super) fn is(&self, certificate: &Certificate) -> bool {
        self.identifier.as_ref().is_some_and(|identifier| identifier.names(certificate))
    }
}

/// A signature from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct SignatureLook {
    signer: Option<Identifier>,
    /// How the signer is named.
    pub(in super::super) named: String,
    /// The digest.
    pub(in super::super) digest: String,
    /// How it is made of the digest.
    pub(in super::super) scheme: String,
    /// The certificates that travel with it, which prove nothing.
    pub(in super::super) carried: Vec<Certificate>,
    /// The content, if it is inside.
    pub(in super::super) content: Option<Vec<u8>>,
    /// The SET of signatures.
    signers: Vec<u8>,
}

impl SignatureLook {
    /// Whether it says that it was made with this certificate.
    pub(in super::super) fn is_by(&self, certificate: &Certificate) -> bool {
        self.signer.as_ref().is_some_and(|identifier| identifier.names(certificate))
    }

    /// Holds it against what it is over, by the pinned certificates.
    pub(in super::super) fn verify(
        &self,
        content: &[u8],
        terms: &Terms<'_>,
    ) -> Result<Signed, As2Error> {
        let signature = Signature::only(&self.signers)?;
        signature.verify(&signature.digest.of(content), Form::AsReceived, terms)
    }
}

/// Looks at an envelope up to its content.
pub(in super::super) fn envelope(structure: Structure<'_>) -> io::Result<EnvelopeLook> {
    let mut ber = structure.ber;
    ber.expect(INTEGER, "it has no version").and_then(|header| ber.element(header, 16))?;
    let mut header = ber.next()?;
    if let Some(originator) = header.filter(|header| header.tag == ORIGINATOR) {
        ber.element(originator, SMALL)?;
        header = ber.next()?;
    }
    let header = header.filter(|header| header.tag == SET);
    let header = header.ok_or_else(|| ber.broken("it has no recipients"))?;
    let set = ber.element(header, SMALL)?;
    ber.enter_next(SEQUENCE, "it has no content")?;
    ber.expect(OID, "it does not say what its content is")
        .and_then(|header| ber.element(header, 64))?;
    let header = ber.expect(SEQUENCE, "it does not say how it is encrypted")?;
    let identifier = ber.element(header, 1024)?;
    let algorithm = Elements::new(&identifier).expect(SEQUENCE).unwrap_or_default();
    let cipher = algorithms::cipher(algorithm)
        .map_or_else(|_| algorithms::name(algorithm), |spec| spec.cipher.to_string());
    Ok(EnvelopeLook { cipher, recipients: recipients(&set) })
}

fn recipients(set: &[u8]) -> Vec<RecipientLook> {
    let mut found = Vec::new();
    let Ok(mut recipients) = Elements::new(set).within(SET) else { return found };
    while let Some((tag, content, _)) = recipients.next() {
        let mut fields = Elements::new(content);
        let read = |fields: &mut Elements<'_>| {
            fields.expect(INTEGER)?;
            let identifier = Identifier::read(fields)?;
            let algorithm = fields.expect(SEQUENCE)?;
            let transport = algorithms::key_transport(algorithm).map_or_else(
                |_| algorithms::name(algorithm),
                |(transport, _)| transport.to_string(),
            );
            Ok::<_, ()>((identifier, transport))
        };
        found.push(match read(&mut fields) {
            Ok((identifier, transport)) if tag == SEQUENCE => RecipientLook {
                named: identifier.to_string(),
                identifier: Some(identifier),
                transport,
            },
            Ok(_) | Err(()) => RecipientLook {
                identifier: None,
                named: "a recipient of another kind".to_owned(),
                transport: "not known here".to_owned(),
            },
        });
    }
    found
}

/// Looks at a signature, with the content inside it or without.
pub(in super::super) fn signature(structure: Structure<'_>) -> io::Result<SignatureLook> {
    let mut ber = structure.ber;
    let mut look = SignatureLook::default();
    begin(&mut ber)?;
    if let Some(header) = ber.next()? {
        ber.enter(header)?;
        let header = ber.next()?.filter(|header| header.tag & !0x20 == OCTETS);
        let header = header.ok_or_else(|| ber.broken("its content is no string"))?;
        let string = ber.string(header)?;
        let mut content = Vec::new();
        loop {
            let piece = ber.octets(string)?;
            if piece.is_empty() {
                break;
            }
            content.extend_from_slice(piece);
            let taken = piece.len();
            ber.taken(taken);
        }
        look.content = Some(content);
        ber.leave()?;
    }
    ber.leave()?;
    while let Some(header) = ber.next()? {
        let element = ber.element(header, SMALL)?;
        match header.tag {
            CERTIFICATES => {
                let mut all = Elements::new(&element).within(CERTIFICATES).ok();
                while let Some((_, _, der)) = all.as_mut().and_then(Elements::next) {
                    look.carried.extend(Certificate::from_der(der));
                }
            }
            SET => {
                signer(&element, &mut look);
                look.signers = element;
            }
            _ => {}
        }
    }
    Ok(look)
}

fn signer(set: &[u8], look: &mut SignatureLook) {
    let mut read = || {
        let mut fields = Elements::new(set).within(SET)?.within(SEQUENCE)?;
        fields.expect(INTEGER)?;
        let signer = Identifier::read(&mut fields)?;
        look.named = signer.to_string();
        look.signer = Some(signer);
        let algorithm = fields.expect(SEQUENCE)?;
        let digest = algorithms::digest(algorithm);
        look.digest =
            digest.map_or_else(|| algorithms::name(algorithm), |digest| digest.to_string());
        fields.optional(ATTRIBUTES);
        let algorithm = fields.expect(SEQUENCE)?;
        look.scheme = algorithms::signature(algorithm, digest.unwrap_or(DigestAlgorithm::Sha256))
            .map_or_else(|_| algorithms::name(algorithm), |scheme| scheme.to_string());
        Ok::<(), ()>(())
    };
    if read().is_err() && look.named.is_empty() {
        "nobody who can be read".clone_into(&mut look.named);
    }
}

const ORIGINATOR: u8 = 0xa0;
const CERTIFICATES: u8 = 0xa0;
const ATTRIBUTES: u8 = 0xa0;
