//! What became of a message, as the partner who handed it in is told.

use super::house::Gateway;
use crate::event::{EventKind, SetName, State};
use crate::spool::{Dossier, SpoolError};
use crate::transport::{Answered, Receipt, ReceiptSet};

/// What became of a message.
pub(super) fn receipt(house: &Gateway, dossier: &Dossier) -> Result<Receipt, SpoolError> {
    let (mut sets, mut answers, mut duplicate_of) = (Vec::new(), Vec::new(), None);
    for event in &dossier.events {
        if let EventKind::SetAccepted { set, findings } = &event.kind {
            sets.push(of_set(set, true, findings));
        } else if let EventKind::SetRejected { set, findings } = &event.kind {
            sets.push(of_set(set, false, findings));
        } else if let EventKind::Duplicated { of } = &event.kind {
            duplicate_of = Some(*of);
        } else if let EventKind::AnswerQueued { answer, kind } = &event.kind {
            let body = house.spool.dossier(*answer)?.body;
            let x12 = String::from_utf8_lossy(&house.spool.body(&body)?).into_owned();
            answers.push(Answered { id: *answer, kind: kind.clone(), x12 });
        }
    }
    Ok(Receipt {
        id: dossier.summary.id,
        state: dossier.summary.state.name().to_owned(),
        received: dossier.summary.opened,
        summary: summary(dossier, &sets),
        sets,
        answers,
        duplicate_of,
    })
}

fn of_set(set: &SetName, accepted: bool, findings: &[String]) -> ReceiptSet {
    ReceiptSet {
        set: set.kind.clone(),
        interchange: set.interchange.clone(),
        group: set.group.clone(),
        control: set.control.clone(),
        accepted,
        findings: findings.to_vec(),
    }
}

fn summary(dossier: &Dossier, sets: &[ReceiptSet]) -> String {
    let (all, taken) = (sets.len(), sets.iter().filter(|set| set.accepted).count());
    let why = dossier.summary.trouble.as_ref().map_or("", |trouble| trouble.text.as_str());
    match dossier.summary.state {
        State::Received => "We have it; it is about to be read.".to_owned(),
        State::Quarantined => {
            "We have it, but one of us must look at it before anything follows.".to_owned()
        }
        State::Settled if taken == all => format!("It was read; {all} of {all} sets are accepted."),
        State::Settled => {
            format!(
                "It was read; {taken} of {all} sets are accepted. Mend the others and send them again."
            )
        }
        State::Rejected => format!("It was rejected: {why}. Mend it and send it again."),
        State::Duplicate => {
            "It repeats what you sent before; the earlier one counts, and the answer is the same."
                .to_owned()
        }
        State::Discarded => "It was discarded by one of us; please ask.".to_owned(),
        State::Dead => "It could not be worked on; one of us must act.".to_owned(),
        State::Queued
        | State::Offered
        | State::Awaiting
        | State::Delivered
        | State::Acknowledged
        | State::Refused => "It is on its way.".to_owned(),
    }
}
