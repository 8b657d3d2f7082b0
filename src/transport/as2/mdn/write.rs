//! Writing receipts.

use super::super::disposition::Disposition;
use super::super::headers::{As2Name, Letterhead, MessageName};
use super::super::mic::Mic;
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
    let _ = (answer, sign, Letterhead::read);
    Err(PackError::NoRecipient)
}
