//! Control numbers: for each partner and kind one sequence, 1 to 999999999 and round again.
//!
//! A number is taken in memory when an interchange is put together, and is used for good by the
//! write that keeps that interchange. If that write fails, the number is left out: a hole in the
//! sequence harms nobody, a number on two interchanges does.

use super::entry::{NumberKey, NumberKind};
use super::error::SpoolError;
use crate::message::PartnerId;
use std::collections::BTreeMap;

/// The largest control number.
pub const LARGEST: u32 = 999_999_999;

/// A control number that was taken and belongs to nobody else. Hand it in with the write that uses
/// it.
#[derive(Debug, PartialEq, Eq)]
pub struct Number {
    pub(super) key: NumberKey,
    pub(super) value: u32,
}

impl Number {
    /// The number.
    pub fn value(&self) -> u32 {
        self.value
    }

    /// Whose it is.
    pub fn partner(&self) -> &PartnerId {
        &self.key.partner
    }

    /// What it numbers.
    pub fn kind(&self) -> NumberKind {
        self.key.kind
    }
}

/// All sequences.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// The last number used, as the journal says.
    used: BTreeMap<NumberKey, Sequence>,
    /// The last number taken, which may be ahead of that.
    taken: BTreeMap<NumberKey, u32>,
}

/// How far a sequence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    /// The last number.
    pub(super) last: u32,
    /// Whether it was ever used, and is not only a start that a person set.
    pub(super) used: bool,
}

impl Numbers {
    /// Takes the next number.
    pub(super) fn take(&mut self, key: NumberKey) -> Number {
        let used = self.used.get(&key).map_or(0, |sequence| sequence.last);
        let last = self.taken.entry(key.clone()).or_insert(used);
        *last = if *last >= LARGEST { 1 } else { *last + 1 };
        Number { key, value: *last }
    }

    /// A number was used. Writes may become durable in another order than their numbers were taken.
    pub(super) fn was_used(&mut self, key: &NumberKey, value: u32) {
        let sequence = self.used.entry(key.clone()).or_insert(Sequence { last: value, used: true });
        let ahead = (value + LARGEST - sequence.last) % LARGEST;
        if ahead < LARGEST / 2 {
            sequence.last = value;
        }
        sequence.used = true;
    }

    /// Whether a sequence may go on at `next`: not behind a number that was taken.
    pub(super) fn may_start(&self, key: &NumberKey, next: u32) -> Result<(), SpoolError> {
        let used = self.used.get(key).filter(|sequence| sequence.used).map_or(0, |s| s.last);
        let start = self.used.get(key).map_or(0, |sequence| sequence.last);
        let taken = self.taken.get(key).copied().filter(|taken| *taken != start).unwrap_or(0);
        let last = used.max(taken);
        if (1..=LARGEST).contains(&next) && next > last {
            Ok(())
        } else {
            Err(SpoolError::NumberBehind { next, last })
        }
    }

    /// A sequence goes on at `next`.
    pub(super) fn start(&mut self, key: &NumberKey, next: u32) {
        let used = self.used.get(key).is_some_and(|sequence| sequence.used);
        let last = if next <= 1 { LARGEST } else { next - 1 };
        self.used.insert(key.clone(), Sequence { last, used });
        self.taken.remove(key);
    }

    /// Puts in what was kept of a sequence.
    pub(super) fn restore(&mut self, key: NumberKey, sequence: Sequence) {
        self.used.insert(key, sequence);
    }

    /// All sequences, as the journal says.
    pub(super) fn all(&self) -> impl Iterator<Item = (&NumberKey, Sequence)> {
        self.used.iter().map(|(key, sequence)| (key, *sequence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> NumberKey {
        let partner = PartnerId::new("acme").unwrap();
        NumberKey { partner, kind: NumberKind::Interchange }
    }

    fn last(numbers: &Numbers) -> u32 {
        numbers.all().next().unwrap().1.last
    }

    #[test]
    fn no_number_is_taken_twice_and_the_largest_is_followed_by_one() {
        let mut numbers = Numbers::default();
        assert_eq!([numbers.take(key()).value(), numbers.take(key()).value()], [1, 2]);
        numbers.may_start(&key(), LARGEST).unwrap();
        numbers.start(&key(), LARGEST);
        assert_eq!([numbers.take(key()).value(), numbers.take(key()).value()], [LARGEST, 1]);
    }

    #[test]
    fn numbers_used_out_of_order_leave_the_sequence_at_the_furthest() {
        let mut numbers = Numbers::default();
        for value in [2, 1, 3] {
            numbers.was_used(&key(), value);
        }
        assert_eq!(last(&numbers), 3);
        let mut round = Numbers::default();
        for value in [LARGEST - 1, 1, LARGEST] {
            round.was_used(&key(), value);
        }
        assert_eq!(last(&round), 1);
    }

    #[test]
    fn a_start_may_be_set_again_until_a_number_was_used_but_never_behind_one() {
        let mut numbers = Numbers::default();
        numbers.start(&key(), 5000);
        numbers.may_start(&key(), 1).unwrap();
        numbers.was_used(&key(), 5000);
        assert!(numbers.may_start(&key(), 5000).is_err());
        assert!(numbers.may_start(&key(), 0).is_err());
        assert!(numbers.may_start(&key(), LARGEST + 1).is_err());
        numbers.may_start(&key(), 5001).unwrap();
    }

    #[test]
    fn a_start_is_not_set_behind_a_number_that_is_taken_but_not_yet_used() {
        let mut numbers = Numbers::default();
        let taken = numbers.take(key());
        assert!(numbers.may_start(&key(), taken.value()).is_err());
    }
}
