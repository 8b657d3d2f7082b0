//! The canonical documents: what a purchase order, an acknowledgment, a ship notice and an invoice
//! say, in the words of procurement.
//!
//! Plain structs with the shape of their JSON, exact decimals, ISO dates, and identifiers as scheme
//! and value. Does not know any wire format: how a partner writes these things is the maps' affair,
//! and what a partner sent that has no field here travels in `unmapped`, which nobody here reads.
//!
//! Invariants: a document read from JSON and written again is the same document; JSON with a name
//! that the schema does not have is refused, so that a misspelt field cannot vanish.
//!
//! # Why lists of scheme and value
//! Partners differ in which references, dates, parties and item numbers they use, and add new ones
//! without notice. A list keeps them all, in their order; a field for each would lose the next one.
//! Words such as `department` or `ship_to` stand where the meaning is settled in the trade, and the
//! trade's own code where it is not.

mod acknowledgment;
mod answer;
mod canonical;
mod common;
mod delivery;
mod functional_acknowledgment;
mod identifier;
mod invoice;
mod item;
mod lots;
mod money;
mod number;
mod party;
mod purchase_order;
mod purchase_order_change;
mod schema;
mod ship_notice;
mod subline;
mod tree;
mod udi;

pub use acknowledgment::{
    AcknowledgedLine, PurchaseOrderAcknowledgment, PurchaseOrderChangeAcknowledgment,
};
pub use answer::LineAcknowledgment;
pub use canonical::{Document, DocumentError, DocumentKind};
pub use common::{Attachment, Date, Identifier, Note, Reference, Remark, SalesRequirement};
pub use delivery::{
    Carrier, Commodity, DeliveryTerms, DestinationQuantity, Destinations, Equipment, Handling,
    InvoiceCarrier, Mark, Package, Schedule,
};
pub use functional_acknowledgment::{Answered, Fault, FaultyValue, FunctionalAcknowledgment};
pub use identifier::{
    IdentifierFault, NdcForm, is_dea, is_gln, is_gtin, is_hibc, is_hin, is_sscc, ndc,
};
pub use invoice::{Invoice, InvoiceLine, InvoicedOrder, ShipmentTotal, ShippedQuantity};
pub use item::{Description, Measurement, Packaging, Packing, Quantity};
pub use lots::Lot;
pub use money::{Amount, Charge, Price, Tax, TaxReference, Terms};
pub use number::Number;
pub use party::{Address, Contact, Location, Party};
pub use purchase_order::{OrderLine, PurchaseOrder};
pub use purchase_order_change::{ChangedLine, PurchaseOrderChange};
pub use schema::schema;
pub use ship_notice::{Level, OrderReference, ShipNotice};
pub use subline::Subline;
pub use tree::{Kind, Tree, TreeError, TreeFault, Value};
pub use udi::{Issuer, Udi, UdiError};
