//! A list of headers, whatever they say.

use thiserror::Error;

/// Headers in the order in which they came. Names are found in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. Folds become spaces, and what is no text is taken for Latin-1.
    pub fn push(&mut self, name: &str, value: &[u8]) {
        self.0.push((name.trim().to_owned(), unfold(value)));
    }

    /// The first value of a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// How often a header is there.
    pub fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).count()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Reads the headers of a MIME part, without the empty line that ends them.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeadersUnreadable> {
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            if matches!(line.first(), Some(b' ' | b'\t')) {
                // A fold before any header is dropped with nothing lost.
                let Some((_, value)) = headers.last_mut() else { continue };
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
                continue;
            }
            let colon = line.iter().position(|byte| *byte == b':').ok_or(HeadersUnreadable)?;
            let (name, value) = line.split_at_checked(colon).ok_or(HeadersUnreadable)?;
            let name = name.trim_ascii_end();
            if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
                return Err(HeadersUnreadable);
            }
            let name = String::from_utf8_lossy(name).into_owned();
            headers.push((name, value.get(1..).unwrap_or_default().to_vec()));
        }
        Ok(headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect())
    }
}

impl<'a, V: AsRef<[u8]> + ?Sized> FromIterator<(&'a str, &'a V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a V)>>(headers: I) -> Self {
        let mut list = Self::new();
        for (name, value) in headers {
            list.push(name, value.as_ref());
        }
        list
    }
}

/// A value as one line: each line break with the blanks around it becomes a space.
fn unfold(value: &[u8]) -> String {
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    };
    if !text.contains(['\r', '\n']) {
        return text.trim().to_owned();
    }
    let lines: Vec<&str> =
        text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// Lines that are no headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a line is no header")]
pub struct HeadersUnreadable;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_headers_are_read_as_one_line() {
        let headers = Headers::parse(
            b"Content-Type: multipart/signed;\r\n\tprotocol=\"x\";\n boundary=b\r\nX:\r\n\r\n",
        );
        let headers = headers.unwrap();
        assert_eq!(
            headers.value("content-TYPE"),
            Some("multipart/signed; protocol=\"x\"; boundary=b")
        );
        assert_eq!(headers.value("x"), Some(""));
        assert_eq!(headers.value("y"), None);
        let mut from_http = Headers::new();
        from_http.push("As2-From", b"a\r\n  b");
        assert_eq!(from_http.value("AS2-From"), Some("a b"));
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for lines in [&b"nothing"[..], b": x", b"a b: x", b"\xff: x", b"a\0: x"] {
            assert_eq!(Headers::parse(lines), Err(HeadersUnreadable), "{lines:?}");
        }
    }
}
