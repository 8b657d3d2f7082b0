//! Messages that a partner sends: signed and encrypted, durable, answered by a signed receipt.

use super::hand::{Hand, Heard, Parcel};
use super::of_a_core;
use super::world::World;
use crate::limit::{Limit, rate};
use crate::parties::Parties;
use crate::served::confirmation_of;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

pub(super) fn measure(parties: &Parties, size: usize, count: usize) {
    let content = |number: usize| {
        let lines = size.saturating_sub(250) / 62;
        confirmation_of(u32::try_from(number).unwrap() + 1, lines).into_bytes()
    };
    let parcels = in_turns(2, count + WARM_UP, |number| {
        Parcel::new(parties, number, &content(number), |_| ())
    });
    let limit = Limit::of(parties, &content(0));
    let world = World::new(parties, "").started();
    let [door, _] = world.doors();
    let (first, parcels) = parcels.split_at(WARM_UP);
    drop(give(&door, first));
    world.until_waiting(0);
    let alone_before = rate(|| limit.receive());
    let (before, began) = (world.used(), Instant::now());
    let answers = give(&door, parcels);
    let took = began.elapsed();
    let door_used = world.used().since(before).doors;
    world.until_waiting(0);
    let used = world.used().since(before);
    let alone = f64::midpoint(alone_before, rate(|| limit.receive()));
    for (parcel, answer) in parcels.iter().zip(&answers) {
        Heard::of(answer).proves(parties, parcel).unwrap();
    }
    let [of_doors, of_all] = [door_used, used.whole].map(|used| of_a_core(count, used));
    println!(
        "received {size:>8} bytes, durable, signed receipt, {HANDS} connections: {:.0}/s beside the \
         load; the limit {alone:.0} a core",
        count as f64 / took.as_secs_f64()
    );
    println!(
        "  taking in and answering: {of_doors:.0} a core, ratio {:.2}; with all that is made of them: \
         {of_all:.0} a core, ratio {:.2}",
        of_doors / alone,
        of_all / alone
    );
    println!("  most memory {} MiB", world.memory());
    world.served.end_in_order();
}

/// Hands in all of it; the answers, in the same order.
fn give(door: &str, parcels: &[Parcel]) -> Vec<Vec<u8>> {
    let next = AtomicUsize::new(0);
    let mut answers = thread::scope(|scope| {
        let hands: Vec<_> = (0..HANDS)
            .map(|_| {
                scope.spawn(|| {
                    let (mut hand, mut heard) = (Hand::reach(door), Vec::new());
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(parcel) = parcels.get(at) else { return heard };
                        heard.push((at, hand.give(&parcel.bytes)));
                    }
                })
            })
            .collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect::<Vec<_>>()
    });
    answers.sort_unstable_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Makes so many things on some threads.
fn in_turns<T: Send>(threads: usize, count: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let mut all = thread::scope(|scope| {
        let make = &make;
        let makers: Vec<_> = (0..threads)
            .map(|first| {
                let of = move |number| (number, make(number));
                scope.spawn(move || (first..count).step_by(threads).map(of).collect::<Vec<_>>())
            })
            .collect();
        makers.into_iter().flat_map(|maker| maker.join().unwrap()).collect::<Vec<_>>()
    });
    all.sort_unstable_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, thing)| thing).collect()
}

/// How many connections hand in at once.
const HANDS: usize = 16;

/// Enough for every thread to have begun.
const WARM_UP: usize = 64;
