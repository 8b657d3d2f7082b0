//! What a subscriber is to be told, read from the spool.

use super::marker;
use super::telling::Telling;
use crate::event::EventId;
use crate::partner::Webhook;
use crate::spool::{Cursor, Spool, SpoolError, Told};
use jiff::Timestamp;
use std::cell::Cell;
use std::sync::Arc;

/// What a stretch of the journal holds for a subscriber.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) tellings: Vec<Telling>,
    pub(super) next: Cursor,
    /// How much it came by that is not for this subscriber.
    pub(super) passed: usize,
}

/// What is parked for a subscriber, as its markers say.
#[derive(Debug, Default)]
pub(super) struct Restored {
    pub(super) tellings: Vec<(Telling, Timestamp)>,
    /// Markers of events that the journal no longer holds.
    pub(super) lost: Vec<String>,
}

/// Reads what comes after `after`.
pub(super) async fn read(
    spool: &Arc<Spool>,
    webhook: &Arc<Webhook>,
    after: Cursor,
) -> Result<Found, SpoolError> {
    let (spool, webhook) = (Arc::clone(spool), Arc::clone(webhook));
    blocking(move || {
        let passed = Cell::new(0);
        let stretch = spool.follow(after, AT_A_TIME, |told| {
            let wanted = is_wanted(&webhook, told);
            passed.set(passed.get() + usize::from(!wanted));
            wanted
        })?;
        let mut before = after;
        let mut tellings = Vec::new();
        for (place, told) in stretch.told {
            tellings.extend(telling(told, before, place));
            before = place;
        }
        Ok(Found { tellings, next: stretch.next, passed: passed.get() })
    })
    .await
}

/// Reads what is parked.
pub(super) async fn restore(
    spool: &Arc<Spool>,
    webhook: &Arc<Webhook>,
) -> Result<Restored, SpoolError> {
    let (spool, webhook) = (Arc::clone(spool), Arc::clone(webhook));
    blocking(move || {
        let mut restored = Restored::default();
        for (name, before) in spool.cursors() {
            let Some((event, since)) = marker::read(&webhook.name, &name) else { continue };
            match find(&spool, &event, before)? {
                Some(telling) => restored.tellings.push((telling, since)),
                None => restored.lost.push(name),
            }
        }
        restored.tellings.sort_by_key(|(telling, _)| telling.after);
        Ok(restored)
    })
    .await
}

/// The data of an event.
pub(super) async fn data(spool: &Arc<Spool>, telling: &Telling) -> Result<Vec<u8>, SpoolError> {
    let (spool, body) = (Arc::clone(spool), telling.data);
    blocking(move || spool.body(&body)).await
}

/// The first notice with this id after a place.
fn find(spool: &Spool, event: &EventId, before: Cursor) -> Result<Option<Telling>, SpoolError> {
    let is_it = |told: &Told| matches!(told, Told::Notice { notice, .. } if notice.id == *event);
    let found = Cell::new(false);
    // Once it is found, whatever comes next ends the walk.
    let wanted = |told: &Told| found.replace(found.get() || is_it(told)) || is_it(told);
    let stretch = spool.follow(before, 1, wanted)?;
    let mut told = stretch.told.into_iter();
    Ok(told.next().and_then(|(place, told)| telling(told, before, place)))
}

fn telling(told: Told, before: Cursor, after: Cursor) -> Option<Telling> {
    match told {
        Told::Notice { notice, data } => Some(Telling { notice, data, before, after }),
        Told::Event(_) => None,
    }
}

/// Whether a subscriber is to be told: test events go to those who want them, and only there.
fn is_wanted(webhook: &Webhook, told: &Told) -> bool {
    match told {
        Told::Notice { notice, .. } => {
            let of_type = webhook.events.is_empty() || webhook.events.contains(&notice.kind);
            notice.test == webhook.test && of_type
        }
        Told::Event(_) => false,
    }
}

/// Reads files where that holds up nobody.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, SpoolError> + Send + 'static,
) -> Result<T, SpoolError> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|error| Err(SpoolError::Unavailable { reason: error.to_string() }))
}

/// So many events are read at a time.
const AT_A_TIME: usize = 256;
