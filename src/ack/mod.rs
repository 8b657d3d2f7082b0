//! TA1, 997 and 999: written for what was received, and read into verdicts on what was sent.
//!
//! Knows how findings become the standard's codes, which answer is due by ISA14 and by agreement,
//! and what every code means in words. Does not check anything itself, asks no clock and takes no
//! control number: both are arguments of [`Answer::write`], asked for only when an answer is due.
//!
//! Invariants: an acknowledgment is never acknowledged (no group `FA` gets a 997, no lone TA1 gets
//! a TA1), so that two partners cannot answer each other for ever; nothing that is only a warning
//! reaches the partner; control numbers and ids are repeated as they came, cut at the width of
//! their place, so an answer is as valid as the numbers that it must repeat.
//!
//! # Why loops are written while the sets arrive
//! An interchange may hold a million sets, and whether a group stands is known only at its end. So
//! each set leaves just its AK2 loop behind, as bytes; where a group or an interchange falls, the
//! status bytes are changed in place.
//!
//! # Why a rejected interchange may still get 997s
//! A TA1 that rejects says all there is to say, and nothing follows it. Where no TA1 may be sent,
//! the groups are answered as rejected, so that nobody takes silence for consent.

mod acknowledge;
mod answer;
mod clean;
mod context;
mod form;
mod group;
mod options;
mod read;
mod reading;
#[cfg(test)]
mod sample;
mod segments;
mod verdict;
mod words;

pub use acknowledge::Acknowledger;
pub use answer::{Answer, Numbers, Reply, Silence};
pub use form::Form;
pub use options::{FunctionalPolicy, InterchangePolicy, Limits, Loops, Options};
pub use read::{functional, interchange, verdict};
pub use verdict::{
    CodeInWords, Counts, ErrorInWords, FunctionalVerdict, InterchangeVerdict, PartnerVerdict,
    SetVerdict, Status,
};
