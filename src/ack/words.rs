//! What each code of TA1, 997 and 999 means, in our own words.
//!
//! Each text follows "the partner says:", so it speaks of our document as theirs to read.

use super::form::Form;

/// TA105.
pub(super) fn ta105(code: &str) -> Option<&'static str> {
    Some(match code {
        "000" => "no error in the envelope",
        "001" => "the control numbers in ISA13 and IEA02 differ",
        "002" => "the standard named in ISA11 is not one that they take",
        "003" => "the envelope version in ISA12 is not one that they take",
        "004" => "the segment terminator cannot be used",
        "005" => "the sender's qualifier in ISA05 is wrong",
        "006" => "the sender's id in ISA06 is wrong",
        "007" => "the receiver's qualifier in ISA07 is wrong",
        "008" => "the receiver's id in ISA08 is wrong",
        "009" => "they do not know the receiver in ISA08",
        "010" => "the qualifier in ISA01 is wrong",
        "011" => "the authorization value in ISA02 is wrong",
        "012" => "the qualifier in ISA03 is wrong",
        "013" => "the password or security value in ISA04 is wrong",
        "014" => "ISA09 is not a date",
        "015" => "ISA10 is not a time",
        "016" => "the standard or repetition separator in ISA11 is wrong",
        "017" => "ISA12 is not a version number",
        "018" => "the control number in ISA13 is wrong",
        "019" => "ISA14 is neither 0 nor 1",
        "020" => "the usage indicator in ISA15 is wrong, such as test where they expect production",
        "021" => "the number of groups in IEA01 is wrong",
        "022" => "the envelopes are not nested as they must be",
        "023" => "the file ends too early: something at its end is missing",
        "024" => "something inside the interchange cannot be read, such as a wrong GS",
        "025" => "they already have an interchange with this control number",
        "026" => "the element separator cannot be used",
        "027" => "the component separator in ISA16 cannot be used",
        "028" => "the date asked for deferred delivery is wrong",
        "029" => "the time asked for deferred delivery is wrong",
        "030" => "the time zone asked for deferred delivery is wrong",
        "031" => "the grade of service asked for is wrong",
        _ => return None,
    })
}

/// AK905 to AK909.
pub(super) fn ak905(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "they do not take this kind of group (GS01)",
        "2" => "they do not take this release (GS08)",
        "3" => "the GE at the group's end is missing",
        "4" => "the control numbers in GS06 and GE02 differ",
        "5" => "the number of sets in GE01 is wrong",
        "6" => "the group's control number in GS06 is not one",
        "10" => "they do not know the authentication key",
        "11" => "they do not know the encryption key",
        "12" => "they do not offer the authentication or encryption asked for",
        "13" => "they do not know the recipient named for security",
        "14" => "they do not know the originator named for security",
        "15" => "the decrypted text is not X12",
        "16" => "they take no secured groups",
        "17" => "the encrypted text does not have the length given",
        "18" => "the authentication code of the group does not fit its content",
        "19" => {
            "the group's control number occurs twice in the interchange (in older releases: S1S \
             has no S1E)"
        }
        "20" => "S1E has no S1S before it",
        "21" => "S2S has no S2E",
        "22" => "S2E has no S2S before it",
        "23" => "S3S has no S3E",
        "24" => "S3E has no S3S before it",
        "25" => "S4S has no S4E",
        "26" => "S4E has no S4S before it",
        _ => return None,
    })
}

/// AK502 to AK506, IK502 to IK506.
pub(super) fn ak502(code: &str, form: Form) -> Option<&'static str> {
    Some(match (code, form) {
        ("1", _) => "they do not take this transaction set",
        ("2", _) => "the SE at the set's end is missing",
        ("3", _) => "the control numbers in ST02 and SE02 differ",
        ("4", _) => "the number of segments in SE01 is wrong",
        ("5", _) => "at least one segment has an error",
        ("6", _) => "the set's id in ST01 is missing or wrong",
        ("7", _) => "the set's control number in ST02 is missing or wrong",
        ("8", _) => "they do not know the authentication key",
        ("9", _) => "they do not know the encryption key",
        ("10", _) => "they do not offer the authentication or encryption asked for",
        ("11", _) => "they do not know the recipient named for security",
        ("12", _) => "the encrypted text does not have the length given",
        ("13", _) => "the authentication code of the set does not fit its content",
        ("15", _) => "they do not know the originator named for security",
        ("16", _) => "the decrypted text is not X12",
        ("17", _) => "they take no secured sets",
        ("18", _) => "the set does not belong in this kind of group",
        ("19", Form::Implementation) => "the guide named in ST03 is wrong",
        ("19", Form::Functional) => "S1S has no S1E",
        ("20", _) => "S1E has no S1S before it",
        ("21", _) => "S2S has no S2E",
        ("22", _) => "S2E has no S2S before it",
        ("23", _) => "the set's control number occurs twice in the group",
        ("24", _) => "S3S has no S3E",
        ("25", _) => "S3E has no S3S before it",
        ("26", _) => "S4S has no S4E",
        ("27", _) => "S4E has no S4S before it",
        ("I5", _) => "at least one segment breaks their guide",
        ("I6", _) => "they do not take the guide named in ST03",
        _ => return None,
    })
}

