//! Where the work is done that nobody at a door waits for: reading, translating, sending, telling.
//!
//! # Why threads of its own
//! Who hands something in waits for our yes; what follows from it may wait a little. On the same
//! threads as the doors, the work of a burst holds up the taking in of that same burst. So it has
//! threads of its own, and the system runs them after those of the doors while both want the
//! processor. They are never starved: what they are given then is little, not nothing.

use super::super::terms::CommandError;
use tokio::runtime::{Builder, Runtime};

/// The threads of the work.
pub(super) fn runtime() -> Result<Runtime, CommandError> {
    Builder::new_multi_thread()
        .thread_name("work")
        .on_thread_start(stand_back)
        .enable_all()
        .build()
        .map_err(CommandError::io("the runtime of the work"))
}

/// Has the system prefer others to this thread.
#[cfg(target_os = "linux")]
fn stand_back() {
    // On Linux this counts for the thread that calls alone.
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the work is as urgent as the doors");
    }
}

/// Elsewhere niceness is the whole process's.
#[cfg(not(target_os = "linux"))]
fn stand_back() {}

/// Against a thread of none, this gets about a tenth of a processor.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;
