//! Components of a line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::LineAcknowledgment;
use super::common::{Date, Identifier, Note, Reference};
use super::item::{Description, Packing, Quantity};
use super::money::{Charge, Price, Tax};
use super::number::Number;
use super::party::Party;

/// A component of a line: part of a kit, or a way in which a line is divided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subline {
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The number of the component that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// How it stands to the line: `included`, `add`, `delete`, `substituted` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_given: Option<String>,
    /// The price of one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Number>,
    /// What the price is based on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_basis: Option<String>,
    /// How its price stands to the price of the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_relationship: Option<String>,
    /// The item by each of its numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_ids: Vec<Identifier>,
    /// The item in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Description>,
    /// Further prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// How it is packed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packing: Vec<Packing>,
    /// Further quantities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<Quantity>,
    /// Numbers that belong to it, such as lots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Dates that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// Allowances and charges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Taxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Lines of text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<String>,
    /// Parties that concern it only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// What the seller says to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledgments: Vec<LineAcknowledgment>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
