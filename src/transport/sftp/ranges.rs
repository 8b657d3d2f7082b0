//! Which bytes of a file somebody has had.

/// Stretches of a file, in order and apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Adds the bytes from `from` to before `to`.
    pub(super) fn add(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        // The usual: the next piece of a file that is read from front to back.
        if let [(_, end)] = self.0.as_mut_slice()
            && *end == from
        {
            *end = to;
            return;
        }
        let first = self.0.partition_point(|(_, end)| *end < from);
        let last = self.0.partition_point(|(start, _)| *start <= to);
        let touched = self.0.get(first..last).unwrap_or_default();
        let start = touched.first().map_or(from, |(start, _)| from.min(*start));
        let end = touched.last().map_or(to, |(_, end)| to.max(*end));
        self.0.splice(first..last, [(start, end)]);
        // Whoever reads every other byte is not fetching a file.
        self.0.truncate(MOST);
    }

    /// Whether these are all bytes of a file of this length.
    pub(super) fn cover(&self, length: u64) -> bool {
        length == 0 || self.0.first().is_some_and(|(start, end)| *start == 0 && *end >= length)
    }
}

const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_read_in_two_halves_was_had() {
        let mut had = Ranges::default();
        had.add(50, 100);
        assert!(!had.cover(100));
        had.add(0, 50);
        assert!(had.cover(100) && !had.cover(101));
        assert_eq!(had, Ranges(vec![(0, 100)]));
    }

    proptest! {
        #[test]
        fn ranges_are_a_set_of_bytes(reads in proptest::collection::vec((0_u64..64, 0_u64..20), 0..30)) {
            let mut had = Ranges::default();
            let mut model = [false; 100];
            for (from, length) in reads {
                had.add(from, from + length);
                for byte in from..from + length {
                    model[usize::try_from(byte).unwrap()] = true;
                }
            }
            let covered = model.iter().take_while(|had| **had).count();
            for length in 0..100 {
                prop_assert_eq!(had.cover(length), usize::try_from(length).unwrap() <= covered, "{}", length);
            }
        }
    }
}
