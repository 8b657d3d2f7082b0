//! Who calls.

use crate::message::Digest;
use std::net::SocketAddr;

/// Who calls, as far as the connection tells: an extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// From where.
    pub address: SocketAddr,
    /// The SHA-256 of the certificate (its DER) whose key they hold, if they showed one. Nobody has
    /// vouched for it.
    pub certificate: Option<Digest>,
}
