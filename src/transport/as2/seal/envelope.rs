//! Envelopes: content that is encrypted for us, decrypted as it is read (RFC 5652 §6, RFC 5083).

use super::super::error::As2Error;
use super::super::opened::{Sealed, Terms};
use super::super::policy::Policy;
use super::super::trouble::{Hint, Trouble, failed};
use super::algorithms::{self, CipherSpec};
use super::ber::{Ber, Octets, SMALL};
use super::content::{Kind, Structure};
use super::recipient;
use super::tlv::{Elements, INTEGER, OCTETS, OID, SEQUENCE, SET, element};
use crate::pki::{Decryptor, PkiError};
use std::io::{self, BufRead, Read};

/// An encrypted content. What it gives is good only when it was read to its end.
pub(in super::super) struct Envelope<'r> {
    ber: Ber<&'r mut dyn BufRead>,
    string: Octets,
    decryptor: Option<Decryptor>,
    /// How long the tag is, for a cipher that has one.
    tag: usize,
    /// What is authenticated besides the content, as an earlier reading found it.
    also: Vec<u8>,
    plain: Vec<u8>,
    at: usize,
    sealed: Sealed,
    /// What was wrong at the end; it is said again to whoever reads on.
    trouble: Option<Trouble>,
}

impl<'r> Envelope<'r> {
    /// Reads up to the content, and unwraps its key.
    pub(in super::super) fn begin(
        structure: Structure<'r>,
        terms: &Terms<'_>,
        also: &[u8],
    ) -> Result<Self, Trouble> {
        let Structure { kind, mut ber } = structure;
        let authenticated = kind == Kind::AuthEnveloped;
        ber.expect(INTEGER, "it has no version").and_then(|header| ber.element(header, 16))?;
        let mut header = ber.next()?;
        if let Some(originator) = header.filter(|header| header.tag == ORIGINATOR) {
            ber.element(originator, SMALL)?;
            header = ber.next()?;
        }
        let header = header.filter(|header| header.tag == SET);
        let header = header.ok_or_else(|| ber.broken("it has no recipients"))?;
        let recipients = ber.element(header, SMALL)?;
        let wrapped = recipient::ours(&recipients, terms)?;
        ber.enter_next(SEQUENCE, "it has no content")?;
        ber.expect(OID, "it does not say what its content is")
            .and_then(|header| ber.element(header, 64))?;
        let header = ber.expect(SEQUENCE, "it does not say how it is encrypted")?;
        let identifier = ber.element(header, 1024)?;
        let spec =
            algorithms::cipher(Elements::new(&identifier).expect(SEQUENCE).unwrap_or_default())?;
        let CipherSpec { cipher, vector, tag } = spec;
        if cipher.is_authenticated() != authenticated {
            return Err(As2Error::EnvelopeUnreadable("its cipher does not fit its kind").into());
        }
        if !Policy::allows(&terms.policy.ciphers, &cipher, terms.at) {
            return Err(As2Error::CipherNotAllowed(cipher).into());
        }
        let header = ber.next()?.filter(|header| matches!(header.tag, CONTENT | CONTENT_IN_PIECES));
        let header = header.ok_or_else(|| ber.broken("it has no content"))?;
        let string = ber.string(header)?;
        let ours = |error: PkiError| As2Error::Ours(error.to_string());
        let key = wrapped.unwrap(cipher.key_length()).map_err(ours)?;
        let decryptor = Decryptor::new(cipher, &key, &vector, also).map_err(ours)?;
        let sealed = Sealed {
            certificate: wrapped.pair.certificate().fingerprint(),
            cipher,
            key_transport: wrapped.transport,
        };
        let (decryptor, also) = (Some(decryptor), also.to_vec());
        let plain = Vec::new();
        Ok(Self { ber, string, decryptor, tag, also, plain, at: 0, sealed, trouble: None })
    }

    /// What the envelope was.
    pub(in super::super) fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// Whether a change would go unseen by the cipher.
    pub(in super::super) fn is_malleable(&self) -> bool {
        !self.sealed.cipher.is_authenticated()
    }

    fn more(&mut self) -> io::Result<()> {
        self.plain.clear();
        self.at = 0;
        while self.plain.is_empty() {
            if let Some(trouble) = &self.trouble {
                return Err(trouble.clone().into());
            }
            let Some(decryptor) = &mut self.decryptor else { return Ok(()) };
            let piece = self.ber.octets(self.string)?;
            if piece.is_empty() {
                return self.finish().map_err(|error| {
                    let trouble = Trouble::from(error);
                    self.trouble = Some(trouble.clone());
                    trouble.into()
                });
            }
            let piece = piece.get(..PIECE.min(piece.len())).unwrap_or(piece);
            let done = decryptor.update(piece, &mut self.plain);
            let taken = piece.len();
            self.ber.taken(taken);
            done.map_err(|_| failed(As2Error::Decryption))?;
        }
        Ok(())
    }

    /// Reads what follows the content, and finds out whether the content was good.
    fn finish(&mut self) -> io::Result<()> {
        self.ber.leave()?;
        let tag = if self.sealed.cipher.is_authenticated() { self.mac()? } else { Vec::new() };
        for _ in 0..3 {
            self.ber.leave()?;
        }
        let decryptor = self.decryptor.take();
        let good = decryptor.map(|decryptor| decryptor.finish(&tag, &mut self.plain));
        match good {
            Some(Ok(())) | None => Ok(()),
            Some(Err(_)) => {
                self.plain.clear();
                Err(failed(As2Error::Decryption))
            }
        }
    }

    fn mac(&mut self) -> io::Result<Vec<u8>> {
        let mut header = self.ber.next()?;
        if let Some(attributes) = header.filter(|header| header.tag == AUTHENTICATED) {
            let attributes = self.ber.element(attributes, SMALL)?;
            let content = Elements::new(&attributes).expect(AUTHENTICATED).unwrap_or_default();
            // They are authenticated before the content, and stand behind it.
            let also = element(SET, &[content]);
            if also != self.also {
                return Err(Trouble::Again(Hint::Authenticated(also)).into());
            }
            header = self.ber.next()?;
        } else if !self.also.is_empty() {
            return Err(failed(As2Error::Decryption));
        }
        let header = header.filter(|header| header.tag & !0x20 == OCTETS);
        let header = header.ok_or_else(|| self.ber.broken("it has no tag"))?;
        let mac = self.ber.element(header, 64)?;
        let mac = Elements::new(&mac).expect(OCTETS).unwrap_or_default();
        if mac.len() == self.tag { Ok(mac.to_vec()) } else { Err(failed(As2Error::Decryption)) }
    }
}

impl BufRead for Envelope<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.plain.len() {
            self.more()?;
        }
        Ok(self.plain.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.plain.len().min(self.at + amount);
    }
}

impl Read for Envelope<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        super::super::buffered::read(self, into)
    }
}

/// The piece that is decrypted at a time.
const PIECE: usize = 65_536;

const ORIGINATOR: u8 = 0xa0;
const CONTENT: u8 = 0x80;
const CONTENT_IN_PIECES: u8 = 0xa0;
const AUTHENTICATED: u8 = 0xa1;
