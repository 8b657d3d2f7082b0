//! A receipt that came encrypted: decrypted whole, before it is read.

use super::buffered;
use super::error::As2Error;
use super::headers::{ContentType, Headers};
use super::mime::{decoded, read_head};
use super::opened::{Sealed, Terms};
use super::seal::{Envelope, Kind, Structure};
use super::trouble::{Hints, Trouble};

/// What was in an envelope: a part, with its headers.
#[derive(Debug)]
pub(super) struct Unsealed {
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
    pub(super) sealed: Sealed,
}

/// Whether what came may be encrypted, by its headers.
pub(super) fn may_be_sealed(headers: &Headers) -> bool {
    ContentType::of(headers).is_pkcs7()
}

impl Unsealed {
    /// Opens an envelope. Its content is small, and taken into memory.
    pub(super) fn open(
        headers: &Headers,
        body: &[u8],
        terms: &Terms<'_>,
    ) -> Result<Self, As2Error> {
        let mut hints = Hints::default();
        loop {
            match Self::read(headers, body, terms, &hints.authenticated) {
                Ok(unsealed) => return Ok(unsealed),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Again(hint)) => {
                    if !hints.add(hint) {
                        return Err(As2Error::Decryption);
                    }
                }
            }
        }
    }

    fn read(
        headers: &Headers,
        mut body: &[u8],
        terms: &Terms<'_>,
        also: &[u8],
    ) -> Result<Self, Trouble> {
        let mut source = decoded(headers, &mut body)?;
        let structure = Structure::begin(&mut source)?;
        if !matches!(structure.kind, Kind::Enveloped | Kind::AuthEnveloped) {
            return Err(As2Error::EnvelopeUnreadable("it is not encrypted").into());
        }
        let mut content = Envelope::begin(structure, terms, also)?;
        let sealed = content.sealed().clone();
        let bytes = buffered::all(&mut content, LARGEST, TOO_LARGE)?;
        let mut inside = bytes.as_slice();
        let head = read_head(&mut inside, terms.policy.limits.headers)?;
        Ok(Self { headers: head.headers, body: inside.to_vec(), sealed })
    }
}

const TOO_LARGE: As2Error = As2Error::TooComplex("it is larger than any receipt has to be");
const LARGEST: usize = 1_000_000;
