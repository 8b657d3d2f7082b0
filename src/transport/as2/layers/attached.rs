//! Contents: one, or several, given to the sinks.

use super::super::buffered::Tap;
use super::super::error::As2Error;
use super::super::headers::{ContentType, Headers, Parameters};
use super::super::mic::Mic;
use super::super::mime::{Multipart, decoded};
use super::super::opened::{Attachment, Sinks};
use super::super::trouble::Trouble;
use super::reading::{Basis, Inside, Layers, boundary};
use crate::pki::{DigestAlgorithm, Hasher};
use std::io::{BufRead, Write as _};

impl<S: Sinks> Layers<'_, '_, S> {
    /// Several contents.
    pub(super) fn parts(
        &mut self,
        kind: &ContentType,
        raw: &[u8],
        source: &mut dyn BufRead,
        inside: Inside,
    ) -> Result<(), Trouble> {
        let mut hashers = self.hashers(raw, inside.basis);
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
    pub(super) fn content(
        &mut self,
        headers: &Headers,
        raw: &[u8],
        source: &mut dyn BufRead,
        inside: Inside,
    ) -> Result<(), Trouble> {
        self.allowed(inside)?;
        self.unsigned |= !inside.signed;
        self.unsealed |= !inside.sealed;
        let mut about = about(headers);
        let mut hashers = self.hashers(raw, inside.basis);
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
        if policy.must_be_encrypted && !inside.sealed {
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
    fn hashers(&self, raw: &[u8], basis: Basis) -> Vec<Hasher> {
        let mut hasher = self.terms.mic.unwrap_or(DigestAlgorithm::Sha256).hasher();
        match basis {
            Basis::Around => return Vec::new(),
            Basis::Entity => hasher.update(raw),
            Basis::Content => {}
        }
        vec![hasher]
    }
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
