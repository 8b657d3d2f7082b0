//! One reading of a message.

use super::super::buffered::{self, Tap};
use super::super::error::As2Error;
use super::super::headers::{ContentType, Headers};
use super::super::mic::Mic;
use super::super::mime::{decoded, read_head};
use super::super::opened::{Attachment, Form, Opened, Sealed, Sinks, Terms};
use super::super::seal::{Envelope, Inflate, Kind, Signature, Structure};
use super::super::trouble::{Hint, Hints, Trouble};
use crate::pki::{DigestAlgorithm, Hasher};
use std::io::BufRead;

/// One reading of a message.
pub(in super::super) struct Layers<'a, 't, S> {
    pub(super) terms: &'a Terms<'t>,
    pub(super) hints: &'a Hints,
    pub(super) sinks: &'a mut S,
    pub(super) attachments: Vec<Attachment>,
    pub(super) total: u64,
    /// The MIC of what is not signed.
    pub(super) mic: Option<Mic>,
    /// The signature that was met: it is verified when everything was read.
    pub(super) signature: Option<Result<Pending, As2Error>>,
    pub(super) sealed: Option<Sealed>,
    pub(super) compressed: bool,
    /// Whether a content was met outside of any signature.
    pub(super) unsigned: bool,
    /// Whether a content was met outside of any envelope.
    pub(super) unsealed: bool,
}

/// A signature, with the digests of what it is over.
pub(super) struct Pending {
    pub(super) signature: Signature,
    pub(super) hashers: Vec<Hasher>,
    pub(super) form: Form,
}

/// Where in the message we are.
#[derive(Clone, Copy)]
pub(super) struct Inside {
    pub(super) depth: usize,
    /// In something signed.
    pub(super) signed: bool,
    /// In something encrypted.
    pub(super) sealed: bool,
    /// In something encrypted that could have been changed unseen.
    pub(super) malleable: bool,
    /// What the MIC is over.
    pub(super) basis: Basis,
}

/// What the MIC is over (RFC 4130 §7.3.1, RFC 5402 §4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// The content without its headers: nothing is signed or encrypted.
    Content,
    /// The part with its headers: it is encrypted and not signed.
    Entity,
    /// Something around us, which is being hashed.
    Around,
}

impl<'a, 't, S: Sinks> Layers<'a, 't, S> {
    pub(in super::super) fn new(terms: &'a Terms<'t>, hints: &'a Hints, sinks: &'a mut S) -> Self {
        Self {
            terms,
            hints,
            sinks,
            attachments: Vec::new(),
            total: 0,
            mic: None,
            signature: None,
            sealed: None,
            compressed: false,
            unsigned: false,
            unsealed: false,
        }
    }

    /// Reads all layers, then says what they come to.
    pub(in super::super) fn open(
        mut self,
        headers: &Headers,
        source: &mut dyn BufRead,
    ) -> Result<Opened, Trouble> {
        let outermost = Inside {
            depth: 0,
            signed: false,
            sealed: false,
            malleable: false,
            basis: Basis::Content,
        };
        let outcome = self.part(headers, &[], source, outermost);
        let verified = self.signature.take().map(|pending| self.verify(pending));
        let (mic, signed) = match (outcome, verified) {
            (Err(Trouble::Again(hint)), _) => return Err(Trouble::Again(hint)),
            (Err(Trouble::Final(error)), verified) => {
                let proven = matches!(verified, Some(Ok(_)));
                return Err(self.tellable(error, proven).into());
            }
            (Ok(()), Some(Err(As2Error::Changed))) if !self.hints.canonical => {
                return Err(Trouble::Again(Hint::Canonical));
            }
            (Ok(()), Some(Err(error))) => return Err(error.into()),
            (Ok(()), Some(Ok((mic, signed)))) => (Some(mic), Some(signed)),
            (Ok(()), None) => (self.mic.take(), None),
        };
        // What is beside them would pass for what is in them.
        if signed.is_some() && self.unsigned {
            return Err(As2Error::SignatureStructure("something is beside what is signed").into());
        }
        if self.sealed.is_some() && self.unsealed {
            return Err(As2Error::Mime("something is beside what is encrypted").into());
        }
        Ok(Opened {
            attachments: self.attachments,
            mic: mic.ok_or_else(|| As2Error::Ours("no MIC was computed".to_owned()))?,
            signed,
            sealed: self.sealed,
            compressed: self.compressed,
        })
    }

    /// An error as it may be told: see the header.
    fn tellable(&self, error: As2Error, proven: bool) -> As2Error {
        let malleable =
            self.sealed.as_ref().is_some_and(|sealed| !sealed.cipher.is_authenticated());
        if proven || !malleable || is_open_to_all(&error) { error } else { As2Error::Decryption }
    }

