//! Receipts of a wire that come, or go, by themselves: what the partner's side took is not proven to be
//! there before its receipt says so.

use crate::event::EventKind;
use crate::gateway::content::RECEIPT;
use crate::gateway::house::Gateway;
use crate::message::{Channel, MessageId};
use crate::spool::{Dossier, SpoolError, Step};
use crate::transport::Notebook;
use std::time::Duration;

/// Whether a parcel is itself a receipt of ours.
pub(super) fn is_receipt(dossier: &Dossier) -> bool {
    let head = &dossier.head;
    head.channel == Channel::As2 && head.content_type.as_deref() == Some(RECEIPT)
}

/// The partner's side took it; its receipt is due within some time, unless it was faster.
pub(super) fn handed_over(
    house: &Gateway,
    id: MessageId,
    said: String,
    within: Duration,
) -> Result<Step, SpoolError> {
    let mut step = Step::new(house.now());
    if is_confirmed(&house.spool.dossier(id)?) {
        step.event(id, EventKind::Noted(said));
    } else {
        step.event_due(id, EventKind::HandedOver { said }, within);
    }
    Ok(step)
}

/// Whether its last sending was confirmed by a receipt.
pub(in crate::gateway) fn is_confirmed(dossier: &Dossier) -> bool {
    last_sending(dossier).any(|kind| matches!(kind, EventKind::Delivered { .. }))
}

/// Whether it was taken, and its receipt has not come.
pub(super) fn awaits_receipt(dossier: &Dossier) -> bool {
    let taken = last_sending(dossier).any(|kind| matches!(kind, EventKind::HandedOver { .. }));
    taken && !is_confirmed(dossier)
}

/// What happened since it was sent on its way last, newest first.
fn last_sending(dossier: &Dossier) -> impl Iterator<Item = &EventKind> {
    let begins = |kind: &&EventKind| {
        matches!(
            kind,
            EventKind::Queued
                | EventKind::AttemptFailed(_)
                | EventKind::Retried(_)
                | EventKind::Replayed { .. }
        )
    };
    dossier.events.iter().rev().map(|event| &event.kind).take_while(move |kind| !begins(kind))
}

/// What a carrier notes with a message.
pub(super) struct Notes<'n> {
    pub(super) house: &'n Gateway,
    pub(super) message: MessageId,
}

impl Notebook for Notes<'_> {
    async fn note(&self, label: &str, bytes: Vec<u8>) -> Result<(), String> {
        let mut step = Step::new(self.house.now());
        step.keep(self.message, label, bytes);
        self.house.spool.advance(step).await.map_err(|error| error.to_string())
    }
}
