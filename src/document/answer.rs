//! The seller's answer to one line.

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Date, Identifier};
use super::number::Number;

/// What the seller says to a line or to a part of its quantity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineAcknowledgment {
    /// How it stands, such as `confirmed`, `backordered`, `substituted` or `rejected`.
    pub status: String,
    /// The quantity that this is said of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_given: Option<String>,
    /// What happens on the date, such as `estimated_delivery`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_kind: Option<String>,
    /// The day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<civil::Date>,
    /// The number of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_reference: Option<String>,
    /// The item that comes, by each of its numbers, such as a substitute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_ids: Vec<Identifier>,
    /// Whose code of reasons it is, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_agency: Option<String>,
    /// Which list of the agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_source: Option<String>,
    /// The reason, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Further dates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
