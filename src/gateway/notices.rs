//! What the ERP is told: events with ids that follow from what they are about.

use crate::document::DocumentKind;
use crate::event::{EventId, Notice, SetName};
use crate::message::{Digest, MessageId, PartnerId};
use jiff::Timestamp;

/// The type of event that tells of a document that came.
pub(super) fn kind_of(document: DocumentKind) -> &'static str {
    match document {
        DocumentKind::PurchaseOrder => "wharf.purchase_order.received.v1",
        DocumentKind::PurchaseOrderChange => "wharf.purchase_order.change_requested.v1",
        DocumentKind::PurchaseOrderAcknowledgment => "wharf.purchase_order.acknowledged.v1",
        DocumentKind::PurchaseOrderChangeAcknowledgment => {
            "wharf.purchase_order.change_acknowledged.v1"
        }
        DocumentKind::ShipNotice => "wharf.shipment.notified.v1",
        DocumentKind::Invoice => "wharf.invoice.received.v1",
        DocumentKind::FunctionalAcknowledgment => "wharf.document.acknowledged.v1",
    }
}

/// A set, or something with no set, was rejected.
pub(super) const REJECTED: &str = "wharf.document.rejected.v1";
/// A set is in order, but no map turns it into a document.
pub(super) const UNTRANSLATED: &str = "wharf.document.untranslated.v1";
/// A message was put aside.
pub(super) const QUARANTINED: &str = "wharf.message.quarantined.v1";
/// The partner accepted what we sent.
pub(super) const ACKNOWLEDGED: &str = "wharf.document.acknowledged.v1";
/// The partner rejected what we sent.
pub(super) const REFUSED: &str = "wharf.document.refused.v1";
/// The acknowledgment of what we sent did not come in time.
pub(super) const OVERDUE: &str = "wharf.acknowledgment.overdue.v1";
/// What was to be sent was given up.
pub(super) const FAILED: &str = "wharf.delivery.failed.v1";

/// A certificate ends soon, or has ended, and nothing follows it.
pub(super) const CERTIFICATE_EXPIRING: &str = "wharf.partner.certificate_expiring.v1";

/// An event in the making.
pub(super) struct Telling<'t> {
    pub(super) partner: &'t PartnerId,
    pub(super) message: MessageId,
    pub(super) at: Timestamp,
    pub(super) test: bool,
}

impl Telling<'_> {
    /// An event of this kind about a subject. `about` is what makes it this event and no other: the
    /// same `about` always gives the same id.
    pub(super) fn notice(&self, kind: &str, subject: &str, about: &[&str]) -> Notice {
        Notice {
            id: id(self.partner, kind, about),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            message: self.message,
            wire: None,
            at: self.at,
            test: self.test,
            partner: self.partner.clone(),
            possible_duplicate_of: None,
        }
    }

    /// An event about a transaction set in the message.
    pub(super) fn of_set(
        &self,
        kind: &str,
        subject: &str,
        set: &SetName,
        bytes: &[u8],
        wire: (u64, u64),
    ) -> Notice {
        let content = Digest::of(bytes).to_string();
        let about = [&set.interchange, &set.group, &set.kind, &set.control, &content];
        let notice = self.notice(kind, subject, &about.map(String::as_str));
        Notice { wire: Some(wire), ..notice }
    }
}

/// The id of an event: 128 bits of a digest over what it is about, so that whoever makes it again
/// makes the same.
fn id(partner: &PartnerId, kind: &str, about: &[&str]) -> EventId {
    let mut text = String::new();
    for part in [partner.as_str(), kind].iter().chain(about) {
        text.push_str(&part.len().to_string());
        text.push(':');
        text.push_str(part);
    }
    let digest = Digest::of(text.as_bytes()).to_string();
    EventId(format!("evt_{}", digest.get(..32).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_what_the_event_is_about_and_from_nothing_else() {
        let [acme, other] = ["acme", "other"].map(|name| PartnerId::new(name).unwrap());
        let first = id(&acme, REJECTED, &["1", "23"]);
        assert_eq!(first, id(&acme, REJECTED, &["1", "23"]));
        assert_eq!(first.0.len(), 36);
        for another in [
            id(&other, REJECTED, &["1", "23"]),
            id(&acme, REFUSED, &["1", "23"]),
            id(&acme, REJECTED, &["12", "3"]),
        ] {
            assert_ne!(first, another);
        }
    }
}
