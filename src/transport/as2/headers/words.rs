//! Text outside ASCII in headers: encoded words (RFC 2047), and percent-encoding (RFC 2231).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Text with its encoded words decoded; what is not well encoded stays as it is. Controls are left out.
pub fn decode_words(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some((before, word, after)) = next_word(rest) {
        // Blanks between two encoded words are not part of the text.
        if !(after_word && before.trim().is_empty()) {
            decoded.push_str(before);
        }
        decoded.push_str(&word);
        after_word = true;
        rest = after;
    }
    decoded.push_str(rest);
    decoded.retain(|c| !c.is_control());
    decoded
}

/// The text before the first encoded word, that word decoded, and the text after it.
fn next_word(text: &str) -> Option<(&str, String, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("=?")?;
        let mut fields = text.get(at + 2..)?.splitn(4, '?');
        let (charset, encoding, content) = (fields.next()?, fields.next()?, fields.next()?);
        let after = fields.next()?;
        if let Some(after) = after.strip_prefix('=')
            && let Some(bytes) = decode_word(encoding, content)
        {
            return Some((text.get(..at)?, in_charset(charset, &bytes), after));
        }
        from = at + 2;
    }
}

fn decode_word(encoding: &str, content: &str) -> Option<Vec<u8>> {
    match encoding {
        "B" | "b" => STANDARD.decode(content).ok(),
        "Q" | "q" => unescape(&content.replace('_', " "), b'='),
        _ => None,
    }
}

/// Bytes as text. Partners write UTF-8 and Latin-1; what is neither is taken for the latter.
pub(super) fn in_charset(charset: &str, bytes: &[u8]) -> String {
    let latin = charset.to_ascii_lowercase().starts_with("iso-8859");
    match std::str::from_utf8(bytes) {
        Ok(text) if !latin => text.to_owned(),
        Ok(_) | Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// Undoes an escape by two hexadecimal digits; `None` if one is cut short.
pub(super) fn unescape(text: &str, escape: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == escape {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

/// A file's name as a parameter of `Content-Disposition`: quoted, and encoded where it must be.
pub fn encode_file_name(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    if name.is_ascii() {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        return format!("filename=\"{escaped}\"");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let mut encoded = String::from("filename*=utf-8''");
    for byte in name.bytes() {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                let digit = char::from_digit(nibble.into(), 16);
                encoded.extend(digit.map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_encoded_words_are_decoded_number_20() {
        for (text, decoded) in [
            ("=?utf-8?B?YmVzdGVsbMO8bmc=?=.edi", "bestellüng.edi"),
            ("=?UTF-8?Q?bestell=C3=BCng_1?=", "bestellüng 1"),
            ("=?iso-8859-1?q?f=FCr?= =?utf-8?q?_uns?=", "für uns"),
            ("a =?utf-8?q?b?= c", "a b c"),
            ("plain", "plain"),
            ("=?utf-8?x?b?=", "=?utf-8?x?b?="),
            ("=?utf-8?q?=C?=", "=?utf-8?q?=C?="),
            ("=?", "=?"),
            ("=?utf-8?q?a=0D=0AX: y?=", "aX: y"),
        ] {
            assert_eq!(decode_words(text), decoded, "{text}");
        }
    }

    #[test]
    fn file_names_are_quoted_and_encoded() {
        assert_eq!(encode_file_name("order 1.edi"), "filename=\"order 1.edi\"");
        assert_eq!(encode_file_name("a\"b\\c\r\n"), "filename=\"a\\\"b\\\\c\"");
        assert_eq!(encode_file_name("für.edi"), "filename*=utf-8''f%C3%BCr.edi");
    }
}
