//! What AS2 asks of the house besides: receipts (MDNs) that go out by themselves, and those that come.

use super::inbox::{Handed, Inbox, Refusal, Taken};
use super::outgoing::Attempt;
use crate::message::{Body, Content, MessageId, PartnerId};

/// What a wire with receipts asks of the house.
pub trait Mail: Inbox {
    /// Bytes that were staged, to be read.
    fn content(&self, body: &Body) -> Result<Content, Refusal>;

    /// Takes in a message, and in the same write puts the receipt for it in the queue, if it is to be
    /// sent by itself. If the message came before, the receipt of then is sent again.
    fn take_in(
        &self,
        handed: Handed,
        receipt: Option<Reply>,
    ) -> impl Future<Output = Result<Taken, Refusal>> + Send;

    /// Puts a receipt in the queue for what was not taken in.
    fn reply(
        &self,
        partner: &PartnerId,
        receipt: Reply,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// What the wire noted with a message that we sent to this partner, newest last.
    fn noted(&self, partner: &PartnerId, id: MessageId) -> Result<Vec<(String, Vec<u8>)>, Refusal>;

    /// What came of a message that we sent to this partner, learnt after the attempt.
    fn learnt(
        &self,
        partner: &PartnerId,
        id: MessageId,
        attempt: Attempt,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
}

/// A receipt that goes out by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Where to; it was held against the partner's profile.
    pub to: String,
    /// What the message is called that it is for.
    pub about: String,
    /// It itself, headers and all.
    pub bytes: Vec<u8>,
}
