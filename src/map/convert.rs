//! Values both ways: dates, times and numbers as X12 writes them, and as documents do.
//!
//! Reading never guesses: what has not exactly the form of its type is left for `unmapped`, so that
//! writing brings back what was read.

use super::decimal::{read_decimal, read_number, stands, write_decimal, write_number};
use super::error::{MapErrorKind, cut};
use crate::grammar::{ElementType, UNLIMITED};
use jiff::civil;

/// How the value of an element is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// As it stands.
    Text,
    /// CCYYMMDD.
    Date,
    /// YYMMDD, as releases before 004010 write it.
    ShortDate,
    /// HHMM to HHMMSSDD.
    Time,
    /// With its point written; at least `min` and at most `max` digits.
    Decimal { min: u32, max: u32 },
    /// Without a point, the last `places` digits being decimals; at least `min` digits.
    Number { places: u8, min: u32 },
}

/// The two-digit years that are of this century; the others are of the last.
const PIVOT: i16 = 50;

impl Kind {
    /// How an element of this type and length is converted.
    pub(super) fn of(element: ElementType, min: u32, max: u32) -> Self {
        match element {
            ElementType::Text | ElementType::Code | ElementType::Binary => Self::Text,
            ElementType::Date if max < 8 => Self::ShortDate,
            ElementType::Date => Self::Date,
            ElementType::Time => Self::Time,
            ElementType::Decimal => {
                Self::Decimal { min, max: if max == 0 { UNLIMITED } else { max } }
            }
            ElementType::Number(places) => Self::Number { places, min },
        }
    }

    /// Appends what `raw` says in a document's form; `None`, and nothing appended, if it does not
    /// have the form of its type. Not for [`Kind::Text`].
    pub(super) fn read(self, raw: &[u8], out: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Text => None,
            Self::Date => read_date(raw, out),
            Self::ShortDate => read_short_date(raw, out),
            Self::Time => read_time(raw, out),
            Self::Decimal { .. } => read_decimal(raw, out),
            Self::Number { places, .. } => read_number(raw, places, out),
        }
    }

    /// Whether `text` of a document is in X12's form as it stands.
    pub(super) fn stands(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Decimal { min, max } => {
                stands(text.as_bytes()).is_some_and(|digits| digits >= min && digits <= max)
            }
            Self::Date | Self::ShortDate | Self::Time | Self::Number { .. } => false,
        }
    }

    /// Appends what `text` of a document says in X12's form. Not for [`Kind::Text`].
    pub(super) fn write(self, text: &str, out: &mut String) -> Result<(), MapErrorKind> {
        match self {
            Self::Text => {
                out.push_str(text);
                Ok(())
            }
            Self::Date | Self::ShortDate => write_date(text, self == Self::ShortDate, out),
            Self::Time => write_time(text, out),
            Self::Decimal { min, max } => write_decimal(text, min, max, out),
            Self::Number { places, min } => write_number(text, places, min, out),
        }
    }
}

/// The number that two digits are.
fn pair(digits: &[u8], at: usize) -> Option<i8> {
    match digits.get(at..at + 2)? {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => i8::try_from((a - b'0') * 10 + (b - b'0')).ok(),
        _ => None,
    }
}

fn read_date(raw: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let [y1, y2, y3, y4, m1, m2, d1, d2] = *<&[u8; 8]>::try_from(raw).ok()?;
    let year = i16::from(pair(raw, 0)?) * 100 + i16::from(pair(raw, 2)?);
    civil::Date::new(year, pair(raw, 4)?, pair(raw, 6)?).ok()?;
    out.extend_from_slice(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]);
    Some(())
}

fn read_short_date(raw: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let [y1, y2, m1, m2, d1, d2] = *<&[u8; 6]>::try_from(raw).ok()?;
    let short = i16::from(pair(raw, 0)?);
    let (c1, c2, century) = if short < PIVOT { (b'2', b'0', 2000) } else { (b'1', b'9', 1900) };
    civil::Date::new(century + short, pair(raw, 2)?, pair(raw, 4)?).ok()?;
    out.extend_from_slice(&[c1, c2, y1, y2, b'-', m1, m2, b'-', d1, d2]);
    Some(())
}

