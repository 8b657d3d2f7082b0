//! Writing receipts.

use super::super::disposition::Disposition;
use super::super::headers::{As2Name, Letterhead, MessageName, line};
use super::super::mic::Mic;
use super::super::pack::{around_signed, digest_name, new_boundary};
use super::super::packing::{PackError, Signing};
use super::super::quirks::Quirk;
use jiff::Timestamp;

/// A receipt to be written.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Our own name: whoever the message was for.
    pub from: &'a As2Name,
    /// The sender of the message.
    pub to: &'a As2Name,
    /// The receipt's own name.
    pub message_id: &'a MessageName,
    /// The name of the message.
    pub original: &'a MessageName,
    /// What became of it.
    pub disposition: &'a Disposition,
    /// The MIC of what was received, if that far was come.
    pub mic: Option<&'a Mic>,
    /// What it says to people: [`super::super::As2Error::advice`], or empty to say that all is well.
    pub words: &'a str,
    /// The program that reports, such as `edi.example.com; Wharf`.
    pub reporter: &'a str,
    /// The sender's habits.
    pub quirks: &'a [Quirk],
    /// Now.
    pub at: Timestamp,
}

/// A receipt, as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// All its headers, those of AS2 and those of its body, `Content-Length` included.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Writes a receipt, signed or not.
pub fn write(answer: &Answer<'_>, sign: Option<&Signing<'_>>) -> Result<Written, PackError> {
    let boundary = new_boundary()?;
    let report =
        format!("multipart/report; report-type=disposition-notification; boundary=\"{boundary}\"");
    let parts = parts(answer, &boundary);
    let (kind, body) = match sign {
        None => (report, parts.into_bytes()),
        Some(signing) => {
            let signed = format!("Content-Type: {report}\r\n\r\n{parts}").into_bytes();
            let digest = signing.digest.of(&signed);
            let (kind, before, after) = around_signed(signing, &digest, answer.quirks, answer.at)?;
            (kind, [before, signed, after].concat())
        }
    };
    let letterhead = Letterhead {
        from: answer.from.clone(),
        to: answer.to.clone(),
        message_id: answer.message_id.clone(),
        subject: Some("Receipt (MDN)".to_owned()),
        features: vec!["multiple-attachments".to_owned()],
        receipt: None,
    };
    let mut headers = letterhead.write(answer.at, answer.quirks);
    headers.push(("Content-Type".to_owned(), kind));
    headers.push(("Content-Length".to_owned(), body.len().to_string()));
    Ok(Written { headers, body })
}

fn parts(answer: &Answer<'_>, boundary: &str) -> String {
    let words = if answer.words.is_empty() {
        if answer.disposition.is_duplicate() {
            "The message came before and was taken in then; nothing was done again."
        } else {
            "The message was received and taken in."
        }
    } else {
        answer.words
    };
    let id = answer.original;
    let [from, to] = [answer.to.as_str(), answer.from.as_str()];
    let recipient = line(&answer.from.to_header(answer.quirks.contains(&Quirk::QuotedNames)));
    let mic = answer.mic.map(|mic| {
        let name = digest_name(mic.algorithm, answer.quirks);
        format!("Received-Content-MIC: {}, {name}\r\n", mic.base64())
    });
    format!(
        "--{boundary}\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         {words}\r\n\
         \r\n\
         Message: {id}\r\n\
         From: {from}\r\n\
         To: {to}\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: message/disposition-notification\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         Reporting-UA: {reporter}\r\n\
         Original-Recipient: rfc822; {recipient}\r\n\
         Final-Recipient: rfc822; {recipient}\r\n\
         Original-Message-ID: {id}\r\n\
         Disposition: {disposition}\r\n\
         {mic}\r\n\
         --{boundary}--\r\n",
        words = line(words),
        reporter = line(answer.reporter),
        disposition = line(&answer.disposition.to_string()),
        mic = mic.unwrap_or_default(),
    )
}
