//! Pieces that every document has: references, dates, notes, attachments.

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;

/// A value, and what sort of value it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// What sort of value it is, such as `gln`; a code of the trade where we have no word for it.
    pub scheme: String,
    /// The value as written.
    pub value: String,
}

/// A number or name by which someone knows this order, line, shipment or invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// What it refers to, such as `department`, `contract` or `lot`.
    pub scheme: String,
    /// The number or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A date, a time or a period, and what happens then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Date {
    /// What happens then, such as `delivery_requested` or `expiration`.
    pub kind: String,
    /// The day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<civil::Date>,
    /// The time of day, such as `14:30` or `14:30:05`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The time zone as the trade writes it, such as `ET` or `UT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How the period is written, such as `RD8` for two dates with a hyphen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_format: Option<String>,
    /// A period or an incomplete date, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
}

/// A note about a subject, in lines of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What the note is about or which reference it has, such as `special_instructions`.
    pub scheme: String,
    /// The reference that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The day that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<civil::Date>,
    /// The time of day that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Further dates that it concerns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// The text, line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<String>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// A short remark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// What it is about, such as `delivery`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Paperwork that goes with the order or the goods, and how it travels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Which paper, such as a certificate, by its code.
    pub kind: String,
    /// How it travels, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmission: Option<String>,
    /// How many copies are wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<Number>,
    /// Who receives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_role: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Identifier>,
    /// What is said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A rule for the sale, such as whether to keep what is missing on back order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SalesRequirement {
    /// The rule, such as `no_back_order`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// What to do when it cannot be kept, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The amount that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    /// The account that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The day that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<civil::Date>,
    /// Which substitutes are allowed, by their code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substitution: Option<String>,
}

impl Identifier {
    /// The first value of this scheme.
    pub fn find<'l>(list: &'l [Self], scheme: &str) -> Option<&'l str> {
        list.iter().find(|id| id.scheme == scheme).map(|id| id.value.as_str())
    }
}

impl Reference {
    /// The first value of this scheme.
    pub fn find<'l>(list: &'l [Self], scheme: &str) -> Option<&'l str> {
        list.iter().find(|reference| reference.scheme == scheme)?.value.as_deref()
    }
}

impl Date {
    /// The first day of this kind.
    pub fn find(list: &[Self], kind: &str) -> Option<civil::Date> {
        list.iter().find(|date| date.kind == kind)?.date
    }
}
