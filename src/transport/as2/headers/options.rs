//! `Disposition-Notification-Options`: which receipt a sender asks for (RFC 4130 §7.3).

use super::super::error::As2Error;
use crate::pki::DigestAlgorithm;

/// What a sender asks of the receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptOptions {
    /// In which format the receipt is to be signed.
    pub protocol: Option<Asked>,
    /// Over which digest the MIC is to be.
    pub micalg: Option<Asked>,
    /// What else is asked, by name.
    pub others: Vec<(String, Asked)>,
}

/// A preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether nothing else will do.
    pub required: bool,
    /// What will do, the best first.
    pub values: Vec<String>,
}

/// The receipt that a sender is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptForm {
    /// Whether it is signed.
    pub signed: bool,
    /// The digest of its MIC, if the sender named one that we compute; otherwise that of the message's
    /// own signature, or SHA-256.
    pub digest: Option<DigestAlgorithm>,
}

impl ReceiptOptions {
    /// A signed receipt, with a MIC over this digest.
    pub fn signed(digest: DigestAlgorithm) -> Self {
        let asked = |value: &str| Some(Asked { required: false, values: vec![value.to_owned()] });
        Self { protocol: asked(PROTOCOL), micalg: asked(digest.name()), others: Vec::new() }
    }

    /// Reads the header's value. What makes no sense is kept as a wish that we do not know.
    pub fn parse(text: &str) -> Self {
        let mut options = Self::default();
        for wish in text.split(';').map(str::trim).filter(|wish| !wish.is_empty()) {
            let (name, values) = wish.split_once('=').unwrap_or((wish, ""));
            let asked = Asked::parse(values);
            match name.trim().to_ascii_lowercase().as_str() {
                "signed-receipt-protocol" => options.protocol = Some(asked),
                "signed-receipt-micalg" => options.micalg = Some(asked),
                other => options.others.push((other.to_owned(), asked)),
            }
        }
        options
    }

    /// The header's value.
    pub fn to_header(&self) -> String {
        let named =
            [("signed-receipt-protocol", &self.protocol), ("signed-receipt-micalg", &self.micalg)];
        let named = named.into_iter().filter_map(|(name, asked)| Some((name, asked.as_ref()?)));
        let others = self.others.iter().map(|(name, asked)| (name.as_str(), asked));
        let wishes: Vec<String> = named
            .chain(others)
            .map(|(name, asked)| format!("{name}={}", asked.written()))
            .collect();
        wishes.join("; ")
    }

    /// The receipt to give, of the digests that we compute for this sender.
    pub fn choose(&self, allowed: &[DigestAlgorithm]) -> Result<ReceiptForm, As2Error> {
        let unknown = self.others.iter().find(|(_, asked)| asked.required);
        if let Some((name, _)) = unknown {
            return Err(As2Error::UnsupportedFormat(name.clone()));
        }
        let signed = match &self.protocol {
            None => false,
            Some(asked) => {
                let known = asked.values.iter().any(|value| is_known_protocol(value));
                if asked.required && !known {
                    return Err(As2Error::UnsupportedFormat(asked.values.join(", ")));
                }
                known
            }
        };
        let digest = self.micalg.as_ref().and_then(|asked| {
            let parsed = asked.values.iter().filter_map(|value| value.parse().ok());
            parsed.into_iter().find(|digest| allowed.contains(digest))
        });
        match &self.micalg {
            Some(asked) if asked.required && digest.is_none() => {
                Err(As2Error::UnsupportedMic(asked.values.join(", ")))
            }
            Some(_) | None => Ok(ReceiptForm { signed, digest }),
        }
    }
}

impl Asked {
    fn parse(values: &str) -> Self {
        let mut values: Vec<String> = values
            .split(',')
            .map(|value| value.trim().trim_matches('"').trim().to_owned())
            .filter(|value| !value.is_empty())
            .take(MOST)
            .collect();
        let importance = values.first().map(|value| value.to_ascii_lowercase());
        // Some programs leave the importance out.
        let required = importance.as_deref() == Some("required");
        if required || importance.as_deref() == Some("optional") {
            values.remove(0);
        }
        Self { required, values }
    }

    fn written(&self) -> String {
        let importance = if self.required { "required" } else { "optional" };
        let values = self.values.iter().map(String::as_str);
        std::iter::once(importance).chain(values).collect::<Vec<_>>().join(", ")
    }
}

fn is_known_protocol(value: &str) -> bool {
    [PROTOCOL, "x-pkcs7-signature"].iter().any(|known| known.eq_ignore_ascii_case(value))
}

const PROTOCOL: &str = "pkcs7-signature";

/// The most values of one wish that are looked at.
const MOST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[DigestAlgorithm] = &[DigestAlgorithm::Sha256, DigestAlgorithm::Sha512];

    fn choose(text: &str) -> Result<ReceiptForm, As2Error> {
        ReceiptOptions::parse(text).choose(ALLOWED)
    }

    #[test]
    fn options_are_not_parsed_as_an_algorithm_number_21() {
        let form = choose(
            "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha-256",
        );
        assert_eq!(form, Ok(ReceiptForm { signed: true, digest: Some(DigestAlgorithm::Sha256) }));
    }

    #[test]
    fn the_first_algorithm_that_we_compute_is_taken() {
        for (micalg, digest) in [
            ("optional, sha1, sha256", Some(DigestAlgorithm::Sha256)),
            ("required,md5,SHA-512,sha256", Some(DigestAlgorithm::Sha512)),
            ("optional,md5", None),
            ("sha256", Some(DigestAlgorithm::Sha256)),
            ("\"optional\", \"sha256\"", Some(DigestAlgorithm::Sha256)),
            ("", None),
        ] {
            let form = choose(&format!("Signed-Receipt-MICalg = {micalg};"));
            assert_eq!(form, Ok(ReceiptForm { signed: false, digest }), "{micalg}");
        }
    }

    #[test]
    fn what_is_required_and_not_known_fails_by_its_name() {
        for (text, disposition) in [
            (
                "signed-receipt-protocol=required, pgp-signature",
                "failed/failure: unsupported format",
            ),
            ("x-new=required, y", "failed/failure: unsupported format"),
            (
                "signed-receipt-protocol=required,pkcs7-signature;signed-receipt-micalg=required,md5",
                "failed/failure: unsupported MIC-algorithms",
            ),
        ] {
            let told = choose(text).unwrap_err().disposition().to_string();
            assert!(told.ends_with(disposition), "{text}: {told}");
        }
    }

    #[test]
    fn what_is_optional_and_not_known_is_left_out() {
        let form = choose("signed-receipt-protocol=optional, pgp-signature; x-new=optional, y");
        assert_eq!(form, Ok(ReceiptForm { signed: false, digest: None }));
        assert_eq!(choose("  ;;= ;x").unwrap().digest, None);
    }

    #[test]
    fn what_we_ask_is_read_back() {
        let asked = ReceiptOptions::signed(DigestAlgorithm::Sha256);
        assert_eq!(
            asked.to_header(),
            "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha-256"
        );
        assert_eq!(ReceiptOptions::parse(&asked.to_header()), asked);
    }
}
