//! The AS2 headers of a request, all together.

use super::super::quirks::Quirk;
use super::id::MessageName;
use super::list::Headers;
use super::name::As2Name;
use super::options::ReceiptOptions;
use super::words::decode_words;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use thiserror::Error;

/// What the AS2 headers of a request say: who writes to whom, and which receipt is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letterhead {
    /// Who writes.
    pub from: As2Name,
    /// To whom.
    pub to: As2Name,
    /// The message's name.
    pub message_id: MessageName,
    /// What it is about; for people.
    pub subject: Option<String>,
    /// What the sender's program can do besides, such as `multiple-attachments`.
    pub features: Vec<String>,
    /// The receipt that is asked for.
    pub receipt: Option<ReceiptRequest>,
}

/// A receipt that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRequest {
    /// `Disposition-Notification-To`: that there is one matters, and not what it says.
    pub to: String,
    /// `Receipt-Delivery-Option`: where to send the receipt later. Without it, the receipt is the
    /// answer to the request. It is the sender's wish, and never called without being compared.
    pub deliver_to: Option<String>,
    /// In which form.
    pub options: ReceiptOptions,
}

/// A header without which nothing can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderFault {
    /// It is not there.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// It is there more than once, with who knows which one meant.
    #[error("the header {0} is there more than once")]
    Repeated(&'static str),
    /// It cannot be read.
    #[error("the header {0} cannot be read")]
    Unreadable(&'static str),
}

impl Letterhead {
    /// Reads the headers of a request.
    pub fn read(headers: &Headers) -> Result<Self, HeaderFault> {
        let receipt = headers.value(RECEIPT_TO).map(|to| ReceiptRequest {
            to: to.to_owned(),
            deliver_to: headers
                .value(DELIVERY)
                .map(str::to_owned)
                .filter(|address| !address.is_empty()),
            options: headers.value(OPTIONS).map(ReceiptOptions::parse).unwrap_or_default(),
        });
        let features = headers.value(FEATURES).unwrap_or_default().split(',').map(str::trim);
        Ok(Self {
            from: one(headers, FROM)?.parse().map_err(|_| HeaderFault::Unreadable(FROM))?,
            to: one(headers, TO)?.parse().map_err(|_| HeaderFault::Unreadable(TO))?,
            message_id: one(headers, ID)?.parse().map_err(|_| HeaderFault::Unreadable(ID))?,
            subject: headers.value("Subject").map(decode_words).filter(|text| !text.is_empty()),
            features: features.filter(|f| !f.is_empty()).take(20).map(str::to_owned).collect(),
            receipt,
        })
    }

    /// The headers of a request or of a receipt of its own, without those of its body.
    pub fn write(&self, at: Timestamp, quirks: &[Quirk]) -> Vec<(String, String)> {
        let quoted = quirks.contains(&Quirk::QuotedNames);
        let mut headers = vec![
            ("AS2-Version", "1.2".to_owned()),
            (FROM, self.from.to_header(quoted)),
            (TO, self.to.to_header(quoted)),
            (ID, self.message_id.to_string()),
            ("Date", date(at)),
            ("MIME-Version", "1.0".to_owned()),
        ];
        let subject = self.subject.as_deref().map(line).filter(|subject| !subject.is_empty());
        headers.extend(subject.map(|subject| ("Subject", subject)));
        let features: Vec<String> = self.features.iter().map(|feature| line(feature)).collect();
        if !features.is_empty() {
            headers.push((FEATURES, features.join(", ")));
        }
        if let Some(receipt) = &self.receipt {
            headers.push((RECEIPT_TO, line(&receipt.to)));
            let options = line(&receipt.options.to_header());
            headers.extend((!options.is_empty()).then_some((OPTIONS, options)));
            let deliver_to = receipt.deliver_to.as_deref().map(line);
            headers.extend(deliver_to.map(|address| (DELIVERY, address)));
        }
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A header that must be there once.
fn one<'h>(headers: &'h Headers, name: &'static str) -> Result<&'h str, HeaderFault> {
    match headers.count(name) {
        0 => Err(HeaderFault::Missing(name)),
        1 => headers.value(name).ok_or(HeaderFault::Missing(name)),
        _ => Err(HeaderFault::Repeated(name)),
    }
}

/// A time as mail writes it.
fn date(at: Timestamp) -> String {
    rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default()
}

/// Text as one line of ASCII: nothing in it can begin another header.
pub(in super::super) fn line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).take(LONGEST).collect()
}

const FROM: &str = "AS2-From";
const TO: &str = "AS2-To";
const ID: &str = "Message-ID";
const FEATURES: &str = "EDIINT-Features";
const RECEIPT_TO: &str = "Disposition-Notification-To";
const OPTIONS: &str = "Disposition-Notification-Options";
const DELIVERY: &str = "Receipt-Delivery-Option";

/// The most characters of a header of ours.
const LONGEST: usize = 900;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::DigestAlgorithm;

    fn headers(lines: &[(&str, &str)]) -> Headers {
        lines.iter().copied().collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let letterhead = Letterhead {
            from: As2Name::new("My Co").unwrap(),
            to: As2Name::new("acme").unwrap(),
            message_id: "<1@my.example>".parse().unwrap(),
            subject: Some("Purchase order 4711".to_owned()),
            features: vec!["multiple-attachments".to_owned(), "CEM".to_owned()],
            receipt: Some(ReceiptRequest {
                to: "edi@my.example".to_owned(),
                deliver_to: Some("https://my.example/mdn".to_owned()),
                options: ReceiptOptions::signed(DigestAlgorithm::Sha384),
            }),
        };
        let written = letterhead.write("2026-01-02T03:04:05Z".parse().unwrap(), &[]);
        let read: Headers = written.iter().map(|(name, value)| (&**name, value)).collect();
        assert_eq!(Letterhead::read(&read), Ok(letterhead));
        assert_eq!(read.value("AS2-From"), Some("\"My Co\""));
        assert_eq!(read.value("Date"), Some("Fri, 2 Jan 2026 03:04:05 +0000"));
    }

    #[test]
    fn a_header_that_is_missing_or_there_twice_is_named() {
        let all = [("AS2-From", "a"), ("as2-to", "b"), ("MESSAGE-ID", "<1@a>")];
        assert!(Letterhead::read(&headers(&all)).is_ok());
        for (without, name) in [(0, FROM), (1, TO), (2, ID)] {
            let mut some = all.to_vec();
            let (header, _) = some.remove(without);
            assert_eq!(Letterhead::read(&headers(&some)), Err(HeaderFault::Missing(name)));
            some.push((header, "\u{1}"));
            assert_eq!(Letterhead::read(&headers(&some)), Err(HeaderFault::Unreadable(name)));
            some.push((header, "x"));
            assert_eq!(Letterhead::read(&headers(&some)), Err(HeaderFault::Repeated(name)));
        }
    }

    #[test]
    fn a_subject_cannot_become_a_header() {
        let mut letterhead = Letterhead::read(&headers(&[
            ("AS2-From", "a"),
            ("AS2-To", "b"),
            ("Message-ID", "1"),
            ("Subject", "=?utf-8?q?a=0D=0AX:_y?="),
        ]))
        .unwrap();
        letterhead.features = vec!["x\r\nY: z".to_owned()];
        for (_, value) in letterhead.write(Timestamp::UNIX_EPOCH, &[]) {
            assert!(!value.contains(['\r', '\n']), "{value:?}");
        }
    }
}
