//! The layers of a message, from the outside in.
//!
//! # Why
//!
//! Whoever holds a message that was encrypted in CBC mode could find out its content by sending it
//! again, changed, as often as it takes, if the answers told a padding that is good from one that is
//! not. So inside such an envelope, until a signature over all of it was verified, whatever is wrong
//! says `decryption-failed`, nothing may follow the content, and the work done is the same.

use super::buffered::{self, Tap};
use super::error::As2Error;
use super::headers::{ContentType, Headers, Parameters};
use super::mic::Mic;
use super::mime::{Canonical, Multipart, decoded, read_head};
use super::opened::{Attachment, Form, Opened, Sealed, Signed, Sinks, Terms};
use super::policy::Policy;
use super::seal::{Envelope, Inflate, Kind, Opaque, Signature, Structure};
use super::trouble::{Hint, Hints, Trouble};
use crate::pki::{DigestAlgorithm, Hasher};
use std::io::{BufRead, Write as _};

/// One reading of a message.
pub(super) struct Layers<'a, 't, S> {
    terms: &'a Terms<'t>,
    hints: &'a Hints,
    sinks: &'a mut S,
    attachments: Vec<Attachment>,
    total: u64,
    /// The MIC of what is not signed.
    mic: Option<Mic>,
    /// The signature that was met: it is verified when everything was read.
    signature: Option<Result<Pending, As2Error>>,
    sealed: Option<Sealed>,
    compressed: bool,
}

/// A signature, with the digests of what it is over.
struct Pending {
    signature: Signature,
    hashers: Vec<Hasher>,
    form: Form,
}

/// Where in the message we are.
#[derive(Clone, Copy)]
struct Inside {
    depth: usize,
    /// In something signed.
    signed: bool,
    /// In something encrypted that could have been changed unseen.
    malleable: bool,
    /// What the MIC is over.
    basis: Basis,
}

/// What the MIC is over (RFC 4130 §7.3.1, RFC 5402 §4).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// The content without its headers: nothing is signed or encrypted.
    Content,
    /// The part with its headers: it is encrypted and not signed.
    Entity,
    /// Something around us, which is being hashed.
    Around,
}

