//! What postings are found by.

use super::super::entry::{Entry, Fact};
use crate::event::State;
use crate::message::{Digest, Identity, MessageId, PartnerId};

/// What postings are found by: 48 bits, evenly spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(u64);

/// How many bits a key has.
pub(super) const BITS: u32 = 48;

/// Lists are kept by window: a stretch of so many bytes of the journal. A posting leads to the first
/// record of a window that has to do with the key, and whoever follows it reads on to its end.
pub(crate) const WINDOW: u64 = 256 << 10;

impl Key {
    /// Every record that touches a message.
    pub(crate) fn message(id: MessageId) -> Self {
        // The end of an id is random already.
        Self::from_bytes(id.as_bytes().last_chunk().copied().unwrap_or_default())
    }

    /// The record in which an identity was taken.
    pub(crate) fn identity(identity: &Identity) -> Self {
        Self::of(b'i', &[identity.scope.as_bytes(), identity.key.as_bytes()])
    }

    /// The records that say what can be found by a reference; `value` as [`normal`] makes it.
    pub(crate) fn reference(value: &str) -> Self {
        Self::of(b'r', &[value.as_bytes()])
    }

    /// The windows in which messages of a partner were opened.
    pub(crate) fn opened_for(partner: &PartnerId) -> Self {
        Self::of(b'p', &[partner.as_str().as_bytes()])
    }

    /// The windows in which any message was opened.
    pub(crate) fn opened() -> Self {
        Self::of(b'o', &[])
    }

    /// The windows in which messages came into a state.
    pub(crate) fn entered(state: State) -> Self {
        Self::of(b's', &[state.name().as_bytes()])
    }

    /// The number that the key is.
    pub(super) fn number(self) -> u64 {
        self.0
    }

    /// The key in six bytes, which sort as keys do.
    pub(super) fn to_bytes(self) -> [u8; 6] {
        self.0.to_be_bytes().last_chunk().copied().unwrap_or_default()
    }

    /// The key that these bytes are.
    pub(super) fn from_bytes(bytes: [u8; 6]) -> Self {
        Self(from_six(bytes))
    }

    fn of(kind: u8, parts: &[&[u8]]) -> Self {
        let mut text = vec![kind];
        for part in parts {
            text.extend_from_slice(part);
            text.push(0);
        }
        Self::from_bytes(Digest::of(&text).as_bytes().first_chunk().copied().unwrap_or_default())
    }
}

/// The number that six bytes are.
pub(super) fn from_six(bytes: [u8; 6]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A reference as it is looked for: without the spaces around it, without regard to case, and, if it
/// is a number, without the zeros before it.
pub(crate) fn normal(value: &str) -> String {
    let value = value.trim().to_ascii_uppercase();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        let short = value.trim_start_matches('0');
        return if short.is_empty() { "0".into() } else { short.into() };
    }
    value
}

/// The keys of an entry, but for the windows.
pub(super) fn keys(entry: &Entry) -> (Vec<Key>, Vec<Key>) {
    let mut keys = Vec::new();
    let mut identities = Vec::new();
    for fact in &entry.facts {
        if let Some(id) = fact.message() {
            keys.push(Key::message(id));
        }
        if let Fact::Claimed { identity, .. } = fact {
            identities.push(Key::identity(identity));
        } else if let Fact::Referred { reference, .. } = fact {
            keys.push(Key::reference(&normal(&reference.value)));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    (keys, identities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_however_it_is_written() {
        assert_eq!(normal(" po-17a "), "PO-17A");
        assert_eq!(normal("000000042"), normal("42"));
        assert_eq!(normal("000"), "0");
        assert_ne!(normal("0a"), normal("a"));
    }

    #[test]
    fn a_key_survives_its_bytes() {
        let key = Key::reference("X");
        assert_eq!(Key::from_bytes(key.to_bytes()), key);
    }
}
