//! HIBCC carriers: `+`, the device, `/`, lot or serial with a date, a check character.

use super::super::identifier;
use super::carrier::{DateForm, Issuer, Udi, UdiError};

/// Reads a carrier, with the asterisks around it that print has.
pub(super) fn read(carrier: &str) -> Result<Udi, UdiError> {
    let carrier = carrier.trim_matches('*');
    if !identifier::is_hibc(carrier) {
        return Err(UdiError::CheckDigit(carrier.to_owned()));
    }
    let malformed = || UdiError::Malformed(carrier.to_owned());
    let checked = carrier.len().saturating_sub(1);
    let body = carrier.get(1..checked).ok_or_else(malformed)?;
    let mut udi = Udi::of(Issuer::Hibcc);
    if !body.starts_with(|first: char| first.is_ascii_uppercase()) {
        // A second label alone: before the check character stands that of the first label.
        let data = body.get(..body.len().saturating_sub(1)).unwrap_or_default();
        production(data, &mut udi)?;
        return Ok(udi);
    }
    let mut parts = body.split('/');
    udi.device = Some(device(parts.next().unwrap_or_default())?);
    for part in parts {
        production(part, &mut udi)?;
    }
    Ok(udi)
}

/// Labeler (four), product (one to eighteen), unit of measure (one digit).
fn device(part: &str) -> Result<String, UdiError> {
    let proper = (6..=23).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && part.ends_with(|last: char| last.is_ascii_digit());
    if proper { Ok(part.to_owned()) } else { Err(UdiError::Malformed(part.to_owned())) }
}

/// A part that says which piece or batch it is.
fn production(part: &str, udi: &mut Udi) -> Result<(), UdiError> {
    if let Some(date) = part.strip_prefix("14D") {
        udi.expires_on = Some(DateForm::FullYear.read(date)?);
    } else if let Some(date) = part.strip_prefix("16D") {
        udi.manufactured_on = Some(DateForm::FullYear.read(date)?);
    } else if let Some(serial) = part.strip_prefix('S') {
        udi.serial = some(serial);
    } else if let Some(rest) = part.strip_prefix("$$+") {
        udi.serial = some(dated(rest, udi)?);
    } else if let Some(rest) = part.strip_prefix("$$") {
        udi.lot = some(dated(rest, udi)?);
    } else if let Some(serial) = part.strip_prefix("$+") {
        udi.serial = some(serial);
    } else if let Some(lot) = part.strip_prefix('$') {
        udi.lot = some(lot);
    } else if part.starts_with(|first: char| first.is_ascii_digit()) {
        let (lot, expires_on) = date(part, DateForm::YearDay)?;
        (udi.lot, udi.expires_on) = (some(lot), Some(expires_on));
    }
    Ok(())
}

/// Takes quantity and date from before a lot or serial number.
fn dated<'p>(part: &'p str, udi: &mut Udi) -> Result<&'p str, UdiError> {
    let malformed = || UdiError::Malformed(part.to_owned());
    let rest = match part.as_bytes().first() {
        Some(b'8') => part.get(3..).ok_or_else(malformed)?,
        Some(b'9') => part.get(6..).ok_or_else(malformed)?,
        _ => part,
    };
    let flagged = rest.get(1..).unwrap_or_default();
    let (number, expires_on) = match rest.as_bytes().first() {
        None => return Ok(rest),
        Some(b'0' | b'1') => date(rest, DateForm::MonthYear)?,
        Some(b'2') => date(flagged, DateForm::MonthDayYear)?,
        Some(b'3') => date(flagged, DateForm::YearMonthDay)?,
        Some(b'4') => hour(date(flagged, DateForm::YearMonthDay)?)?,
        Some(b'5') => date(flagged, DateForm::YearDay)?,
        Some(b'6') => hour(date(flagged, DateForm::YearDay)?)?,
        Some(b'7') => return Ok(flagged),
        Some(_) => return Err(malformed()),
    };
    udi.expires_on = Some(expires_on);
    Ok(number)
}

fn date(text: &str, form: DateForm) -> Result<(&str, jiff::civil::Date), UdiError> {
    let (digits, rest) =
        text.split_at_checked(form.len()).ok_or_else(|| UdiError::Malformed(text.to_owned()))?;
    Ok((rest, form.read(digits)?))
}

