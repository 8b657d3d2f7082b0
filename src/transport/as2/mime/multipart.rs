//! The parts of a multipart, one after another.

use super::super::buffered;
use super::super::error::As2Error;
use super::super::trouble::failed;
use memchr::memmem::Finder;
use std::io::{self, BufRead, Read};

/// A multipart. It reads as the content of the current part, which ends where the boundary is.
pub(in super::super) struct Multipart<'r> {
    source: &'r mut dyn BufRead,
    /// A line break and the delimiter.
    finder: Finder<'static>,
    buffer: Vec<u8>,
    /// Where the content that was not taken yet begins; there is always a byte before it.
    at: usize,
    /// Up to where it is known to be content.
    content: usize,
    place: Place,
    source_ended: bool,
}

/// Where we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a part, or before the first.
    Inside,
    /// At a delimiter: the length of its line, and whether it is the last.
    Delimiter(usize, bool),
    /// Behind the last delimiter.
    Behind,
}

impl<'r> Multipart<'r> {
    pub(in super::super) fn new(source: &'r mut dyn BufRead, boundary: &str) -> io::Result<Self> {
        // RFC 2046: 70; some programs write more.
        if boundary.is_empty() || boundary.len() > 200 {
            return Err(failed(As2Error::Mime("a multipart without a usable boundary")));
        }
        let delimiter = [b"\n--", boundary.as_bytes()].concat();
        Ok(Self {
            source,
            finder: Finder::new(&delimiter).into_owned(),
            // The first delimiter may stand at the very beginning.
            buffer: b"\n".to_vec(),
            at: 1,
            content: 1,
            place: Place::Inside,
            source_ended: false,
        })
    }

    /// Goes to the next part; false if there is none.
    pub(in super::super) fn next_part(&mut self) -> io::Result<bool> {
        buffered::drain(self)?;
        match self.place {
            Place::Delimiter(line, false) => {
                self.at = self.content + line;
                self.content = self.at;
                self.place = Place::Inside;
                Ok(true)
            }
            Place::Delimiter(line, true) => {
                self.at = self.content + line;
                self.place = Place::Behind;
                Ok(false)
            }
            Place::Inside | Place::Behind => Ok(false),
        }
    }

    /// What follows the last part, read to the end: whether it is only blanks.
    pub(in super::super) fn ends_blank(&mut self) -> io::Result<bool> {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let blank = rest.iter().all(u8::is_ascii_whitespace);
        Ok(buffered::drain(self.source)? && blank)
    }

    /// Looks for more content, or for the delimiter.
    fn look(&mut self) -> io::Result<()> {
        loop {
            let from = self.content.max(self.at).saturating_sub(1);
            match self.delimiter(from)? {
                Found::At { content, line, last } => {
                    self.content = content.max(self.at);
                    // The line is counted from where the content ends.
                    self.place = Place::Delimiter(line - self.content, last);
                    return Ok(());
                }
                Found::None { safe } => {
                    if safe > self.at.max(self.content) {
                        self.content = safe;
                        return Ok(());
                    }
                }
            }
            if self.source_ended {
                return Err(failed(As2Error::Mime("a multipart without its last boundary")));
            }
            self.fill()?;
        }
    }

