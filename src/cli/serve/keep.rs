//! What is done for the spool from time to time: what is old goes, if us.toml says for how long it is
//! kept; and how far it is, is noted beside it.

use super::settings::{Settings, clock};
use crate::gateway::Gateway;
use crate::spool::{Retired, Retirement, SpoolError};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// How often it is noted how far the spool is.
const OFTEN: Duration = Duration::from_secs(10);

/// How long after the start, and how often from then on.
const FIRST: Duration = Duration::from_secs(300);
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// Takes away what is old, until `stop`.
pub(super) async fn keep(settings: Settings, house: Arc<Gateway>, stop: CancellationToken) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = EVERY;
        let partners = house.partners();
        let Some(keep) = &partners.us().keep else { continue };
        let archive = keep.archive.as_ref().map(|folder| settings.beside(folder));
        let what = Retirement { older: keep.days.duration(), archive };
        let (spool, runtime) = (Arc::clone(house.spool()), Handle::current());
        let work = move || runtime.block_on(spool.retire(clock(), &what));
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => told(done),
            Err(error) => tracing::error!(%error, "what is old cannot be taken away"),
        }
    }
}

/// Notes now and then how far the spool is, in a file beside it.
pub(super) async fn horizon(folder: PathBuf, house: Arc<Gateway>, stop: CancellationToken) {
    let mut noted = None;
    loop {
        let now = house.spool().horizon(clock().at);
        if noted != Some(now.end) {
            let (end, folder) = (now.end, folder.clone());
            match tokio::task::spawn_blocking(move || now.note(&folder)).await {
                Ok(Ok(())) => noted = Some(end),
                Ok(Err(error)) => tracing::warn!(
                    code = error.code(), %error,
                    "how far the spool is cannot be noted beside it; an older copy in its place \
                     would not be noticed"
                ),
                Err(error) => tracing::error!(%error, "how far the spool is cannot be noted"),
            }
        }
        if stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(OFTEN) => {}
        }
    }
}

fn told(done: Result<Retired, SpoolError>) {
    match done {
        Ok(Retired { segments: 0, held_back, .. }) => {
            tracing::info!(held_back, "nothing is old enough to go");
        }
        Ok(Retired { messages, segments, bodies, bytes, held_back, .. }) => {
            tracing::info!(messages, segments, bodies, bytes, held_back, "what was old is gone");
        }
        Err(error) => {
            tracing::error!(code = error.code(), %error, "what is old cannot be taken away");
        }
    }
}
