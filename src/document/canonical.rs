//! Any canonical document, and its JSON text.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::acknowledgment::{PurchaseOrderAcknowledgment, PurchaseOrderChangeAcknowledgment};
use super::functional_acknowledgment::FunctionalAcknowledgment;
use super::invoice::Invoice;
use super::purchase_order::PurchaseOrder;
use super::purchase_order_change::PurchaseOrderChange;
use super::ship_notice::ShipNotice;

/// A canonical document; in JSON its sort stands first, as `"document": "purchase-order"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "document", rename_all = "kebab-case")]
pub enum Document {
    /// What a buyer wants.
    PurchaseOrder(Box<PurchaseOrder>),
    /// What a buyer wants otherwise.
    PurchaseOrderChange(Box<PurchaseOrderChange>),
    /// The seller's answer to an order.
    PurchaseOrderAcknowledgment(Box<PurchaseOrderAcknowledgment>),
    /// The seller's answer to a change.
    PurchaseOrderChangeAcknowledgment(Box<PurchaseOrderChangeAcknowledgment>),
    /// What is on its way.
    ShipNotice(Box<ShipNotice>),
    /// What is to be paid.
    Invoice(Box<Invoice>),
    /// Whether what was sent could be read.
    FunctionalAcknowledgment(Box<FunctionalAcknowledgment>),
}

impl Document {
    /// Reads a document from its JSON text.
    pub fn from_json(json: &[u8]) -> Result<Self, DocumentError> {
        serde_json::from_slice(json).map_err(|error| DocumentError(error.to_string()))
    }

    /// The document as JSON text.
    pub fn to_json(&self) -> Vec<u8> {
        // Every name is a string and every number is written by us, so this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Which sort of document it is.
    pub fn kind(&self) -> DocumentKind {
        match self {
            Self::PurchaseOrder(_) => DocumentKind::PurchaseOrder,
            Self::PurchaseOrderChange(_) => DocumentKind::PurchaseOrderChange,
            Self::PurchaseOrderAcknowledgment(_) => DocumentKind::PurchaseOrderAcknowledgment,
            Self::PurchaseOrderChangeAcknowledgment(_) => {
                DocumentKind::PurchaseOrderChangeAcknowledgment
            }
            Self::ShipNotice(_) => DocumentKind::ShipNotice,
            Self::Invoice(_) => DocumentKind::Invoice,
            Self::FunctionalAcknowledgment(_) => DocumentKind::FunctionalAcknowledgment,
        }
    }

    /// Its own number: that of the order, the shipment, the invoice or the group.
    pub fn number(&self) -> &str {
        match self {
            Self::PurchaseOrder(order) => &order.number,
            Self::PurchaseOrderChange(change) => &change.number,
            Self::PurchaseOrderAcknowledgment(answer) => &answer.number,
            Self::PurchaseOrderChangeAcknowledgment(answer) => &answer.number,
            Self::ShipNotice(notice) => &notice.number,
            Self::Invoice(invoice) => &invoice.number,
            Self::FunctionalAcknowledgment(answer) => &answer.number,
        }
    }
}

/// The sorts of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// What a buyer wants.
    PurchaseOrder,
    /// What a buyer wants otherwise.
    PurchaseOrderChange,
    /// The seller's answer to an order.
    PurchaseOrderAcknowledgment,
    /// The seller's answer to a change.
    PurchaseOrderChangeAcknowledgment,
    /// What is on its way.
    ShipNotice,
    /// What is to be paid.
    Invoice,
    /// Whether what was sent could be read.
    FunctionalAcknowledgment,
}

impl DocumentKind {
    /// All of them, in the order of a trade.
    pub const ALL: [Self; 7] = [
        Self::PurchaseOrder,
        Self::PurchaseOrderChange,
        Self::PurchaseOrderAcknowledgment,
        Self::PurchaseOrderChangeAcknowledgment,
        Self::ShipNotice,
        Self::Invoice,
        Self::FunctionalAcknowledgment,
    ];

