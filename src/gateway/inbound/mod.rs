//! The inbound route: what a worker does with a message that was accepted.

mod document;
mod examine;
mod sets;
mod settle;
mod spans;

pub(super) use document::check;

use super::content::document_of;
use super::house::Gateway;
use super::lineage;
use super::words;
use crate::event::{EventKind, Trouble};
use crate::message::{MessageId, Moment};
use crate::spool::{BodyRef, Dossier, Lease, SpoolError, Step};
use examine::{Reading, Standing};
use memchr::memmem;
pub(super) use settle::NOT_ANSWERED;
use settle::Settling;
use spans::Span;
use std::sync::Arc;

/// Reads a message and writes, at once, everything that follows from it.
pub(super) async fn read(house: &Arc<Gateway>, lease: &Lease) -> Result<(), SpoolError> {
    let _room = house.room_to_read(lease.message).await?;
    let (worker, message) = (Arc::clone(house), lease.message);
    let step = tokio::task::spawn_blocking(move || follow(&worker, message, None)).await;
    let step =
        step.unwrap_or_else(|_| Ok(put_aside(house.now(), message, words::fault_of_ours())))?;
    lineage::note_told(&step);
    house.spool.settle(lease, step).await?;
    tracing::info!("read");
    Ok(())
}

/// What would follow from a message if it were read again now, but for the answers to it.
pub(super) fn reread(house: &Gateway, message: MessageId) -> Result<Step, SpoolError> {
    // An answer would take control numbers that nothing uses.
    follow(house, message, Some(false))
}

/// Everything that follows from a message, to be written at once; `answers` says whether it is
/// answered, if that does not follow from what happened to it.
fn follow(house: &Gateway, message: MessageId, answers: Option<bool>) -> Result<Step, SpoolError> {
    let now = house.now();
    let dossier = house.spool.dossier(message)?;
    let known = house.known();
    let (partners, rules) = (&known.partners, house.rulebook(&known));
    let Some(partner) = partners.partner(dossier.head.partner.as_str()) else {
        return Ok(put_aside(now, message, gone(&dossier)));
    };
    let bytes = readable(house, &dossier.body)?;
    let mut settling = Settling::new(house, partner, message, now, &bytes);
    settling.answers = answers.unwrap_or_else(|| wants_answers(&dossier));
    if let Some(kind) = document_of(dossier.head.content_type.as_deref()) {
        settling.document(rules, kind)?;
        return Ok(settling.step);
    }
    let spans = spans::spans(&bytes, &partner.name);
    let standings = standings(house, message, now, &spans)?;
    match examine::examine(&bytes, partners, partner, rules, &standings) {
        Ok(Reading { stranger: Some(text), .. }) if !was_released(&dossier) => {
            settling.quarantine(words::ours(Some(partner), "sender_mismatch", text));
        }
        Ok(reading) => settling.reading(&reading, &spans)?,
        Err(error) => {
            let trouble = words::ours(Some(partner), "cannot_be_read", error.to_string());
            settling.quarantine(trouble);
        }
    }
    Ok(settling.step)
}

/// The bytes to be read: all of them, unless they are many and nothing at their beginning is X12.
fn readable(house: &Gateway, body: &BodyRef) -> Result<Vec<u8>, SpoolError> {
    if body.length <= LONG {
        return house.spool.body(body);
    }
    let content = house.spool.content(body)?;
    let mut beginning = vec![0; BEGINNING];
    let at = format!("the body {}", body.digest);
    content.read_at(0, &mut beginning).map_err(|_| SpoolError::Damaged { at })?;
    if memmem::find(&beginning, b"ISA").is_none() {
        return Ok(beginning);
    }
    house.spool.body(body)
}

/// Longer bodies are looked at before they are held in memory.
const LONG: u64 = 16 << 20;
const BEGINNING: usize = 64 << 10;

/// Which interchanges of a message are new. One that is this very message's own, from a time when it
/// was read before, is new.
fn standings(
    house: &Gateway,
    message: MessageId,
    now: Moment,
    spans: &[Span],
) -> Result<Vec<Standing>, SpoolError> {
    let mut standings: Vec<Standing> = Vec::with_capacity(spans.len());
    for span in spans {
        let known = house.spool.known(&span.identity, now.at)?;
        standings.push(match known.filter(|known| known.message != message) {
            None => Standing::New,
            Some(known) if known.digest == span.digest => Standing::Repeat(known.message),
            Some(known) => Standing::Conflict(known.message),
        });
    }
    Ok(standings)
}

/// Whether it is to be answered: not if it is only done again, and nobody asked for the answers.
fn wants_answers(dossier: &Dossier) -> bool {
    let again = dossier.events.iter().rev().find_map(|event| {
        if let EventKind::Replayed { answers, .. } = &event.kind { Some(*answers) } else { None }
    });
    again.unwrap_or(true)
}

/// A person looked at it and let it go on.
fn was_released(dossier: &Dossier) -> bool {
    dossier.events.iter().any(|event| matches!(event.kind, EventKind::Released(_)))
}

fn gone(dossier: &Dossier) -> Trouble {
    let partner = &dossier.head.partner;
    let text = format!(
        "there is no partner `{partner}` any more; bring its file back and release the message, or \
         discard it"
    );
    words::ours(None, "partner_gone", text)
}

fn put_aside(now: Moment, message: MessageId, trouble: Trouble) -> Step {
    Step::of(now, message, EventKind::Quarantined(trouble))
}