fn write_date(text: &str, short: bool, out: &mut String) -> Result<(), MapErrorKind> {
    let no_date = || MapErrorKind::NotADate(cut(text));
    let digits = |range: std::ops::Range<usize>| text.get(range).ok_or_else(no_date);
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let number = |at: usize| pair(text.as_bytes(), at).ok_or_else(no_date);
    let century = number(0)?;
    let full_year = i16::from(century) * 100 + i16::from(number(2)?);
    let dashes = text.len() == 10 && digits(4..5)? == "-" && digits(7..8)? == "-";
    if !dashes || civil::Date::new(full_year, number(5)?, number(8)?).is_err() {
        return Err(no_date());
    }
    if !short {
        out.extend([year, month, day]);
        return Ok(());
    }
    if !(1900 + PIVOT..2000 + PIVOT).contains(&full_year) {
        return Err(MapErrorKind::YearTooFar(cut(text)));
    }
    out.extend([digits(2..4)?, month, day]);
    Ok(())
}

/// Whether these digits are HHMM, HHMMSS, or that with one or two decimals of a second.
fn is_time(digits: &[u8]) -> bool {
    let within = |at: usize, end: i8| pair(digits, at).is_some_and(|value| value < end);
    matches!(digits.len(), 4 | 6..=8)
        && digits.iter().all(u8::is_ascii_digit)
        && within(0, 24)
        && within(2, 60)
        && (digits.len() == 4 || within(4, 60))
}

fn read_time(raw: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !is_time(raw) {
        return None;
    }
    for (at, digit) in raw.iter().enumerate() {
        match at {
            2 | 4 => out.push(b':'),
            6 => out.push(b'.'),
            _ => {}
        }
        out.push(*digit);
    }
    Some(())
}

