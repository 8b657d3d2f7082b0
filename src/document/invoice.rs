//! The invoice and the credit memo: what is to be paid, or paid back.

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Attachment, Date, Identifier, Note, Reference, Remark};
use super::delivery::{DeliveryTerms, Destinations, InvoiceCarrier};
use super::item::{Description, Measurement, Packaging, Packing, Quantity};
use super::money::{Amount, Charge, Price, Tax, Terms};
use super::number::Number;
use super::party::{Contact, Party};
use super::subline::Subline;

/// An invoice or a credit memo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invoice {
    /// The day of the invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoiced_on: Option<civil::Date>,
    /// The invoice's number.
    pub number: String,
    /// The order that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<InvoicedOrder>,
    /// Which sort of invoice, such as `debit_invoice` or `credit_memo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the `original`, a `duplicate` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The number of the invoice that it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_invoice: Option<String>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// The currency of all prices and amounts, such as `USD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whose currency it is; the seller's when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_party: Option<String>,
    /// The rate of exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<Number>,
    /// Numbers by which someone knows it: contract, account, bill of lading …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Buyer, seller, where to pay, and others, by their part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Terms of payment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
    /// When what happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// Who pays the freight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery_terms: Vec<DeliveryTerms>,
    /// The invoice in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Description>,
    /// Measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// Paperwork that goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// How it was packed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packaging: Vec<Packaging>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What is invoiced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<InvoiceLine>,
    /// The total to be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Number>,
    /// The part of the total on which the discount for early payment is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discountable: Option<Number>,
    /// The total when paid early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounted_total: Option<Number>,
    /// The discount for early payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Number>,
    /// Taxes on the whole invoice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Who carried the goods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<InvoiceCarrier>,
    /// Amounts beside the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<Amount>,
    /// Allowances and charges on the whole invoice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// What was shipped in all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<ShipmentTotal>,
    /// How many lines there are; counted when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_count: Option<Number>,
    /// A sum over the lines, for control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_total: Option<Number>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// The order that an invoice is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoicedOrder {
    /// The order's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The day of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_on: Option<civil::Date>,
    /// The number of the release, under a blanket order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The number of its change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_number: Option<String>,
}

/// A line of an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceLine {
    /// The line's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<String>,
    /// How much is invoiced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure that is invoiced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_given: Option<String>,
    /// The price of one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Number>,
    /// What the price is based on, such as `per_each`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_basis: Option<String>,
    /// The item by each of its numbers: the buyer's, the vendor's, a GTIN …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_ids: Vec<Identifier>,
    /// Further quantities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<Quantity>,
    /// How much was shipped, and why it differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipped: Vec<ShippedQuantity>,
    /// Taxes on the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Further prices, such as the contract's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// The item in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Description>,
    /// Paperwork that goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// How it was packed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packaging: Vec<Packaging>,
    /// How it is packed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packing: Vec<Packing>,
    /// Terms of payment for the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
    /// Numbers that belong to the line: order, contract, lot, serial …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// How much went where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<Destinations>,
    /// When what happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// Who carried the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<InvoiceCarrier>,
    /// Allowances and charges on the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Components of the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sublines: Vec<Subline>,
    /// Parties that concern this line only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// How much was shipped of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippedQuantity {
    /// How much was shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How much of the order that was, such as `complete` or `partial`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// By how much it differs from the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Number>,
    /// Why it differs, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was shipped in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShipmentTotal {
    /// How much was shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Number>,
    /// The unit of the weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_unit: Option<String>,
    /// The volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<Number>,
    /// The unit of the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_unit: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Description>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
