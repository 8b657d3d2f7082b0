//! Why a listener does not open, or a client is not made.

use std::net::SocketAddr;
use thiserror::Error;

/// Why HTTP cannot begin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpError {
    /// Someone else listens there.
    #[error(
        "the {name} listener cannot have {address}: another program listens there; stop it \
         (`ss -ltnp 'sport = :{port}'` tells which it is), or set listeners.{name}.address in us.toml",
        port = address.port()
    )]
    AddressInUse {
        /// Which listener.
        name: &'static str,
        /// Where.
        address: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error(
        "the {name} listener cannot have {address}: {why}; set listeners.{name}.address in us.toml"
    )]
    Bind {
        /// Which listener.
        name: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why.
        why: String,
    },
    /// A certificate or its key is of no use.
    #[error("the certificate {file} is of no use: {why}")]
    Certificate {
        /// Which.
        file: String,
        /// Why, and what to do.
        why: String,
    },
    /// Others can read a private key.
    #[error("{file} can be read by others (mode {mode:04o}); run `chmod 600 {file}`")]
    KeyOpen {
        /// The key's file.
        file: String,
        /// Its permissions.
        mode: u32,
    },
    /// The client for calling others cannot be made.
    #[error("HTTPS calls cannot be made from this machine: {0}")]
    Client(String),
}
