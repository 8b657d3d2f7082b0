//! Reading receipts.

use super::super::disposition::Disposition;
use super::super::headers::{As2Name, Headers, MessageName};
use super::super::mic::Mic;
use super::super::opened::Signed;
use super::super::policy::Policy;
use super::fault::MdnFault;
use crate::pki::Certificate;
use jiff::Timestamp;

/// A receipt as it came. Nothing it says is proven before [`Report::check`].
#[derive(Clone, Debug)]
pub struct Report {
    original: Option<MessageName>,
    disposition: Option<Disposition>,
    mic: Option<Mic>,
    text: String,
}

/// What a receipt must say to prove a delivery.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The message's name.
    pub message_id: &'a MessageName,
    /// Who the message was from: us.
    pub us: &'a As2Name,
    /// Who it was for, and the receipt is from.
    pub them: &'a As2Name,
    /// The MICs that will do: that of what we sent.
    pub mics: &'a [Mic],
    /// Whether a signed receipt was asked for.
    pub signed: bool,
    /// Their pinned certificates, of the time of the sending and of now.
    pub theirs: &'a [Certificate],
    /// What signatures may use.
    pub policy: &'a Policy,
    /// Now.
    pub at: Timestamp,
}

/// A delivery that was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// What became of the message; always [`Disposition::is_processed`].
    pub disposition: Disposition,
    /// The MIC that the partner states.
    pub mic: Option<Mic>,
    /// Its signature, if it was signed.
    pub signed: Option<Signed>,
    /// What it says to people.
    pub text: String,
}

impl Report {
    /// Reads a receipt: its headers and its whole body.
    pub fn read(headers: &Headers, body: &[u8]) -> Result<Self, MdnFault> {
        let _ = (headers, body);
        Err(MdnFault::Missing)
    }

    /// The message that it says to be for; for finding out which one is meant.
    pub fn original(&self) -> Option<&MessageName> {
        self.original.as_ref()
    }

    /// What it says became of the message.
    pub fn disposition(&self) -> Option<&Disposition> {
        self.disposition.as_ref()
    }

    /// The MIC that it states.
    pub fn mic(&self) -> Option<&Mic> {
        self.mic.as_ref()
    }

    /// What it says to people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Holds it against what it must say.
    pub fn check(&self, expected: &Expected<'_>) -> Result<Delivered, MdnFault> {
        let _ = expected;
        Err(MdnFault::Missing)
    }
}
