//! What is bought: identities, descriptions, packs, measures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;

/// A description of an item, in words or by a code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// `free_form`, `structured` (a code) or `semi_structured` (a code and words).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Which property is described, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub characteristic: Option<String>,
    /// Whose code it is, such as `UN` for UNSPSC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Which part or layer of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// Which list of the agency the code is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether the property holds: `Y` or `N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applies: Option<String>,
    /// The language of the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// A measure of an item, a pack or a load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// What is measured, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Which measure, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The least that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// The most that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
    /// How to understand the value, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub significance: Option<String>,
}

/// How an item is packed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Packing {
    /// How many inner packs are in one outer pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<Number>,
    /// How much is in one inner pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Number>,
    /// The unit of the size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_unit: Option<String>,
    /// The sort of package, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packaging: Option<String>,
    /// Which weight, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_kind: Option<String>,
    /// The weight of the outer pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Number>,
    /// The unit of the weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_unit: Option<String>,
    /// The volume of the outer pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<Number>,
    /// The unit of the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_unit: Option<String>,
    /// Its length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<Number>,
    /// Its width.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<Number>,
    /// Its height.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<Number>,
    /// The unit of length, width and height.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension_unit: Option<String>,
    /// How many pieces are in one inner pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inner_pack: Option<Number>,
}

/// A demand on packaging, marking or loading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Packaging {
    /// `free_form`, `structured` or `semi_structured`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What is demanded, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub characteristic: Option<String>,
    /// Whose code it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How loads are formed, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_load: Option<String>,
    /// Measures that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// A quantity beside the one ordered, shipped or invoiced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// Which quantity, such as `shipped`.
    pub kind: String,
    /// The quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_given: Option<String>,
    /// The quantity in words, where it is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
