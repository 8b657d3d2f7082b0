//! What the ERP wants sent, tried out before it is accepted.

use super::press::{Controls, Press, Pressed, set_of};
use crate::document::DocumentKind;
use crate::gateway::agreed::Rulebook;
use crate::gateway::refuse::refusal;
use crate::message::{Direction, Moment, Reference, ReferenceKind};
use crate::partner::{Agreement, Mode, Partner};
use crate::transport::{Refusal, RefusalKind};
use crate::x12::{Item, Reader};
use jiff::Timestamp;

/// What the ERP wants sent, found to be in order.
pub(in crate::gateway) struct Trial {
    /// What it can be found by.
    pub(in crate::gateway) references: Vec<Reference>,
}

impl Trial {
    /// Writes it as it would be written, under control numbers that nobody took.
    pub(in crate::gateway) fn of(
        rules: Rulebook<'_>,
        partner: &Partner,
        document: Option<DocumentKind>,
        body: &[u8],
        now: Moment,
    ) -> Result<Self, Refusal> {
        let agreement = agreement(partner, document, body)?;
        let press = Press { rules, partner, agreement, at: now.at };
        let controls = Controls { interchange: 1, group: 1 };
        let Pressed { sets, .. } = match document {
            Some(_) => press.documents([body], controls)?,
            None => press.through(body, controls)?,
        };
        let mut references = vec![Reference::new(ReferenceKind::SetKind, &agreement.set)];
        for set in sets {
            let own = Reference::new(own_kind(&agreement.set), set.number);
            references.extend([own].into_iter().chain(set.references));
        }
        references.dedup();
        references.retain(|reference| !reference.value.is_empty());
        Ok(Self { references })
    }
}

/// A document of a partner's, held against the set that it would be.
pub(in crate::gateway) struct Inward<'i> {
    pub(in crate::gateway) rules: Rulebook<'i>,
    pub(in crate::gateway) partner: &'i Partner,
    pub(in crate::gateway) at: Timestamp,
}

impl Inward<'_> {
    /// Whether it can be taken, and whether it counts.
    pub(in crate::gateway) fn check(
        &self,
        kind: DocumentKind,
        json: &[u8],
    ) -> Result<Mode, Refusal> {
        let set = set_of(kind);
        let about = |agreement: &&Agreement| {
            agreement.direction == Direction::Inbound && agreement.set == set
        };
        let agreement = self.partner.agreements.iter().find(about).ok_or_else(|| {
            let text = format!("it is not agreed that you send us the document {kind}");
            refusal(RefusalKind::NotAgreed, "not_agreed", text)
        })?;
        let press = Press { rules: self.rules, partner: self.partner, agreement, at: self.at };
        press.documents([json], Controls { interchange: 1, group: 1 })?;
        Ok(agreement.mode)
    }
}

/// The agreement under which something is sent.
pub(super) fn agreement<'p>(
    partner: &'p Partner,
    document: Option<DocumentKind>,
    body: &[u8],
) -> Result<&'p Agreement, Refusal> {
    let set = match document {
        Some(document) => set_of(document).to_owned(),
        None => first_set(body).ok_or_else(|| {
            refusal(RefusalKind::Invalid, "not_x12", "there is no transaction set in it")
        })?,
    };
    partner.outbound(&set).ok_or_else(|| {
        let agreed =
            partner.agreements.iter().filter(|about| about.direction == Direction::Outbound);
        let agreed = agreed.map(|about| about.set.as_str()).collect::<Vec<_>>().join(", ");
        let text = format!(
            "it is not agreed to send set {} to {}; agreed are: {agreed}",
            set.escape_debug(),
            partner.title
        );
        refusal(RefusalKind::NotAgreed, "not_agreed", text)
    })
}

fn first_set(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::over(bytes);
    while let Ok(Some(item)) = reader.next() {
        if let Item::Set(set) = item {
            return Some(set.id().into_owned());
        }
    }
    None
}

/// What the number of a document in a set names.
fn own_kind(set: &str) -> ReferenceKind {
    match set {
        "810" => ReferenceKind::Invoice,
        "856" => ReferenceKind::Shipment,
        _ => ReferenceKind::Order,
    }
}
