//! Transfer encodings: binary unless it is stated otherwise, and true.

use super::super::buffered;
use super::super::error::As2Error;
use super::super::headers::Headers;
use super::super::trouble::failed;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, BufRead, Read};

/// The content of a part with its transfer encoding undone.
///
/// What is stated to be base64 and cannot be is taken as it is: some programs state one and send the
/// other (OpenAs2App#120).
pub(in super::super) fn decoded<'r>(
    headers: &Headers,
    source: &'r mut dyn BufRead,
) -> io::Result<Decoded<'r>> {
    let stated = headers.value("Content-Transfer-Encoding").unwrap_or_default();
    let stated = stated.trim().trim_matches('"').to_ascii_lowercase();
    let coding = match stated.as_str() {
        "base64" if looks_like_base64(source.fill_buf()?) => Coding::Base64,
        "quoted-printable" => Coding::QuotedPrintable,
        _ => Coding::Binary,
    };
    Ok(Decoded { source, coding, kept: Vec::new(), out: Vec::new(), at: 0, ended: false })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Binary,
    Base64,
    QuotedPrintable,
}

/// A content that is decoded as it is read.
pub(in super::super) struct Decoded<'r> {
    source: &'r mut dyn BufRead,
    coding: Coding,
    /// What cannot be decoded before more was read.
    kept: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Decoded<'_> {
    fn more(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && !self.ended {
            let piece = self.source.fill_buf()?;
            let piece = piece.get(..PIECE.min(piece.len())).unwrap_or(piece);
            let count = piece.len();
            self.ended = piece.is_empty();
            if self.coding == Coding::Base64 {
                self.kept.extend(piece.iter().filter(|byte| !byte.is_ascii_whitespace()));
            } else {
                self.kept.extend_from_slice(piece);
            }
            self.source.consume(count);
            if self.coding == Coding::Base64 {
                self.base64()?;
            } else {
                self.quoted()?;
            }
        }
        Ok(())
    }

    fn base64(&mut self) -> io::Result<()> {
        let wrong = || failed(As2Error::Mime("base64 that is none"));
        let whole = if self.ended { self.kept.len() } else { self.kept.len() / 4 * 4 };
        let ready = self.kept.get(..whole).unwrap_or_default();
        STANDARD.decode_vec(ready, &mut self.out).map_err(|_| wrong())?;
        let padded = ready.ends_with(b"=");
        self.kept.drain(..whole);
        // Nothing follows padding: two encodings one behind the other are none.
        if padded {
            let rest = buffered::drain(self.source)?;
            self.ended = true;
            if !rest || !self.kept.is_empty() {
                return Err(wrong());
            }
        }
        Ok(())
    }

    fn quoted(&mut self) -> io::Result<()> {
        let mut rest = self.kept.as_slice();
        while let [first, after @ ..] = rest {
            if *first != b'=' {
                self.out.push(*first);
                rest = after;
                continue;
            }
            match after {
                [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => rest = after,
                [high, low, after @ ..] => {
                    let digit = |byte: &u8| char::from(*byte).to_digit(16);
                    let digits = digit(high).zip(digit(low));
                    let byte = digits.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                    let wrong = || failed(As2Error::Mime("quoted-printable that is none"));
                    self.out.push(byte.ok_or_else(wrong)?);
                    rest = after;
                }
                // A soft line break at the very end is nothing.
                [] | [_] if self.ended => rest = &[],
                [] | [_] => break,
            }
        }
        self.kept = rest.to_vec();
        Ok(())
    }
}

impl BufRead for Decoded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.coding == Coding::Binary {
            return self.source.fill_buf();
        }
        if self.at == self.out.len() {
            self.more()?;
        }
        Ok(self.out.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        if self.coding == Coding::Binary {
            self.source.consume(amount);
        } else {
            self.at = self.out.len().min(self.at + amount);
        }
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        buffered::read(self, into)
    }
}

fn looks_like_base64(beginning: &[u8]) -> bool {
    let fits = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || byte.is_ascii_whitespace()
            || matches!(byte, b'+' | b'/' | b'=')
    };
    beginning.iter().take(4096).all(fits)
}

/// The piece that is decoded at a time.
const PIECE: usize = 32_768;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn decode(coding: &str, text: &[u8], capacity: usize) -> io::Result<Vec<u8>> {
        let mut headers = Headers::new();
        headers.push("Content-Transfer-Encoding", coding.as_bytes());
        let mut source = BufReader::with_capacity(capacity, text);
        let mut read = Vec::new();
        io::copy(&mut decoded(&headers, &mut source)?, &mut read)?;
        Ok(read)
    }

    #[test]
    fn every_encoding_is_undone_however_it_is_buffered() {
        for (coding, text, expected) in [
            ("base64", &b"SVNB\r\nKjAw\r\nKg==\r\n"[..], &b"ISA*00*"[..]),
            ("BASE64", b" SVNBKjAw", b"ISA*00"),
            ("base64", b"", b""),
            ("quoted-printable", b"ISA*=\r\n00=2A=0D=0a", b"ISA*00*\r\n"),
            ("quoted-printable", b"a=\nb=", b"ab"),
            ("binary", b"a=\nb=", b"a=\nb="),
            ("", b"\0\xff", b"\0\xff"),
            ("8bit", b"\xff", b"\xff"),
            ("x-unknown", b"SVNB", b"SVNB"),
        ] {
            for capacity in [4, 5, 7, 64] {
                let read = decode(coding, text, capacity).unwrap();
                assert_eq!(read, expected, "{coding} {text:?} by {capacity}");
            }
        }
    }

    #[test]
    fn base64_that_is_stated_and_binary_that_comes_is_taken_as_it_is_number_5() {
        assert_eq!(decode("base64", b"ISA*00*\0", 64).unwrap(), b"ISA*00*\0");
        assert_eq!(decode("base64", &[0x30, 0x82, 0x01], 64).unwrap(), [0x30, 0x82, 0x01]);
    }

    #[test]
    fn what_is_encoded_wrongly_is_an_error() {
        for (coding, text) in [
            ("base64", &b"SVN"[..]),
            ("base64", b"SQ==SVNB"),
            ("base64", b"SV=B"),
            ("quoted-printable", b"=XX"),
        ] {
            assert!(decode(coding, text, 64).is_err(), "{coding} {text:?}");
        }
    }
}
