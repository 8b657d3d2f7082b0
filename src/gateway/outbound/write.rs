//! Documents that the ERP handed in, put into an interchange.

use super::batch::{Batching, gather};
use super::parcel::{MANIFEST, Sent, parcel, post, sent_group, sent_interchange};
use super::press::{Controls, Press, Pressed};
use super::trial::agreement;
use crate::document::DocumentKind;
use crate::event::{EventKind, Trouble};
use crate::gateway::agreed::Rulebook;
use crate::gateway::content::document_of;
use crate::gateway::house::Gateway;
use crate::gateway::lineage;
use crate::gateway::notices::{self, Telling};
use crate::gateway::words;
use crate::message::{Digest, MessageId, Moment, Reference, ReferenceKind};
use crate::partner::{Agreement, Mode, Partner};
use crate::spool::{Dossier, Lease, Number, NumberKind, SpoolError, Step};
use serde_json::json;
use std::sync::Arc;
use tracing::Span;

/// Puts a document, and those that wait with it, into an interchange that waits to be sent.
pub(in crate::gateway) async fn write(
    house: &Arc<Gateway>,
    lease: &Lease,
) -> Result<(), SpoolError> {
    let (worker, message) = (Arc::clone(house), lease.message);
    let span = Span::current();
    let work = move || span.in_scope(|| follow(&worker, message));
    let step = tokio::task::spawn_blocking(work).await;
    let step = step.unwrap_or_else(|_| {
        let aside = EventKind::Quarantined(words::fault_of_ours());
        Ok(Step::of(house.now(), message, aside))
    })?;
    house.spool.settle(lease, step).await?;
    tracing::info!("put into an interchange, or waits for others");
    Ok(())
}

fn follow(house: &Gateway, message: MessageId) -> Result<Step, SpoolError> {
    let now = house.now();
    let dossier = house.spool.dossier(message)?;
    lineage::note(house, &dossier);
    let known = house.known();
    let partners = &known.partners;
    let name = &dossier.head.partner;
    let Some(partner) = partners.partner(name.as_str()) else {
        let text = format!("there is no partner `{name}` any more");
        return Ok(give_up(&dossier, now, words::ours(None, "partner_gone", text)));
    };
    let document = document_of(dossier.head.content_type.as_deref());
    let body = house.spool.body(&dossier.body)?;
    let agreement = match agreement(partner, document, &body) {
        Ok(agreement) => agreement,
        Err(refusal) => {
            let trouble = words::ours(Some(partner), refusal.code, refusal.text);
            return Ok(give_up(&dossier, now, trouble));
        }
    };
    let batch = agreement.batch.filter(|_| document.is_some());
    let bodies = match batch {
        None => vec![(message, body)],
        Some(batch) => match gather(house, &dossier, body, batch, now)? {
            Batching::Closed(bodies) => bodies,
            Batching::Waits(wait) => {
                let mut step = Step::new(now);
                let text = "it waits for others, to travel in one interchange with them";
                step.event_due(message, EventKind::Noted(text.to_owned()), wait);
                return Ok(step);
            }
        },
    };
    let rules = house.rulebook(&known);
    let writing = Writing { house, rules, partner, agreement, document, now };
    Ok(writing.step(&bodies).unwrap_or_else(|trouble| give_up(&dossier, now, trouble)))
}

struct Writing<'w> {
    house: &'w Gateway,
    rules: Rulebook<'w>,
    partner: &'w Partner,
    agreement: &'w Agreement,
    document: Option<DocumentKind>,
    now: Moment,
}

impl Writing<'_> {
    fn step(&self, bodies: &[(MessageId, Vec<u8>)]) -> Result<Step, Trouble> {
        let Self { house, rules, partner, agreement, document, now } = *self;
        let press = Press { rules, partner, agreement, at: now.at };
        let numbers: Vec<Number> = [NumberKind::Interchange, NumberKind::Group]
            .into_iter()
            .flat_map(|kind| house.take(partner, kind, 1))
            .collect();
        let value = |at: usize| numbers.get(at).map_or(1, Number::value);
        let controls = Controls { interchange: value(0), group: value(1) };
        let pressed = match (document, bodies) {
            (None, [(_, body), ..]) => press.through(body, controls),
            _ => press.documents(bodies.iter().map(|(_, body)| body.as_slice()), controls),
        };
        let pressed = pressed.map_err(|refusal| {
            let faults = refusal.fields.iter().map(|field| field.text.as_str());
            let text = [refusal.text.as_str()].into_iter().chain(faults).collect::<Vec<_>>();
            words::ours(Some(partner), refusal.code, text.join("; "))
        })?;
        let test = agreement.mode == Mode::Test;
        let about = bodies.first().map(|(message, _)| *message);
        let mut step = Step::new(now);
        let (sent, references) = self.manifest(&pressed, bodies, controls);
        let digest = Digest::of(&pressed.bytes);
        let mut parcel = parcel(partner, pressed.bytes, about, test);
        parcel.references.extend(references);
        let id = post(&mut step, partner, parcel, now).ok_or_else(|| {
            words::ours(Some(partner), "unreached", "their file names no way to send to them")
        })?;
        let control = controls.interchange.to_string();
        step.claim(id, sent_interchange(partner, &control), digest);
        let group = sent_group(partner, &pressed.functional_id, &controls.group.to_string());
        step.claim(id, group, digest);
        step.keep(id, MANIFEST, serde_json::to_vec(&sent).unwrap_or_default());
        for (message, _) in bodies {
            step.event(*message, EventKind::Batched { into: id });
        }
        for number in numbers {
            step.number(number);
        }
        Ok(step)
    }

    fn manifest(
        &self,
        pressed: &Pressed,
        bodies: &[(MessageId, Vec<u8>)],
        controls: Controls,
    ) -> (Vec<Sent>, Vec<Reference>) {
        let group = controls.group.to_string();
        let mut references = vec![Reference::new(ReferenceKind::Group, group.clone())];
        let mut sent = Vec::new();
        let first = bodies.first().map(|(message, _)| *message);
        for (at, set) in pressed.sets.iter().enumerate() {
            // What is passed through is one message with many sets.
            let Some(message) = bodies.get(at).map(|(message, _)| *message).or(first) else {
                break;
            };
            for reference in &set.references {
                if !references.contains(reference) {
                    references.push(reference.clone());
                }
            }
            sent.push(Sent {
                set: self.agreement.set.clone(),
                interchange: format!("{:09}", controls.interchange),
                group: group.clone(),
                functional_id: pressed.functional_id.clone(),
                control: set.control.clone(),
                subject: set.subject.clone(),
                document: self.document.map(|document| document.to_string()),
                number: set.number.clone(),
                message,
            });
        }
        (sent, references)
    }
}

/// It cannot be written any more; a person decides, and the ERP is told.
fn give_up(dossier: &Dossier, now: Moment, trouble: Trouble) -> Step {
    let mut step = Step::new(now);
    let message = dossier.summary.id;
    let telling =
        Telling { partner: &dossier.head.partner, message, at: now.at, test: dossier.head.test };
    let id = message.to_string();
    let attempt = dossier.events.len().to_string();
    let data = json!({ "message": message, "code": trouble.code, "reason": trouble.text });
    step.notice(
        telling.notice(notices::FAILED, &id, &[&id, &attempt]),
        data.to_string().into_bytes(),
    );
    step.event(message, EventKind::DeadLettered(trouble));
    step
}
