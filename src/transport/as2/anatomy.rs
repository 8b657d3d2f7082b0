//! A message or a receipt taken apart, layer by layer, for a person who wants to know what is in it.
//!
//! Everything is in memory, and whatever can be looked at is looked at, whether it would be accepted
//! or not. What it would come to is for [`super::open`] and [`super::mdn`] to say.

use super::buffered;
use super::error::As2Error;
use super::headers::{ContentType, Headers, Parameters};
use super::mic::Mic;
use super::mime::{Multipart, decoded, read_head};
use super::opened::{Signed, Terms};
use super::policy::{Allowed, Limits, Policy};
use super::seal::{
    Envelope, Inflate, Kind, SignatureLook, Structure, look_at_envelope, look_at_signature,
};
use super::trouble::{Hint, Trouble};
use crate::message::Digest;
use crate::pki::{Certificate, Cipher, DigestAlgorithm, KeyPair, KeyTransport, SignatureScheme};
use std::io::BufRead;

/// A message, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Anatomy {
    /// Its layers and contents, from the outside in.
    pub parts: Vec<Part>,
    /// What kept us from looking further.
    pub stopped: Option<As2Error>,
}

/// A layer or a content.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a message has a handful of parts")]
pub enum Part {
    /// Encrypted.
    Encrypted {
        /// The cipher.
        cipher: String,
        /// For whom.
        recipients: Vec<Recipient>,
        /// Whether it was decrypted here.
        opened: bool,
        /// The envelope in CMS.
        bytes: Vec<u8>,
    },
    /// Signed.
    Signed {
        /// Whether the signature stands beside what it is over, and not around it.
        detached: bool,
        /// How the signer is named.
        signer: String,
        /// The pinned certificate that is so named.
        pinned: Option<Digest>,
        /// The digest.
        digest: String,
        /// How the signature is made of it.
        scheme: String,
        /// The certificates that travel with it, which prove nothing.
        carried: Vec<Certificate>,
        /// The MIC of what is signed, as it came.
        mic: Option<Mic>,
        /// What is signed, as it came, and the signature in CMS.
        bytes: (Vec<u8>, Vec<u8>),
        /// What comes of holding it against the pinned certificates.
        verified: Result<Signed, As2Error>,
    },
    /// Compressed.
    Compressed,
    /// Several parts.
    Several {
        /// Their common type.
        kind: String,
    },
    /// The machine's part of a receipt.
    Report {
        /// Its fields.
        fields: Headers,
    },
    /// A content.
    Content {
        /// Its type.
        kind: String,
        /// The file's name that is given.
        file_name: Option<String>,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// For whom something is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// How they are named.
    pub named: String,
    /// How the key is given to them.
    pub transport: String,
    /// The certificate of ours that is so named.
    pub ours: Option<Digest>,
}

/// Takes a message or a receipt apart. Of `terms`, keys, certificates and the time are asked, and not
/// the policy.
pub fn dissect(headers: &Headers, body: &[u8], terms: &Terms<'_>) -> Anatomy {
    let policy = everything();
    let terms = Terms { policy: &policy, ..*terms };
    let mut knife = Knife { terms, anatomy: Anatomy::default() };
    if let Err(trouble) = knife.part(headers, body, 0) {
        knife.anatomy.stopped = Some(match trouble {
            Trouble::Final(error) => error,
            Trouble::Again(_) => As2Error::Mime("it reads differently each time"),
        });
    }
    knife.anatomy
}

struct Knife<'t> {
    terms: Terms<'t>,
    anatomy: Anatomy,
}