/// Passes over the hour that follows some dates.
fn hour((rest, date): (&str, jiff::civil::Date)) -> Result<(&str, jiff::civil::Date), UdiError> {
    let rest = rest.get(2..).ok_or_else(|| UdiError::Malformed(rest.to_owned()))?;
    Ok((rest, date))
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// The carrier with its check character.
    fn checked(data: &str) -> String {
        format!("{data}{}", identifier::hibc_check_character(data).unwrap())
    }

    fn production_of(data: &str) -> Udi {
        read(&checked(&format!("+A99912345/{data}"))).unwrap()
    }

    #[test]
    fn the_standards_example_has_the_right_check_character() {
        let udi = read("*+A123BJC5D6E71G*").unwrap();
        assert_eq!(udi.device.as_deref(), Some("A123BJC5D6E71"));
        assert!(matches!(read("+A123BJC5D6E71H"), Err(UdiError::CheckDigit(_))));
    }

    #[test]
    fn device_lot_dates_and_serial_are_read_from_one_carrier() {
        let carrier = checked("+A123BJC5D6E71/$$52001510X3/16D20111212/S77DEFG45");
        let udi = read(&carrier).unwrap();
        assert_eq!(udi.device.as_deref(), Some("A123BJC5D6E71"));
        assert_eq!(udi.lot.as_deref(), Some("10X3"));
        assert_eq!(udi.serial.as_deref(), Some("77DEFG45"));
        assert_eq!(udi.expires_on, Some(date(2020, 1, 15)));
        assert_eq!(udi.manufactured_on, Some(date(2011, 12, 12)));
    }

    #[test]
    fn every_form_of_date_is_read() {
        let expiry = |data: &str| {
            let udi = production_of(data);
            (udi.expires_on, udi.lot)
        };
        let lot = || Some("LOT9".to_owned());
        assert_eq!(expiry("$$0926LOT9"), (Some(date(2026, 9, 30)), lot()));
        assert_eq!(expiry("$$2091026LOT9"), (Some(date(2026, 9, 10)), lot()));
        assert_eq!(expiry("$$3260910LOT9"), (Some(date(2026, 9, 10)), lot()));
        assert_eq!(expiry("$$426091014LOT9"), (Some(date(2026, 9, 10)), lot()));
        assert_eq!(expiry("$$526253LOT9"), (Some(date(2026, 9, 10)), lot()));
        assert_eq!(expiry("$$62625314LOT9"), (Some(date(2026, 9, 10)), lot()));
        assert_eq!(expiry("$$7LOT9"), (None, lot()));
        assert_eq!(expiry("$LOT9"), (None, lot()));
        assert_eq!(expiry("26253LOT9"), (Some(date(2026, 9, 10)), lot()));
        assert_eq!(expiry("$$8243260910LOT9"), (Some(date(2026, 9, 10)), lot()));
        assert_eq!(expiry("$$9000240926LOT9"), (Some(date(2026, 9, 30)), lot()));
        assert_eq!(expiry("14D20260910"), (Some(date(2026, 9, 10)), None));
    }

    #[test]
    fn serial_numbers_stand_instead_of_lots_after_a_plus() {
        let udi = production_of("$$+3260910SN1");
        assert_eq!((udi.serial.as_deref(), udi.lot), (Some("SN1"), None));
        assert_eq!(production_of("$+SN1").serial.as_deref(), Some("SN1"));
    }

    #[test]
    fn a_second_label_loses_its_link_character() {
        let udi = read(&checked("+$$3260910LOT9G")).unwrap();
        assert_eq!((udi.device, udi.lot.as_deref()), (None, Some("LOT9")));
    }

    #[test]
    fn dates_that_are_none_are_refused() {
        assert!(matches!(read(&checked("+A99912345/$$526400L")), Err(UdiError::Date(_))));
        assert!(matches!(read(&checked("+A99912345/$$1326L")), Err(UdiError::Date(_))));
        assert!(matches!(read(&checked("+A99912345/$$3260")), Err(UdiError::Malformed(_))));
    }
}
