//! What is signed, and the signature: kept until everything was read, then verified.

use super::super::buffered::{self, Tap};
use super::super::error::As2Error;
use super::super::headers::ContentType;
use super::super::mic::Mic;
use super::super::mime::{Canonical, Multipart, decoded, read_head};
use super::super::opened::{Form, Signed, Sinks};
use super::super::policy::Policy;
use super::super::seal::{Opaque, Signature, Structure};
use super::super::trouble::{Hint, Trouble};
use super::reading::{Basis, Inside, Layers, Pending, boundary, stops};
use crate::pki::{DigestAlgorithm, Hasher};
use std::io::BufRead;

impl<S: Sinks> Layers<'_, '_, S> {
    /// A content inside its signature.
    pub(super) fn opaque(
        &mut self,
        structure: Structure<'_>,
        inside: Inside,
    ) -> Result<(), Trouble> {
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

    /// A content and, behind it, its signature.
    pub(super) fn signed(
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

    /// Verifies the signature that was kept; gives the MIC too.
    pub(super) fn verify(
        &self,
        pending: Result<Pending, As2Error>,
    ) -> Result<(Mic, Signed), As2Error> {
        let Pending { signature, hashers, form } = pending?;
        let mics: Vec<Mic> = hashers.into_iter().map(Mic::computed).collect();
        let of = |digest| mics.iter().find(|mic| mic.algorithm == digest);
        let content = of(signature.digest).map(|mic| mic.value.as_slice()).unwrap_or_default();
        let signed = signature.verify(content, form, self.terms)?;
        let mic = self.terms.mic.and_then(of).or_else(|| of(signature.digest));
        let mic = mic.ok_or_else(|| As2Error::Ours("no MIC was computed".to_owned()))?;
        Ok((mic.clone(), signed))
    }
}

/// The bytes of the largest signature: one with a chain of certificates.
const LARGEST_SIGNATURE: usize = 262_144;
