//! The conditions between elements: P, R, E, C and L of X12.6.

use crate::grammar::rules::{Relational, RelationalKind};

/// How a condition is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breach {
    /// These places must all be there, since others are.
    Missing(u64),
    /// One of these places must be there.
    NoneOf(u64),
    /// Of these places, all there, only one may be.
    TooMany(u64),
}

/// How `present`, bit n-1 for place n, breaks `condition`; `None` if it does not.
#[inline]
pub(super) fn breach(condition: &Relational, present: u64) -> Option<Breach> {
    let there = condition.places & present;
    let absent = condition.places & !present;
    let first = bit(condition.first);
    match condition.kind {
        RelationalKind::Paired => (there != 0 && absent != 0).then_some(Breach::Missing(absent)),
        RelationalKind::Required => (there == 0).then_some(Breach::NoneOf(condition.places)),
        RelationalKind::Exclusive => (there.count_ones() > 1).then_some(Breach::TooMany(there)),
        RelationalKind::Conditional => {
            (there & first != 0 && absent != 0).then_some(Breach::Missing(absent))
        }
        RelationalKind::ListConditional => {
            (there == first && first != 0).then_some(Breach::NoneOf(condition.places & !first))
        }
    }
}

/// The bit of place `number`, counted from 1; none beyond 64.
#[inline]
pub(super) fn bit(number: impl Into<u32>) -> u64 {
    number.into().checked_sub(1).and_then(|shift| 1_u64.checked_shl(shift)).unwrap_or(0)
}

/// The places whose bits are set, counted from 1, in order.
pub(super) fn places(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() + 1)?;
        bits &= bits - 1;
        Some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(kind: RelationalKind, present: &[u8]) -> Option<Breach> {
        let condition = Relational { kind, first: 2, places: bit(2_u8) | bit(3_u8) | bit(4_u8) };
        breach(&condition, present.iter().fold(0, |bits, place| bits | bit(*place)))
    }

    #[test]
    fn paired_is_all_or_none() {
        assert_eq!(broken(RelationalKind::Paired, &[1]), None);
        assert_eq!(broken(RelationalKind::Paired, &[2, 3, 4]), None);
        assert_eq!(broken(RelationalKind::Paired, &[3]), Some(Breach::Missing(0b1010)));
    }

    #[test]
    fn required_is_at_least_one() {
        assert_eq!(broken(RelationalKind::Required, &[4]), None);
        assert_eq!(broken(RelationalKind::Required, &[1]), Some(Breach::NoneOf(0b1110)));
    }

    #[test]
    fn exclusive_is_at_most_one() {
        assert_eq!(broken(RelationalKind::Exclusive, &[3]), None);
        assert_eq!(broken(RelationalKind::Exclusive, &[]), None);
        assert_eq!(broken(RelationalKind::Exclusive, &[2, 4]), Some(Breach::TooMany(0b1010)));
    }

    #[test]
    fn conditional_asks_for_all_others_once_the_first_is_there() {
        assert_eq!(broken(RelationalKind::Conditional, &[3]), None);
        assert_eq!(broken(RelationalKind::Conditional, &[2, 3, 4]), None);
        assert_eq!(broken(RelationalKind::Conditional, &[2, 3]), Some(Breach::Missing(0b1000)));
    }

    #[test]
    fn list_conditional_asks_for_one_other_once_the_first_is_there() {
        assert_eq!(broken(RelationalKind::ListConditional, &[3]), None);
        assert_eq!(broken(RelationalKind::ListConditional, &[2, 4]), None);
        assert_eq!(broken(RelationalKind::ListConditional, &[2]), Some(Breach::NoneOf(0b1100)));
    }

    #[test]
    fn places_are_listed_in_order_up_to_the_last_bit() {
        assert_eq!(places(bit(64_u8) | bit(1_u8) | bit(9_u8)).collect::<Vec<_>>(), [1, 9, 64]);
        assert_eq!(bit(65_u8), 0);
        assert_eq!(bit(0_u8), 0);
    }
}
