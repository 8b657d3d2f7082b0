//! The functional acknowledgment: whether the other side's system could read what it was sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;

/// What the other side's system made of a group of documents that it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionalAcknowledgment {
    /// Which sort of documents the group held, by its code, such as `PO` for purchase orders.
    pub group: String,
    /// The group's control number.
    pub number: String,
    /// The version that the group was written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What became of each document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
    /// What became of the group: `accepted`, `accepted_with_errors`, `partially_accepted` or
    /// `rejected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How many documents the sender said there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<Number>,
    /// How many arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<Number>,
    /// How many were accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Number>,
    /// Why, by the codes of the trade.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// What became of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Which sort of document, by its code, such as `850`.
    pub kind: String,
    /// Its control number.
    pub number: String,
    /// The guide that it named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guide: Option<String>,
    /// What is wrong in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// What became of it: `accepted`, `accepted_with_errors` or `rejected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why, by the codes of the trade.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// One record of a document that something is wrong with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The record's name, such as `PO1`.
    pub record: String,
    /// Its place in the document, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Number>,
    /// The name of the group of records that it stands in.
    #[serde(rename = "loop", skip_serializing_if = "Option::is_none")]
    pub loop_id: Option<String>,
    /// What is wrong, such as `missing` or `unexpected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The values in it that are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<FaultyValue>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// One value that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultyValue {
    /// Its place in the record, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Number>,
    /// Its place within a value of several parts, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Number>,
    /// Its number in the dictionary, such as `353`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What is wrong, such as `missing` or `code_invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
