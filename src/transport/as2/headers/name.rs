//! The names by which AS2 parties call each other.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The name of a party, as in `AS2-From`: without its quotes, compared by case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct As2Name(Box<str>);

impl As2Name {
    /// The longest name, in characters (RFC 4130 §6.2).
    pub const LONGEST: usize = 128;

    /// The name, if it is one: printable ASCII, 1 to 128 characters.
    pub fn new(name: &str) -> Result<Self, NotAnAs2Name> {
        let printable = name.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if printable && (1..=Self::LONGEST).contains(&name.len()) && name.trim() == name {
            Ok(Self(name.into()))
        } else {
            Err(NotAnAs2Name(name.chars().take(Self::LONGEST).collect()))
        }
    }

    /// The name as text, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a header's value: in quotes if it needs them, or if `always`.
    pub fn to_header(&self, always: bool) -> String {
        let plain = |c: char| !matches!(c, ' ' | '"' | '\\' | ',' | ';');
        if !always && self.0.chars().all(plain) {
            return self.0.to_string();
        }
        let escaped = self.0.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    }
}

impl FromStr for As2Name {
    type Err = NotAnAs2Name;

    /// Reads a header's value, with or without quotes.
    fn from_str(value: &str) -> Result<Self, NotAnAs2Name> {
        let value = value.trim();
        let Some(inner) = value.strip_prefix('"') else { return Self::new(value) };
        let mut name = String::new();
        let mut characters = inner.chars();
        while let Some(c) = characters.next() {
            match c {
                '"' if characters.as_str().is_empty() => return Self::new(once(name.trim())),
                '"' => break,
                // Only quotes and backslashes are escaped; other programs leave the backslash alone.
                '\\' => match characters.next() {
                    Some(escaped @ ('"' | '\\')) => name.push(escaped),
                    Some(other) => name.extend(['\\', other]),
                    None => break,
                },
                plain => name.push(plain),
            }
        }
        Err(NotAnAs2Name(value.chars().take(Self::LONGEST).collect()))
    }
}

/// Some quote a name that they were given with its quotes, as pyas2lib does in its receipts.
fn once(name: &str) -> &str {
    let inner = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    inner.filter(|inner| !inner.is_empty()).unwrap_or(name)
}

impl fmt::Display for As2Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Text that cannot name an AS2 party.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("an AS2 name is 1 to 128 printable ASCII characters, not `{0}`")]
pub struct NotAnAs2Name(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_blanks_quotes_and_backslashes_are_read_and_written() {
        for (header, name, written) in [
            ("acme", "acme", "acme"),
            ("\"acme\"", "acme", "acme"),
            ("\"My Co\"", "My Co", "\"My Co\""),
            ("My Co", "My Co", "\"My Co\""),
            (r#""a\"b""#, r#"a"b"#, r#""a\"b""#),
            (r#""a\\b""#, r"a\b", r#""a\\b""#),
            (r#""a\b""#, r"a\b", r#""a\\b""#),
            ("  zz:0123  ", "zz:0123", "zz:0123"),
            (r#""\"My Co\"""#, "My Co", "\"My Co\""),
        ] {
            let read: As2Name = header.parse().unwrap();
            assert_eq!(read.as_str(), name, "{header}");
            assert_eq!(read.to_header(false), written);
            assert_eq!(read.to_header(true).parse(), Ok(read));
        }
    }

    #[test]
    fn names_are_compared_by_case() {
        assert_ne!("Acme".parse::<As2Name>(), "acme".parse());
    }

    #[test]
    fn what_names_no_party_is_refused() {
        for header in ["", "\"\"", "\"a", "\"a\"b", "a\tb", "ä", "a\0b", "\"a\\", &"a".repeat(129)]
        {
            assert!(header.parse::<As2Name>().is_err(), "{header:?}");
        }
    }
}
