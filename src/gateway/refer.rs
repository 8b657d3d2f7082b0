//! What a document can be found by, and what it is about.

use crate::document::{Document, Level, Reference as Named};
use crate::message::{Reference, ReferenceKind};

/// What a document is about: the order, where there is one, else its own number. Events about one
/// subject keep their order.
pub(super) fn subject(document: &Document) -> String {
    let own = document.number();
    let order = match document {
        Document::Invoice(invoice) => {
            invoice.order.as_ref().and_then(|order| order.number.as_deref())
        }
        Document::ShipNotice(notice) => notice.levels.iter().find_map(order_of),
        Document::PurchaseOrder(_)
        | Document::PurchaseOrderChange(_)
        | Document::PurchaseOrderAcknowledgment(_)
        | Document::PurchaseOrderChangeAcknowledgment(_)
        | Document::FunctionalAcknowledgment(_) => None,
    };
    order.filter(|order| !order.is_empty()).unwrap_or(own).to_owned()
}

/// Everything that a person may look for a document by.
pub(super) fn references(document: &Document) -> Vec<Reference> {
    let mut found = Found::default();
    match document {
        Document::PurchaseOrder(order) => {
            found.add(ReferenceKind::Order, Some(&order.number));
            found.add(ReferenceKind::Release, order.release.as_deref());
            found.add(ReferenceKind::Contract, order.contract.as_deref());
            found.named(&order.references);
        }
        Document::PurchaseOrderChange(change) => {
            found.add(ReferenceKind::Order, Some(&change.number));
            found.add(ReferenceKind::Release, change.release.as_deref());
            found.add(ReferenceKind::Other, change.change_number.as_deref());
            found.add(ReferenceKind::Contract, change.contract.as_deref());
            found.named(&change.references);
        }
        Document::PurchaseOrderAcknowledgment(answer) => {
            found.add(ReferenceKind::Order, Some(&answer.number));
            found.add(ReferenceKind::Release, answer.release.as_deref());
            found.add(ReferenceKind::Other, answer.seller_order.as_deref());
            found.add(ReferenceKind::Contract, answer.contract.as_deref());
            found.named(&answer.references);
        }
        Document::PurchaseOrderChangeAcknowledgment(answer) => {
            found.add(ReferenceKind::Order, Some(&answer.number));
            found.add(ReferenceKind::Release, answer.release.as_deref());
            found.add(ReferenceKind::Other, answer.change_number.as_deref());
            found.add(ReferenceKind::Other, answer.seller_order.as_deref());
            found.named(&answer.references);
        }
        Document::ShipNotice(notice) => {
            found.add(ReferenceKind::Shipment, Some(&notice.number));
            found.levels(&notice.levels);
            for lot in notice.lots() {
                found.add(ReferenceKind::Lot, lot.lot.as_deref());
                for serial in &lot.serials {
                    found.add(ReferenceKind::Serial, Some(serial));
                }
            }
        }
        Document::Invoice(invoice) => {
            found.add(ReferenceKind::Invoice, Some(&invoice.number));
            let order = invoice.order.as_ref();
            found.add(ReferenceKind::Order, order.and_then(|order| order.number.as_deref()));
            found.add(ReferenceKind::Release, order.and_then(|order| order.release.as_deref()));
            found.named(&invoice.references);
        }
        Document::FunctionalAcknowledgment(answer) => {
            found.add(ReferenceKind::Group, Some(&answer.number));
        }
    }
    found.0
}

fn order_of(level: &Level) -> Option<&str> {
    let own = level.order.as_ref().and_then(|order| order.number.as_deref());
    // Levels nest no deeper than a map reads them.
    own.or_else(|| level.contents.iter().find_map(order_of))
}

/// References so far, each once.
#[derive(Default)]
struct Found(Vec<Reference>);

impl Found {
    fn add(&mut self, kind: ReferenceKind, value: Option<&str>) {
        let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else { return };
        let reference = Reference::new(kind, value.chars().take(LONGEST).collect::<String>());
        if self.0.len() < MOST && !self.0.contains(&reference) {
            self.0.push(reference);
        }
    }

    fn named(&mut self, references: &[Named]) {
        for named in references {
            self.add(ReferenceKind::Other, named.value.as_deref());
        }
    }

    fn levels(&mut self, levels: &[Level]) {
        for level in levels {
            if let Some(order) = &level.order {
                self.add(ReferenceKind::Order, order.number.as_deref());
                self.add(ReferenceKind::Release, order.release.as_deref());
                self.add(ReferenceKind::Contract, order.contract.as_deref());
            }
            self.named(&level.references);
            self.levels(&level.contents);
        }
    }
}

/// The most references of one document: enough for a truck of lots, not enough to flood the index.
const MOST: usize = 1_000;

/// The most characters of one reference.
const LONGEST: usize = 80;
