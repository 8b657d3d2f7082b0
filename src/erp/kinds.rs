//! The types of events that the ERP is told.

use crate::document::DocumentKind;

/// A type of event.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name on the wire.
    pub(super) name: &'static str,
    /// What it tells, for people.
    pub(super) tells: &'static str,
    /// The canonical document that its data is, if it is one.
    pub(super) document: Option<DocumentKind>,
}

const fn kind(name: &'static str, tells: &'static str, document: Option<DocumentKind>) -> Kind {
    Kind { name, tells, document }
}

/// All types, in the order of a trade.
pub(super) const KINDS: [Kind; 14] = [
    kind(
        "wharf.purchase_order.received.v1",
        "A buyer's purchase order (850) was accepted.",
        Some(DocumentKind::PurchaseOrder),
    ),
    kind(
        "wharf.purchase_order.change_requested.v1",
        "A buyer's change of a purchase order (860) was accepted.",
        Some(DocumentKind::PurchaseOrderChange),
    ),
    kind(
        "wharf.purchase_order.acknowledged.v1",
        "A supplier answered a purchase order (855).",
        Some(DocumentKind::PurchaseOrderAcknowledgment),
    ),
    kind(
        "wharf.purchase_order.change_acknowledged.v1",
        "A supplier answered a change of a purchase order (865).",
        Some(DocumentKind::PurchaseOrderChangeAcknowledgment),
    ),
    kind(
        "wharf.shipment.notified.v1",
        "A supplier says what is on its way (856).",
        Some(DocumentKind::ShipNotice),
    ),
    kind(
        "wharf.invoice.received.v1",
        "A supplier's invoice (810) was accepted.",
        Some(DocumentKind::Invoice),
    ),
    kind(
        "wharf.document.rejected.v1",
        "A partner's document was rejected; the data says why.",
        None,
    ),
    kind(
        "wharf.document.untranslated.v1",
        "A partner's document is in order, but there is no map that makes a document of it.",
        None,
    ),
    kind("wharf.document.acknowledged.v1", "The partner accepted what we sent.", None),
    kind(
        "wharf.document.refused.v1",
        "The partner rejected what we sent; the data says why.",
        None,
    ),
    kind("wharf.acknowledgment.overdue.v1", "The partner did not acknowledge in time.", None),
    kind("wharf.delivery.failed.v1", "What we sent did not arrive, and was given up.", None),
    kind(
        "wharf.message.quarantined.v1",
        "What came from a partner was put aside; a person decides.",
        None,
    ),
    kind(
        "wharf.partner.certificate_expiring.v1",
        "A certificate of a partner's, or of ours, ends soon or has ended, and none follows it; told \
         once 60, 30, 14, 7 days and a day before its end, and after it.",
        None,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_type_has_its_own_name_of_four_words() {
        let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for name in names {
            let words: Vec<_> = name.split('.').collect();
            assert!(matches!(words[..], ["wharf", _, _, "v1"]), "{name}");
        }
    }
}