    /// The first delimiter behind `from`.
    fn delimiter(&self, from: usize) -> io::Result<Found> {
        let mut from = from;
        loop {
            let rest = self.buffer.get(from..).unwrap_or_default();
            let Some(found) = self.finder.find(rest) else {
                // The end of the buffer may be the beginning of a delimiter, with a CR before it.
                let keep = self.finder.needle().len() + 1;
                let safe = if self.source_ended {
                    self.buffer.len()
                } else {
                    self.buffer.len().saturating_sub(keep)
                };
                return Ok(Found::None { safe });
            };
            let at = from + found;
            let behind = at + self.finder.needle().len();
            let after_cr = at.checked_sub(1).and_then(|at| self.buffer.get(at)) == Some(&b'\r');
            let content = if after_cr { at - 1 } else { at };
            match line(self.buffer.get(behind..).unwrap_or_default(), self.source_ended) {
                Line::Ends { length, last } => {
                    return Ok(Found::At { content, line: behind + length, last });
                }
                Line::IsNone => from = at + 1,
                Line::Open => return Ok(Found::None { safe: content }),
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        // What was taken is let go, but for the byte before.
        let gone = self.at.saturating_sub(1);
        self.buffer.drain(..gone);
        self.at -= gone;
        self.content -= gone;
        let available = self.source.fill_buf()?;
        self.source_ended = available.is_empty();
        let piece = available.get(..PIECE.min(available.len())).unwrap_or(available);
        self.buffer.extend_from_slice(piece);
        let count = piece.len();
        self.source.consume(count);
        Ok(())
    }
}

/// What was found.
enum Found {
    /// A delimiter: where the content before it ends, where its line ends, whether it is the last.
    At { content: usize, line: usize, last: bool },
    /// None, up to here.
    None { safe: usize },
}

/// What follows a delimiter on its line.
enum Line {
    Ends {
        length: usize,
        last: bool,
    },
    /// It is not one: its line goes on.
    IsNone,
    /// That is not known yet.
    Open,
}

fn line(rest: &[u8], ended: bool) -> Line {
    let last = rest.starts_with(b"--");
    if !last && !ended && (rest.is_empty() || rest == b"-") {
        return Line::Open;
    }
    let from = if last { 2 } else { 0 };
    let blanks = rest.get(from..).unwrap_or_default();
    let count = blanks.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    match blanks.get(count) {
        Some(b'\n') => Line::Ends { length: from + count + 1, last },
        // Behind the last delimiter anything may stand, or nothing.
        Some(_) if last => Line::Ends { length: from + count, last },
        Some(_) => Line::IsNone,
        None if ended => Line::Ends { length: from + count, last },
        None if count > LONGEST_BLANK => Line::IsNone,
        None => Line::Open,
    }
}

impl BufRead for Multipart<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.content && self.place == Place::Inside {
            self.look()?;
        }
        if self.place == Place::Behind {
            return Ok(&[]);
        }
        Ok(self.buffer.get(self.at..self.content).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.content.min(self.at + amount);
    }
}

impl Read for Multipart<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        buffered::read(self, into)
    }
}

/// The piece that is read at a time.
const PIECE: usize = 65_536;

/// The most blanks behind a delimiter.
const LONGEST_BLANK: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn parts(text: &[u8], capacity: usize) -> Result<(Vec<String>, bool), io::Error> {
        let mut source = BufReader::with_capacity(capacity, text);
        let mut multipart = Multipart::new(&mut source, "b")?;
        let mut parts = Vec::new();
        while multipart.next_part()? {
            let mut part = Vec::new();
            io::copy(&mut multipart, &mut part)?;
            parts.push(String::from_utf8(part).unwrap());
        }
        let blank = multipart.ends_blank()?;
        Ok((parts, blank))
    }

    #[test]
    fn parts_are_the_same_however_they_are_buffered() {
        for (text, expected, blank) in [
            ("--b\r\none\r\n--b\r\ntwo\r\n\r\n--b--\r\n", &["one", "two\r\n"][..], true),
            ("preamble\r\n--b\r\none\r\n--b--", &["one"], true),
            ("--b\none\n--b\ntwo\n--b--\n", &["one", "two"], true),
            ("--b  \r\none\r\n--bc\r\n--b\r\n--b-- \r\nepilogue", &["one\r\n--bc", ""], false),
            ("--b\r\n--b\r\n\r\n--b--", &["", ""], true),
            ("--b\r\na--b\r\n\r\n-\r\n--\r\n--b--", &["a--b\r\n\r\n-\r\n--"], true),
            ("--b\r\n\r\r\n--b--", &["\r"], true),
            ("--b--\r\n", &[], true),
        ] {
            for capacity in 1..text.len() + 2 {
                let (found, ends_blank) = parts(text.as_bytes(), capacity).unwrap();
                assert_eq!(found, expected, "{text:?} by {capacity}");
                assert_eq!(ends_blank, blank, "{text:?} by {capacity}");
            }
        }
    }

    #[test]
    fn a_multipart_that_is_cut_is_an_error_wherever_it_is_cut() {
        let text = b"--b\r\none\r\n--b\r\ntwo\r\n--b--\r\n";
        for cut in 0..text.len() - 4 {
            assert!(parts(&text[..cut], 8).is_err(), "{cut}");
        }
    }
}
