//! One look at the folders of a partner's server.

use super::super::super::inbox::Inbox;
use super::super::super::pickup::{Errand, Looked, Memory, Owner, look as look_into};
use super::connect::Session;
use super::place::Distant;
use crate::message::{Channel, Proof};
use crate::partner::{Partner, Remote};
use std::sync::Arc;

/// Looks once into each of the folders, and takes what is complete.
pub async fn look<I: Inbox>(
    inbox: &Arc<I>,
    partner: &Partner,
    remote: &Remote,
    owner: &Owner,
    memory: &mut Memory,
) -> Looked {
    let session = match Session::open(remote).await {
        Ok(session) => Arc::new(session),
        Err(failed) => return Looked::failed(failed.error),
    };
    let mut looked = Looked::default();
    for pickup in &remote.fetch {
        let from = format!("{}/{}", session.endpoint, pickup.folder);
        let errand = Errand {
            partner: partner.name.clone(),
            channel: Channel::Sftp,
            proof: Proof::SshKey(session.fingerprint.clone()),
            pickup: pickup.clone(),
            limit: partner.terms.limits.body.bytes(),
            owner: owner.clone(),
            from: from.clone(),
        };
        let place = Arc::new(Distant::new(&session, &pickup.folder));
        looked.add(look_into(&place, inbox, &Arc::new(errand), memory.shelf(&from)).await);
        if session.is_closed() {
            break;
        }
    }
    session.close().await;
    looked
}
