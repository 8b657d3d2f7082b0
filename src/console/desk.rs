//! What the listener is given.

use crate::gateway::operator::Operator;
use crate::message::Moment;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What the listener is given.
#[derive(Clone)]
pub struct Desk {
    /// Where to ask and act.
    pub operator: Operator,
    /// Now, by both clocks.
    pub clock: fn() -> Moment,
    /// The folder of the spool, whose disk must have room.
    pub spool: PathBuf,
    /// With less room than this on that disk we are not ready.
    pub reserve: u64,
    /// What else must hold for us to be ready, such as that the listeners are up.
    pub checks: Checks,
    /// The figures that were recorded.
    pub figures: PrometheusHandle,
    /// Reads the partners' files again: how many there are now, or every fault, in words.
    pub reload: Reload,
}

/// Things that must hold for us to be ready.
pub type Checks = Vec<Arc<dyn Fn() -> Check + Send + Sync>>;

/// Reads the partners' files again: what is true now, or what is wrong, in words.
pub type Reload = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// Whether something holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What, in a word, such as `partners listener`.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// What is so, or what is wrong and what to do.
    pub detail: String,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("spool", &self.spool).finish_non_exhaustive()
    }
}
