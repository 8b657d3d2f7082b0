//! One value against the rules of its element: characters, length, code, date, time, number.

use super::classes::{Class, characters, has_control};
use crate::grammar::rules::{ElementType, ElementUse};

/// What is wrong with a value; the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// So many characters, fewer than the minimum.
    Short(usize),
    /// So many characters, more than the maximum.
    Long(usize),
    /// A control character, or one that is not part of a number.
    Character,
    /// Not in the list of codes.
    Code,
    /// Not a day of the calendar.
    Date,
    /// Not a time of day.
    Time,
    /// A number with zeros, or a point, that say nothing.
    NumberPadded,
    /// Text with spaces behind it.
    TextPadded,
}

/// What is wrong with `bytes`, of class `class`, as a value of type `kind` at `rule`'s place.
#[inline]
pub(super) fn fault(
    bytes: &[u8],
    class: Class,
    rule: &ElementUse,
    kind: ElementType,
) -> Option<Fault> {
    match kind {
        ElementType::Text | ElementType::Code => text(bytes, class, rule),
        ElementType::Decimal | ElementType::Number(_) if class == 0 => digits(bytes, rule),
        ElementType::Decimal | ElementType::Number(_) => number(bytes, rule, kind),
        ElementType::Date => length(characters(bytes, class), rule)
            .or_else(|| (class != 0 || !is_date(bytes)).then_some(Fault::Date)),
        ElementType::Time => length(characters(bytes, class), rule)
            .or_else(|| (class != 0 || !is_time(bytes)).then_some(Fault::Time)),
        ElementType::Binary => None,
    }
}

/// What is wrong with the length of a value of `characters`.
#[inline]
pub(super) fn length(characters: usize, rule: &ElementUse) -> Option<Fault> {
    let counted = u32::try_from(characters).unwrap_or(u32::MAX - 1);
    if counted < rule.min {
        Some(Fault::Short(characters))
    } else if counted > rule.max {
        Some(Fault::Long(characters))
    } else {
        None
    }
}

#[inline]
fn text(bytes: &[u8], class: Class, rule: &ElementUse) -> Option<Fault> {
    if has_control(bytes, class) {
        return Some(Fault::Character);
    }
    let characters = characters(bytes, class);
    if let Some(fault) = length(characters, rule) {
        return Some(fault);
    }
    if let Some(codes) = &rule.codes
        && !codes.contains(bytes)
    {
        return Some(Fault::Code);
    }
    let padded = bytes.last() == Some(&b' ')
        && u32::try_from(characters).is_ok_and(|characters| characters > rule.min);
    padded.then_some(Fault::TextPadded)
}

/// A number of nothing but digits.
#[inline]
fn digits(bytes: &[u8], rule: &ElementUse) -> Option<Fault> {
    if let Some(fault) = length(bytes.len(), rule) {
        return Some(fault);
    }
    if let Some(codes) = &rule.codes
        && !codes.contains(bytes)
    {
        return Some(Fault::Code);
    }
    let zeros = bytes.first() == Some(&b'0')
        && bytes.len() > 1
        && u32::try_from(bytes.len()).is_ok_and(|digits| digits > rule.min);
    zeros.then_some(Fault::NumberPadded)
}

/// A number with a sign, a point or an exponent, which do not count for its length (X12.6).
fn number(bytes: &[u8], rule: &ElementUse, kind: ElementType) -> Option<Fault> {
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (mantissa, exponent) = match unsigned.iter().position(|byte| *byte == b'E') {
        Some(at) if kind == ElementType::Decimal => {
            let exponent = unsigned.get(at + 1..).unwrap_or_default();
            let exponent = exponent.strip_prefix(b"-").unwrap_or(exponent);
            (unsigned.get(..at).unwrap_or_default(), Some(exponent))
        }
        _ => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
        Some(at) if kind == ElementType::Decimal => {
            (mantissa.get(..at).unwrap_or_default(), mantissa.get(at + 1..))
        }
        _ => (mantissa, None),
    };
    let counted = whole.len() + fraction.map_or(0, <[u8]>::len);
    let all_digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let good = counted > 0
        && all_digits(whole)
        && all_digits(fraction.unwrap_or_default())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && all_digits(exponent));
    if !good {
        return Some(Fault::Character);
    }
    if let Some(fault) = length(counted + exponent.map_or(0, <[u8]>::len), rule) {
        return Some(fault);
    }
    let spare = u32::try_from(counted).is_ok_and(|digits| digits > rule.min);
    let leading = whole.len() > 1 && whole.first() == Some(&b'0');
    (spare && (leading || fraction.is_some_and(says_nothing))).then_some(Fault::NumberPadded)
}

/// Whether a point with this behind it could be left out or cut. Zeros of cents stay: money is
/// written `12.50` by everyone, and the zero tells its precision.
fn says_nothing(fraction: &[u8]) -> bool {
    fraction.is_empty() || (fraction.len() > 2 && fraction.last() == Some(&b'0'))
}

