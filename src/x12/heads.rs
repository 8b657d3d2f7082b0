//! What the first byte of a segment tells of it.

use super::delimiters::Delimiters;
use super::role::Role;

/// What a byte says where a segment may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A segment that needs no decision begins.
    Plain,
    /// None begins: layout between segments.
    Layout,
    /// A segment begins whose id must be looked at.
    Telling,
}

/// The [`Head`] of each byte, in one interchange.
#[derive(Debug)]
pub(super) struct Heads([Head; 256]);

impl Heads {
    pub(super) fn of_segments(delimiters: Delimiters) -> Self {
        let mut heads = [Head::Plain; 256];
        for (byte, head) in (0..=u8::MAX).zip(&mut heads) {
            *head = match byte {
                b'S' | b'G' | b'I' | b'B' => Head::Telling,
                _ if delimiters.is_layout(byte) => Head::Layout,
                _ => Head::Plain,
            };
        }
        Self(heads)
    }

    #[inline]
    pub(super) fn of(&self, byte: u8) -> Head {
        self.0.get(usize::from(byte)).copied().unwrap_or(Head::Telling)
    }

    /// Whether segments of this id neither bound a set, a group or an interchange, nor count bytes.
    pub(super) fn is_plain(id: &[u8]) -> bool {
        Role::of(id) == Role::Other && !matches!(id, [b'I', b'S', b'A', ..] | b"BIN" | b"BDS")
    }
}

impl Default for Heads {
    fn default() -> Self {
        Self::of_segments(Delimiters::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_needs_a_decision_begins_with_a_telling_byte() {
        let heads = Heads::default();
        for id in [&b"ISA"[..], b"ISA|00|", b"IEA", b"GS", b"GE", b"ST", b"SE", b"BIN", b"BDS"] {
            assert_eq!(heads.of(id[0]), Head::Telling);
            assert!(!Heads::is_plain(id));
        }
        for id in [&b"SAC"[..], b"STC", b"GSX", b"BEG", b"IT1", b"IEAX", b"I", b""] {
            assert!(Heads::is_plain(id));
        }
    }

    #[test]
    fn white_space_is_layout_unless_it_separates() {
        let tabs = Delimiters { element: b'\t', segment: b'\n', ..Delimiters::default() };
        let heads = Heads::of_segments(tabs);
        assert_eq!(heads.of(b'\t'), Head::Plain);
        assert_eq!(heads.of(b'\n'), Head::Layout, "the end of an empty line");
        assert_eq!(heads.of(b'\r'), Head::Layout);
    }
}