impl<'a, 't, S: Sinks> Layers<'a, 't, S> {
    pub(super) fn new(terms: &'a Terms<'t>, hints: &'a Hints, sinks: &'a mut S) -> Self {
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
        }
    }

    /// Reads all layers, then says what they come to.
    pub(super) fn open(
        mut self,
        headers: &Headers,
        source: &mut dyn BufRead,
    ) -> Result<Opened, Trouble> {
        let outermost = Inside { depth: 0, signed: false, malleable: false, basis: Basis::Content };
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
        Ok(Opened {
            attachments: self.attachments,
            mic: mic.ok_or_else(|| As2Error::Ours("no MIC was computed".to_owned()))?,
            signed,
            sealed: self.sealed,
            compressed: self.compressed,
        })
    }

    fn verify(&self, pending: Result<Pending, As2Error>) -> Result<(Mic, Signed), As2Error> {
        let Pending { signature, hashers, form } = pending?;
        let mics: Vec<Mic> = hashers.into_iter().map(Mic::computed).collect();
        let of = |digest| mics.iter().find(|mic| mic.algorithm == digest);
        let content = of(signature.digest).map(|mic| mic.value.as_slice()).unwrap_or_default();
        let signed = signature.verify(content, form, self.terms)?;
        let mic = self.terms.mic.and_then(of).or_else(|| of(signature.digest));
        let mic = mic.ok_or_else(|| As2Error::Ours("no MIC was computed".to_owned()))?;
        Ok((mic.clone(), signed))
    }

    /// An error as it may be told: see the header.
    fn tellable(&self, error: As2Error, proven: bool) -> As2Error {
        let malleable =
            self.sealed.as_ref().is_some_and(|sealed| !sealed.cipher.is_authenticated());
        if proven || !malleable || is_open_to_all(&error) { error } else { As2Error::Decryption }
    }

    /// A part, of which the headers were read.
    fn part(
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
    fn inner(&mut self, source: &mut dyn BufRead, inside: Inside) -> Result<(), Trouble> {
        let head = read_head(source, self.terms.policy.limits.headers)?;
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
        let inside = Inside { malleable, basis, ..inside };
        let outcome = self.inner(&mut content, inside);
        // It is read to its end whatever was found, and hashed as if it were signed.
        let mut hashers = match &outcome {
            Ok(()) => Vec::new(),
            Err(_) => vec![DigestAlgorithm::Sha256.hasher()],
        };
        let rest = buffered::drain(&mut Tap::new(&mut content, &mut hashers));
        match (outcome, rest.map_err(Trouble::from)) {
            (Err(Trouble::Final(error)), Err(_)) if is_open_to_all(&error) => Err(error.into()),
            (_, Err(trouble)) => Err(trouble),
            (Err(trouble), Ok(_)) => Err(trouble),
            (Ok(()), Ok(false)) if malleable => Err(As2Error::Decryption.into()),
            (Ok(()), Ok(_)) => Ok(()),
        }
    }

    fn opaque(&mut self, structure: Structure<'_>, inside: Inside) -> Result<(), Trouble> {
        self.signed_once(inside)?;
        let allowed: Vec<DigestAlgorithm> = self.terms.policy.digests_at(self.terms.at).collect();
        let wanted: Vec<DigestAlgorithm> =
            self.terms.mic.into_iter().chain(self.hints.digest).collect();
        let mut content = Opaque::begin(structure, &allowed, &wanted)?;
        let inside = Inside { signed: true, basis: Basis::Around, ..inside };
        let outcome = self.inner(&mut content, inside);
        if let Err(trouble) = outcome {
            if stops(&trouble) {
                return Err(trouble);
            }
            let (signature, hashers) = content.finish()?;
            self.pend(Ok(signature), hashers, Form::AsReceived)?;
            return Err(trouble);
        }
        let (signature, hashers) = content.finish()?;
        self.pend(Ok(signature), hashers, Form::AsReceived)
    }

    fn signed(
        &mut self,
        kind: &ContentType,
        source: &mut dyn BufRead,
        inside: Inside,
    ) -> Result<(), Trouble> {
        self.signed_once(inside)?;
        let mut hashers: Vec<Hasher> = self.digests(kind.parameter("micalg"));
        let mut parts = Multipart::new(source, boundary(kind)?)?;
        if !parts.next_part()? {
            return Err(As2Error::SignatureStructure("nothing is signed").into());
        }
        let around = Inside { signed: true, basis: Basis::Around, ..inside };
        let (form, outcome) = if self.hints.canonical {
            let mut lines = Canonical::new(&mut parts);
            let mut tap = Tap::new(&mut lines, &mut hashers);
            (Form::Canonical, self.covered(&mut tap, around))
        } else {
            let mut tap = Tap::new(&mut parts, &mut hashers);
            (Form::AsReceived, self.covered(&mut tap, around))
        };
        if let Err(trouble) = &outcome
            && stops(trouble)
        {
            return outcome;
        }
        let signature = self.signature_part(&mut parts)?;
        if !parts.ends_blank()? && inside.malleable {
            return Err(As2Error::Decryption.into());
        }
        self.pend(signature.and_then(|bytes| Signature::detached(&bytes)), hashers, form)?;
        outcome
    }

    /// What is signed: read to its end, whatever was found in it.
    fn covered(&mut self, source: &mut dyn BufRead, inside: Inside) -> Result<(), Trouble> {
        let outcome = self.inner(source, inside);
        if outcome.as_ref().is_err_and(stops) {
            return outcome;
        }
        let rest = buffered::drain(source).map(|_| ()).map_err(Trouble::from);
        outcome.and(rest)
    }

    /// The part that holds the signature; there is nothing behind it.
    fn signature_part(
        &mut self,
        parts: &mut Multipart<'_>,
    ) -> Result<Result<Vec<u8>, As2Error>, Trouble> {
        if !parts.next_part()? {
            return Ok(Err(As2Error::SignatureStructure("the signature is missing")));
        }
        let head = read_head(parts, self.terms.policy.limits.headers)?;
        let too_large = As2Error::SignatureUnreadable("it is too large");
        let mut content = decoded(&head.headers, parts)?;
        let bytes = buffered::all(&mut content, LARGEST_SIGNATURE, too_large)?;
        if parts.next_part()? {
            let besides = "there is a part besides the content and its signature";
            return Ok(Err(As2Error::SignatureStructure(besides)));
        }
        if ContentType::of(&head.headers).is_signature() {
            Ok(Ok(bytes))
        } else {
            Ok(Err(As2Error::SignatureStructure("the second part is no signature")))
        }
    }

    /// Keeps a signature until everything was read.
    fn pend(
        &mut self,
        signature: Result<Signature, As2Error>,
        hashers: Vec<Hasher>,
        form: Form,
    ) -> Result<(), Trouble> {
        if let Ok(signature) = &signature {
            let digest = signature.digest;
            let computed = hashers.iter().any(|hasher| hasher.algorithm() == digest);
            let allowed = Policy::allows(&self.terms.policy.digests, &digest, self.terms.at);
            if allowed && !computed {
                return Err(Trouble::Again(Hint::Digest(digest)));
            }
        }
        self.signature = Some(signature.map(|signature| Pending { signature, hashers, form }));
        Ok(())
    }

    fn signed_once(&self, inside: Inside) -> Result<(), As2Error> {
        if inside.signed || self.signature.is_some() {
            return Err(As2Error::SignatureStructure("it is signed more than once"));
        }
        Ok(())
    }

    /// The digests to compute of what is signed: as its headers say, if they say anything.
    fn digests(&self, micalg: Option<&str>) -> Vec<Hasher> {
        let policy = self.terms.policy;
        let allowed =
            |digest: &DigestAlgorithm| Policy::allows(&policy.digests, digest, self.terms.at);
        let stated = micalg.unwrap_or_default().split(',').filter_map(|name| name.parse().ok());
        let mut digests: Vec<DigestAlgorithm> = match self.hints.digest {
            Some(digest) => vec![digest],
            None => stated.filter(allowed).collect(),
        };
        if digests.is_empty() {
            digests.push(DigestAlgorithm::Sha256);
        }
        digests.extend(self.terms.mic);
        digests.sort_unstable();
        digests.dedup();
        digests.into_iter().map(DigestAlgorithm::hasher).collect()
    }

    /// Several contents.
    fn parts(
        &mut self,
        kind: &ContentType,
        raw: &[u8],
        source: &mut dyn BufRead,
        inside: Inside,
    ) -> Result<(), Trouble> {
        let mut hashers = self.unsigned(raw, inside.basis);
        let mut tap = Tap::new(source, &mut hashers);
        let mut parts = Multipart::new(&mut tap, boundary(kind)?)?;
        let around = Inside { basis: Basis::Around, ..inside };
        let mut count = 0;
        while parts.next_part()? {
            count += 1;
            if count > self.terms.policy.limits.parts {
                return Err(As2Error::TooComplex("it has too many parts").into());
            }
            self.inner(&mut parts, around)?;
        }
        if count == 0 {
            return Err(As2Error::Mime("a multipart without a part").into());
        }
        if !parts.ends_blank()? && inside.malleable {
            return Err(As2Error::Decryption.into());
        }
        self.mic = self.mic.take().or(hashers.pop().map(Mic::computed));
        Ok(())
    }

    /// One content.
    fn content(
        &mut self,
        headers: &Headers,
        raw: &[u8],
        source: &mut dyn BufRead,
        inside: Inside,
    ) -> Result<(), Trouble> {
        self.allowed(inside)?;
        let mut about = about(headers);
        let mut hashers = self.unsigned(raw, inside.basis);
        let [mut encoded, mut plain] = [Vec::new(), Vec::new()];
        match inside.basis {
            Basis::Entity => encoded.append(&mut hashers),
            Basis::Content => plain.append(&mut hashers),
            Basis::Around => {}
        }
        let mut tap = Tap::new(source, &mut encoded);
        let mut content = decoded(headers, &mut tap)?;
        let mut content = Tap::new(&mut content, &mut plain);
        let limit = self.terms.policy.limits.content;
        let mut sink = self.sinks.open(&about)?;
        loop {
            let piece = content.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            let count = piece.len();
            let length = u64::try_from(count).unwrap_or(u64::MAX);
            about.length = about.length.saturating_add(length);
            self.total = self.total.saturating_add(length);
            if self.total > limit {
                return Err(As2Error::TooLarge(limit).into());
            }
            sink.write_all(piece)?;
            content.consume(count);
        }
        self.sinks.close(sink)?;
        self.attachments.push(about);
        let hasher = encoded.pop().or_else(|| plain.pop());
        self.mic = self.mic.take().or(hasher.map(Mic::computed));
        Ok(())
    }

    /// Whether a content may be taken in from where it is.
    fn allowed(&self, inside: Inside) -> Result<(), As2Error> {
        let policy = self.terms.policy;
        if policy.must_be_signed && !inside.signed {
            return Err(As2Error::NotSigned);
        }
        if policy.must_be_encrypted && self.sealed.is_none() {
            return Err(As2Error::NotEncrypted);
        }
        if inside.malleable && !inside.signed && !policy.unsigned_cbc {
            return Err(As2Error::UnsignedCbc);
        }
        if self.attachments.len() >= policy.limits.parts {
            return Err(As2Error::TooComplex("it has too many parts"));
        }
        Ok(())
    }

    /// The computation of the MIC of what is not signed, if it is over this part.
    fn unsigned(&self, raw: &[u8], basis: Basis) -> Vec<Hasher> {
        let mut hasher = self.terms.mic.unwrap_or(DigestAlgorithm::Sha256).hasher();
        match basis {
            Basis::Around => return Vec::new(),
            Basis::Entity => hasher.update(raw),
            Basis::Content => {}
        }
        vec![hasher]
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
fn stops(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Again(_) => true,
        Trouble::Final(error) => is_open_to_all(error),
    }
}

fn boundary(kind: &ContentType) -> Result<&str, As2Error> {
    kind.parameter("boundary").ok_or(As2Error::Mime("a multipart without its boundary"))
}

/// What the headers of a content say of it.
fn about(headers: &Headers) -> Attachment {
    let kind = headers.value("Content-Type");
    let disposition = headers.value("Content-Disposition").and_then(|it| it.split_once(';'));
    let disposition = disposition.map(|(_, parameters)| Parameters::parse(parameters));
    let stated = disposition.as_ref().and_then(|it| it.value("filename")).map(str::to_owned);
    let named = || ContentType::parse(kind?).parameter("name").map(str::to_owned);
    let file_name = stated.or_else(named).filter(|name| !name.is_empty());
    Attachment { content_type: kind.map(str::to_owned), file_name, length: 0 }
}

/// The bytes of the largest signature: one with a chain of certificates.
const LARGEST_SIGNATURE: usize = 262_144;
