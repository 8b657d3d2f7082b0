//! The small parts that several sections share: usage marks, requirements, maxima.

use super::super::rules::{Requirement, UNLIMITED, Usage};
use super::at::Broken;
use super::cursor::Cursor;
use super::kind::SefFaultKind;

/// The mark before an id, where `.` means not used.
pub(super) fn attribute(cursor: &mut Cursor<'_>) -> Usage {
    let usage = match cursor.peek() {
        Some(b'.') => Usage::NotUsed,
        Some(b'!') => Usage::Must,
        Some(b'$') => Usage::Recommended,
        Some(b'-') => Usage::NotRecommended,
        Some(b'&') => Usage::Dependent,
        Some(_) | None => return Usage::AsStandard,
    };
    cursor.skip(1);
    usage
}

/// A character of a mask, where `.` means used.
pub(super) fn mask_mark(byte: u8) -> Option<Usage> {
    match byte {
        b'.' => Some(Usage::AsStandard),
        b'#' => Some(Usage::NotUsed),
        b'!' => Some(Usage::Must),
        b'$' => Some(Usage::Recommended),
        b'-' => Some(Usage::NotRecommended),
        b'&' => Some(Usage::Dependent),
        _ => None,
    }
}

/// What stands behind the first comma in a bracket; C and X depend on conditions, as O does.
pub(super) fn requirement(cursor: &mut Cursor<'_>) -> Result<Requirement, Broken> {
    let at = cursor.at();
    match cursor.take_while(|byte| byte != b',' && byte != b']') {
        "M" => Ok(Requirement::Mandatory),
        "" | "O" | "C" | "X" => Ok(Requirement::Optional),
        other => Err(Broken::new(at, SefFaultKind::RequirementInvalid(other.to_owned()))),
    }
}

/// A number of uses: `>1` has no limit, and nothing at all means `None`.
pub(super) fn maximum(cursor: &mut Cursor<'_>) -> Result<Option<u32>, Broken> {
    let at = cursor.at();
    if cursor.eat(b'>') {
        return match cursor.number()? {
            Some(_) => Ok(Some(UNLIMITED)),
            None => Err(cursor.unexpected("the 1 of `>1`")),
        };
    }
    match cursor.number()? {
        Some(0) => Err(Broken::new(at, SefFaultKind::NumberInvalid("0".to_owned()))),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::at::At;
    use super::super::text::Line;
    use super::*;

    fn cursor(text: &str) -> Cursor<'_> {
        Cursor::new(Line { at: At(0), text })
    }

    #[test]
    fn a_dot_before_an_id_and_a_dot_in_a_mask_are_opposites() {
        assert_eq!(attribute(&mut cursor(".N1")), Usage::NotUsed);
        assert_eq!(mask_mark(b'.'), Some(Usage::AsStandard));
        assert_eq!(mask_mark(b'#'), Some(Usage::NotUsed));
        assert_eq!(attribute(&mut cursor("#N1")), Usage::AsStandard);
    }

    #[test]
    fn greater_than_one_is_no_limit_and_nothing_is_nothing() {
        assert_eq!(maximum(&mut cursor(">1]")), Ok(Some(UNLIMITED)));
        assert_eq!(maximum(&mut cursor("25]")), Ok(Some(25)));
        assert_eq!(maximum(&mut cursor("]")), Ok(None));
        assert!(maximum(&mut cursor(">]")).is_err());
        assert!(maximum(&mut cursor("0")).is_err());
    }
}
