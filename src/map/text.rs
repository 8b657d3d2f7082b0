//! The bytes of elements as JSON text.

use crate::x12::{self, Delimiters};

/// What each byte means for text in an interchange, so that a value is looked through once.
pub(super) struct Classes([u8; 256]);

/// Must be escaped in JSON, or is not ASCII.
const SPECIAL: u8 = 1;
/// Separates components or repetitions.
const SEPARATOR: u8 = 2;

impl Classes {
    pub(super) fn new(delimiters: Delimiters) -> Self {
        let mut classes = JSON;
        for byte in [Some(delimiters.component), delimiters.repetition].into_iter().flatten() {
            if let Some(class) = classes.get_mut(usize::from(byte)) {
                *class |= SEPARATOR;
            }
        }
        Self(classes)
    }

    /// Appends a plain element as it stands inside a JSON string; `None`, and nothing appended, if
    /// it holds separators.
    pub(super) fn push(&self, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut met = 0;
        for byte in bytes {
            met |= self.0.get(usize::from(*byte)).copied().unwrap_or(SPECIAL);
        }
        if met == 0 {
            out.extend_from_slice(bytes);
            return Some(());
        }
        if met & SEPARATOR != 0 {
            return None;
        }
        push_escaped(&x12::text(bytes), out);
        Some(())
    }
}

/// Appends text as it stands inside a JSON string.
pub(super) fn push_escaped(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                let digit =
                    |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                let (high, low) = (digit(byte >> 4), digit(byte & 15));
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
            _ => out.push(byte),
        }
    }
}

/// The classes of bytes as JSON alone has them.
const JSON: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte < 0x20 || byte >= 0x80 {
            classes[byte] = SPECIAL;
        }
        byte += 1;
    }
    classes[b'"' as usize] = SPECIAL;
    classes[b'\\' as usize] = SPECIAL;
    classes
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pushed(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut out = vec![];
        Classes::new(Delimiters::default()).push(bytes, &mut out).map(|()| out)
    }

    #[test]
    fn separators_are_not_text() {
        assert_eq!(pushed(b"a:b"), None);
        assert_eq!(pushed(b"a^b"), None);
        assert_eq!(pushed(b"a*b").as_deref(), Some(&b"a*b"[..]));
    }

    #[test]
    fn what_is_not_utf_8_is_latin_1() {
        assert_eq!(pushed(b"caf\xE9").unwrap(), "café".as_bytes());
    }

    proptest! {
        #[test]
        fn any_text_reads_back_from_json(text in "[^:^]{0,20}") {
            let mut json = vec![b'"'];
            json.extend(pushed(text.as_bytes()).unwrap());
            json.push(b'"');
            prop_assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text);
        }
    }
}
