//! When we look where partners leave files: at each place one look after the other, as often as was
//! agreed, and more seldom while it fails.
//!
//! A server that shows another key than the pinned ones is parked: it is not asked again before its
//! partner's file changes, or we start anew and find the same.

mod board;
mod pace;
mod run;

pub use board::{Board, Polled};
pub use run::run;
