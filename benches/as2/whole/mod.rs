//! The running program, measured from outside: `wharf serve` as a process of its own with a spool on
//! the disk, and an AS2 partner over plain HTTP on loopback who costs as little as can be.
//!
//! # What is counted
//! The load comes from the same cores, so that a figure a second says little; what counts is the
//! processor time of the program. It is told in two parts: that of the doors (taking in, opening,
//! making durable, answering), which the partner waits for, and with that of the work behind them.

mod big;
mod hand;
mod partner;
mod received;
mod sent;
mod told_apart;
mod world;

use super::parties::Parties;
use std::time::Duration;

/// Measures the parts that are asked for.
pub(crate) fn measure(parties: &Parties, asked: impl Fn(&str) -> bool) {
    if asked("received") {
        received::measure(parties, 10_000, 4_000);
        received::measure(parties, 1_000_000, 400);
    }
    if asked("sent") {
        sent::measure(parties, 10_000, 3_000);
    }
    if asked("gigabyte") {
        big::comes(parties);
        big::goes(parties);
    }
    if asked("bomb") {
        big::bombs(parties);
    }
    if asked("told-apart") {
        told_apart::measure(parties);
    }
}

/// How many of these a core does in a second.
fn of_a_core(count: usize, used: Duration) -> f64 {
    count as f64 / used.as_secs_f64()
}
