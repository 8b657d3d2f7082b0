//! File names: theirs are data, ours stand in a header.

use axum::http::HeaderValue;

/// The name in a `Content-Disposition`, as data: nothing is ever opened by it.
pub(super) fn of_disposition(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let parameters = text.split_once(';')?.1;
    let value = parameter(parameters, "filename*").and_then(|value| extended(&value));
    plain(&value.or_else(|| parameter(parameters, "filename"))?)
}

/// A name without what would deceive a reader of logs, and not too long.
pub(super) fn plain(name: &str) -> Option<String> {
    let shown = name.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

/// A `Content-Disposition` that makes a browser keep the file and not show it.
pub(super) fn attachment(name: &str) -> HeaderValue {
    let tame = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name = name.chars().take(LONGEST).map(tame).collect::<String>();
    let name = if name.is_empty() { "message.edi".to_owned() } else { name };
    HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// The value of a parameter, without its quotes.
fn parameter(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let (value, left) = value(after.trim_start());
        if key.trim_matches([';', ' ', '\t']).eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = left;
    }
    None
}

/// A quoted or a bare value, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim().to_owned(), rest);
    };
    let (mut value, mut characters) = (String::new(), quoted.chars());
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            plain => value.push(plain),
        }
    }
    (value, characters.as_str())
}

/// The text of an extended value (RFC 8187): `UTF-8''%e2%82%ac.edi`.
fn extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _, text) = (parts.next()?, parts.next()?, parts.next()?);
    charset.eq_ignore_ascii_case("utf-8").then_some(())?;
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The longest name that is kept, in characters.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_as_data() {
        let of = |text: &str| of_disposition(&HeaderValue::from_bytes(text.as_bytes()).unwrap());
        for (text, name) in [
            ("attachment; filename=po.edi", Some("po.edi")),
            ("attachment; filename=\"a; b=\\\"c\\\".edi\"; size=3", Some("a; b=\"c\".edi")),
            ("attachment; size=3; FileName = \"x.edi\"", Some("x.edi")),
            ("attachment; filename=\"../../etc/passwd\"", Some("../../etc/passwd")),
            ("attachment; filename=a.edi; filename*=UTF-8''%e2%82%ac.edi", Some("€.edi")),
            ("attachment; filename=a.edi; filename*=UTF-8''%zz", Some("a.edi")),
            ("attachment; filename*=UTF-8''a%0d%0ab", Some("ab")),
            ("attachment; filename*=latin1''a", None),
            ("attachment; filename=\"open", Some("open")),
            ("attachment; filename=\"\"", None),
            ("attachment", None),
            ("", None),
        ] {
            assert_eq!(of(text).as_deref(), name, "{text}");
        }
        assert_eq!(plain(&"x".repeat(500)).unwrap().len(), LONGEST);
    }

    #[test]
    fn a_name_of_ours_cannot_break_out_of_its_header() {
        let header = attachment("a\"; x=\r\nSet-Cookie: é.edi");
        assert_eq!(header, "attachment; filename=\"a___x___Set-Cookie___.edi\"");
        assert_eq!(attachment(""), "attachment; filename=\"message.edi\"");
    }
}