impl Knife<'_> {
    fn part(&mut self, headers: &Headers, body: &[u8], depth: usize) -> Result<(), Trouble> {
        if depth > self.terms.policy.limits.depth {
            return Err(As2Error::TooComplex("it is nested too deep").into());
        }
        let kind = ContentType::of(headers);
        let mut source = body;
        if kind.is_pkcs7() {
            let bytes = plain(headers, &mut source)?;
            return self.structure(&bytes, depth);
        }
        match &*kind.essence {
            "multipart/signed" => self.signed(&kind, body, depth),
            "message/disposition-notification" => {
                let bytes = plain(headers, &mut source)?;
                let fields =
                    Headers::parse(&bytes).map_err(|_| As2Error::Mime("a line is no field"))?;
                self.anatomy.parts.push(Part::Report { fields });
                Ok(())
            }
            other if other.starts_with("multipart/") => {
                self.anatomy.parts.push(Part::Several { kind: other.to_owned() });
                let mut parts = Multipart::new(&mut source, boundary(&kind)?)?;
                while parts.next_part()? {
                    let bytes = buffered::all(&mut parts, LARGEST, TOO_LARGE)?;
                    self.inner(&bytes, depth)?;
                }
                Ok(())
            }
            _ => {
                let bytes = plain(headers, &mut source)?;
                let file_name = file_name(headers, &kind);
                let kind = headers.value("Content-Type").unwrap_or("none stated").to_owned();
                self.anatomy.parts.push(Part::Content { kind, file_name, bytes });
                Ok(())
            }
        }
    }

    fn inner(&mut self, entity: &[u8], depth: usize) -> Result<(), Trouble> {
        let mut source = entity;
        let head = read_head(&mut source, self.terms.policy.limits.headers)?;
        self.part(&head.headers, source, depth + 1)
    }

    fn structure(&mut self, bytes: &[u8], depth: usize) -> Result<(), Trouble> {
        let mut source = bytes;
        let structure = Structure::begin(&mut source)?;
        match structure.kind {
            Kind::Enveloped | Kind::AuthEnveloped => self.envelope(structure, bytes, depth),
            Kind::Compressed => {
                self.anatomy.parts.push(Part::Compressed);
                let mut content = Inflate::begin(structure, self.terms.policy.limits)?;
                let content = buffered::all(&mut content, LARGEST, TOO_LARGE)?;
                self.inner(&content, depth)
            }
            Kind::Signed => {
                let look = look_at_signature(structure)?;
                let content = look.content.clone().unwrap_or_default();
                self.signature(false, &look, &content, bytes);
                self.inner(&content, depth)
            }
        }
    }

    fn envelope(
        &mut self,
        structure: Structure<'_>,
        bytes: &[u8],
        depth: usize,
    ) -> Result<(), Trouble> {
        let look = look_at_envelope(structure)?;
        let recipients = look.recipients.iter().map(|recipient| {
            let ours = self.terms.ours.iter().map(KeyPair::certificate);
            let ours = ours.into_iter().find(|certificate| recipient.is(certificate));
            Recipient {
                named: recipient.named.clone(),
                transport: recipient.transport.clone(),
                ours: ours.map(Certificate::fingerprint),
            }
        });
        let recipients: Vec<Recipient> = recipients.collect();
        let for_us = recipients.iter().any(|recipient| recipient.ours.is_some());
        let content = if for_us { Some(self.decrypt(bytes)) } else { None };
        let opened = matches!(content, Some(Ok(_)));
        let (cipher, envelope) = (look.cipher, bytes.to_vec());
        self.anatomy.parts.push(Part::Encrypted { cipher, recipients, opened, bytes: envelope });
        match content {
            Some(content) => self.inner(&content?, depth),
            None => Ok(()),
        }
    }

    fn decrypt(&self, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
        let mut also = Vec::new();
        loop {
            let mut source = bytes;
            let mut content = Envelope::begin(Structure::begin(&mut source)?, &self.terms, &also)?;
            match buffered::all(&mut content, LARGEST, TOO_LARGE).map_err(Trouble::from) {
                Err(Trouble::Again(Hint::Authenticated(found))) if also.is_empty() => also = found,
                other => return other,
            }
        }
    }

    fn signed(&mut self, kind: &ContentType, body: &[u8], depth: usize) -> Result<(), Trouble> {
        let mut source = body;
        let mut parts = Multipart::new(&mut source, boundary(kind)?)?;
        if !parts.next_part()? {
            return Err(As2Error::SignatureStructure("nothing is signed").into());
        }
        let content = buffered::all(&mut parts, LARGEST, TOO_LARGE)?;
        if !parts.next_part()? {
            return Err(As2Error::SignatureStructure("the signature is missing").into());
        }
        let head = read_head(&mut parts, self.terms.policy.limits.headers)?;
        let bytes = plain(&head.headers, &mut parts)?;
        let mut source = bytes.as_slice();
        let look = look_at_signature(Structure::begin(&mut source)?)?;
        self.signature(true, &look, &content, &bytes);
        self.inner(&content, depth)
    }

    fn signature(
        &mut self,
        detached: bool,
        look: &SignatureLook,
        content: &[u8],
        signature: &[u8],
    ) {
        let digest: Option<DigestAlgorithm> = look.digest.parse().ok();
        let pinned = self.terms.theirs.iter().find(|certificate| look.is_by(certificate));
        let verified = look.verify(content, &self.terms);
        self.anatomy.parts.push(Part::Signed {
            detached,
            signer: look.named.clone(),
            pinned: pinned.map(Certificate::fingerprint),
            digest: look.digest.clone(),
            scheme: look.scheme.clone(),
            carried: look.carried.clone(),
            mic: digest.map(|digest| Mic::of(digest, content)),
            bytes: (content.to_vec(), signature.to_vec()),
            verified,
        });
    }
}

/// A content, without its transfer encoding.
fn plain(headers: &Headers, source: &mut dyn BufRead) -> Result<Vec<u8>, Trouble> {
    let mut content = decoded(headers, source)?;
    buffered::all(&mut content, LARGEST, TOO_LARGE).map_err(Trouble::from)
}

fn file_name(headers: &Headers, kind: &ContentType) -> Option<String> {
    let disposition = headers.value("Content-Disposition").and_then(|it| it.split_once(';'));
    let disposition = disposition.map(|(_, parameters)| Parameters::parse(parameters));
    let stated = disposition.as_ref().and_then(|it| it.value("filename"));
    stated.or_else(|| kind.parameter("name")).map(str::to_owned)
}

fn boundary(kind: &ContentType) -> Result<&str, As2Error> {
    kind.parameter("boundary").ok_or(As2Error::Mime("a multipart without its boundary"))
}

/// A policy that shuts no eyes.
fn everything() -> Policy {
    let limits = Limits { content: 1 << 30, ratio: 10_000, parts: 1_000, ..Limits::default() };
    Policy {
        must_be_signed: false,
        must_be_encrypted: false,
        unsigned_cbc: true,
        digests: DigestAlgorithm::ALL.into_iter().map(Allowed::always).collect(),
        signatures: SignatureScheme::ALL.into_iter().map(Allowed::always).collect(),
        ciphers: Cipher::ALL.into_iter().map(Allowed::always).collect(),
        key_transports: KeyTransport::ALL.into_iter().map(Allowed::always).collect(),
        limits,
    }
}

/// The most bytes of a layer.
const LARGEST: usize = 256 << 20;
const TOO_LARGE: As2Error = As2Error::TooComplex("a part is too large to be looked at here");
