//! One attempt to send a parcel, and what follows from it.

use super::receipt::{Notes, handed_over, is_receipt};
use crate::event::{EventKind, Trouble};
use crate::gateway::house::Gateway;
use crate::gateway::lineage;
use crate::gateway::notices::{self, Telling};
use crate::gateway::retry::{self, Next};
use crate::gateway::words;
use crate::message::{Moment, PartnerId};
use crate::partner::{Partner, RetrySchedule, WantedForm, Way};
use crate::spool::{Dossier, SpoolError, Step, Work};
use crate::transport::{Attempt, Blame, Outgoing, TransportError};
use serde_json::json;
use std::time::Duration;

/// Sends a parcel once.
pub(in crate::gateway) async fn attempt(house: &Gateway, work: &Work) -> Result<(), SpoolError> {
    let id = work.lease.message;
    let dossier = house.spool.dossier(id)?;
    lineage::note(house, &dossier);
    let partners = house.partners();
    let partner = partners.partner(dossier.head.partner.as_str());
    let Attempt { outcome, kept } = match way(partner, &dossier) {
        None => Attempt::from(Err(TransportError::NotSetUp {
            endpoint: dossier.head.endpoint.clone(),
            why: "the partner, or its way to be reached, is gone from its file".to_owned(),
        })),
        Some(Way::Mailbox) => {
            // They collect now what was to be sent before.
            let step = Step::of(house.now(), id, EventKind::Offered);
            return house.spool.settle(&work.lease, step).await;
        }
        Some(way) => send(house, way, &dossier).await,
    };
    let now = house.now();
    let mut step = match outcome {
        Ok(delivery) => {
            house.spool.resume(&work.lane);
            told(&work.lane.partner, "delivered");
            tracing::info!("delivered");
            match delivery.awaits {
                None => delivered(&dossier, partner, now, delivery.receipt),
                Some(within) => handed_over(house, id, delivery.receipt, within)?,
            }
        }
        Err(error) => {
            let work = Some(work);
            Failed { work, dossier: &dossier, partner, now, error: &error }.step(house)
        }
    };
    for (label, body) in kept {
        step.keep(id, &label, body);
    }
    house.spool.settle(&work.lease, step).await
}

/// How a parcel goes: a receipt of ours to where it was asked for, all else as was agreed.
fn way<'w>(partner: Option<&'w Partner>, dossier: &'w Dossier) -> Option<Way<'w>> {
    if is_receipt(dossier) {
        let as2 = partner?.wires.as2.as_ref()?;
        return Some(Way::Receipt(as2, &dossier.head.endpoint));
    }
    partner?.way()
}

async fn send(house: &Gateway, way: Way<'_>, dossier: &Dossier) -> Attempt {
    let content = match house.spool.content(&dossier.body) {
        Ok(content) => content,
        Err(error) => {
            let (endpoint, why) = (dossier.head.endpoint.clone(), error.to_string());
            return Attempt::from(Err(TransportError::NotSetUp { endpoint, why }));
        }
    };
    let outgoing = Outgoing {
        id: dossier.summary.id,
        content_type: dossier.head.content_type.clone(),
        file_name: dossier.head.file_name.clone(),
        content,
        at: house.now().at,
    };
    house.carriers.send(way, &outgoing, &Notes { house, message: outgoing.id }).await
}

/// The partner's side has it; what is awaited is due when it should have come.
pub(in crate::gateway) fn delivered(
    dossier: &Dossier,
    partner: Option<&Partner>,
    now: Moment,
    receipt: String,
) -> Step {
    let wanted = partner.map(|partner| partner.terms.acknowledgments.wanted);
    let ours = dossier.kept.iter().any(|(label, _)| label == super::parcel::MANIFEST);
    let wanted = wanted.filter(|wanted| ours && wanted.functional != WantedForm::Never);
    let id = dossier.summary.id;
    let event = EventKind::Delivered { receipt, awaits_acknowledgment: wanted.is_some() };
    let mut step = Step::new(now);
    match wanted {
        Some(wanted) => step.event_due(id, event, wanted.within.duration()),
        None => step.event(id, event),
    };
    step
}

/// An attempt that failed, or that is known by now to have failed.
pub(in crate::gateway) struct Failed<'f> {
    /// The work that it was, if it was.
    pub(in crate::gateway) work: Option<&'f Work>,
    pub(in crate::gateway) dossier: &'f Dossier,
    pub(in crate::gateway) partner: Option<&'f Partner>,
    pub(in crate::gateway) now: Moment,
    pub(in crate::gateway) error: &'f TransportError,
}

impl Failed<'_> {
    /// What follows: another attempt, or none until a person acts.
    pub(in crate::gateway) fn step(&self, house: &Gateway) -> Step {
        let usual = RetrySchedule::usual();
        let schedule = self.partner.map_or(&usual, |partner| &partner.terms.retry);
        let attempts = self.dossier.summary.attempts.saturating_add(1);
        let next = retry::next(self.error, attempts, schedule, spread());
        let trouble = self.trouble(self.error.blame());
        let (id, name) = (self.dossier.summary.id, &self.dossier.head.partner);
        let code = &trouble.code;
        if self.error.parks() {
            tracing::error!(
                message_id = %id, partner = %name, attempts, code, error = %self.error,
                "parked: nothing is sent until it proves who it is"
            );
        } else {
            tracing::warn!(
                message_id = %id, partner = %name, attempts, code, "an attempt to send failed"
            );
        }
        let mut step = Step::new(self.now);
        match next {
            Next::After(wait) => {
                told(&self.dossier.head.partner, "failed");
                if let Some(work) = self.work.filter(|_| self.error.is_about_the_endpoint()) {
                    // Nobody else at this endpoint is tried before; then one, to see.
                    house.spool.pause(&work.lane, self.now.tick + wait.min(LONGEST_PAUSE));
                }
                step.event_due(id, EventKind::AttemptFailed(trouble), wait);
            }
            Next::Hold => {
                told(&self.dossier.head.partner, "given_up");
                self.tell(&trouble, &mut step);
                step.event(id, EventKind::DeadLettered(trouble));
            }
        }
        step
    }

    fn trouble(&self, blame: Blame) -> Trouble {
        let text = self.error.to_string();
        match (blame, self.partner) {
            (Blame::Partner | Blame::Weather, Some(partner)) => {
                words::theirs(partner, self.error.code(), text)
            }
            (Blame::Us, partner) | (_, partner @ None) => {
                words::ours(partner, self.error.code(), text)
            }
        }
    }

    /// Tells the ERP that it was given up.
    fn tell(&self, trouble: &Trouble, step: &mut Step) {
        let Dossier { summary, head, .. } = self.dossier;
        let telling = Telling {
            partner: &head.partner,
            message: summary.id,
            at: self.now.at,
            test: head.test,
        };
        let (id, attempt) = (summary.id.to_string(), self.dossier.events.len().to_string());
        let notice = telling.notice(notices::FAILED, &id, &[&id, &attempt]);
        let data = json!({ "message": summary.id, "code": trouble.code, "reason": trouble.text });
        step.notice(notice, data.to_string().into_bytes());
    }
}

fn told(partner: &PartnerId, outcome: &'static str) {
    let partner = partner.to_string();
    metrics::counter!("wharf_attempts_total", "partner" => partner, "outcome" => outcome)
        .increment(1);
}

/// A random byte; none at all spreads nothing.
fn spread() -> u8 {
    let mut byte = [0];
    if getrandom::fill(&mut byte).is_err() {
        return 0;
    }
    byte.first().copied().unwrap_or(0)
}

/// An endpoint that comes back is seen after this long at the latest.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
