//! What a running subscriber shares with those who look after it.

use super::line::Line;
use super::pace::Pace;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What a running subscriber shares with those who look after it.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) pace: Pace,
    /// None until it has read what was parked.
    line: Mutex<Option<Line>>,
    /// Somebody changed the line.
    pub(super) woken: Notify,
}

impl Desk {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, line: Mutex::new(None), woken: Notify::new() }
    }

    pub(super) fn line(&self) -> MutexGuard<'_, Option<Line>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
