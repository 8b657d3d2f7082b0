//! What carries parcels to partners: one sender for each wire.

use super::error::TransportError;
use super::folder;
use super::https;
use super::outgoing::Outgoing;
use super::sftp;
use crate::partner::Way;

/// One sender for each wire.
#[derive(Clone, Debug)]
pub struct Carriers {
    https: https::send::Sender,
    sftp: sftp::client::send::Sender,
}

impl Carriers {
    /// These senders.
    pub fn new(https: https::send::Sender) -> Self {
        Self { https, sftp: sftp::client::send::Sender::default() }
    }

    /// Carries it once; what the partner's side said, in words, once they have it. What a partner
    /// collects is not carried.
    pub async fn send(&self, way: Way<'_>, outgoing: &Outgoing) -> Result<String, TransportError> {
        match way {
            Way::Mailbox => Err(TransportError::NotSetUp {
                endpoint: "their mailbox".to_owned(),
                why: "they collect from it themselves".to_owned(),
            }),
            Way::Https(push) => self.https.send(push, outgoing).await,
            Way::Sftp(remote) => self.sftp.send(remote, outgoing).await,
            Way::Folder(path) => folder::send::send(path, outgoing).await,
        }
    }
}