    /// A part, of which the headers were read.
    pub(super) fn part(
        &mut self,
        headers: &Headers,
        raw: &[u8],
        source: &mut dyn BufRead,
        inside: Inside,
    ) -> Result<(), Trouble> {
        if inside.depth > self.terms.policy.limits.depth {
            return Err(As2Error::TooComplex("it is nested too deep").into());
        }
        let kind = ContentType::of(headers);
        if kind.is_pkcs7() {
            let mut source = decoded(headers, source)?;
            self.structure(&mut source, inside)?;
            return ends_well(&mut source, inside);
        }
        match &*kind.essence {
            "multipart/signed" => self.signed(&kind, source, inside),
            "multipart/report" => Err(As2Error::IsReport.into()),
            other if other.starts_with("multipart/") => self.parts(&kind, raw, source, inside),
            _ => self.content(headers, raw, source, inside),
        }
    }

    /// A part, of which nothing was read.
    pub(super) fn inner(
        &mut self,
        source: &mut dyn BufRead,
        inside: Inside,
    ) -> Result<(), Trouble> {
        let head = read_head(source, self.terms.policy.limits.headers)?;
        let inside = Inside { depth: inside.depth + 1, ..inside };
        self.part(&head.headers, &head.raw, source, inside)
    }

    /// The part in an envelope. What a wrong key makes of it may by chance begin with an empty line and
    /// so pass for a part without headers; a part that was encrypted says at least what it is.
    fn sealed_part(&mut self, source: &mut dyn BufRead, inside: Inside) -> Result<(), Trouble> {
        let head = read_head(source, self.terms.policy.limits.headers)?;
        if head.headers.value("Content-Type").is_none() {
            return Err(As2Error::Decryption.into());
        }
        let inside = Inside { depth: inside.depth + 1, ..inside };
        self.part(&head.headers, &head.raw, source, inside)
    }

    fn structure(&mut self, source: &mut dyn BufRead, inside: Inside) -> Result<(), Trouble> {
        let structure = Structure::begin(source)?;
        match structure.kind {
            Kind::Enveloped | Kind::AuthEnveloped => self.envelope(structure, inside),
            Kind::Signed => self.opaque(structure, inside),
            Kind::Compressed => {
                self.compressed = true;
                let mut content = Inflate::begin(structure, self.terms.policy.limits)?;
                self.inner(&mut content, inside)?;
                ends_well(&mut content, inside)
            }
        }
    }

    fn envelope(&mut self, structure: Structure<'_>, inside: Inside) -> Result<(), Trouble> {
        if self.sealed.is_some() {
            return Err(As2Error::TooComplex("it is encrypted twice").into());
        }
        let mut content = Envelope::begin(structure, self.terms, &self.hints.authenticated)?;
        self.sealed = Some(content.sealed().clone());
        let malleable = content.is_malleable() && !inside.signed;
        let basis = if inside.signed { Basis::Around } else { Basis::Entity };
        let inside = Inside { sealed: true, malleable, basis, ..inside };
        let outcome = self.sealed_part(&mut content, inside);
        // It is read to its end whatever was found, and hashed as if it were signed.
        let mut hashers = match &outcome {
            Ok(()) => Vec::new(),
            Err(_) => vec![DigestAlgorithm::Sha256.hasher()],
        };
        let rest = buffered::drain(&mut Tap::new(&mut content, &mut hashers));
        match (outcome, rest.map_err(Trouble::from)) {
            (Err(Trouble::Final(error)), Err(_)) if malleable && is_open_to_all(&error) => {
                Err(error.into())
            }
            (_, Err(trouble)) | (Err(trouble), Ok(_)) => Err(trouble),
            (Ok(()), Ok(false)) if malleable => Err(As2Error::Decryption.into()),
            (Ok(()), Ok(_)) => Ok(()),
        }
    }
}

/// What stands behind a content that was read: nothing that counts, where it could tell something.
fn ends_well(source: &mut dyn BufRead, inside: Inside) -> Result<(), Trouble> {
    if !buffered::drain(source)? && inside.malleable {
        return Err(As2Error::Decryption.into());
    }
    Ok(())
}

/// Whether an error says nothing that the message's carrier does not know.
fn is_open_to_all(error: &As2Error) -> bool {
    matches!(
        error,
        As2Error::NotSigned
            | As2Error::NotEncrypted
            | As2Error::UnsignedCbc
            | As2Error::CipherNotAllowed(_)
            | As2Error::KeyTransportNotAllowed(_)
            | As2Error::UnknownCipher(_)
            | As2Error::NotForUs(_)
            | As2Error::Io(_)
            | As2Error::Ours(_)
    )
}

/// Whether nothing is to be read after this.
pub(super) fn stops(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Again(_) => true,
        Trouble::Final(error) => is_open_to_all(error),
    }
}

pub(super) fn boundary(kind: &ContentType) -> Result<&str, As2Error> {
    kind.parameter("boundary").ok_or(As2Error::Mime("a multipart without its boundary"))
}
