//! Lines made to end in CRLF, whatever they ended in.

use super::super::buffered;
use std::io::{self, BufRead, Read};

/// A reader whose lines end in CRLF.
pub(in super::super) struct Canonical<'r> {
    source: &'r mut dyn BufRead,
    out: Vec<u8>,
    at: usize,
    after_cr: bool,
}

impl<'r> Canonical<'r> {
    pub(in super::super) fn new(source: &'r mut dyn BufRead) -> Self {
        Self { source, out: Vec::new(), at: 0, after_cr: false }
    }

    fn more(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        let piece = self.source.fill_buf()?;
        if piece.is_empty() && self.after_cr {
            self.out.push(b'\n');
            self.after_cr = false;
        }
        for byte in piece {
            match byte {
                b'\n' if self.after_cr => self.out.push(b'\n'),
                b'\n' => self.out.extend_from_slice(b"\r\n"),
                other => {
                    if self.after_cr {
                        self.out.push(b'\n');
                    }
                    self.out.push(*other);
                }
            }
            self.after_cr = *byte == b'\r';
        }
        let count = piece.len();
        self.source.consume(count);
        Ok(())
    }
}

impl BufRead for Canonical<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.out.len() {
            self.more()?;
        }
        Ok(self.out.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.out.len().min(self.at + amount);
    }
}

impl Read for Canonical<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        buffered::read(self, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn every_line_ends_in_crlf() {
        for (text, expected) in [
            ("a\nb\r\nc\rd", "a\r\nb\r\nc\r\nd"),
            ("\n\n", "\r\n\r\n"),
            ("a\r", "a\r\n"),
            ("\r\r\n", "\r\n\r\n"),
            ("", ""),
        ] {
            for capacity in 1..6 {
                let mut source = BufReader::with_capacity(capacity, text.as_bytes());
                let mut read = Vec::new();
                io::copy(&mut Canonical::new(&mut source), &mut read).unwrap();
                assert_eq!(String::from_utf8(read).unwrap(), expected, "{text:?}");
            }
        }
    }
}
