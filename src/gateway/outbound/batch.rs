//! Documents that wait for each other, so as to travel in one interchange.

use crate::event::State;
use crate::gateway::house::Gateway;
use crate::message::{Channel, Direction, MessageId, Moment};
use crate::partner::Batch;
use crate::spool::{Dossier, SpoolError, Summary};
use std::time::Duration;

/// Whether the interchange is closed.
pub(super) enum Batching {
    /// These travel now.
    Closed(Vec<(MessageId, Vec<u8>)>),
    /// They wait this long for others, at most.
    Waits(Duration),
}

/// Gathers those that wait with a document: for the same partner, of the same kind.
pub(super) fn gather(
    house: &Gateway,
    dossier: &Dossier,
    body: Vec<u8>,
    batch: Batch,
    now: Moment,
) -> Result<Batching, SpoolError> {
    let own = dossier.summary.id;
    let waits = |summary: &Summary| {
        summary.partner == dossier.head.partner
            && summary.direction == Direction::Outbound
            && summary.channel == Channel::Erp
            && summary.state == State::Received
    };
    let waiting: Vec<Summary> = house.spool.open_messages().into_iter().filter(waits).collect();
    let oldest = waiting.first().map_or(dossier.summary.opened, |first| first.opened);
    let waited = Duration::try_from(now.at.duration_since(oldest)).unwrap_or_default();
    let left = batch.wait.duration().saturating_sub(waited);
    let (count, size) = (usize::try_from(batch.count).unwrap_or(usize::MAX), batch.size.bytes());
    // What others weigh is looked up only when it may be enough.
    let likely = long(body.len()).saturating_mul(long(waiting.len())) >= size;
    if !left.is_zero() && waiting.len() < count && !likely {
        return Ok(Batching::Waits(left));
    }
    let mut weight = long(body.len());
    let mut bodies = vec![(own, body)];
    for summary in waiting.iter().filter(|summary| summary.id != own) {
        if bodies.len() >= count || weight >= size {
            break;
        }
        let other = house.spool.dossier(summary.id)?;
        if other.head.content_type == dossier.head.content_type {
            weight = weight.saturating_add(other.body.length);
            bodies.push((summary.id, house.spool.body(&other.body)?));
        }
    }
    if !left.is_zero() && bodies.len() < count && weight < size {
        return Ok(Batching::Waits(left));
    }
    bodies.sort_by_key(|(message, _)| *message);
    Ok(Batching::Closed(bodies))
}

fn long(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
