//! What is kept of a message, so that it can be shown later who sent what, and who said so.

use super::headers::Headers;
use super::mdn::Delivered;
use super::mic::Mic;
use super::opened::{Attachment, Form, Opened};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The label of a whole request, headers and body, as it was on the wire.
pub const REQUEST: &str = "as2-request";

/// The label of the headers of a request whose body is kept by itself.
pub const REQUEST_HEADERS: &str = "as2-request-headers";

/// The label of the body of a request that is large.
pub const REQUEST_BODY: &str = "as2-request-body";

/// The label of what was found when a message was opened, as JSON.
pub const FACTS: &str = "as2.json";

/// The label of what was noted when a message was sent, as JSON.
pub const SENT: &str = "as2-sent.json";

/// The label of a receipt for what we sent, headers and body, as it came.
pub const RECEIPT: &str = "as2-receipt";

/// The label of what a receipt was found to prove, as JSON.
pub const PROOF: &str = "as2-receipt.json";

/// Headers and body as one text, as mail has it.
pub(super) fn whole(headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len() + 1_024);
    for (name, value) in headers {
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(body);
    text
}

/// The two apart again.
pub(super) fn apart(text: &[u8]) -> Option<(Headers, &[u8])> {
    let end = text.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (headers, body) = text.split_at_checked(end)?;
    Some((Headers::parse(headers).ok()?, body.get(4..)?))
}

/// What was found when a message was opened.
#[derive(Debug, Serialize)]
pub(super) struct Facts<'f> {
    pub(super) message_id: &'f str,
    pub(super) from: &'f str,
    pub(super) to: &'f str,
    pub(super) subject: Option<&'f str>,
    pub(super) at: Timestamp,
    mic: String,
    signed: Option<SignedFacts>,
    encrypted: Option<SealedFacts>,
    compressed: bool,
    attachments: Vec<AttachmentFacts<'f>>,
}

#[derive(Debug, Serialize)]
struct SignedFacts {
    certificate: String,
    digest: String,
    scheme: String,
    signed_at: Option<Timestamp>,
    /// Whether something on the way had changed the ends of the lines.
    lines_mended: bool,
}

#[derive(Debug, Serialize)]
struct SealedFacts {
    certificate: String,
    cipher: String,
    key_transport: String,
}

#[derive(Debug, Serialize)]
struct AttachmentFacts<'f> {
    content_type: Option<&'f str>,
    file_name: Option<&'f str>,
    length: u64,
}

impl<'f> Facts<'f> {
    pub(super) fn of(
        names: [&'f str; 3],
        subject: Option<&'f str>,
        at: Timestamp,
        opened: &'f Opened,
    ) -> Self {
        let [message_id, from, to] = names;
        let attachment = |Attachment { content_type, file_name, length }: &'f Attachment| {
            let (content_type, file_name) = (content_type.as_deref(), file_name.as_deref());
            AttachmentFacts { content_type, file_name, length: *length }
        };
        Self {
            message_id,
            from,
            to,
            subject,
            at,
            mic: opened.mic.to_string(),
            signed: opened.signed.as_ref().map(|signed| SignedFacts {
                certificate: signed.certificate.to_string(),
                digest: signed.digest.to_string(),
                scheme: signed.scheme.to_string(),
                signed_at: signed.signed_at,
                lines_mended: signed.form == Form::Canonical,
            }),
            encrypted: opened.sealed.as_ref().map(|sealed| SealedFacts {
                certificate: sealed.certificate.to_string(),
                cipher: sealed.cipher.to_string(),
                key_transport: sealed.key_transport.to_string(),
            }),
            compressed: opened.compressed,
            attachments: opened.attachments.iter().map(attachment).collect(),
        }
    }
}

/// What was noted when a message was sent: what a receipt for it must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SentNote {
    pub(super) message_id: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) url: String,
    pub(super) at: Timestamp,
    /// The MICs that will do.
    pub(super) mics: Vec<String>,
    /// Whether a signed receipt was asked for.
    pub(super) signed_receipt: bool,
    /// How it was signed, and with which certificate.
    pub(super) signed: Option<String>,
    /// How it was encrypted, and for which certificate.
    pub(super) encrypted: Option<String>,
}

impl SentNote {
    pub(super) fn mics(&self) -> Vec<Mic> {
        self.mics.iter().filter_map(|mic| mic.parse().ok()).collect()
    }
}

/// What a receipt was found to prove.
#[derive(Debug, Serialize)]
pub(super) struct ProofNote<'p> {
    at: Timestamp,
    disposition: String,
    mic: Option<String>,
    /// The certificate that signed it.
    certificate: Option<String>,
    /// How it was encrypted, if it was, and for which certificate.
    encrypted: Option<String>,
    text: &'p str,
}

impl<'p> ProofNote<'p> {
    pub(super) fn of(delivered: &'p Delivered, at: Timestamp) -> Self {
        Self {
            at,
            disposition: delivered.disposition.to_string(),
            mic: delivered.mic.as_ref().map(ToString::to_string),
            certificate: delivered.signed.as_ref().map(|signed| signed.certificate.to_string()),
            encrypted: delivered
                .sealed
                .as_ref()
                .map(|sealed| format!("{} for {}", sealed.cipher, sealed.certificate)),
            text: &delivered.text,
        }
    }
}

/// As JSON; none of our types fails.
pub(super) fn json(of: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_body_come_apart_as_they_went_together() {
        let headers = vec![("A".to_owned(), "b: c".to_owned()), ("D".to_owned(), String::new())];
        let text = whole(&headers, b"\r\n\r\nbody");
        let (read, body) = apart(&text).unwrap();
        assert_eq!(read.value("a"), Some("b: c"));
        assert_eq!(body, b"\r\n\r\nbody");
        assert!(apart(b"no end").is_none());
    }
}
