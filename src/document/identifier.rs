//! Identifiers that can be checked without asking anyone: check digits, shapes, the forms of an NDC.

use thiserror::Error;

use super::common::Identifier;

impl Identifier {
    /// What is wrong with the value, judged by its scheme alone; nothing where the scheme has no
    /// rule that we know.
    pub fn fault(&self) -> Option<IdentifierFault> {
        let value = self.value.as_str();
        let (right, fault) = match self.scheme.as_str() {
            "gtin_14" => (value.len() == 14 && is_gtin(value), IdentifierFault::Gtin),
            "ean_13" => (value.len() == 13 && is_gtin(value), IdentifierFault::Gtin),
            "upc_12" => (value.len() == 12 && is_gtin(value), IdentifierFault::Gtin),
            "upn" => (is_gtin(value) || is_hibc(value), IdentifierFault::Gtin),
            "gln" => (is_gln(value), IdentifierFault::Gln),
            "hin" => (is_hin(value), IdentifierFault::Hin),
            "dea" => (is_dea(value), IdentifierFault::Dea),
            "ndc" | "ndc_4_4_2" | "ndc_5_3_2" | "ndc_5_4_1" | "ndc_5_4_2" => {
                (self.ndc().is_some(), IdentifierFault::Ndc)
            }
            _ => return None,
        };
        (!right).then_some(fault)
    }

    /// The National Drug Code in eleven digits (5-4-2), if the value is one: see [`ndc`].
    pub fn ndc(&self) -> Option<String> {
        let form = match self.scheme.as_str() {
            "ndc" => None,
            "ndc_4_4_2" => Some(NdcForm::F442),
            "ndc_5_3_2" => Some(NdcForm::F532),
            "ndc_5_4_1" => Some(NdcForm::F541),
            "ndc_5_4_2" => Some(NdcForm::F542),
            _ => return None,
        };
        ndc(&self.value, form)
    }
}

/// What is wrong with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentifierFault {
    /// Not a GTIN.
    #[error("the item number does not have the digits of a GTIN with a right check digit")]
    Gtin,
    /// Not a GLN.
    #[error(
        "the location number does not have the thirteen digits of a GLN with a right check digit"
    )]
    Gln,
    /// Not a HIN.
    #[error("the health industry number does not have nine letters and digits")]
    Hin,
    /// Not a DEA number.
    #[error("the DEA number does not have two letters and seven digits with a right check digit")]
    Dea,
    /// Not an NDC.
    #[error("the drug code is not an NDC, or its hyphens are missing where they are needed")]
    Ndc,
}

impl IdentifierFault {
    /// A stable name, for events, interfaces and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Gtin => "gtin_invalid",
            Self::Gln => "gln_invalid",
            Self::Hin => "hin_invalid",
            Self::Dea => "dea_invalid",
            Self::Ndc => "ndc_invalid",
        }
    }
}

/// Whether it is a GTIN of 8, 12, 13 or 14 digits with its check digit.
pub fn is_gtin(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14) && gs1_checks(text)
}

/// Whether it is a Global Location Number: 13 digits with a check digit.
pub fn is_gln(text: &str) -> bool {
    text.len() == 13 && gs1_checks(text)
}

/// Whether it is a Serial Shipping Container Code: 18 digits with a check digit, or 20 where the
/// application identifier `00` is written before it.
pub fn is_sscc(text: &str) -> bool {
    match text.len() {
        20 => text.strip_prefix("00").is_some_and(gs1_checks),
        length => length == 18 && gs1_checks(text),
    }
}

/// Whether it has the shape of a Health Industry Number: seven signs for the organisation and two
/// for the place within it.
pub fn is_hin(text: &str) -> bool {
    text.len() == 9 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether it is a number of the Drug Enforcement Administration: the kind of registrant, a letter
/// (or 9) of the name, six digits and a check digit.
pub fn is_dea(text: &str) -> bool {
    let [kind, name, digits @ .., check] = text.as_bytes() else { return false };
    if digits.len() != 6 || !digits.iter().chain([check]).all(u8::is_ascii_digit) {
        return false;
    }
    let weighed = digits.iter().zip([1, 2].into_iter().cycle());
    let sum = weighed.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum::<u32>();
    kind.is_ascii_uppercase()
        && (name.is_ascii_uppercase() || *name == b'9')
        && sum % 10 == u32::from(check - b'0')
}

/// Whether it is a HIBCC carrier whose check character is right.
pub fn is_hibc(text: &str) -> bool {
    let Some((at, check)) = text.char_indices().next_back() else { return false };
    let data = text.get(..at).unwrap_or_default();
    // Print shows a space as an underscore.
    let check = if check == '_' { ' ' } else { check };
    data.len() >= 2 && data.starts_with('+') && hibc_check_character(data) == Some(check)
}

/// The check character for a HIBCC carrier: the sum of its signs' places modulo 43.
pub(super) fn hibc_check_character(data: &str) -> Option<char> {
    let place = |sign: u8| HIBC_SIGNS.bytes().position(|known| known == sign);
    let sum = data.bytes().try_fold(0, |sum, sign| Some((sum + place(sign)?) % 43))?;
    HIBC_SIGNS.as_bytes().get(sum).copied().map(char::from)
}

const HIBC_SIGNS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// Whether all are digits and the last is the check digit that GS1 prescribes: weights of three and
/// one from the right, up to the next ten.
fn gs1_checks(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let sum =
        text.bytes().rev().zip([1, 3].into_iter().cycle()).fold(0, |sum, (digit, weight)| {
            (sum + u32::from(digit.wrapping_sub(b'0')) * weight) % 10
        });
    digits && sum == 0
}

/// How many digits the labeler, the product and the package of a drug code have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NdcForm {
    /// 4-4-2.
    F442,
    /// 5-3-2.
    F532,
    /// 5-4-1.
    F541,
    /// 5-4-2.
    F542,
}

