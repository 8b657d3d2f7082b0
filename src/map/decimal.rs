//! Decimal numbers both ways: with their point written, and with as many places as the element says.

use super::error::{MapErrorKind, cut};

/// How many digits a decimal number has that is written alike in X12 and in documents: without a
/// sign, without zeros in front, with digits on both sides of its point if it has one.
#[inline]
pub(super) fn stands(bytes: &[u8]) -> Option<u32> {
    let (mut points, mut digits) = (0, 0);
    for byte in bytes {
        points += u32::from(*byte == b'.');
        digits += u32::from(byte.is_ascii_digit());
    }
    let plain = narrow(bytes.len()) == points + digits && points <= 1;
    let inside = bytes.first() > Some(&b'0') && bytes.last() > Some(&b'.');
    (plain && inside).then_some(digits)
}

/// A decimal number taken apart.
struct Parts<'a> {
    negative: bool,
    /// Without leading zeros; may be empty.
    whole: &'a [u8],
    /// As written; may be empty.
    places: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let point = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
        let (whole, places) = (digits.get(..point)?, digits.get(point + 1..).unwrap_or_default());
        let plain = whole.iter().chain(places).all(u8::is_ascii_digit);
        if !plain || whole.len() + places.len() == 0 {
            return None;
        }
        let whole = without_zeros(whole);
        let zero = whole.is_empty() && places.iter().all(|byte| *byte == b'0');
        Some(Self { negative: negative && !zero, whole, places })
    }
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

pub(super) fn read_decimal(raw: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if stands(raw).is_some() {
        out.extend_from_slice(raw);
        return Some(());
    }
    let parts = Parts::of(raw)?;
    push_decimal(&parts, out);
    Some(())
}

fn push_decimal(parts: &Parts<'_>, out: &mut Vec<u8>) {
    if parts.negative {
        out.push(b'-');
    }
    out.extend_from_slice(if parts.whole.is_empty() { b"0" } else { parts.whole });
    if !parts.places.is_empty() {
        out.push(b'.');
        out.extend_from_slice(parts.places);
    }
}

pub(super) fn read_number(raw: &[u8], places: u8, out: &mut Vec<u8>) -> Option<()> {
    let (negative, digits) = match raw {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, raw),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let places = usize::from(places);
    let mut padded = [b'0'; 10];
    let (whole, fraction) = if let Some(point) = digits.len().checked_sub(places) {
        digits.split_at_checked(point)?
    } else {
        padded.get_mut(places - digits.len()..places)?.copy_from_slice(digits);
        (&b""[..], padded.get(..places)?)
    };
    let whole = without_zeros(whole);
    let zero = whole.is_empty() && fraction.iter().all(|byte| *byte == b'0');
    push_decimal(&Parts { negative: negative && !zero, whole, places: fraction }, out);
    Some(())
}

pub(super) fn write_decimal(
    text: &str,
    min: u32,
    max: u32,
    out: &mut String,
) -> Result<(), MapErrorKind> {
    let no_decimal = || MapErrorKind::NotADecimal(cut(text));
    let parts = Parts::of(text.as_bytes()).ok_or_else(no_decimal)?;
    if parts.negative {
        out.push('-');
    }
    let digits = narrow(parts.whole.len() + parts.places.len());
    // A zero before the point is good for readers, but counts as a digit where they are few.
    let zero = parts.whole.is_empty() && (parts.places.is_empty() || digits < max);
    for _ in digits + u32::from(zero)..min {
        out.push('0');
    }
    if zero {
        out.push('0');
    }
    push_digits(parts.whole, out);
    if !parts.places.is_empty() {
        out.push('.');
        push_digits(parts.places, out);
    }
    Ok(())
}

pub(super) fn write_number(
    text: &str,
    places: u8,
    min: u32,
    out: &mut String,
) -> Result<(), MapErrorKind> {
    let no_decimal = || MapErrorKind::NotADecimal(cut(text));
    let parts = Parts::of(text.as_bytes()).ok_or_else(no_decimal)?;
    let (kept, rest) = parts.places.split_at(usize::from(places).min(parts.places.len()));
    if rest.iter().any(|byte| *byte != b'0') {
        return Err(MapErrorKind::TooManyPlaces { places, value: cut(text) });
    }
    if parts.negative {
        out.push('-');
    }
    let missing = usize::from(places) - kept.len();
    let significant = if parts.whole.is_empty() {
        without_zeros(kept).len()
    } else {
        parts.whole.len() + kept.len()
    };
    let start = if parts.whole.is_empty() { without_zeros(kept) } else { kept };
    let digits = if significant == 0 { 0 } else { significant + missing };
    for _ in narrow(digits)..min.max(1) {
        out.push('0');
    }
    push_digits(parts.whole, out);
    push_digits(start, out);
    if digits > 0 {
        out.extend(std::iter::repeat_n('0', missing));
    }
    Ok(())
}

fn push_digits(digits: &[u8], out: &mut String) {
    out.extend(digits.iter().copied().map(char::from));
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
