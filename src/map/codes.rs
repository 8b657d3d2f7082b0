//! Code tables: the trade's codes and our words for them, both ways.

/// A table of codes and words.
#[derive(Debug, Default)]
pub(super) struct CodeTable {
    pairs: Vec<(Box<str>, Box<str>)>,
    by_code: Index,
    by_word: Index,
}

impl CodeTable {
    /// A table of pairs of code and word; where a code or a word comes twice, the first counts.
    pub(super) fn new(pairs: Vec<(Box<str>, Box<str>)>) -> Self {
        let by_code = Index::new(pairs.iter().map(|(code, _)| code.as_bytes()));
        let by_word = Index::new(pairs.iter().map(|(_, word)| word.as_bytes()));
        Self { pairs, by_code, by_word }
    }

    /// The word for `code`.
    pub(super) fn word(&self, code: &[u8]) -> Option<&str> {
        let equal = |at: usize| self.pairs.get(at).is_some_and(|pair| pair.0.as_bytes() == code);
        self.pairs.get(self.by_code.find(code, equal)?).map(|(_, word)| &**word)
    }

    /// The code for `word`.
    pub(super) fn code(&self, word: &[u8]) -> Option<&str> {
        let equal = |at: usize| self.pairs.get(at).is_some_and(|pair| pair.1.as_bytes() == word);
        self.pairs.get(self.by_word.find(word, equal)?).map(|(code, _)| &**code)
    }

    /// The pairs in the order of the file.
    #[cfg(test)]
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(code, word)| (&**code, &**word))
    }
}

/// Finds the place of a byte string among others: open addressing, at most half full.
///
/// The strings come from map files; what is looked up comes from anywhere, but cannot make the
/// chains longer.
#[derive(Debug, Default)]
pub(super) struct Index {
    slots: Vec<u16>,
}

const FREE: u16 = u16::MAX;

impl Index {
    pub(super) fn new<'s>(strings: impl ExactSizeIterator<Item = &'s [u8]>) -> Self {
        let size = (strings.len().min(usize::from(FREE) / 2) * 2).next_power_of_two();
        let mut index = Self { slots: vec![FREE; size.max(2)] };
        for (place, string) in strings.enumerate() {
            let Ok(place) = u16::try_from(place) else { break };
            if usize::from(place) < size / 2 {
                let mut at = index.start(string);
                while index.slots.get(at).is_some_and(|slot| *slot != FREE) {
                    at = index.after(at);
                }
                if let Some(slot) = index.slots.get_mut(at) {
                    *slot = place;
                }
            }
        }
        index
    }

    /// The first place for which `equal` holds, among those that `string` may be at.
    pub(super) fn find(&self, string: &[u8], equal: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = self.start(string);
        loop {
            let slot = *self.slots.get(at)?;
            if slot == FREE {
                return None;
            }
            if equal(usize::from(slot)) {
                return Some(usize::from(slot));
            }
            at = self.after(at);
        }
    }

    fn start(&self, string: &[u8]) -> usize {
        let mut hash = 0_u64;
        let mut chunks = string.chunks_exact(8);
        for chunk in &mut chunks {
            hash = mixed(hash, <[u8; 8]>::try_from(chunk).map_or(0, u64::from_le_bytes));
        }
        let mut last = 0;
        for byte in chunks.remainder() {
            last = last << 8 | u64::from(*byte);
        }
        hash = mixed(hash, last ^ u64::try_from(string.len()).unwrap_or(0) << 56);
        usize::try_from(hash >> 40).unwrap_or(0) & (self.slots.len() - 1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

fn mixed(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(pairs: &[(&str, &str)]) -> CodeTable {
        CodeTable::new(pairs.iter().map(|(code, word)| ((*code).into(), (*word).into())).collect())
    }

    #[test]
    fn each_code_has_its_word_and_each_word_its_code() {
        let purposes = table(&[("00", "original"), ("01", "cancellation"), ("05", "replacement")]);
        assert_eq!(purposes.word(b"01"), Some("cancellation"));
        assert_eq!(purposes.code(b"replacement"), Some("05"));
        assert_eq!(purposes.word(b"99"), None);
        assert_eq!(purposes.code(b"original "), None);
        assert_eq!(table(&[]).word(b""), None);
    }

    #[test]
    fn large_tables_find_everything() {
        let names: Vec<(String, String)> =
            (0..2000).map(|n| (format!("{n:03X}"), format!("word_number_{n}"))).collect();
        let pairs: Vec<(&str, &str)> = names.iter().map(|(a, b)| (&**a, &**b)).collect();
        let table = table(&pairs);
        for (code, word) in table.pairs() {
            assert_eq!(table.word(code.as_bytes()), Some(word));
            assert_eq!(table.code(word.as_bytes()), Some(code));
        }
        assert_eq!(table.code(b"word_number_2000"), None);
    }
}
