//! Which runs may hold an identity, without a look at the disk.
//!
//! Almost every identity that is asked for is new, so almost every answer is "none". Each run has a
//! Bloom filter; in memory the filters of up to sixty-four runs lie across one another, a word for
//! each bit with a bit for each run, so that to ask all of them takes as few looks at memory as to
//! ask one.

use super::super::files::{long, short};
use super::key::Key;

/// The Bloom filter of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    bytes: Vec<u8>,
}

/// The filters of all runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    groups: Vec<Group>,
}

/// The filters of some runs, all of one size.
#[derive(Clone, Debug)]
struct Group {
    /// For each bit of the filters, which of the runs have it.
    words: Vec<u64>,
    runs: Vec<usize>,
}

/// How many bits of a filter each key sets, and how many it has at least for each key: wrong about
/// less than one key in a thousand.
const HASHES: u64 = 8;
const BITS_PER_KEY: usize = 16;

impl Filter {
    /// The filter of `keys`.
    pub(super) fn of(keys: &[Key]) -> Self {
        let bits = (keys.len() * BITS_PER_KEY).next_power_of_two().max(8);
        let mut filter =
            Self { bytes: if keys.is_empty() { Vec::new() } else { vec![0; bits / 8] } };
        for key in keys {
            for bit in places(*key, bits) {
                if let Some(byte) = filter.bytes.get_mut(bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
        filter
    }

    /// The filter as bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The filter that these bytes are; their number must be a power of two.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.is_empty() || bytes.len().is_power_of_two()).then_some(Self { bytes })
    }
}

impl Filters {
    /// Adds the filter of a run.
    pub(super) fn add(&mut self, filter: &Filter, run: usize) {
        let bits = filter.bytes.len() * 8;
        if bits == 0 {
            return;
        }
        let fits = |group: &Group| group.words.len() == bits && group.runs.len() < 64;
        if !self.groups.iter().any(fits) {
            self.groups.push(Group { words: vec![0; bits], runs: Vec::new() });
        }
        let Some(group) = self.groups.iter_mut().find(|group| fits(group)) else { return };
        let mark = 1_u64 << group.runs.len();
        group.runs.push(run);
        for (byte, words) in filter.bytes.iter().zip(group.words.chunks_exact_mut(8)) {
            for (bit, word) in words.iter_mut().enumerate() {
                if byte >> bit & 1 == 1 {
                    *word |= mark;
                }
            }
        }
    }

    /// The runs that may hold `key`, in order.
    pub(super) fn holding(&self, key: Key) -> Vec<usize> {
        let mut holding = Vec::new();
        for group in &self.groups {
            let mut common = u64::MAX;
            for bit in places(key, group.words.len()) {
                common &= group.words.get(bit).copied().unwrap_or(0);
                if common == 0 {
                    break;
                }
            }
            let runs = group.runs.iter().enumerate();
            holding.extend(runs.filter(|(n, _)| common >> n & 1 == 1).map(|(_, run)| *run));
        }
        holding.sort_unstable();
        holding
    }
}

/// The bits of `key` among `bits`, which must be a power of two.
fn places(key: Key, bits: usize) -> impl Iterator<Item = usize> {
    // Two numbers from one (SplitMix64), and from those as many as are wanted.
    let mut first = key.number().wrapping_add(0x9E37_79B9_7F4A_7C15);
    first = (first ^ (first >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    first = (first ^ (first >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let second = (first >> 32) | 1;
    let mask = long(bits).wrapping_sub(1);
    (0..HASHES).map(move |n| short(first.wrapping_add(n.wrapping_mul(second)) & mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(range: std::ops::Range<u32>) -> Vec<Key> {
        range.map(|n| Key::reference(&n.to_string())).collect()
    }

    #[test]
    fn each_run_knows_its_own_and_few_others() {
        let mut filters = Filters::default();
        for run in 0..100 {
            // Of two sizes, so that there are more groups than one.
            let count = if run % 2 == 0 { 100 } else { 300 };
            let own = keys(run * 1000..run * 1000 + count);
            let filter = Filter::from_bytes(Filter::of(&own).as_bytes().to_vec()).unwrap();
            filters.add(&filter, usize::try_from(run).unwrap());
        }
        filters.add(&Filter::of(&[]), 100);
        assert_eq!(filters.groups.len(), 2);
        let mut wrong = 0;
        for run in 0..100 {
            for key in keys(run * 1000..run * 1000 + 100) {
                let holding = filters.holding(key);
                assert!(holding.contains(&usize::try_from(run).unwrap()));
                wrong += holding.len() - 1;
            }
        }
        assert!(wrong < 1000, "{wrong} of a million");
    }
}
