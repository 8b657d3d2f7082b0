//! Which control numbers were met.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// A set of control numbers, small also for a million of them.
///
/// Nearly everyone counts up by one: such a run is kept as its two ends. Of all others a hash is
/// kept, with a key of this process, so that nobody can make two collide.
#[derive(Debug, Default)]
pub(super) struct Controls {
    run: Option<Run>,
    others: HashSet<u64>,
    hasher: RandomState,
}

/// Numbers of so many digits, both ends included.
#[derive(Clone, Copy, Debug)]
struct Run {
    digits: usize,
    first: u64,
    last: u64,
}

impl Controls {
    /// Adds a control number; false if it was there.
    pub(super) fn insert(&mut self, control: &str) -> bool {
        let digits = control.len();
        let plain = digits < 19 && control.bytes().all(|byte| byte.is_ascii_digit());
        let number = if plain { control.parse::<u64>().ok() } else { None };
        if let Some(number) = number {
            let Some(run) = &mut self.run else {
                self.run = Some(Run { digits, first: number, last: number });
                return true;
            };
            if run.digits == digits {
                if (run.first..=run.last).contains(&number) {
                    return false;
                }
                let met = || self.others.contains(&self.hasher.hash_one(control));
                if number == run.last + 1 && (self.others.is_empty() || !met()) {
                    run.last = number;
                    return true;
                }
            }
        }
        self.others.insert(self.hasher.hash_one(control))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these control numbers are taken for new.
    fn new(controls: &[&str]) -> Vec<bool> {
        let mut met = Controls::default();
        controls.iter().map(|control| met.insert(control)).collect()
    }

    #[test]
    fn a_control_number_is_new_once() {
        assert_eq!(new(&["0001", "0002", "0003", "0002"]), [true, true, true, false]);
        assert_eq!(
            new(&["0009", "0005", "0010", "0005", "0010"]),
            [true, true, true, false, false]
        );
        assert_eq!(new(&["A1", "", "A1", ""]), [true, true, false, false]);
        assert_eq!(new(&["1", "01", "001", "01"]), [true, true, true, false]);
        let long = "9".repeat(30);
        assert_eq!(new(&[&long, &long]), [true, false]);
    }

    #[test]
    fn numbers_that_count_up_take_no_room() {
        let mut met = Controls::default();
        for number in 1..=100_000 {
            assert!(met.insert(&format!("{number:09}")));
        }
        assert!(met.others.is_empty());
        assert!(!met.insert("000050000"));
    }
}
