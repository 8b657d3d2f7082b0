//! What the routes of the ERP's listener share.

use super::webhooks::Webhooks;
use crate::gateway::Gateway;
use crate::http::Problem;
use crate::spool::{Spool, SpoolError};
use axum::http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What the routes of the ERP's listener share.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The house.
    pub gateway: Arc<Gateway>,
    /// The webhooks at work.
    pub webhooks: Webhooks,
    /// When this is cancelled, whoever waits for events is answered at once.
    pub stop: CancellationToken,
}

impl Desk {
    /// Asks the spool where that holds up nobody: it reads files.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Spool) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let spool = Arc::clone(self.gateway.spool());
        let asked = tokio::task::spawn_blocking(move || ask(&spool)).await;
        asked.unwrap_or_else(|_| {
            let text = "this is a fault of ours; try again, and tell whoever runs the gateway";
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text))
        })
    }
}

/// What the spool could not do, for whoever asked. The log has the details; they do not.
pub(super) fn spoiled(error: &SpoolError) -> Problem {
    let (status, text) = match error {
        SpoolError::Unknown(id) => {
            let text = format!("there is no message `{id}`; ids are given out when it is accepted");
            (StatusCode::NOT_FOUND, text)
        }
        SpoolError::Full => {
            let text = "there is no room on the disk; nothing was kept; try again later";
            (StatusCode::INSUFFICIENT_STORAGE, text.to_owned())
        }
        SpoolError::Damaged { .. } => {
            let text = "what is kept of it is damaged; whoever runs the gateway must look at it";
            (StatusCode::INTERNAL_SERVER_ERROR, text.to_owned())
        }
        SpoolError::InUse { .. }
        | SpoolError::Newer { .. }
        | SpoolError::Io { .. }
        | SpoolError::Stopped { .. }
        | SpoolError::Unavailable { .. }
        | SpoolError::NotNow { .. }
        | SpoolError::LeaseEnded(_)
        | SpoolError::Taken { .. }
        | SpoolError::TooLarge { .. }
        | SpoolError::NumberBehind { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "not now; try again in a while".to_owned())
        }
    };
    if status != StatusCode::NOT_FOUND {
        tracing::error!(code = error.code(), %error, "the spool did not answer the ERP");
    }
    let problem = Problem::new(status, error.code(), text);
    if status == StatusCode::SERVICE_UNAVAILABLE { problem.retry_after(SOON) } else { problem }
}

/// A request that cannot be understood.
pub(super) fn bad_request(code: &'static str, text: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, text)
}

const SOON: Duration = Duration::from_secs(5);