/// Whether six or eight digits are a day of the calendar: YYMMDD or CCYYMMDD.
pub(crate) fn is_date(bytes: &[u8]) -> bool {
    let (year, month, day) = match bytes.len() {
        6 => (2000 + pair(bytes, 0), pair(bytes, 2), pair(bytes, 4)),
        8 => (pair(bytes, 0) * 100 + pair(bytes, 2), pair(bytes, 4), pair(bytes, 6)),
        _ => return false,
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    bytes.iter().all(u8::is_ascii_digit) && (1..=last).contains(&day)
}

/// Whether digits are a time of day: HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
pub(crate) fn is_time(bytes: &[u8]) -> bool {
    let seconds = match bytes.len() {
        4 => 0,
        6..=8 => pair(bytes, 4),
        _ => return false,
    };
    let (hour, minute) = (pair(bytes, 0), pair(bytes, 2));
    bytes.iter().all(u8::is_ascii_digit) && hour < 24 && minute < 60 && seconds < 60
}

/// The number that the two digits from `at` on are; what it is for other bytes does not matter.
fn pair(bytes: &[u8], at: usize) -> u32 {
    let digit = |at: usize| u32::from(bytes.get(at).map_or(0, |byte| byte.wrapping_sub(b'0')));
    digit(at) * 10 + digit(at + 1)
}

#[cfg(test)]
mod tests {
    use super::super::classes::Classes;
    use super::super::testing::element;
    use super::*;
    use crate::grammar::rules::Part;
    use crate::x12::Delimiters;

    fn judged(written: &str, value: &[u8]) -> Option<Fault> {
        let rule = element(written);
        let Part::Simple(rules) = &rule.part else { panic!("{written} is not simple") };
        fault(value, Classes::new(Delimiters::default()).of(value), &rule, rules.kind)
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for day in [&b"20240229"[..], b"20000229", b"20231231", b"240229", b"991231"] {
            assert!(is_date(day), "{}", day.escape_ascii());
        }
        for day in [&b"20230229"[..], b"19000229", b"20241332", b"20240431", b"20240100", b"2024"] {
            assert!(!is_date(day), "{}", day.escape_ascii());
        }
        assert!(!is_date(b"2024/1/5"));
    }

    #[test]
    fn times_have_four_six_seven_or_eight_digits() {
        for time in [&b"0000"[..], b"2359", b"235959", b"2359599", b"23595999"] {
            assert!(is_time(time), "{}", time.escape_ascii());
        }
        for time in [&b"2400"[..], b"1260", b"120060", b"12345", b"12:3", b"12", b"123456789"] {
            assert!(!is_time(time), "{}", time.escape_ascii());
        }
    }

    #[test]
    fn sign_and_point_do_not_count_for_the_length() {
        assert_eq!(judged("R 1/4", b"-12.34"), None);
        assert_eq!(judged("R 1/4", b"-123.45"), Some(Fault::Long(5)));
        assert_eq!(judged("N2 3/4", b"-12"), Some(Fault::Short(2)));
        assert_eq!(judged("R 1/6", b".5"), None);
        assert_eq!(judged("R 1/6", b"1.5E-3"), None);
    }

    #[test]
    fn what_is_no_number_is_a_wrong_character() {
        for value in [&b"1,000"[..], b"1.2.3", b"-", b".", b"+5", b"12 ", b"1E", b"A", b"1-"] {
            assert_eq!(judged("R 1/9", value), Some(Fault::Character), "{}", value.escape_ascii());
        }
        assert_eq!(judged("N0 1/9", b"1.5"), Some(Fault::Character));
    }

    #[test]
    fn zeros_that_say_nothing_are_padding() {
        for value in [&b"007"[..], b"-07", b"00.5", b"1.500", b"12."] {
            assert_eq!(judged("R 1/9", value), Some(Fault::NumberPadded));
        }
        for value in [&b"0"[..], b"0.5", b"12.50", b"10", b"100.00"] {
            assert_eq!(judged("R 1/9", value), None, "{}", value.escape_ascii());
        }
        assert_eq!(judged("N0 9/9", b"000000001"), None);
    }

    #[test]
    fn text_may_hold_any_letter_but_no_control() {
        assert_eq!(judged("AN 1/30", "Zürich #4 <x>".as_bytes()), None);
        assert_eq!(judged("AN 1/30", b"a\tb"), Some(Fault::Character));
        assert_eq!(judged("AN 2/4", b"a"), Some(Fault::Short(1)));
        assert_eq!(judged("AN 2/4", "äöüäö".as_bytes()), Some(Fault::Long(5)));
        assert_eq!(judged("AN 1/30", b"cotton "), Some(Fault::TextPadded));
        assert_eq!(judged("AN 3/30", b"EA "), None);
    }

    #[test]
    fn codes_come_from_their_list() {
        assert_eq!(judged("ID 2/3 00,05,ABC", b"05"), None);
        assert_eq!(judged("ID 2/3 00,05,ABC", b"06"), Some(Fault::Code));
        assert_eq!(judged("ID 2/3 00,05,ABC", b"5"), Some(Fault::Short(1)));
        assert_eq!(judged("ID 2/3", b"ZZ"), None);
    }

    #[test]
    fn the_length_of_a_date_is_judged_before_its_day() {
        assert_eq!(judged("DT 8/8", b"240115"), Some(Fault::Short(6)));
        assert_eq!(judged("DT 8/8", b"20241332"), Some(Fault::Date));
        assert_eq!(judged("DT 8/8", b"2024-1-5"), Some(Fault::Date));
        assert_eq!(judged("TM 4/8", b"2460"), Some(Fault::Time));
    }
}
