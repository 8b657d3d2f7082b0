//! Whether failures to decrypt can be told apart from outside, by the time of the answer.

use super::hand::{Hand, Heard, Parcel};
use super::world::World;
use crate::parties::{Parties, content};
use crate::timing::{KINDS, Kinds, TRIES, WARM_UP, compare};
use std::time::Instant;

pub(super) fn measure(parties: &Parties) {
    let world = World::new(parties, "").started();
    let mut hand = Hand::reach(&world.doors()[0]);
    let good = Parcel::new(parties, 1, &content(10_000), |_| ());
    let mut kinds = Kinds::of(parties, &good.bytes);
    let mut times = vec![Vec::with_capacity(TRIES); KINDS.len()];
    let mut lengths = vec![0; KINDS.len()];
    for turn in 0..TRIES * KINDS.len() + WARM_UP {
        let (kind, request) = kinds.next();
        let began = Instant::now();
        let answer = hand.give(&request);
        let time = began.elapsed().as_secs_f64() * 1e6;
        if turn >= WARM_UP {
            times[kind].push(time);
        }
        if turn % 100 == 0 {
            let heard = Heard::of(&answer);
            let said = heard.disposition();
            assert!(said.ends_with("processed/error: decryption-failed"), "{said}");
        }
        lengths[kind] = answer.len();
    }
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    compare("failures to decrypt 10 kB, seen over HTTP", &times);
    world.served.end_in_order();
}
