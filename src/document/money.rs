//! Prices, allowances and charges, taxes, terms of payment.

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Identifier;
use super::number::Number;

/// A price, and what it holds for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The class of trade that it holds for, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Which price, such as `contract`, `catalog` or `contract_tier_01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The price of one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Number>,
    /// The quantity that it holds for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The unit of measure that is priced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as the partner wrote it, where that is another word for the unit above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_given: Option<String>,
    /// What the multiplier does, such as `discount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplier_kind: Option<String>,
    /// By what to multiply the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<Number>,
    /// The resulting amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    /// What the price is based on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// The condition under which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// How many units the price is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units_priced: Option<Number>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// An allowance or a charge: money off, or money on top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// `allowance`, `charge` or `neither` (for information), or another code.
    pub kind: String,
    /// What for, such as `freight`, `restocking` or `handling`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whose own code follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// The agency's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_code: Option<String>,
    /// The amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    /// What the percentage is of, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_basis: Option<String>,
    /// The percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<Number>,
    /// The rate for one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Number>,
    /// The unit of the rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How many units; with `quantity_to`, from which quantity on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// Up to which quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_to: Option<Number>,
    /// How it is settled, such as `off_invoice`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handling: Option<String>,
    /// Its number, such as that of a promotion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The number of an option.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The language of the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Taxes on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}

/// A tax.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Which tax, such as `state_sales`.
    pub kind: String,
    /// The amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    /// The percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<Number>,
    /// Who levies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<Identifier>,
    /// Whether the buyer is exempt, such as `exempt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption: Option<String>,
    /// Whether it is included in the price: `included`, `add` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    /// The amount that it is a percentage of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Number>,
    /// The number under which the taxpayer is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    /// The number of the line that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// A registration or exemption for taxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxReference {
    /// The number under which the taxpayer is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    /// The places that it holds for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Identifier>,
    /// Whether the buyer is exempt, such as `exempt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption: Option<String>,
}

/// Terms of payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Which terms, such as `basic` or `discount_not_applicable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// From which day the days count, such as `invoice_date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// The discount for paying early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Number>,
    /// Until when the discount holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_due_on: Option<civil::Date>,
    /// For how many days the discount holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_days: Option<Number>,
    /// Until when to pay in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<civil::Date>,
    /// Within how many days to pay in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_days: Option<Number>,
    /// The discount as an amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<Number>,
    /// Until when to pay what is deferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferred_due_on: Option<civil::Date>,
    /// What is deferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferred_amount: Option<Number>,
    /// How much of the invoice is payable then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payable_percent: Option<Number>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The day of the month on which to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_of_month: Option<Number>,
    /// How to pay, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// A further percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<Number>,
}

/// An amount of money beside the prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Which amount, such as `total`.
    pub kind: String,
    /// The amount.
    pub amount: Number,
    /// `credit` or `debit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
    /// What the partner sent here that has no field; it is written back as it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<serde_json::Value>,
}
