//! What can be set.

use std::time::Duration;

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A file of the journal of this many bytes is closed and the next one begun.
    pub segment_bytes: u64,
    /// With less room than this on the disk nothing new is accepted; what was accepted goes on.
    pub reserve_bytes: u64,
    /// How long a worker has for a piece of work before it is given to another.
    pub lease: Duration,
    /// How many pieces of work of one partner and endpoint are out at a time.
    pub work_per_lane: usize,
    /// How long an identity is known.
    pub identities_known: Duration,
    /// After this many records the index is written down; a start reads no more than about these.
    pub records_per_checkpoint: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            reserve_bytes: 256 << 20,
            lease: Duration::from_secs(120),
            work_per_lane: 4,
            identities_known: Duration::from_secs(400 * 24 * 3600),
            records_per_checkpoint: 32_768,
        }
    }
}
