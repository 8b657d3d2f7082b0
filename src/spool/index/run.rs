//! A run: the postings of a stretch of the journal, sorted, in buckets of a few hundred.

use super::filter::{Filter, Filters};
use super::key::{BITS, Key, from_six};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A run that is on disk.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// How it is divided.
    pub(super) shape: Shape,
    /// Which identities it may hold.
    pub(super) filter: Filter,
}

/// All runs that are on disk, in order; the n-th has the number n.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    shapes: Vec<Shape>,
    filters: Filters,
}

impl Runs {
    /// Adds the next run.
    pub(super) fn add(&mut self, run: &Run) {
        self.filters.add(&run.filter, self.shapes.len());
        self.shapes.push(run.shape);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.shapes.len()
    }

    /// The runs that may hold `key`, by their numbers; of identities, few do.
    pub(super) fn holding(&self, key: Key, identity: bool) -> Vec<(u32, Shape)> {
        let with_shape = |n: usize| Some((u32::try_from(n).ok()?, *self.shapes.get(n)?));
        if identity {
            self.filters.holding(key).into_iter().filter_map(with_shape).collect()
        } else {
            (0..self.shapes.len()).filter_map(with_shape).collect()
        }
    }
}

/// How a run is divided.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Shape {
    /// There are two to this power of buckets.
    pub(super) power: u32,
    /// How many pieces its filter is stored in.
    pub(super) pieces: u32,
}

/// Postings: keys with positions.
pub(super) type Postings = BTreeSet<(Key, u64)>;

/// How many postings a bucket has, on the average.
const BUCKET: usize = 200;

/// How many bytes a posting takes: six for the key, six for the position.
const UNIT: usize = 12;

impl Shape {
    /// The shape of a run of `count` postings.
    pub(super) fn of(count: usize) -> Self {
        let buckets = (count / BUCKET).next_power_of_two();
        Self { power: buckets.trailing_zeros(), pieces: 0 }
    }

    /// The bucket of a key.
    pub(super) fn bucket(self, key: Key) -> u32 {
        u32::try_from(key.number() >> (BITS - self.power)).unwrap_or(u32::MAX)
    }

    /// The postings by bucket, each bucket's as they are stored.
    pub(super) fn buckets(self, postings: &Postings) -> impl Iterator<Item = (u32, Vec<u8>)> {
        let mut postings = postings.iter().peekable();
        std::iter::from_fn(move || {
            let bucket = self.bucket(postings.peek()?.0);
            let mut bytes = Vec::new();
            while let Some((key, position)) =
                postings.next_if(|(key, _)| self.bucket(*key) == bucket)
            {
                bytes.extend(key.to_bytes());
                bytes.extend(position.to_be_bytes().last_chunk::<6>().into_iter().flatten());
            }
            Some((bucket, bytes))
        })
    }
}

/// The positions of `key` in the bytes of a bucket.
pub(super) fn positions(bucket: &[u8], key: Key) -> impl Iterator<Item = u64> {
    let key = key.to_bytes();
    bucket
        .chunks_exact(UNIT)
        .skip_while(move |unit| !unit.starts_with(&key))
        .map_while(move |unit| unit.strip_prefix(&key))
        .filter_map(|position| position.first_chunk().copied().map(from_six))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(range: std::ops::Range<u32>) -> Vec<Key> {
        range.map(|n| Key::reference(&n.to_string())).collect()
    }

    #[test]
    fn every_posting_is_found_in_its_bucket_and_no_other() {
        let all = keys(0..5000);
        let mut postings: Postings = all.iter().zip(1000..).map(|(key, at)| (*key, at)).collect();
        postings.insert((all[7], 77));
        let shape = Shape::of(postings.len());
        assert_eq!(shape.power, 5);
        let buckets: std::collections::HashMap<u32, Vec<u8>> = shape.buckets(&postings).collect();
        assert!(buckets.len() <= 32);
        for (key, at) in all.iter().zip(1000..) {
            let found: Vec<u64> = positions(&buckets[&shape.bucket(*key)], *key).collect();
            assert_eq!(found, if *key == all[7] { vec![77, at] } else { vec![at] });
        }
        let other = Key::reference("other");
        assert_eq!(positions(&buckets[&shape.bucket(other)], other).count(), 0);
    }

    #[test]
    fn one_bucket_holds_few_postings() {
        let shape = Shape::of(3);
        assert_eq!((shape.power, shape.bucket(Key::reference("x"))), (0, 0));
    }
}
