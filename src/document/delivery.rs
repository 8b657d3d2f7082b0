//! How goods travel: terms, packages, carriers, marks, schedules.

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Identifier, Reference};
use super::number::Number;

/// Who pays the freight, and where the goods change hands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryTerms {
    /// Who pays, such as `collect` or `prepaid_by_seller`.
    pub payment: String,
    /// What sort of place, such as `origin` or `destination`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_kind: Option<String>,
    /// The place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Whose terms follow, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_scheme: Option<String>,
    /// Terms such as those of Incoterms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// At what sort of place the title passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_location_kind: Option<String>,
    /// Where the title passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_location: Option<String>,
    /// Who bears the risk of loss, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// The risk of loss in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_description: Option<String>,
}

/// Packages of one sort, with their weight and volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The sort of package, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packaging: Option<String>,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// What is in them, by a code of the carriers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commodity: Option<Commodity>,
    /// What is in them, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which weight, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_kind: Option<String>,
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
}

/// What is shipped, by a code of the carriers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Commodity {
    /// Whose code it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Who carries the goods, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// Its place on the route, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// The carrier, such as by its SCAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Identifier>,
    /// How, such as `air` or `motor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The route or the carrier's name, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    /// How much of the order travels, such as `complete` or `partial`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What sort of place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_kind: Option<String>,
    /// The place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// From where to where the transit counts, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_direction: Option<String>,
    /// What the transit time counts, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_time_unit: Option<String>,
    /// The transit time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_time: Option<Number>,
    /// Levels of service, by their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// The carrier as an invoice names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceCarrier {
    /// How, such as `air` or `motor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The letters of the vehicle or container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipment_initial: Option<String>,
    /// The number of the vehicle or container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipment_number: Option<String>,
    /// The carrier's SCAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scac: Option<String>,
    /// The route or the carrier's name, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    /// How much of the order travels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The shipment's number, such as a bill of lading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The level of service, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// A trailer, a container or another vehicle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Equipment {
    /// Which sort, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Which weight, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_kind: Option<String>,
    /// The weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Number>,
    /// The unit of the weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_unit: Option<String>,
    /// Whose it is, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership: Option<String>,
    /// How it is sealed, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal_status: Option<String>,
    /// The number of the seal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

/// Special handling, or a hazard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handling {
    /// How to handle, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whose class of hazard follows, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard_scheme: Option<String>,
    /// The class of hazard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard_class: Option<String>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it holds: `Y` or `N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applies: Option<String>,
}

/// A mark or number on a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Which mark, such as `sscc` (a pallet's or carton's serial code).
    pub kind: String,
    /// The mark.
    pub value: String,
    /// The last one, where it is a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Which mark the inner packages have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inner_kind: Option<String>,
    /// The mark of the inner packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inner_value: Option<String>,
    /// The last one, where it is a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inner_to: Option<String>,
}

/// How much of a line goes where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destinations {
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What sort of number the locations have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Location and quantity, one for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<DestinationQuantity>,
    /// A place within the locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// How much goes to one location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DestinationQuantity {
    /// The location.
    pub location: String,
    /// How much goes there.
    pub quantity: Number,
}

/// How much of a line is due when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_given: Option<String>,
    /// For whom, by part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_role: Option<String>,
    /// For whom, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_name: Option<String>,
    /// What happens then, such as `delivery_requested`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<civil::Date>,
    /// The time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// What happens on the second day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_kind: Option<String>,
    /// The second day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_date: Option<civil::Date>,
    /// The second time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_time: Option<String>,
    /// The number of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_reference: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Numbers that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
