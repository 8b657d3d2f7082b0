//! Signatures: read, and verified against pinned certificates only (RFC 5652 §5).
//!
//! Certificates that travel with a signature are skipped unread: they prove nothing.

use super::super::error::As2Error;
use super::super::opened::{Form, Signed, Terms};
use super::super::policy::Policy;
use super::super::trouble::Trouble;
use super::algorithms;
use super::ber::{Ber, SMALL};
use super::content::{Kind, Structure};
use super::identifier::Identifier;
use super::oid;
use super::tlv::{
    Elements, GENERALIZED_TIME, INTEGER, OCTETS, OID, SEQUENCE, SET, UTC_TIME, element,
};
use crate::pki::{Certificate, DigestAlgorithm, SignatureScheme};
use jiff::Timestamp;
use jiff::civil::DateTime;
use std::io::{self, BufRead};

/// One signature, before it was verified.
#[derive(Clone, Debug)]
pub(in super::super) struct Signature {
    signer: Identifier,
    /// The digest that it is over.
    pub(in super::super) digest: DigestAlgorithm,
    scheme: SignatureScheme,
    /// The content of the SET of signed attributes, if it is over attributes.
    attributes: Option<Vec<u8>>,
    value: Vec<u8>,
}

impl Signature {
    /// Reads a detached signature.
    pub(in super::super) fn detached(bytes: &[u8]) -> Result<Self, As2Error> {
        let unreadable = As2Error::SignatureUnreadable;
        let mut source = bytes;
        let mut read = || -> io::Result<Option<Vec<u8>>> {
            let Structure { kind, mut ber } = Structure::begin(&mut source)?;
            ber.is(unreadable);
            if kind != Kind::Signed {
                return Err(ber.broken("it is no signature"));
            }
            begin(&mut ber)?;
            if ber.next()?.is_some() {
                return Ok(None);
            }
            ber.leave()?;
            signers(&mut ber).map(Some)
        };
        let signers = read().map_err(|error| match error.downcast() {
            Ok(Trouble::Final(As2Error::EnvelopeUnreadable(what))) => unreadable(what),
            Ok(Trouble::Final(error)) => error,
            Ok(_) | Err(_) => unreadable("it is cut short"),
        })?;
        let signers =
            signers.ok_or(As2Error::SignatureStructure("the signature holds a content"))?;
        Self::only(&signers)
    }

    /// The only one of a SET of signatures.
    pub(super) fn only(set: &[u8]) -> Result<Self, As2Error> {
        let broken = |()| As2Error::SignatureUnreadable("it has no signers");
        let mut signers = Elements::new(set).within(SET).map_err(broken)?;
        let signer = signers.expect(SEQUENCE).map_err(broken)?;
        if signers.tag().is_some() {
            return Err(As2Error::SignatureStructure("there are several signatures"));
        }
        Self::read(signer)
    }

    fn read(signer: &[u8]) -> Result<Self, As2Error> {
        let broken = |()| As2Error::SignatureUnreadable("its signer cannot be read");
        let mut fields = Elements::new(signer);
        fields.expect(INTEGER).map_err(broken)?;
        let signer = Identifier::read(&mut fields).map_err(broken)?;
        let digest = fields.expect(SEQUENCE).map_err(broken)?;
        let digest = algorithms::digest(digest)
            .ok_or_else(|| As2Error::UnknownSignature(algorithms::name(digest)))?;
        let attributes = fields.optional(ATTRIBUTES).map(<[u8]>::to_vec);
        let algorithm = fields.expect(SEQUENCE).map_err(broken)?;
        let scheme = algorithms::signature(algorithm, digest)?;
        let value = fields.expect(OCTETS).map_err(broken)?.to_vec();
        Ok(Self { signer, digest, scheme, attributes, value })
    }

    /// Holds it against the digest of the content, by the pinned certificates.
    pub(in super::super) fn verify(
        &self,
        content: &[u8],
        form: Form,
        terms: &Terms<'_>,
    ) -> Result<Signed, As2Error> {
        let policy = terms.policy;
        if !Policy::allows(&policy.digests, &self.digest, terms.at) {
            return Err(As2Error::DigestNotAllowed(self.digest));
        }
        if !Policy::allows(&policy.signatures, &self.scheme, terms.at) {
            return Err(As2Error::SignatureNotAllowed(self.scheme));
        }
        let candidates = self.candidates(terms)?;
        let signed_at = match &self.attributes {
            None => {
                let good =
                    |it: &&Certificate| it.verify(self.scheme, self.digest, content, &self.value);
                let by = candidates.into_iter().find(good).ok_or(As2Error::Changed)?;
                return Ok(self.signed(by, None, form));
            }
            Some(attributes) => Attributes::read(attributes)?.over(content)?,
        };
        let signed = element(SET, &[self.attributes.as_deref().unwrap_or_default()]);
        let digest = self.digest.of(&signed);
        let named = candidates.first().map(|it| it.fingerprint().to_string()).unwrap_or_default();
        let good = |it: &&Certificate| it.verify(self.scheme, self.digest, &digest, &self.value);
        let by = candidates.into_iter().find(good).ok_or(As2Error::BadSignature(named))?;
        Ok(self.signed(by, signed_at, form))
    }

