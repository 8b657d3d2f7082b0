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
        let read = match split(json) {
            Some((kind, rest)) => Self::of(kind, &rest),
            None => serde_json::from_slice(json),
        };
        read.map_err(|error| DocumentError(error.to_string()))
    }

    /// The document of this sort that the other fields of its JSON are.
    fn of(kind: DocumentKind, json: &[u8]) -> serde_json::Result<Self> {
        use serde_json::from_slice as read;
        Ok(match kind {
            DocumentKind::PurchaseOrder => Self::PurchaseOrder(read(json)?),
            DocumentKind::PurchaseOrderChange => Self::PurchaseOrderChange(read(json)?),
            DocumentKind::PurchaseOrderAcknowledgment => {
                Self::PurchaseOrderAcknowledgment(read(json)?)
            }
            DocumentKind::PurchaseOrderChangeAcknowledgment => {
                Self::PurchaseOrderChangeAcknowledgment(read(json)?)
            }
            DocumentKind::ShipNotice => Self::ShipNotice(read(json)?),
            DocumentKind::Invoice => Self::Invoice(read(json)?),
            DocumentKind::FunctionalAcknowledgment => Self::FunctionalAcknowledgment(read(json)?),
        })
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

/// The sort of a document that stands first, as we write it, and the text with blanks in its place.
///
/// Whatever stands before the sort has to be kept until the sort is known, and serde keeps all of a
/// document, even if its sort stands first.
fn split(json: &[u8]) -> Option<(DocumentKind, Vec<u8>)> {
    let behind = json.strip_prefix(TAG)?;
    let length = behind.iter().position(|byte| *byte == b'"')?;
    let kind = std::str::from_utf8(behind.get(..length)?).ok()?.parse().ok()?;
    let end = TAG.len() + length + 1;
    let next = json.get(end)?;
    // Behind a comma, another field must follow.
    let field = *next == b',' && json.get(end + 1) == Some(&b'"');
    if !field && *next != b'}' {
        return None;
    }
    let mut rest = json.to_vec();
    rest.get_mut(1..end + usize::from(field))?.fill(b' ');
    Some((kind, rest))
}

/// How a document begins that has its sort first.
const TAG: &[u8] = b"{\"document\":\"";

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
    fn a_document_is_the_same_wherever_its_sort_stands() {
        for (_, json) in EXAMPLES {
            let value = serde_json::from_str::<Value>(json).unwrap();
            let Value::Object(mut fields) = value else { panic!("no object") };
            let first = Value::Object(fields.clone()).to_string();
            let kind = fields.shift_remove("document").unwrap();
            fields.insert("document".to_owned(), kind);
            let last = Value::Object(fields).to_string();
            let read = |json: &str| Document::from_json(json.as_bytes()).unwrap();
            assert!(split(first.as_bytes()).is_some() && split(last.as_bytes()).is_none());
            assert_eq!(read(&first), read(&last));
        }
    }

    #[test]
    fn a_sort_that_stands_first_does_not_let_more_through() {
        for text in [
            r#"{"document":"invoice"}"#,
            r#"{"document":"invoice",}"#,
            r#"{"document":"invoice"#,
            r#"{"document":"invoice","document":"invoice","number":"1"}"#,
            r#"{"document":"invoice","number":"1","colour":"red"}"#,
            r#"{"document":"in\u0076oice","number":"1","colour":"red"}"#,
        ] {
            assert!(serde_json::from_str::<Document>(text).is_err(), "{text}");
            assert!(Document::from_json(text.as_bytes()).is_err(), "{text}");
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
