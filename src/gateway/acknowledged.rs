//! What a partner says of what we sent, matched to it.

use super::house::Gateway;
use super::notices::{self, Telling};
use super::outbound::{Sent, manifest, sent_group, sent_interchange};
use super::words;
use crate::ack::{FunctionalVerdict, InterchangeVerdict, PartnerVerdict, SetVerdict, Status};
use crate::event::{EventKind, State};
use crate::message::{Identity, MessageId};
use crate::partner::{Partner, WantedForm};
use crate::spool::{Dossier, SpoolError, Step};
use serde_json::json;

/// Puts into `step` what follows from a verdict on something that we sent. Says in words what could
/// not be matched.
pub(super) fn take(
    house: &Gateway,
    partner: &Partner,
    verdict: &PartnerVerdict,
    telling: &Telling<'_>,
    step: &mut Step,
) -> Result<Option<String>, SpoolError> {
    let (identity, what) = match verdict {
        PartnerVerdict::Interchange(ta1) => {
            (sent_interchange(partner, &ta1.control), format!("interchange {}", ta1.control))
        }
        PartnerVerdict::Group(group) => {
            let (id, control) = (&group.functional_id, &group.group_control);
            (sent_group(partner, id, control), format!("group {id} {control}"))
        }
    };
    let Some(parcel) = find(house, &identity, telling)? else {
        return Ok(Some(format!("it acknowledges {what}, which we did not send")));
    };
    let manifest = manifest(house, &parcel)?;
    let matching = Matching { partner, parcel: &parcel, manifest: &manifest, telling };
    Ok(match verdict {
        PartnerVerdict::Interchange(ta1) => matching.interchange(ta1, step),
        PartnerVerdict::Group(group) => matching.group(group, step),
    })
}

fn find(
    house: &Gateway,
    identity: &Identity,
    telling: &Telling<'_>,
) -> Result<Option<Dossier>, SpoolError> {
    let known = house.spool.known(identity, telling.at)?;
    known.map(|known| house.spool.dossier(known.message)).transpose()
}

struct Matching<'m> {
    partner: &'m Partner,
    parcel: &'m Dossier,
    manifest: &'m [Sent],
    telling: &'m Telling<'m>,
}

impl Matching<'_> {
    fn group(&self, verdict: &FunctionalVerdict, step: &mut Step) -> Option<String> {
        let statuses = self.manifest.iter().map(|sent| verdict.status_of(&sent.set, &sent.control));
        let statuses: Vec<Status> = statuses.collect();
        let accepted = statuses.iter().filter(|status| status.is_accepted() == Some(true)).count();
        if statuses.iter().all(|status| status.is_accepted().is_none()) {
            let text = format!("the {} does not say what became of it", verdict.form.id());
            step.event(self.id(), EventKind::Noted(text));
            return None;
        }
        let whole = accepted == statuses.len();
        if !self.is_news(whole, step) {
            return None;
        }
        for (sent, status) in self.manifest.iter().zip(&statuses) {
            self.tell(sent, *status, verdict.set(&sent.set, &sent.control), step);
        }
        let words = verdict.status.to_string();
        let by = Some(self.telling.message);
        step.event(
            self.id(),
            if whole {
                EventKind::Acknowledged { by, verdict: words }
            } else {
                let text = format!("{words}: {} of {} sets accepted", accepted, statuses.len());
                EventKind::Refused { by, trouble: words::ours(Some(self.partner), "refused", text) }
            },
        );
        None
    }

    fn interchange(&self, ta1: &InterchangeVerdict, step: &mut Step) -> Option<String> {
        let wanted = self.partner.terms.acknowledgments.wanted.functional;
        let by = Some(self.telling.message);
        match ta1.status.is_accepted() {
            Some(true) if wanted == WantedForm::Never && self.is_news(true, step) => {
                let verdict = format!("{} by a TA1", ta1.status);
                step.event(self.id(), EventKind::Acknowledged { by, verdict });
            }
            Some(false) if self.is_news(false, step) => {
                for sent in self.manifest {
                    self.tell(sent, ta1.status, None, step);
                }
                let text = format!("{} by a TA1 ({}): {}", ta1.status, ta1.code, ta1.sentence);
                let trouble = words::ours(Some(self.partner), "refused", text);
                step.event(self.id(), EventKind::Refused { by, trouble });
            }
            Some(true | false) | None => {
                let text = format!("a TA1 says: {} ({})", ta1.status, ta1.sentence);
                step.event(self.id(), EventKind::Noted(text));
            }
        }
        None
    }

    /// Whether the verdict changes anything; if not, it is noted all the same.
    fn is_news(&self, accepted: bool, step: &mut Step) -> bool {
        let state = self.parcel.summary.state;
        let known = match state {
            State::Acknowledged => accepted,
            State::Refused => !accepted,
            State::Discarded => true,
            State::Received
            | State::Quarantined
            | State::Settled
            | State::Rejected
            | State::Duplicate
            | State::Queued
            | State::Offered
            | State::Awaiting
            | State::Delivered
            | State::Dead => false,
        };
        if known {
            let text = format!("message {} says again what is known", self.telling.message);
            step.event(self.id(), EventKind::Noted(text));
        }
        !known
    }

    fn id(&self) -> MessageId {
        self.parcel.summary.id
    }

    /// Tells the ERP what became of one document of its own.
    fn tell(&self, sent: &Sent, status: Status, said: Option<&SetVerdict>, step: &mut Step) {
        let accepted = status.is_accepted() == Some(true);
        let kind = if accepted { notices::ACKNOWLEDGED } else { notices::REFUSED };
        let errors = said.map(|said| &said.errors);
        let data = json!({
            "set": sent.set, "interchange": sent.interchange, "group": sent.group,
            "control": sent.control, "sent": sent.document, "number": sent.number,
            "message": sent.message, "status": status, "errors": errors,
            "codes": said.map(|said| &said.codes),
        });
        let parcel = self.id().to_string();
        let about = [parcel.as_str(), &sent.group, &sent.set, &sent.control];
        let mut notice = self.telling.notice(kind, &sent.subject, &about);
        notice.test = self.parcel.head.test;
        step.notice(notice, data.to_string().into_bytes());
    }
}
