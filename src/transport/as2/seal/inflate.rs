//! Decompressing, within bounds (RFC 3274).

use super::super::error::As2Error;
use super::super::policy::Limits;
use super::super::trouble::failed;
use super::ber::{Ber, Octets};
use super::content::Structure;
use super::oid;
use super::tlv::{Elements, INTEGER, OCTETS, OID, SEQUENCE};
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, BufRead, Read};

/// A compressed content, decompressed as it is read.
pub(in super::super) struct Inflate<'r> {
    ber: Ber<&'r mut dyn BufRead>,
    string: Octets,
    engine: Decompress,
    limits: Limits,
    out: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
}

impl<'r> Inflate<'r> {
    /// Reads up to the content.
    pub(in super::super) fn begin(structure: Structure<'r>, limits: Limits) -> io::Result<Self> {
        let mut ber = structure.ber;
        ber.expect(INTEGER, "it has no version").and_then(|header| ber.element(header, 16))?;
        let header = ber.expect(SEQUENCE, "it does not say how it is compressed")?;
        let algorithm = ber.element(header, 256)?;
        let name = Elements::new(&algorithm).within(SEQUENCE).and_then(|mut it| it.expect(OID));
        if name != Ok(oid::ZLIB) {
            return Err(ber.broken("it is compressed in a way that is not known here"));
        }
        ber.enter_next(SEQUENCE, "it has no content")?;
        ber.expect(OID, "it does not say what its content is")
            .and_then(|header| ber.element(header, 64))?;
        ber.enter_next(0xa0, "it has no content")?;
        let header = ber.next()?.filter(|header| header.tag & !0x20 == OCTETS);
        let header = header.ok_or_else(|| ber.broken("its content is no string"))?;
        let string = ber.string(header)?;
        let (engine, out) = (Decompress::new(true), vec![0; PIECE]);
        Ok(Self { ber, string, engine, limits, out, at: 0, end: 0, ended: false })
    }

    /// Fills the buffer with the next piece; leaves it empty at the end.
    fn more(&mut self) -> io::Result<()> {
        (self.at, self.end) = (0, 0);
        while self.end == 0 && !self.ended {
            // Without any more input it may still have output.
            let piece = self.ber.octets(self.string)?;
            let before = (self.engine.total_in(), self.engine.total_out());
            let status = self.engine.decompress(piece, &mut self.out, FlushDecompress::None);
            let took = usize::try_from(self.engine.total_in() - before.0).unwrap_or(piece.len());
            let gave = usize::try_from(self.engine.total_out() - before.1).unwrap_or(0);
            self.ber.taken(took);
            self.end = gave;
            match status {
                Ok(Status::StreamEnd) => self.finish()?,
                Ok(Status::Ok | Status::BufError) if took > 0 || gave > 0 => {}
                Ok(Status::Ok | Status::BufError) | Err(_) => {
                    return Err(self.ber.broken("it is not compressed as it says"));
                }
            }
            self.bound()?;
        }
        Ok(())
    }

    /// Refuses what grows beyond all measure.
    fn bound(&self) -> io::Result<()> {
        let (took, gave) = (self.engine.total_in(), self.engine.total_out());
        // Headers are not content, and come on top.
        let most = self.limits.content.saturating_add(FREE);
        let by_ratio = took.saturating_mul(self.limits.ratio).max(FREE);
        if gave > most || gave > by_ratio {
            return Err(failed(As2Error::Bomb(most.min(by_ratio))));
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.ended = true;
        if !self.ber.octets(self.string)?.is_empty() {
            return Err(self.ber.broken("something follows its end"));
        }
        for _ in 0..5 {
            self.ber.leave()?;
        }
        Ok(())
    }
}

impl BufRead for Inflate<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            self.more()?;
        }
        Ok(self.out.get(self.at..self.end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.end.min(self.at + amount);
    }
}

impl Read for Inflate<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        super::super::buffered::read(self, into)
    }
}

/// The piece that is decompressed at a time.
const PIECE: usize = 32_768;

/// What any content may decompress to, whatever its ratio.
const FREE: u64 = 262_144;
