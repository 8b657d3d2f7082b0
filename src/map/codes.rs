//! Code tables: the trade's codes and our words for them, both ways.

use super::text::{Stamp, push_escaped};

/// A table of codes and words.
#[derive(Debug, Default)]
pub(super) struct CodeTable {
    pairs: Vec<Pair>,
    by_code: Index,
    by_word: Index,
}

/// A code and its word.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) code: Box<str>,
    pub(super) word: Box<str>,
    /// The word as it stands inside a JSON string.
    pub(super) escaped: Stamp,
}

impl CodeTable {
    /// A table of pairs of code and word; where a code or a word comes twice, the first counts.
    pub(super) fn new<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let pair = |(code, word): (&str, &str)| {
            let mut escaped = vec![];
            push_escaped(word, &mut escaped);
            Pair { code: code.into(), word: word.into(), escaped: Stamp::new(&escaped) }
        };
        let pairs: Vec<Pair> = pairs.into_iter().map(pair).collect();
        let by_code = Index::new(pairs.iter().map(|pair| pair.code.as_bytes()));
        let by_word = Index::new(pairs.iter().map(|pair| pair.word.as_bytes()));
        Self { pairs, by_code, by_word }
    }

    /// All pairs, in the order of the file.
    #[cfg(test)]
    pub(super) fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The pair of `code`.
    pub(super) fn of_code(&self, code: &[u8]) -> Option<&Pair> {
        self.pairs.get(self.by_code.find(code)?)
    }

    /// The pair of `word`.
    pub(super) fn of_word(&self, word: &[u8]) -> Option<&Pair> {
        self.pairs.get(self.by_word.find(word)?)
    }
}

/// Finds the number of a byte string among others: open addressing, at most half full.
///
/// The strings come from map files; what is looked up comes from anywhere, but cannot make the
/// chains longer.
#[derive(Debug, Default)]
pub(super) struct Index {
    slots: Vec<Slot>,
}

#[derive(Clone, Debug, Default)]
struct Slot {
    /// The string in one word: itself if it is short, else a hash.
    packed: u64,
    /// The string if it does not fit into the word.
    long: Option<Box<[u8]>>,
    /// Its number, from 1; 0 for a free slot.
    number: u32,
}

impl Index {
    pub(super) fn new<'s>(strings: impl ExactSizeIterator<Item = &'s [u8]>) -> Self {
        let size = (strings.len() * 2).next_power_of_two().max(2);
        let mut index = Self { slots: vec![Slot::default(); size] };
        for (number, string) in (1..).zip(strings) {
            let (packed, fits) = packed(string);
            let long = (!fits).then(|| string.into());
            let mut at = index.start(packed);
            while index.slots.get(at).is_some_and(|slot| slot.number != 0) {
                at = index.after(at);
            }
            if let Some(slot) = index.slots.get_mut(at) {
                *slot = Slot { packed, long, number };
            }
        }
        index
    }

    /// The number of a string, the first if it is there several times.
    #[inline]
    pub(super) fn find(&self, string: &[u8]) -> Option<usize> {
        let (packed, fits) = packed(string);
        let mut at = self.start(packed);
        loop {
            let slot = self.slots.get(at).filter(|slot| slot.number != 0)?;
            if slot.packed == packed
                && slot.long.is_none() == fits
                && slot.long.as_ref().is_none_or(|long| **long == *string)
            {
                return usize::try_from(slot.number - 1).ok();
            }
            at = self.after(at);
        }
    }

    #[inline]
    fn start(&self, packed: u64) -> usize {
        let hash = packed.wrapping_mul(SPREAD) >> 32;
        usize::try_from(hash).unwrap_or(0) & self.slots.len().wrapping_sub(1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & self.slots.len().wrapping_sub(1)
    }
}

/// A string of up to seven bytes as it is in one word, with its length; a longer one as a hash.
#[inline]
fn packed(string: &[u8]) -> (u64, bool) {
    if string.len() < 8 {
        let mut word = u64::try_from(string.len()).unwrap_or(0);
        for byte in string {
            word = word << 8 | u64::from(*byte);
        }
        return (word, true);
    }
    let mut hash = 0_u64;
    for chunk in string.chunks(8) {
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(chunk) {
            *to = *from;
        }
        hash = (hash.rotate_left(23) ^ u64::from_le_bytes(bytes)).wrapping_mul(SPREAD);
    }
    (hash, false)
}

const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_word_and_each_word_its_code() {
        let purposes =
            CodeTable::new([("00", "original"), ("01", "cancellation"), ("05", "replacement")]);
        let word = |code: &[u8]| purposes.of_code(code).map(|pair| &*pair.word);
        let code = |word: &[u8]| purposes.of_word(word).map(|pair| &*pair.code);
        assert_eq!(word(b"01"), Some("cancellation"));
        assert_eq!(code(b"replacement"), Some("05"));
        assert_eq!(word(b"99"), None);
        assert_eq!(word(b"0"), None);
        assert_eq!(word(b""), None);
        assert_eq!(code(b"original "), None);
        assert!(CodeTable::new([]).of_code(b"").is_none());
        assert!(CodeTable::default().of_code(b"00").is_none());
    }

    #[test]
    fn large_tables_find_everything() {
        let names: Vec<(String, String)> =
            (0..2000).map(|n| (format!("{n:03X}"), format!("word_number_{n}"))).collect();
        let table = CodeTable::new(names.iter().map(|(code, word)| (&**code, &**word)));
        for (code, word) in &names {
            assert_eq!(&*table.of_code(code.as_bytes()).unwrap().word, word);
            assert_eq!(&*table.of_word(word.as_bytes()).unwrap().code, code);
        }
        assert!(table.of_word(b"word_number_2000").is_none());
    }

    #[test]
    fn the_first_of_two_counts() {
        let table = CodeTable::new([("A", "one"), ("A", "two")]);
        assert_eq!(&*table.of_code(b"A").unwrap().word, "one");
    }
}