    /// Its name in JSON, in maps and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::PurchaseOrder => "purchase-order",
            Self::PurchaseOrderChange => "purchase-order-change",
            Self::PurchaseOrderAcknowledgment => "purchase-order-acknowledgment",
            Self::PurchaseOrderChangeAcknowledgment => "purchase-order-change-acknowledgment",
            Self::ShipNotice => "ship-notice",
            Self::Invoice => "invoice",
            Self::FunctionalAcknowledgment => "functional-acknowledgment",
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DocumentKind {
    type Err = DocumentError;

    fn from_str(name: &str) -> Result<Self, DocumentError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| DocumentError(format!("there is no document of this name: `{name}`")))
    }
}

/// Why JSON text is not a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct DocumentError(String);

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::common::Identifier;
    use super::*;

    /// The documents that tests and the manual use.
    const EXAMPLES: [(&str, &str); 9] = [
        ("purchase-order", include_str!("../../tests/documents/purchase-order.json")),
        ("purchase-order", include_str!("../../tests/documents/purchase-order-implant.json")),
        ("purchase-order", include_str!("../../tests/documents/purchase-order-controlled.json")),
        ("purchase-order-change", include_str!("../../tests/documents/purchase-order-change.json")),
        (
            "purchase-order-acknowledgment",
            include_str!("../../tests/documents/acknowledgment.json"),
        ),
        (
            "purchase-order-change-acknowledgment",
            include_str!("../../tests/documents/change-acknowledgment.json"),
        ),
        ("ship-notice", include_str!("../../tests/documents/ship-notice.json")),
        ("invoice", include_str!("../../tests/documents/invoice.json")),
        ("invoice", include_str!("../../tests/documents/credit-memo.json")),
    ];

    fn example(at: usize) -> Document {
        Document::from_json(EXAMPLES[at].1.as_bytes()).unwrap()
    }

    #[test]
    fn each_example_is_read_and_written_as_it_is() {
        for (kind, json) in EXAMPLES {
            let document = Document::from_json(json.as_bytes()).unwrap();
            assert_eq!(document.kind(), kind.parse().unwrap());
            let again = serde_json::from_slice::<Value>(&document.to_json()).unwrap();
            assert_eq!(again, serde_json::from_str::<Value>(json).unwrap());
            assert_eq!(Document::from_json(&document.to_json()).unwrap(), document);
        }
    }

    #[test]
    fn the_sort_of_document_stands_first() {
        for at in 0..EXAMPLES.len() {
            let document = example(at);
            let start = format!("{{\"document\":\"{}\",", document.kind());
            assert!(document.to_json().starts_with(start.as_bytes()));
        }
    }

    #[test]
    fn the_numbers_in_the_examples_have_their_check_digits() {
        for (_, json) in EXAMPLES {
            let mut open = vec![serde_json::from_str::<Value>(json).unwrap()];
            while let Some(value) = open.pop() {
                if let Ok(id) = serde_json::from_value::<Identifier>(value.clone()) {
                    assert_eq!(id.fault(), None, "{id:?}");
                }
                match value {
                    Value::Array(items) => open.extend(items),
                    Value::Object(members) => open.extend(members.into_iter().map(|(_, v)| v)),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                }
            }
        }
    }

    #[test]
    fn the_lots_of_the_shipped_example_are_found() {
        let Document::ShipNotice(notice) = example(6) else { panic!("another document") };
        let lots = notice.lots();
        assert_eq!(lots[0].lot.as_deref(), Some("GL2611"));
        assert_eq!(lots[0].order, Some("4500098213"));
        assert_eq!(lots[1].serials, ["P7-004411"]);
    }

    #[test]
    fn an_unknown_sort_of_document_is_refused_by_name() {
        let error = Document::from_json(br#"{"document":"quote","number":"1"}"#).unwrap_err();
        assert!(error.to_string().contains("quote"), "{error}");
        assert!("quote".parse::<DocumentKind>().is_err());
        for kind in DocumentKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
    }
}
