//! What a device identification says.

use jiff::{ToSpan, civil};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A device identification: which device, and which piece or batch of it.
///
/// Read with [`str::parse`] from any carrier: `(01)…(17)…(10)…`, the same as scanned, `+…/$$…`, or
/// `=/…`. A carrier with only the second half, as on a second label, has no device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Udi {
    /// The agency whose way of writing it is.
    pub issuer: Issuer,
    /// Which device, in which package: a GTIN, or the agency's own identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The lot or batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// The serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The last day of use; the last day of the month where only the month is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<civil::Date>,
    /// The day of manufacture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufactured_on: Option<civil::Date>,
    /// The donation that human tissue is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub donation: Option<String>,
}

/// An agency that issues device identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Issuer {
    /// GS1: the device is a GTIN.
    Gs1,
    /// HIBCC: the device is labeler, product and unit of measure, without `+` and check character.
    Hibcc,
    /// ICCBBA, for blood, cells and tissue: the device is a processor product code.
    Iccbba,
}

impl Udi {
    /// Nothing known but the agency.
    pub(super) fn of(issuer: Issuer) -> Self {
        Self {
            issuer,
            device: None,
            lot: None,
            serial: None,
            expires_on: None,
            manufactured_on: None,
            donation: None,
        }
    }

    /// Whether it says anything about the device or the piece.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::of(self.issuer)
    }
}

/// Why a text is not a device identification.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UdiError {
    /// It does not begin as one.
    #[error("this does not begin as a device identification")]
    Unrecognised,
    /// A part of it is cut off, or has signs that it may not have.
    #[error("a part of the device identification is incomplete or malformed: `{0}`")]
    Malformed(String),
    /// The check digit or check character shows that it was misread or mistyped.
    #[error("the check digit of the device identification is wrong: `{0}`")]
    CheckDigit(String),
    /// A date that is none.
    #[error("there is no such date in the device identification: `{0}`")]
    Date(String),
}

impl UdiError {
    /// A stable name, for events, interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unrecognised => "udi_unrecognised",
            Self::Malformed(_) => "udi_malformed",
            Self::CheckDigit(_) => "udi_check_digit",
            Self::Date(_) => "udi_date",
        }
    }
}

/// The digits of a date in a carrier, as the carriers write them.
#[derive(Clone, Copy)]
pub(super) enum DateForm {
    /// YYMMDD; day 00 is the last of the month.
    YearMonthDay,
    /// MMDDYY.
    MonthDayYear,
    /// MMYY: the last of the month.
    MonthYear,
    /// YYJJJ: year and day of the year.
    YearDay,
    /// YYYYMMDD.
    FullYear,
    /// CYYJJJ: the century's last digit, year, day of the year.
    CenturyYearDay,
}

impl DateForm {
    /// How many digits it has.
    pub(super) fn len(self) -> usize {
        match self {
            Self::YearMonthDay | Self::MonthDayYear | Self::CenturyYearDay => 6,
            Self::MonthYear => 4,
            Self::YearDay => 5,
            Self::FullYear => 8,
        }
    }

    /// The date that these digits say.
    pub(super) fn read(self, digits: &str) -> Result<civil::Date, UdiError> {
        self.date(digits).ok_or_else(|| UdiError::Date(digits.to_owned()))
    }

    fn date(self, digits: &str) -> Option<civil::Date> {
        let number = |from: usize, to: usize| {
            let part = digits.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
            part.and_then(|part| part.parse::<i16>().ok())
        };
        if digits.len() != self.len() {
            return None;
        }
        match self {
            Self::YearMonthDay => on(year(number(0, 2)?), number(2, 4)?, number(4, 6)?),
            Self::MonthDayYear => on(year(number(4, 6)?), number(0, 2)?, number(2, 4)?),
            Self::MonthYear => on(year(number(2, 4)?), number(0, 2)?, 0),
            Self::YearDay => day_of(year(number(0, 2)?), number(2, 5)?),
            Self::FullYear => on(number(0, 4)?, number(4, 6)?, number(6, 8)?),
            Self::CenturyYearDay => {
                let century = match number(0, 1)? {
                    9 => 1900,
                    digit => 2000 + 100 * digit,
                };
                day_of(century + number(1, 3)?, number(3, 6)?)
            }
        }
    }
}

/// Two digits as a year: labels speak of the recent past and the next decades, and the code that
/// reads them has no clock.
fn year(digits: i16) -> i16 {
    if digits < 70 { 2000 + digits } else { 1900 + digits }
}

fn on(year: i16, month: i16, day: i16) -> Option<civil::Date> {
    let month = i8::try_from(month).ok()?;
    match day {
        0 => civil::Date::new(year, month, 1).ok().map(civil::Date::last_of_month),
        day => civil::Date::new(year, month, i8::try_from(day).ok()?).ok(),
    }
}

fn day_of(year: i16, day: i16) -> Option<civil::Date> {
    let first = civil::Date::new(year, 1, 1).ok()?;
    let date = first.checked_add((day - 1).days()).ok()?;
    (date.year() == year).then_some(date)
}