    /// The pinned certificates that the signature names, and that may have made it.
    fn candidates<'a>(&self, terms: &Terms<'a>) -> Result<Vec<&'a Certificate>, As2Error> {
        let named: Vec<&Certificate> =
            terms.theirs.iter().filter(|it| self.signer.names(it)).collect();
        let Some(first) = named.first() else {
            return Err(As2Error::UnknownSigner(self.signer.to_string()));
        };
        let fingerprint = first.fingerprint().to_string();
        let valid: Vec<&Certificate> =
            named.into_iter().filter(|it| it.is_valid_at(terms.at)).collect();
        if valid.is_empty() {
            return Err(As2Error::SignerNotValid(fingerprint));
        }
        let may: Vec<&Certificate> = valid.into_iter().filter(|it| it.may_sign()).collect();
        if may.is_empty() { Err(As2Error::SignerMayNotSign(fingerprint)) } else { Ok(may) }
    }

    fn signed(&self, by: &Certificate, signed_at: Option<Timestamp>, form: Form) -> Signed {
        Signed {
            certificate: by.fingerprint(),
            digest: self.digest,
            scheme: self.scheme,
            signed_at,
            form,
        }
    }
}

/// Reads from the beginning of `SignedData` up to its content; gives the digests that it announces.
pub(super) fn begin(ber: &mut Ber<&mut dyn BufRead>) -> io::Result<Vec<DigestAlgorithm>> {
    ber.expect(INTEGER, "it has no version").and_then(|header| ber.element(header, 16))?;
    let header = ber.expect(SET, "it does not say what it is over")?;
    let set = ber.element(header, 1024)?;
    let mut announced = Vec::new();
    if let Ok(mut digests) = Elements::new(&set).within(SET) {
        while let Ok(digest) = digests.expect(SEQUENCE) {
            announced.extend(algorithms::digest(digest));
        }
    }
    ber.enter_next(SEQUENCE, "it has no content")?;
    ber.expect(OID, "it does not say what its content is")
        .and_then(|header| ber.element(header, 64))?;
    Ok(announced)
}

/// Reads what follows the content; gives the SET of signatures.
pub(super) fn signers(ber: &mut Ber<&mut dyn BufRead>) -> io::Result<Vec<u8>> {
    while let Some(header) = ber.next()? {
        let element = ber.element(header, SMALL)?;
        if header.tag == SET {
            for _ in 0..3 {
                ber.leave()?;
            }
            return Ok(element);
        }
    }
    Err(ber.broken("it has no signers"))
}

/// What a signature is over besides the content.
struct Attributes<'d> {
    content_type: Option<&'d [u8]>,
    digest: Option<&'d [u8]>,
    signed_at: Option<Timestamp>,
}

impl<'d> Attributes<'d> {
    fn read(bytes: &'d [u8]) -> Result<Self, As2Error> {
        let broken = |()| As2Error::SignatureUnreadable("its attributes cannot be read");
        let mut found = Self { content_type: None, digest: None, signed_at: None };
        let mut attributes = Elements::new(bytes);
        while attributes.tag().is_some() {
            let mut attribute = attributes.within(SEQUENCE).map_err(broken)?;
            let name = attribute.expect(OID).map_err(broken)?;
            let mut values = attribute.within(SET).map_err(broken)?;
            let known = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_TIME];
            if !known.contains(&name) {
                continue;
            }
            let (tag, value, _) = values.next().ok_or(()).map_err(broken)?;
            let again = match (name, tag) {
                (oid::CONTENT_TYPE, OID) => found.content_type.replace(value).is_some(),
                (oid::MESSAGE_DIGEST, OCTETS) => found.digest.replace(value).is_some(),
                (oid::SIGNING_TIME, _) => {
                    found.signed_at = time(tag, value);
                    false
                }
                _ => return Err(broken(())),
            };
            // Each has one value, once: of two, who knows which one another reader takes.
            if again || values.tag().is_some() {
                return Err(broken(()));
            }
        }
        Ok(found)
    }

    /// Whether they are over a content of this digest; when they were signed.
    fn over(&self, content: &[u8]) -> Result<Option<Timestamp>, As2Error> {
        let digest =
            self.digest.ok_or(As2Error::SignatureUnreadable("its attributes lack the digest"))?;
        if self.content_type.is_some_and(|name| name != oid::DATA) {
            return Err(As2Error::SignatureUnreadable("it is over another kind of content"));
        }
        if digest == content { Ok(self.signed_at) } else { Err(As2Error::Changed) }
    }
}

/// A `UTCTime` or a `GeneralizedTime`.
fn time(tag: u8, value: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    let text = match tag {
        UTC_TIME => {
            let year: u8 = text.get(..2)?.parse().ok()?;
            format!("{}{text}", if year < 50 { "20" } else { "19" })
        }
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", &text).ok()?;
    time.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

const ATTRIBUTES: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_time_are_read() {
        let [first, second] = ["2049-12-31T23:59:59Z", "1950-01-01T00:00:00Z"];
        assert_eq!(time(UTC_TIME, b"491231235959Z"), first.parse().ok());
        assert_eq!(time(UTC_TIME, b"500101000000Z"), second.parse().ok());
        assert_eq!(time(GENERALIZED_TIME, b"20491231235959Z"), first.parse().ok());
        for nonsense in [&b""[..], b"Z", b"491231235959", b"499931235959Z", b"\xff\xff"] {
            assert_eq!(time(UTC_TIME, nonsense), None);
        }
    }
}
