//! The seller's answer to a purchase order or to its change, line by line.

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::LineAcknowledgment;
use super::common::{Attachment, Date, Identifier, Note, Reference, SalesRequirement};
use super::delivery::{
    Carrier, DeliveryTerms, Destinations, Equipment, Handling, Mark, Package, Schedule,
};
use super::item::{Description, Measurement, Packaging, Packing, Quantity};
use super::money::{Amount, Charge, Price, Tax, TaxReference, Terms};
use super::number::Number;
use super::party::{Contact, Party};
use super::subline::Subline;

/// The seller's answer to a purchase order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrderAcknowledgment {
    /// Whether it is the `original`, a `duplicate` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The answer as a whole, such as `accepted_with_changes`, `accepted` or `rejected`; with an
    /// answer that has no lines, it holds for all lines of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The order's number.
    pub number: String,
    /// The day of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_on: Option<civil::Date>,
    /// The number of the release, under a blanket order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The number of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_reference: Option<String>,
    /// The contract under which it is ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The seller's number of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller_order: Option<String>,
    /// The day of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_on: Option<civil::Date>,
    /// Which sort of transaction, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_type: Option<String>,
    /// The currency of all prices and amounts, such as `USD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whose currency it is; the buyer's when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_party: Option<String>,
    /// The rate of exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<Number>,
    /// Numbers by which someone knows the order: department, contract, account, case …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Registrations and exemptions for taxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_references: Vec<TaxReference>,
    /// Who pays the freight, and where the goods change hands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery_terms: Vec<DeliveryTerms>,
    /// Prices that hold for the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Rules for the sale, such as no back orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sales_requirements: Vec<SalesRequirement>,
    /// Allowances and charges on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Terms of payment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
    /// When what is wanted or promised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// The order in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Description>,
    /// Measures that hold for the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// Paperwork that goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Demands on packaging.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packaging: Vec<Packaging>,
    /// Packages and their weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// Who carries the goods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<Carrier>,
    /// Trailers and containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equipment: Vec<Equipment>,
    /// Special handling and hazards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<Handling>,
    /// Marks on packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Taxes on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Buyer, seller, places and others, by their part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// The answer, line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<AcknowledgedLine>,
    /// How many lines there are; counted when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_count: Option<Number>,
    /// A sum over the lines, for control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_total: Option<Number>,
    /// Amounts over the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<Amount>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// The seller's answer to the change of a purchase order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrderChangeAcknowledgment {
    /// Whether it is the `original`, a `duplicate` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The answer as a whole, such as `accepted_with_changes`, `accepted` or `rejected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The order's number.
    pub number: String,
    /// The number of the release, under a blanket order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The number of the change that is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_number: Option<String>,
    /// The day of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_on: Option<civil::Date>,
    /// The number of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_reference: Option<String>,
    /// The contract under which it is ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The seller's number of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller_order: Option<String>,
    /// The day of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_on: Option<civil::Date>,
    /// The day of the change that is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_on: Option<civil::Date>,
    /// Which sort of order, such as `new`, `stand_alone`, `release`, `rush` or `consigned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The currency of all prices and amounts, such as `USD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whose currency it is; the buyer's when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_party: Option<String>,
    /// The rate of exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<Number>,
    /// Numbers by which someone knows the order: department, contract, account, case …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Registrations and exemptions for taxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_references: Vec<TaxReference>,
    /// Who pays the freight, and where the goods change hands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery_terms: Vec<DeliveryTerms>,
    /// Prices that hold for the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Rules for the sale, such as no back orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sales_requirements: Vec<SalesRequirement>,
    /// Allowances and charges on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Terms of payment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
    /// When what is wanted or promised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// The order in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Description>,
    /// Measures that hold for the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// Paperwork that goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Demands on packaging.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packaging: Vec<Packaging>,
    /// Packages and their weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// Who carries the goods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<Carrier>,
    /// Trailers and containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equipment: Vec<Equipment>,
    /// Special handling and hazards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<Handling>,
    /// Marks on packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Taxes on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Amounts beside the lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<Amount>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Buyer, seller, places and others, by their part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// The answer, line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<AcknowledgedLine>,
    /// How many lines there are; counted when written, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_count: Option<Number>,
    /// A sum over the lines, for control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_total: Option<Number>,
    /// Amounts over the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<Amount>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// A line of an order as the seller understood it, and the answer to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgedLine {
    /// The line's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<String>,
    /// How it changes, such as `add` or `delete`; in the answer to a change only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// How much is ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// How much is left to receive; in the answer to a change only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_left: Option<Number>,
    /// The unit of measure that is ordered.
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
    /// How it is packed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packing: Vec<Packing>,
    /// Numbers that belong to the line: lot, serial, case …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Allowances and charges on the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Rules for the sale of the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sales_requirements: Vec<SalesRequirement>,
    /// Terms of payment for the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
    /// Registrations and exemptions for taxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_references: Vec<TaxReference>,
    /// Who pays the freight of the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery_terms: Vec<DeliveryTerms>,
    /// How much goes where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<Destinations>,
    /// When what is wanted or promised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// What the seller says to it; several where parts of the quantity fare differently.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledgments: Vec<LineAcknowledgment>,
    /// Packages and their weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// Who carries the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<Carrier>,
    /// Trailers and containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equipment: Vec<Equipment>,
    /// Special handling and hazards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<Handling>,
    /// Marks on packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Lines of text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<String>,
    /// Taxes on the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Further quantities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<Quantity>,
    /// How much is due when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Schedule>,
    /// Demands on packaging.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packaging: Vec<Packaging>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Parties that concern this line only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Components of the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sublines: Vec<Subline>,
    /// Amounts beside the price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<Amount>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
