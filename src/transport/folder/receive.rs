//! One look into the folder where a partner's files are put.

use super::super::inbox::Inbox;
use super::super::pickup::{Errand, Looked, Memory, Owner, look as look_into};
use super::place::Local;
use crate::message::{Channel, Proof};
use crate::partner::{Inbound, Partner};
use std::sync::Arc;

/// Looks once, and takes what is complete.
pub async fn look<I: Inbox>(
    inbox: &Arc<I>,
    partner: &Partner,
    inbound: &Inbound,
    owner: &Owner,
    memory: &mut Memory,
) -> Looked {
    let place = match Local::open(inbound.path.clone()).await {
        Ok(place) => Arc::new(place),
        Err(error) => return Looked::failed(error),
    };
    let from = inbound.path.display().to_string();
    let errand = Errand {
        partner: partner.name.clone(),
        channel: Channel::Folder,
        proof: Proof::Folder(from.clone()),
        pickup: inbound.pickup.clone(),
        limit: partner.terms.limits.body.bytes(),
        owner: owner.clone(),
        from: from.clone(),
    };
    look_into(&place, inbox, &Arc::new(errand), memory.shelf(&from)).await
}
