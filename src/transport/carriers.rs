//! What carries parcels to partners: one sender for each wire.

use super::as2;
use super::error::TransportError;
use super::folder;
use super::https;
use super::outgoing::{Attempt, Notebook, Outgoing};
use super::sftp;
use crate::partner::Way;

/// One sender for each wire.
#[derive(Clone, Debug)]
pub struct Carriers {
    https: https::send::Sender,
    sftp: sftp::client::send::Sender,
    as2: as2::send::Sender,
}

impl Carriers {
    /// These senders. AS2 calls through the same client.
    pub fn new(https: https::send::Sender) -> Self {
        let as2 = as2::send::Sender::over(https.clients().clone());
        Self { https, sftp: sftp::client::send::Sender::default(), as2 }
    }

    /// Carries it once, and says what came of it. What a partner collects is not carried.
    pub async fn send(
        &self,
        way: Way<'_>,
        outgoing: &Outgoing,
        notebook: &impl Notebook,
    ) -> Attempt {
        match way {
            Way::Mailbox => Attempt::from(Err(TransportError::NotSetUp {
                endpoint: "their mailbox".to_owned(),
                why: "they collect from it themselves".to_owned(),
            })),
            Way::Https(push) => self.https.send(push, outgoing).await.into(),
            Way::As2(as2) => self.as2.send(as2, outgoing, notebook).await,
            Way::Receipt(as2, to) => self.as2.send_receipt(as2, to, outgoing).await.into(),
            Way::Sftp(remote) => self.sftp.send(remote, outgoing).await.into(),
            Way::Folder(path) => folder::send::send(path, outgoing).await.into(),
        }
    }
}