fn write_time(text: &str, out: &mut String) -> Result<(), MapErrorKind> {
    let mut digits = [0; 8];
    let mut count = 0;
    for (at, byte) in text.bytes().enumerate() {
        let separator = match at {
            2 | 5 => Some(b':'),
            8 => Some(b'.'),
            _ => None,
        };
        match (separator, digits.get_mut(count)) {
            (Some(separator), _) if separator == byte => {}
            (None, Some(digit)) => {
                *digit = byte;
                count += 1;
            }
            _ => return Err(MapErrorKind::NotATime(cut(text))),
        }
    }
    let digits = digits.get(..count).unwrap_or_default();
    // A separator at the end leaves as many digits as the shorter form.
    let whole = text.ends_with(|last: char| last.is_ascii_digit());
    if !is_time(digits) || !whole {
        return Err(MapErrorKind::NotATime(cut(text)));
    }
    out.extend(digits.iter().copied().map(char::from));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(kind: Kind, raw: &str) -> Option<String> {
        let mut out = vec![];
        kind.read(raw.as_bytes(), &mut out).map(|()| String::from_utf8(out.clone()).unwrap())
    }

    fn write(kind: Kind, text: &str) -> Result<String, MapErrorKind> {
        let mut out = String::new();
        kind.write(text, &mut out).map(|()| out)
    }

    const R: Kind = Kind::Decimal { min: 1, max: 9 };
    const N2: Kind = Kind::Number { places: 2, min: 1 };
    const N0: Kind = Kind::Number { places: 0, min: 1 };

    #[test]
    fn dates_go_both_ways() {
        assert_eq!(read(Kind::Date, "20240229").as_deref(), Some("2024-02-29"));
        assert_eq!(write(Kind::Date, "2024-02-29").as_deref(), Ok("20240229"));
        assert_eq!(read(Kind::ShortDate, "991231").as_deref(), Some("1999-12-31"));
        assert_eq!(read(Kind::ShortDate, "240115").as_deref(), Some("2024-01-15"));
        assert_eq!(write(Kind::ShortDate, "1999-12-31").as_deref(), Ok("991231"));
    }

    #[test]
    fn what_is_no_date_is_not_read_and_not_written() {
        for raw in ["20240230", "240115", "00000000", "2024011", "2024O115", "", "20241301"] {
            assert_eq!(read(Kind::Date, raw), None, "{raw}");
        }
        for text in ["2024-02-30", "2024-1-15", "20240115", "2024-01-15T00", "", "2024-01-1é"] {
            assert!(matches!(write(Kind::Date, text), Err(MapErrorKind::NotADate(_))), "{text}");
        }
        let far = write(Kind::ShortDate, "2050-01-01");
        assert_eq!(far, Err(MapErrorKind::YearTooFar("2050-01-01".into())));
    }

    #[test]
    fn times_go_both_ways() {
        for (raw, text) in [
            ("1430", "14:30"),
            ("143005", "14:30:05"),
            ("1430052", "14:30:05.2"),
            ("00000099", "00:00:00.99"),
        ] {
            assert_eq!(read(Kind::Time, raw).as_deref(), Some(text));
            assert_eq!(write(Kind::Time, text).as_deref(), Ok(raw));
        }
        for raw in ["2400", "1260", "143060", "14300", "143", "14300500111", "ab"] {
            assert_eq!(read(Kind::Time, raw), None, "{raw}");
        }
        for text in ["14:30:", "24:00", "1430", "14:3", "14:30:05.", "14:30:05.123", "é:30", ""] {
            assert!(matches!(write(Kind::Time, text), Err(MapErrorKind::NotATime(_))), "{text}");
        }
    }

    #[test]
    fn decimals_keep_their_places() {
        for (raw, text) in [
            ("12.50", "12.50"),
            ("007", "7"),
            (".5", "0.5"),
            ("12.", "12"),
            ("-0", "0"),
            ("-.25", "-0.25"),
        ] {
            assert_eq!(read(R, raw).as_deref(), Some(text));
        }
        assert_eq!(write(R, "12.50").as_deref(), Ok("12.50"));
        assert_eq!(write(R, "-0.5").as_deref(), Ok("-0.5"));
        assert_eq!(write(R, "0.123456789").as_deref(), Ok(".123456789"));
        assert_eq!(write(Kind::Decimal { min: 3, max: 9 }, "7").as_deref(), Ok("007"));
        for raw in ["", "-", ".", "1.2.3", "1e3", "+1", "1,5", "é"] {
            assert_eq!(read(R, raw), None, "{raw}");
            assert!(matches!(write(R, raw), Err(MapErrorKind::NotADecimal(_))), "{raw}");
        }
    }

    #[test]
    fn a_decimal_that_stands_is_written_as_it_is() {
        for text in ["1", "12.50", "9.999", "123456789"] {
            assert!(R.stands(text), "{text}");
            assert_eq!(write(R, text).as_deref(), Ok(text));
        }
        for text in ["0.5", "012", ".5", "5.", "-1", "1.2.3", "", ".", "1234567890", "1e3"] {
            assert!(!R.stands(text), "{text}");
        }
        assert!(!Kind::Decimal { min: 2, max: 9 }.stands("1"));
    }

    #[test]
    fn implied_decimals_are_exact() {
        for (raw, text) in
            [("12345", "123.45"), ("5", "0.05"), ("-5", "-0.05"), ("100", "1.00"), ("0", "0.00")]
        {
            assert_eq!(read(N2, raw).as_deref(), Some(text));
            assert_eq!(write(N2, text).as_deref(), Ok(raw));
        }
        assert_eq!(write(N2, "1.5").as_deref(), Ok("150"));
        assert_eq!(write(N2, "1.500").as_deref(), Ok("150"));
        assert_eq!(write(N2, "7").as_deref(), Ok("700"));
        let fault = MapErrorKind::TooManyPlaces { places: 2, value: "1.505".into() };
        assert_eq!(write(N2, "1.505"), Err(fault));
        assert_eq!(read(N2, "1.50"), None);
        assert_eq!(read(N0, "00042").as_deref(), Some("42"));
        assert_eq!(write(Kind::Number { places: 0, min: 2 }, "4").as_deref(), Ok("04"));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_an_equal_value(raw in "-?[0-9]{1,12}", places in 0_u8..=9) {
            let kind = Kind::Number { places, min: 1 };
            let text = read(kind, &raw).unwrap();
            let again = write(kind, &text).unwrap();
            prop_assert_eq!(read(kind, &again), Some(text));
            let value = |raw: &str| raw.parse::<i64>().unwrap();
            prop_assert_eq!(value(&again), value(&raw));
        }

        #[test]
        fn any_bytes_are_read_or_left(raw in proptest::collection::vec(any::<u8>(), 0..12)) {
            for kind in [Kind::Date, Kind::ShortDate, Kind::Time, R, N2, N0] {
                let mut out = vec![];
                if kind.read(&raw, &mut out).is_none() {
                    prop_assert!(out.is_empty());
                }
            }
        }

        #[test]
        fn any_text_is_written_or_refused(text in "\\PC{0,12}") {
            for kind in [Kind::Date, Kind::ShortDate, Kind::Time, R, N2, N0] {
                if let Ok(raw) = write(kind, &text) {
                    let text = read(kind, &raw).unwrap();
                    prop_assert_eq!(write(kind, &text), Ok(raw));
                }
            }
        }
    }
}
