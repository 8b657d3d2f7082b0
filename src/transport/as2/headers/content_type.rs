//! Values with parameters: `Content-Type`, `Content-Disposition`.

use super::list::Headers;
use super::words::{decode_words, in_charset, unescape};

/// A `Content-Type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentType {
    /// Type and subtype in lower case, such as `application/edi-x12`.
    pub essence: String,
    /// Its parameters.
    pub parameters: Parameters,
}

impl ContentType {
    /// Reads a header's value; what cannot be read is left out.
    pub fn parse(value: &str) -> Self {
        let (essence, rest) = value.split_once(';').unwrap_or((value, ""));
        let essence = essence.trim().to_ascii_lowercase();
        Self { essence, parameters: Parameters::parse(rest) }
    }

    /// The `Content-Type` of some headers; `application/octet-stream` if there is none.
    pub fn of(headers: &Headers) -> Self {
        Self::parse(headers.value("Content-Type").unwrap_or("application/octet-stream"))
    }

    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.value(name)
    }

    /// Whether it is PKCS#7, by its new name or its old one.
    pub fn is_pkcs7(&self) -> bool {
        matches!(&*self.essence, "application/pkcs7-mime" | "application/x-pkcs7-mime")
    }

    /// Whether it is a detached signature, by its new name or its old one.
    pub fn is_signature(&self) -> bool {
        matches!(&*self.essence, "application/pkcs7-signature" | "application/x-pkcs7-signature")
    }
}

/// Parameters, their names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads what follows the first `;` of a header's value: quoted or not, continued and encoded
    /// (RFC 2231) or in encoded words (RFC 2047).
    pub fn parse(text: &str) -> Self {
        let mut written = Vec::new();
        let mut rest = text;
        while written.len() < MOST && !rest.trim().is_empty() {
            let (parameter, after) = next(rest);
            rest = after;
            written.extend(parameter);
        }
        Self(join(written))
    }

    /// A parameter's value.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}

/// The first parameter of a text, and the rest.
fn next(text: &str) -> (Option<(String, String)>, &str) {
    let text = text.trim_start_matches([' ', '\t', ';']);
    let end = text.find([';', '=']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(value) = rest.strip_prefix('=') else { return (None, rest) };
    let name = name.trim().to_ascii_lowercase();
    let value = value.trim_start();
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find(';').unwrap_or(value.len());
        let (value, rest) = value.split_at_checked(end).unwrap_or((value, ""));
        return (Some((name, value.trim().to_owned())), rest);
    };
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' => text.extend(characters.next()),
            plain => text.push(plain),
        }
    }
    (Some((name, text)), characters.as_str())
}

/// Puts together what is continued, and decodes what is encoded.
fn join(written: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    let mut pieces: Vec<(String, usize, bool, String)> = Vec::new();
    for (name, value) in written {
        match name.split_once('*') {
            None => joined.push((name, decode_words(&value))),
            Some((base, "")) => pieces.push((base.to_owned(), 0, true, value)),
            Some((base, index)) => {
                let encoded = index.ends_with('*');
                let index = index.trim_end_matches('*').parse().unwrap_or(MOST);
                pieces.push((base.to_owned(), index, encoded, value));
            }
        }
    }
    pieces.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    while let Some((name, _, _, _)) = pieces.first().cloned() {
        let (own, others) = pieces.into_iter().partition(|piece| piece.0 == name);
        pieces = others;
        // An encoded value says more than the plain one beside it.
        joined.retain(|(key, _)| *key != name);
        joined.push((name, assemble(own)));
    }
    joined
}

fn assemble(pieces: Vec<(String, usize, bool, String)>) -> String {
    let mut charset = String::new();
    let mut bytes = Vec::new();
    for (index, (_, _, encoded, value)) in pieces.into_iter().enumerate() {
        let value = match value.splitn(3, '\'').collect::<Vec<_>>()[..] {
            [stated, _, rest] if index == 0 && encoded => {
                stated.clone_into(&mut charset);
                rest.to_owned()
            }
            _ => value,
        };
        let decoded = if encoded { unescape(&value, b'%') } else { None };
        bytes.extend(decoded.unwrap_or_else(|| value.into_bytes()));
    }
    let mut text = in_charset(&charset, &bytes);
    text.retain(|c| !c.is_control());
    text
}

/// The most parameters that are looked at.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_every_form() {
        let kind = ContentType::parse(
            "Multipart/Signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256;\tboundary=\"--=_a;b\\\"c\" ; odd; x=",
        );
        assert_eq!(kind.essence, "multipart/signed");
        for (name, value) in [
            ("protocol", Some("application/pkcs7-signature")),
            ("micalg", Some("sha-256")),
            ("boundary", Some("--=_a;b\"c")),
            ("x", Some("")),
            ("odd", None),
        ] {
            assert_eq!(kind.parameter(name), value, "{name}");
        }
        assert_eq!(
            ContentType::parse("a/b; boundary=_x=y_; z=1").parameter("boundary"),
            Some("_x=y_")
        );
    }

    #[test]
    fn file_names_are_read_in_every_form_number_20() {
        for (text, name) in [
            ("filename=order.edi", "order.edi"),
            ("filename=\"order 1.edi\"", "order 1.edi"),
            ("filename=\"=?utf-8?B?ZsO8ci5lZGk=?=\"", "für.edi"),
            ("filename*=utf-8''f%C3%BCr.edi", "für.edi"),
            ("filename=f_r.edi; filename*=UTF-8'de'f%C3%BCr.edi", "für.edi"),
            ("filename*=iso-8859-1''f%FCr.edi", "für.edi"),
            ("filename*1=\"er.edi\"; filename*0=\"ord\"", "order.edi"),
            ("filename*0*=utf-8''f%C3%BC; filename*1=r.edi", "für.edi"),
            ("filename*=utf-8''a%0d%0aX", "aX"),
            ("filename*=x", "x"),
        ] {
            assert_eq!(Parameters::parse(text).value("filename"), Some(name), "{text}");
        }
    }

    #[test]
    fn any_text_ends() {
        for text in
            ["=", ";", "=;=", "\"", "a=\"", "*=", "a*9999999999999999999*=%", "a*0*=''", "a=\"\\"]
        {
            let _ = Parameters::parse(text);
        }
    }
}
