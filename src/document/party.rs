//! Who takes part: buyer, seller, places, and the people there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Date, Identifier, Reference};
use super::delivery::Schedule;
use super::item::Quantity;

/// An organisation or a place, and its part in the trade.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its part, such as `buyer`, `ship_to`, `bill_to`, `supplier`.
    pub role: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number, such as a GLN, a HIN, a DEA number or an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Identifier>,
    /// Further lines of its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Numbers that belong to it, such as a licence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Whom to ask there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// How much of the line is for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<Quantity>,
    /// Dates that concern it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// When how much of the line is for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Schedule>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street, building, floor, dock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The place by a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A place by a code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// What sort of code or place, such as `destination`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A person or desk, and how to reach them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// What they are for, such as `buyer` or `order_contact`.
    pub role: String,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How to reach them; schemes such as `telephone` and `email`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Identifier>,
    /// What to mention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Party {
    /// The first party with this part.
    pub fn find<'l>(list: &'l [Self], role: &str) -> Option<&'l Self> {
        list.iter().find(|party| party.role == role)
    }
}
