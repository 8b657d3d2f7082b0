//! ICCBBA carriers: ISBT 128 data structures, each with its two-sign identifier.

use super::carrier::{DateForm, Issuer, Udi, UdiError};

/// Reads a carrier.
pub(super) fn read(carrier: &str) -> Result<Udi, UdiError> {
    let mut udi = Udi::of(Issuer::Iccbba);
    let mut rest = carrier;
    while !rest.is_empty() {
        let end =
            rest.get(1..).and_then(|tail| tail.find(['=', '&'])).map_or(rest.len(), |at| at + 1);
        let (part, next) = rest.split_at_checked(end).unwrap_or((rest, ""));
        structure(part, &mut udi)?;
        rest = next;
    }
    Ok(udi)
}

fn structure(part: &str, udi: &mut Udi) -> Result<(), UdiError> {
    let of = |prefix: &str, length: usize| {
        part.strip_prefix(prefix).map(|data| {
            let proper = data.len() == length && data.bytes().all(|b| b.is_ascii_alphanumeric());
            if proper { Ok(data) } else { Err(UdiError::Malformed(part.to_owned())) }
        })
    };
    if let Some(device) = of("=/", 16) {
        udi.device = Some(device?.to_owned());
    } else if let Some(serial) = of("=,", 6) {
        udi.serial = Some(serial?.to_owned());
    } else if let Some(date) = of("=>", 6) {
        udi.expires_on = Some(DateForm::CenturyYearDay.read(date?)?);
    } else if let Some(date) = of("=}", 6) {
        udi.manufactured_on = Some(DateForm::CenturyYearDay.read(date?)?);
    } else if let Some(lot) = of("&,1", 18) {
        udi.lot = Some(lot?.to_owned());
    } else if part.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric)
        && let Some(donation) = of("=", 15)
    {
        // The last two signs are flags of the label, not of the donation.
        udi.donation = donation?.get(..13).map(str::to_owned);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_carrier_of_human_tissue_is_read() {
        let udi =
            read("=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123")
                .unwrap();
        assert_eq!(udi.device.as_deref(), Some("A9999XYZ100T0944"));
        assert_eq!(udi.serial.as_deref(), Some("000025"));
        assert_eq!(udi.donation.as_deref(), Some("A999713123456"));
        assert_eq!(udi.expires_on, Some(date(2014, 2, 1)));
        assert_eq!(udi.manufactured_on, Some(date(2013, 2, 1)));
        assert_eq!(udi.lot.as_deref(), Some("000000000000XYZ123"));
    }

    #[test]
    fn structures_of_no_concern_are_passed_over() {
        let udi = read("=+06000=/A9999XYZ100T0944=<E0001V00").unwrap();
        assert_eq!(udi.device.as_deref(), Some("A9999XYZ100T0944"));
    }

    #[test]
    fn what_is_cut_off_or_no_date_is_refused() {
        assert!(matches!(read("=/A9999XYZ"), Err(UdiError::Malformed(_))));
        assert!(matches!(read("=>014400"), Err(UdiError::Date(_))));
        assert!(matches!(read("=A9997131"), Err(UdiError::Malformed(_))));
    }
}
