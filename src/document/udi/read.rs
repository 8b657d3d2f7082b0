//! Any carrier to what it says.

use std::str::FromStr;

use super::carrier::{Udi, UdiError};
use super::{gs1, hibc, isbt};

impl FromStr for Udi {
    type Err = UdiError;

    /// Reads a carrier by its first sign. Digits alone are taken for a scanned GS1 carrier only if
    /// they begin with a GTIN, since any number could be read as something else.
    fn from_str(carrier: &str) -> Result<Self, UdiError> {
        let carrier = carrier.trim();
        if !carrier.is_ascii() {
            return Err(UdiError::Unrecognised);
        }
        let udi = match carrier.as_bytes() {
            [b'+', ..] | [b'*', b'+', ..] => hibc::read(carrier)?,
            [b'=' | b'&', ..] => isbt::read(carrier)?,
            [b'(' | b']' | gs1::SEPARATOR, ..] => gs1::read(carrier)?,
            [b'0', b'1', ..] if carrier.len() >= 16 => gs1::read(carrier)?,
            _ => return Err(UdiError::Unrecognised),
        };
        if udi.is_empty() { Err(UdiError::Unrecognised) } else { Ok(udi) }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Not;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_says_something_or_is_refused(text in ".{0,60}") {
            prop_assert!(text.parse::<Udi>().is_ok_and(|udi| udi.is_empty()).not());
        }

        #[test]
        fn any_near_miss_says_something_or_is_refused(start in "(\\(01\\)|01|\\]C1|\\+A|\\+\\$\\$|=/|=>|&,1)", rest in "[0-9A-Z()$/=&,>+\\x1d]{0,40}") {
            let read = format!("{start}{rest}").parse::<Udi>();
            prop_assert!(read.is_ok_and(|udi| udi.is_empty()).not());
        }
    }

    #[test]
    fn ordinary_numbers_and_names_are_not_taken_for_carriers() {
        for text in ["", "4500012345", "21123456", "LOT-77", "01234", "10", "é(01)"] {
            assert_eq!(text.parse::<Udi>(), Err(UdiError::Unrecognised), "{text}");
        }
    }
}
