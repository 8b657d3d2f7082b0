//! GS1 element strings, with brackets as printed or with separators as scanned.

use super::super::identifier;
use super::carrier::{DateForm, Issuer, Udi, UdiError};

/// What a scanner sends for FNC1, which ends an element of no fixed length.
pub(super) const SEPARATOR: u8 = 0x1D;

/// Reads an element string.
pub(super) fn read(carrier: &str) -> Result<Udi, UdiError> {
    let mut udi = Udi::of(Issuer::Gs1);
    let carrier = SYMBOLOGIES
        .iter()
        .find_map(|symbology| carrier.strip_prefix(symbology))
        .unwrap_or(carrier)
        .trim_start_matches(char::from(SEPARATOR));
    if carrier.starts_with('(') {
        printed(carrier, &mut udi)?;
    } else {
        scanned(carrier, &mut udi)?;
    }
    Ok(udi)
}

/// `(01)…(17)…`: an element ends where the next bracketed number begins, since values may hold
/// brackets too.
fn printed(mut rest: &str, udi: &mut Udi) -> Result<(), UdiError> {
    while let Some((number, value)) = bracketed(rest) {
        let end = value
            .match_indices('(')
            .map(|(at, _)| at)
            .find(|at| value.get(*at..).is_some_and(|next| bracketed(next).is_some()))
            .unwrap_or(value.len());
        let (value, next) = value.split_at_checked(end).unwrap_or((value, ""));
        element(number, value.trim(), udi)?;
        rest = next;
    }
    if rest.is_empty() { Ok(()) } else { Err(UdiError::Malformed(rest.to_owned())) }
}

/// The bracketed number that `text` begins with, and what follows.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (number, value) = text.strip_prefix('(')?.split_once(')')?;
    let proper = (2..=4).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    proper.then_some((number, value))
}

/// As scanned: elements of fixed length follow each other, the others end with a separator.
fn scanned(mut rest: &str, udi: &mut Udi) -> Result<(), UdiError> {
    while !rest.is_empty() {
        let malformed = || UdiError::Malformed(rest.to_owned());
        let number = rest.get(..2).ok_or_else(malformed)?;
        let end = match fixed_length(number) {
            Some(length) => length,
            None => rest.find(char::from(SEPARATOR)).unwrap_or(rest.len()),
        };
        let (whole, next) = rest.split_at_checked(end).ok_or_else(malformed)?;
        element(number, whole.get(2..).unwrap_or_default(), udi)?;
        rest = next.strip_prefix(char::from(SEPARATOR)).unwrap_or(next);
    }
    Ok(())
}

/// The length of an element, its number included, by the first two digits of the number.
fn fixed_length(number: &str) -> Option<usize> {
    match number {
        "00" => Some(20),
        "01" | "02" | "03" | "41" => Some(16),
        "04" => Some(18),
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => Some(8),
        "20" => Some(4),
        "31" | "32" | "33" | "34" | "35" | "36" => Some(10),
        _ => None,
    }
}

/// Takes what an element says of the device; the others are of no concern here.
fn element(number: &str, value: &str, udi: &mut Udi) -> Result<(), UdiError> {
    match number {
        "01" => {
            if value.len() != 14 || !identifier::is_gtin(value) {
                return Err(UdiError::CheckDigit(value.to_owned()));
            }
            udi.device = Some(value.to_owned());
        }
        "10" => udi.lot = Some(text(value)?),
        "21" => udi.serial = Some(text(value)?),
        "11" => udi.manufactured_on = Some(DateForm::YearMonthDay.read(value)?),
        "17" => udi.expires_on = Some(DateForm::YearMonthDay.read(value)?),
        _ => {}
    }
    Ok(())
}

fn text(value: &str) -> Result<String, UdiError> {
    let proper = (1..=20).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic());
    if proper { Ok(value.to_owned()) } else { Err(UdiError::Malformed(value.to_owned())) }
}

/// What a scanner sends first to say which symbol it saw.
const SYMBOLOGIES: [&str; 6] = ["]d2", "]C1", "]Q3", "]e0", "]d1", "]J1"];

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_printed_carrier_is_read() {
        let udi = read("(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234").unwrap();
        assert_eq!(udi.device.as_deref(), Some("51022222233336"));
        assert_eq!(udi.lot.as_deref(), Some("A213B1"));
        assert_eq!(udi.serial.as_deref(), Some("1234"));
        assert_eq!(udi.manufactured_on, Some(date(2014, 12, 31)));
        assert_eq!(udi.expires_on, Some(date(2015, 7, 7)));
    }

    #[test]
    fn a_scanned_carrier_says_the_same_as_the_printed_one() {
        let printed = read("(01)51022222233336(10)A(2)B1(17)150707(21)12/34").unwrap();
        let scanned = read("]d2015102222223333610A(2)B1\u{1d}171507072112/34").unwrap();
        assert_eq!(scanned, printed);
        assert_eq!(printed.lot.as_deref(), Some("A(2)B1"));
    }

    #[test]
    fn elements_of_no_concern_are_passed_over() {
        let udi = read("01510222222333363010\u{1d}24012345\u{1d}3103001250\u{1d}17260200").unwrap();
        assert_eq!(udi.expires_on, Some(date(2026, 2, 28)));
        assert_eq!(udi.lot, None);
    }

    #[test]
    fn a_second_label_has_no_device() {
        let udi = read("(17)261130(10)LOT7").unwrap();
        assert_eq!((udi.device, udi.lot.as_deref()), (None, Some("LOT7")));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(matches!(read("(01)51022222233337"), Err(UdiError::CheckDigit(_))));
        assert!(matches!(read("(17)261332"), Err(UdiError::Date(_))));
        assert!(matches!(read("(17)2611"), Err(UdiError::Date(_))));
        assert!(matches!(read("(10)"), Err(UdiError::Malformed(_))));
        assert!(matches!(read("015102222223333621"), Err(UdiError::Malformed(_))));
        assert!(matches!(read("015102222223"), Err(UdiError::Malformed(_))));
        assert!(matches!(read("(01)51022222233336 (x"), Err(UdiError::CheckDigit(_))));
    }
}
