//! The Message-ID of AS2.

use crate::message::MessageId;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A Message-ID, without its angle brackets.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageName(Box<str>);

impl MessageName {
    /// The longest, in bytes (RFC 2822 §2.1.1).
    pub const LONGEST: usize = 998;

    /// The Message-ID of one of our own messages: the same for every try, and unlike any other.
    pub fn of(id: MessageId, host: &str) -> Self {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let host: String = host.chars().filter(plain).take(200).collect();
        let host = if host.is_empty() { "wharf" } else { &host };
        Self(format!("{id}@{host}").into())
    }

    /// It as text, without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageName {
    type Err = NotAMessageName;

    /// Reads a header's value, with or without brackets.
    fn from_str(text: &str) -> Result<Self, NotAMessageName> {
        let name = text.trim();
        let name = name.strip_prefix('<').unwrap_or(name);
        let name = name.strip_suffix('>').unwrap_or(name).trim();
        let printable =
            name.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'<' && byte != b'>');
        if printable && (1..=Self::LONGEST).contains(&name.len()) {
            Ok(Self(name.into()))
        } else {
            Err(NotAMessageName)
        }
    }
}

/// With its brackets, as a header's value.
impl fmt::Display for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

impl fmt::Debug for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is no Message-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no Message-ID: it must be printable ASCII of 1 to 998 characters")]
pub struct NotAMessageName;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_belong_to_the_header_and_not_to_the_name() {
        for text in ["<a@b>", "a@b", " <a@b> ", "<a@b"] {
            let name: MessageName = text.parse().unwrap();
            assert_eq!(name.as_str(), "a@b");
            assert_eq!(name.to_string(), "<a@b>");
        }
    }

    #[test]
    fn what_could_become_another_header_is_refused() {
        for text in ["", "<>", "a\r\nX: y", "a\0b", "ä@b", "<a>b>", &"a".repeat(999)] {
            assert_eq!(text.parse::<MessageName>(), Err(NotAMessageName), "{text:?}");
        }
    }

    #[test]
    fn our_own_name_says_which_message_it_is() {
        let id = MessageId::mint("2026-01-02T03:04:05Z".parse().unwrap());
        let name = MessageName::of(id, "edi.example.com\r\n");
        assert_eq!(name.as_str(), format!("{id}@edi.example.com"));
        assert_eq!(name.to_string().parse(), Ok(name));
    }
}
