//! The headers of a part.

use super::super::error::As2Error;
use super::super::headers::Headers;
use super::super::trouble::failed;
use std::io::{self, BufRead};

/// The headers of a part, read, and as they came: with the empty line that ends them.
#[derive(Debug)]
pub(in super::super) struct Head {
    pub(in super::super) headers: Headers,
    pub(in super::super) raw: Vec<u8>,
}

/// Reads the headers of a part up to its content.
pub(in super::super) fn read_head(source: &mut dyn BufRead, limit: usize) -> io::Result<Head> {
    let mut raw = Vec::new();
    loop {
        let available = source.fill_buf()?;
        if available.is_empty() {
            return Err(failed(As2Error::Mime("the headers of a part do not end")));
        }
        let available = available.get(..PIECE.min(available.len())).unwrap_or(available);
        let from = raw.len();
        raw.extend_from_slice(available);
        let end = end(&raw, from);
        let taken = end.unwrap_or(raw.len()) - from;
        source.consume(taken);
        if raw.len().min(end.unwrap_or(usize::MAX)) > limit {
            return Err(failed(As2Error::TooComplex("the headers of a part are too long")));
        }
        if let Some(end) = end {
            raw.truncate(end);
            let headers = Headers::parse(&raw);
            let headers = headers.map_err(|_| failed(As2Error::Mime("a line is no header")))?;
            return Ok(Head { headers, raw });
        }
    }
}

/// Where the empty line ends, in what was added after `from`.
fn end(raw: &[u8], from: usize) -> Option<usize> {
    let mut line = raw.get(..from)?.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let begin = line;
    for at in memchr::memchr_iter(b'\n', raw.get(begin..)?) {
        let at = at + begin;
        if matches!(raw.get(line..at)?, b"" | b"\r") {
            return Some(at + 1);
        }
        line = at + 1;
    }
    None
}

/// The piece that is looked at at a time.
const PIECE: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn headers_end_at_the_empty_line_however_they_are_buffered() {
        for text in ["A: b\r\nC: d\r\n\r\nrest", "A: b\nC: d\n\nrest"] {
            for capacity in 1..text.len() {
                let mut source = BufReader::with_capacity(capacity, text.as_bytes());
                let head = read_head(&mut source, 100).unwrap();
                assert_eq!(head.headers.value("c"), Some("d"));
                assert_eq!(head.raw, &text.as_bytes()[..text.len() - 4]);
                let mut rest = Vec::new();
                io::copy(&mut source, &mut rest).unwrap();
                assert_eq!(rest, b"rest");
            }
        }
        let head = read_head(&mut &b"\r\nrest"[..], 100).unwrap();
        assert_eq!((head.headers, head.raw), (Headers::new(), b"\r\n".to_vec()));
    }

    #[test]
    fn headers_without_an_end_or_beyond_the_limit_are_refused() {
        assert!(read_head(&mut &b"A: b\r\n"[..], 100).is_err());
        assert!(read_head(&mut &b"A: b\r\n\r\n"[..], 7).is_err());
        let endless = [b'a'; 1000];
        assert!(read_head(&mut BufReader::with_capacity(16, &endless[..]), 100).is_err());
    }
}