/// AK304, IK304.
pub(super) fn ak304(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "no segment has this id",
        "2" => "this segment is not expected here",
        "3" => "this segment is required and missing",
        "4" => "its loop occurs too often",
        "5" => "this segment occurs too often",
        "6" => "this transaction set does not have such a segment",
        "7" => "this segment is out of order",
        "8" => "an element of this segment has an error",
        "I4" => "their guide does not use this segment",
        "I6" => "their guide requires this segment in this situation, and it is missing",
        "I7" => "their guide requires this loop more often",
        "I8" => "their guide requires this segment, and it is missing or too rare",
        "I9" => "their guide does not use this segment in this situation",
        _ => return None,
    })
}

/// AK403, IK403.
pub(super) fn ak403(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "it is required and missing",
        "2" => "it is required because of another element, and missing",
        "3" => "there are more elements than the segment has",
        "4" => "it is too short",
        "5" => "it is too long",
        "6" => "it holds a character that is not allowed there",
        "7" => "its code is not in the list",
        "8" => "it is not a date",
        "9" => "it is not a time",
        "10" => "it excludes another element that is there too",
        "12" => "it repeats too often",
        "13" => "it has too many components",
        "I6" => "their guide does not use this code here",
        "I9" => "their guide requires it in this situation, and it is missing",
        "I10" => "their guide does not use it",
        "I11" => "their guide requires more repetitions of it",
        "I12" => "it does not have the form that their guide wants",
        "I13" => "their guide does not use it in this situation",
        _ => return None,
    })
}

/// The words of `known`, or that the standard has none for `code`.
pub(super) fn or_unknown(code: &str, known: Option<&'static str>) -> String {
    known.map_or_else(|| format!("code {code}, not in the standard's list"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::{FindingKind, Scope};

    #[test]
    fn every_code_of_the_standard_has_words() {
        for code in 0..=31 {
            assert!(ta105(&format!("{code:03}")).is_some(), "TA105 {code}");
        }
        for code in (1..=6).chain(10..=26) {
            assert!(ak905(&code.to_string()).is_some(), "AK905 {code}");
        }
        for form in [Form::Functional, Form::Implementation] {
            let numbers = (1..=13).chain(15..=27).map(|code: u8| code.to_string());
            for code in numbers.chain(["I5".to_owned(), "I6".to_owned()]) {
                assert!(ak502(&code, form).is_some(), "AK502 {code}");
            }
        }
        for code in ["1", "2", "3", "4", "5", "6", "7", "8", "I4", "I6", "I7", "I8", "I9"] {
            assert!(ak304(code).is_some(), "AK304 {code}");
        }
        let guide = ["I6", "I9", "I10", "I11", "I12", "I13"].map(str::to_owned);
        for code in (1..=10).chain([12, 13]).map(|code: u8| code.to_string()).chain(guide) {
            assert!(ak403(&code).is_some(), "AK403 {code}");
        }
    }

    #[test]
    fn whatever_we_say_we_can_explain() {
        for kind in FindingKind::ALL {
            for form in [Form::Functional, Form::Implementation] {
                let Some(code) = form.code(*kind) else { continue };
                let words = match kind.scope() {
                    Scope::Interchange => ta105(code),
                    Scope::Group => ak905(code),
                    Scope::Set => ak502(code, form),
                    Scope::Segment => ak304(code),
                    Scope::Element => ak403(code),
                    Scope::Content => None,
                };
                assert!(words.is_some(), "{} {code}", kind.code());
            }
        }
    }

    #[test]
    fn a_code_that_nobody_knows_is_named() {
        assert_eq!(or_unknown("Q9", ak403("Q9")), "code Q9, not in the standard's list");
    }
}
