//! The ship notice: what is on its way, in which packages, with which lots.

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Attachment, Date, Identifier, Reference};
use super::delivery::{Carrier, DeliveryTerms, Destinations, Equipment, Handling, Mark, Package};
use super::item::{Description, Measurement, Packaging, Packing};
use super::money::Charge;
use super::number::Number;
use super::party::{Contact, Party};
use super::subline::Subline;

/// A notice that goods are on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShipNotice {
    /// Whether it is the `original`, a `replacement`, a `cancellation` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The shipment's number.
    pub number: String,
    /// The day of the notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_on: Option<civil::Date>,
    /// The time of day of the notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// How the levels nest, such as `shipment_order_pack_item`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structure: Option<String>,
    /// Which sort of shipment, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Why it stands as it does, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// When what happened or is expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// What is shipped, from the outside in; usually one shipment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
    /// How many levels there are; counted when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_count: Option<Number>,
    /// A sum over the levels, for control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_total: Option<Number>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// A shipment, or something in it: an order, a pallet, a carton, an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// What it is: `shipment`, `order`, `tare` (a pallet), `pack` (a carton), `item` …
    pub level: String,
    /// The line's number, usually that of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<String>,
    /// The item by each of its numbers, with `lot` and `serial`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_ids: Vec<Identifier>,
    /// A second number of the line, given with the quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped_line: Option<String>,
    /// How much is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_given: Option<String>,
    /// How much was shipped so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_to_date: Option<Number>,
    /// How much was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_quantity: Option<Number>,
    /// The unit of measure that was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_unit_given: Option<String>,
    /// How the line stands, such as `confirmed_shipped` or `partial_backorder`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Components of the item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sublines: Vec<Subline>,
    /// The order that the level belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderReference>,
    /// How it is packed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packing: Vec<Packing>,
    /// The item in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Description>,
    /// Measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// Paperwork that goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// How it is packed and marked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packaging: Vec<Packaging>,
    /// Packages and their weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// Who carries it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<Carrier>,
    /// Trailers and containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equipment: Vec<Equipment>,
    /// Special handling and hazards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<Handling>,
    /// Numbers that belong to it: bill of lading, tracking, lot, serial …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Marks on packages, such as an SSCC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Dates that belong to it: shipped, expiration, manufacture …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// Who pays the freight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery_terms: Vec<DeliveryTerms>,
    /// From where, to where, and others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// How much goes where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<Destinations>,
    /// The currency of amounts, such as `USD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whose currency it is; the buyer's when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_party: Option<String>,
    /// Allowances and charges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
    /// What is in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Level>,
}

/// The order that a part of a shipment belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderReference {
    /// The order's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The number of the release, under a blanket order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The number of its change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_number: Option<String>,
    /// The day of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_on: Option<civil::Date>,
    /// The line's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<String>,
    /// The contract under which it was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Which sort of order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}
