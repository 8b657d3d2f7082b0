//! Content inside its signature (`smime-type=signed-data`), hashed as it is read.

use super::super::error::As2Error;
use super::super::trouble::{Trouble, failed};
use super::ber::{Ber, Octets};
use super::content::Structure;
use super::signature::{Signature, begin, signers};
use super::tlv::OCTETS;
use crate::pki::{DigestAlgorithm, Hasher};
use std::io::{self, BufRead, Read};

/// A content inside its signature. It is not verified yet.
pub(in super::super) struct Opaque<'r> {
    ber: Ber<&'r mut dyn BufRead>,
    string: Octets,
    hashers: Vec<Hasher>,
}

impl<'r> Opaque<'r> {
    /// Reads up to the content; it is hashed with each digest announced of those allowed, and with
    /// those wanted.
    pub(in super::super) fn begin(
        structure: Structure<'r>,
        allowed: &[DigestAlgorithm],
        wanted: &[DigestAlgorithm],
    ) -> io::Result<Self> {
        let mut ber = structure.ber;
        let mut announced = begin(&mut ber)?;
        announced.retain(|digest| allowed.contains(digest));
        announced.extend_from_slice(wanted);
        announced.sort_unstable();
        announced.dedup();
        let Some(header) = ber.next()?.filter(|header| header.tag == 0xa0) else {
            return Err(failed(As2Error::SignatureStructure("the signature holds no content")));
        };
        ber.enter(header)?;
        let header = ber.next()?.filter(|header| header.tag & !0x20 == OCTETS);
        let header = header.ok_or_else(|| ber.broken("its content is no string"))?;
        let string = ber.string(header)?;
        let hashers = announced.into_iter().map(DigestAlgorithm::hasher).collect();
        Ok(Self { ber, string, hashers })
    }

    /// What follows the content: its only signature, and the digests of the content.
    pub(in super::super) fn finish(mut self) -> Result<(Signature, Vec<Hasher>), Trouble> {
        while !self.fill_buf()?.is_empty() {
            let rest = self.fill_buf()?.len();
            self.consume(rest);
        }
        self.ber.leave()?;
        self.ber.leave()?;
        let set = signers(&mut self.ber)?;
        Ok((Signature::only(&set)?, self.hashers))
    }
}

impl BufRead for Opaque<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ber.octets(self.string)
    }

    fn consume(&mut self, amount: usize) {
        // What was filled before is given again without reading.
        if let Ok(piece) = self.ber.octets(self.string) {
            let piece = piece.get(..amount).unwrap_or(piece);
            for hasher in &mut self.hashers {
                hasher.update(piece);
            }
            let taken = piece.len();
            self.ber.taken(taken);
        }
    }
}

impl Read for Opaque<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        super::super::buffered::read(self, into)
    }
}
