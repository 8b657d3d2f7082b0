//! Any canonical document, and its JSON text.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::acknowledgment::{PurchaseOrderAcknowledgment, PurchaseOrderChangeAcknowledgment};
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
        }
    }

    /// Its own number: that of the order, the shipment or the invoice.
    pub fn number(&self) -> &str {
        match self {
            Self::PurchaseOrder(order) => &order.number,
            Self::PurchaseOrderChange(change) => &change.number,
            Self::PurchaseOrderAcknowledgment(answer) => &answer.number,
            Self::PurchaseOrderChangeAcknowledgment(answer) => &answer.number,
            Self::ShipNotice(notice) => &notice.number,
            Self::Invoice(invoice) => &invoice.number,
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
}

impl DocumentKind {
    /// All of them, in the order of a trade.
    pub const ALL: [Self; 6] = [
        Self::PurchaseOrder,
        Self::PurchaseOrderChange,
        Self::PurchaseOrderAcknowledgment,
        Self::PurchaseOrderChangeAcknowledgment,
        Self::ShipNotice,
        Self::Invoice,
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
