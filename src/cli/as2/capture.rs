//! A captured request or answer: its first line, its headers and its body.

use crate::transport::as2::Headers;

/// What was captured.
#[derive(Debug)]
pub(in crate::cli) struct Capture {
    /// The line of the request, or of the status.
    pub(super) line: Option<String>,
    pub(in crate::cli) headers: Headers,
    pub(in crate::cli) body: Vec<u8>,
    /// What is odd about how it was captured.
    pub(super) remarks: Vec<String>,
}

impl Capture {
    /// Takes a capture apart; `None` if there are no headers.
    pub(in crate::cli) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, body) = split(bytes)?;
        let mut head = head;
        let mut line = None;
        let end = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
        let first = String::from_utf8_lossy(head.get(..end)?).trim().to_owned();
        if is_line(&first) {
            line = Some(first);
            head = head.get(end + 1..).unwrap_or_default();
        }
        let headers = Headers::parse(head).ok()?;
        headers.iter().next()?;
        let mut capture = Self { line, headers, body: body.to_vec(), remarks: Vec::new() };
        capture.unchunk();
        capture.measure();
        Some(capture)
    }

    /// Puts a chunked body together.
    fn unchunk(&mut self) {
        let coding = self.headers.value("Transfer-Encoding").unwrap_or_default();
        if !coding.to_ascii_lowercase().contains("chunked") {
            return;
        }
        match chunks(&self.body) {
            Some(whole) => self.body = whole,
            // Tools often save it put together already.
            None => self.remarks.push(
                "the headers say that the body is chunked, and it is not: it was put together when \
                 it was captured"
                    .to_owned(),
            ),
        }
    }

    /// Whether the body is as long as the headers say.
    fn measure(&mut self) {
        let stated = self.headers.value("Content-Length").and_then(|it| it.parse::<usize>().ok());
        let there = self.body.len();
        match stated {
            Some(stated) if stated > there => self.remarks.push(format!(
                "the body has {there} bytes and should have {stated}: the capture is cut short"
            )),
            Some(stated) if stated < there => {
                let more = there - stated;
                self.body.truncate(stated);
                self.remarks.push(format!("{more} bytes follow the body and were left out"));
            }
            Some(_) | None => {}
        }
    }
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = |end: &[u8]| bytes.windows(end.len()).position(|window| window == end);
    let (crlf, lf) = (at(b"\r\n\r\n"), at(b"\n\n"));
    let (head, skip) = match (crlf, lf) {
        (Some(crlf), Some(lf)) if lf < crlf => (lf, 2),
        (Some(crlf), _) => (crlf, 4),
        (None, Some(lf)) => (lf, 2),
        (None, None) => return None,
    };
    Some((bytes.get(..head)?, bytes.get(head + skip..)?))
}

fn is_line(first: &str) -> bool {
    first.starts_with("HTTP/") || first.ends_with(" HTTP/1.1") || first.ends_with(" HTTP/1.0")
}

/// The body that chunks make; `None` if they are none.
fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = line.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = rest.get(end + 1..)?;
        if size == 0 {
            return Some(whole);
        }
        let (chunk, after) = rest.split_at_checked(size)?;
        whole.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_line_or_without_and_with_any_line_ends() {
        for text in [
            "POST /as2 HTTP/1.1\r\nA: b\r\n\r\nbody\n\nmore",
            "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\n\nmore",
            "A: b\r\n\r\nbody\n\nmore",
            "A: b\n\nbody\n\nmore",
        ] {
            let capture = Capture::read(text.as_bytes()).unwrap();
            assert_eq!(capture.headers.value("a"), Some("b"));
            assert_eq!(capture.body, b"body\n\nmore", "{text}");
            assert_eq!(capture.line.is_some(), text.contains("HTTP"));
        }
        for nothing in ["", "hello", "no header\n\nbody", "\n\n"] {
            assert!(Capture::read(nothing.as_bytes()).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn chunks_are_put_together_and_lengths_compared() {
        let head = "Transfer-Encoding: chunked\r\n\r\n";
        let chunked = format!("{head}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
        assert_eq!(Capture::read(chunked.as_bytes()).unwrap().body, b"abcde");
        let already = Capture::read(format!("{head}abcde").as_bytes()).unwrap();
        assert_eq!((already.body.as_slice(), already.remarks.len()), (&b"abcde"[..], 1));
        let longer = Capture::read(b"Content-Length: 3\r\n\r\nabcde").unwrap();
        assert_eq!((longer.body.as_slice(), longer.remarks.len()), (&b"abc"[..], 1));
        let shorter = Capture::read(b"Content-Length: 9\r\n\r\nabcde").unwrap();
        assert!(shorter.remarks[0].contains("cut short"));
    }
}
