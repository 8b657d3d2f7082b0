//! What looks where partners leave files: one finder for each wire.

use super::folder;
use super::inbox::Inbox;
use super::pickup::{Looked, Memory, Owner};
use super::sftp;
use crate::partner::{Partner, Spring};
use std::sync::Arc;

/// Looks once where a partner leaves files, and takes what is complete.
pub async fn look<I: Inbox>(
    inbox: &Arc<I>,
    partner: &Partner,
    spring: Spring<'_>,
    owner: &Owner,
    memory: &mut Memory,
) -> Looked {
    match spring {
        Spring::Sftp(remote) => {
            sftp::client::receive::look(inbox, partner, remote, owner, memory).await
        }
        Spring::Folder(inbound) => {
            folder::receive::look(inbox, partner, inbound, owner, memory).await
        }
    }
}