/// A National Drug Code in eleven digits (5-4-2, without hyphens), however it was written.
///
/// Ten digits without hyphens and without a form say nothing: a zero could be missing in any of
/// three places.
pub fn ndc(text: &str, form: Option<NdcForm>) -> Option<String> {
    let hyphens = text.bytes().filter(|b| *b == b'-').count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if hyphens + digits != text.len() {
        return None;
    }
    let parts = match (hyphens, digits, form) {
        (2, 10 | 11, _) => {
            let (labeler, rest) = text.split_once('-')?;
            let (product, package) = rest.split_once('-')?;
            (labeler, product, package)
        }
        (0, 11, _) | (0, 10, Some(NdcForm::F541)) => split(text, 5, 9)?,
        (0, 10, Some(NdcForm::F442)) => split(text, 4, 8)?,
        (0, 10, Some(NdcForm::F532)) => split(text, 5, 8)?,
        _ => return None,
    };
    let known = matches!(
        (parts.0.len(), parts.1.len(), parts.2.len()),
        (4, 4, 2) | (5, 3, 2) | (5, 4, 1 | 2)
    );
    known.then(|| format!("{:0>5}{:0>4}{:0>2}", parts.0, parts.1, parts.2))
}

fn split(digits: &str, product: usize, package: usize) -> Option<(&str, &str, &str)> {
    Some((digits.get(..product)?, digits.get(product..package)?, digits.get(package..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(scheme: &str, value: &str) -> Option<IdentifierFault> {
        Identifier { scheme: scheme.to_owned(), value: value.to_owned() }.fault()
    }

    #[test]
    fn gs1_numbers_have_their_check_digit() {
        for right in ["00012345600012", "4006381333931", "036000291452", "96385074"] {
            assert!(is_gtin(right), "{right}");
        }
        for wrong in
            ["4006381333932", "4006381333", "400638133393X", "", "４００６３８１３３３９３１"]
        {
            assert!(!is_gtin(wrong), "{wrong}");
        }
        assert!(is_gln("0614141000012"));
        assert!(!is_gln("0614141000013"));
        assert!(is_sscc("106141412345678908"));
        assert!(is_sscc("00106141412345678908"));
        assert!(!is_sscc("106141412345678909"));
    }

    #[test]
    fn a_changed_digit_never_passes() {
        let right = "0614141000012";
        for at in 0..13 {
            for digit in '0'..='9' {
                let mut text = right.to_owned();
                text.replace_range(at..=at, &digit.to_string());
                assert_eq!(is_gln(&text), text == right, "{text}");
            }
        }
    }

    #[test]
    fn dea_numbers_have_their_check_digit() {
        assert!(is_dea("AB1234563"));
        assert!(is_dea("F91234563"));
        for wrong in ["AB1234564", "A11234563", "ab1234563", "AB123456", "AB123456é", ""] {
            assert!(!is_dea(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_drug_code_comes_out_in_eleven_digits_from_every_form() {
        assert_eq!(ndc("1234-5678-90", None).as_deref(), Some("01234567890"));
        assert_eq!(ndc("12345-678-90", None).as_deref(), Some("12345067890"));
        assert_eq!(ndc("12345-6789-0", None).as_deref(), Some("12345678900"));
        assert_eq!(ndc("12345-6789-01", None).as_deref(), Some("12345678901"));
        assert_eq!(ndc("12345678901", None).as_deref(), Some("12345678901"));
        assert_eq!(ndc("1234567890", Some(NdcForm::F442)).as_deref(), Some("01234567890"));
        assert_eq!(ndc("1234567890", Some(NdcForm::F532)).as_deref(), Some("12345067890"));
        assert_eq!(ndc("1234567890", Some(NdcForm::F541)).as_deref(), Some("12345678900"));
    }

    #[test]
    fn ten_digits_without_a_form_are_no_drug_code() {
        assert_eq!(ndc("1234567890", None), None);
        assert_eq!(ndc("123-45678-90", None), None);
        assert_eq!(ndc("1234-5678-9X", None), None);
        assert_eq!(ndc("--12345678901", None), None);
    }

    #[test]
    fn identifiers_are_judged_by_their_scheme() {
        assert_eq!(fault("gln", "0614141000012"), None);
        assert_eq!(fault("gln", "0614141000013"), Some(IdentifierFault::Gln));
        assert_eq!(fault("gtin_14", "036000291452"), Some(IdentifierFault::Gtin));
        assert_eq!(fault("upn", "+A123BJC5D6E71G"), None);
        assert_eq!(fault("hin", "ABC123X00"), None);
        assert_eq!(fault("hin", "ABC123"), Some(IdentifierFault::Hin));
        assert_eq!(fault("dea", "AB1234564"), Some(IdentifierFault::Dea));
        assert_eq!(fault("ndc", "1234567890"), Some(IdentifierFault::Ndc));
        assert_eq!(fault("vendor_item", "anything"), None);
    }
}
