//! Whose files are to be taken, from where, and how.

use super::rules::Owner;
use crate::message::{Channel, PartnerId, Proof};
use crate::partner::Pickup;

/// Whose folder it is, and what was agreed about its files.
#[derive(Clone, Debug)]
pub(in crate::transport) struct Errand {
    pub(in crate::transport) partner: PartnerId,
    pub(in crate::transport) channel: Channel,
    pub(in crate::transport) proof: Proof,
    pub(in crate::transport) pickup: Pickup,
    /// Larger files are left.
    pub(in crate::transport) limit: u64,
    pub(in crate::transport) owner: Owner,
    /// What tells the folder from every other of the partner's, for names by which files are known.
    pub(in crate::transport) from: String,
}
