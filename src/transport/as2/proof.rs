//! Whether a receipt proves that what we sent arrived.

use super::super::error::TransportError;
use super::super::outgoing::{Attempt, Delivery};
use super::agreed::{name, pairs, policy};
use super::evidence::{PROOF, ProofNote, RECEIPT, SentNote, json, whole};
use super::headers::{Headers, MessageName};
use super::mdn::{Delivered, Expected, MdnFault, Report};
use super::opened::Terms;
use crate::message::Body;
use crate::partner::{As2, PinFor};
use jiff::Timestamp;

/// A receipt, as it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came<'c> {
    pub(super) headers: &'c Headers,
    pub(super) body: &'c [u8],
    pub(super) at: Timestamp,
}

impl Came<'_> {
    /// What it says, decrypted if it is encrypted.
    pub(super) fn read(&self, as2: &As2) -> Result<Report, MdnFault> {
        let (policy, ours) = (policy(as2, LARGEST), pairs(as2));
        let terms = Terms { policy: &policy, ours: &ours, theirs: &[], mic: None, at: self.at };
        Report::open(self.headers, self.body, &terms)
    }

    /// Holds what it says against what was sent: whether that was delivered, and what is kept of this.
    pub(super) fn judge(
        &self,
        as2: &As2,
        sent: &[SentNote],
        said: Result<&Report, MdnFault>,
    ) -> Attempt {
        let checked = said.and_then(|report| self.check(as2, sent, report));
        let headers: Vec<(String, String)> =
            self.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut kept = vec![(RECEIPT.to_owned(), Body::from(whole(&headers, self.body)))];
        let outcome = match checked {
            Ok(delivered) => {
                let note = json(&ProofNote::of(&delivered, self.at));
                kept.push((PROOF.to_owned(), note.into()));
                Ok(Delivery { receipt: words(&delivered), awaits: None })
            }
            Err(fault) => Err(unproven(endpoint(as2), &fault)),
        };
        Attempt { outcome, kept }
    }

    /// The newest note decides, unless an earlier one was for other bytes that they speak of.
    fn check(&self, as2: &As2, sent: &[SentNote], report: &Report) -> Result<Delivered, MdnFault> {
        let last = sent.last().ok_or(MdnFault::WrongMessage("we sent nothing so named".into()))?;
        let unreadable = |_| MdnFault::Unreadable("what was noted of the message is damaged");
        let message_id: MessageName =
            last.message_id.parse().map_err(|_| MdnFault::Unreadable("a name of ours is none"))?;
        let (us, them) =
            (name(&as2.we_are).map_err(unreadable)?, name(&as2.id).map_err(unreadable)?);
        let mut theirs = as2.theirs(PinFor::Verify, self.at);
        // A certificate that has been replaced since still speaks for what was sent in its time.
        theirs.extend(as2.theirs(PinFor::Verify, last.at));
        let policy = policy(as2, LARGEST);
        let mics: Vec<_> = sent.iter().flat_map(SentNote::mics).collect();
        let mut expected = Expected {
            message_id: &message_id,
            us: &us,
            them: &them,
            mics: &mics,
            signed: last.signed_receipt,
            theirs: &theirs,
            policy: &policy,
            at: self.at,
        };
        match report.check(&expected) {
            Err(MdnFault::BadSignature(_) | MdnFault::Unreadable(_)) => {
                expected.at = last.at;
                report.check(&expected)
            }
            other => other,
        }
    }
}

/// A delivery in one line.
fn words(delivered: &Delivered) -> String {
    let by = match &delivered.signed {
        Some(signed) => format!("signed by {}", signed.certificate),
        None => "not signed".to_owned(),
    };
    let mic = delivered.mic.as_ref().map(|mic| format!(", MIC {mic}")).unwrap_or_default();
    format!("{}; {by}{mic}", delivered.disposition)
}

/// A fault of a receipt as the fault of an attempt.
pub(super) fn unproven(endpoint: String, fault: &MdnFault) -> TransportError {
    TransportError::Unproven {
        endpoint,
        code: fault.code(),
        why: fault.to_string(),
        again: fault.is_worth_retrying(),
    }
}

/// Where their AS2 is.
pub(super) fn endpoint(as2: &As2) -> String {
    as2.url.as_ref().map_or_else(|| format!("the AS2 of {}", as2.id), ToString::to_string)
}

/// A receipt is small.
const LARGEST: u64 = 1_000_000;
