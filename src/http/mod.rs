//! HTTP as all our listeners speak it, and as we call others: who calls, how much they may send, how
//! long they may take, and how we say no.
//!
//! Knows sockets, TLS and HTTP. Does not know what a request is about: each listener brings its own
//! routes, and the three are never shared.
//!
//! Invariants: every error is a problem+json (RFC 9457) with a stable code; nobody holds a connection
//! by saying nothing; no body is read past its limit; a name that we call never leads inside.
//!
//! # Why client certificates are not checked against authorities
//!
//! A partner's certificate is pinned by its hash in the partner's file, so who issued it proves
//! nothing more. TLS asks for one, takes any, and proves that the caller holds its key; whether it is
//! known is decided with each request, so that a certificate that was struck out opens nothing.

mod arrival;
mod body;
mod caller;
mod certificate;
mod client;
mod connection;
mod crowd;
mod door;
mod error;
mod guard;
mod heads;
mod known;
mod limits;
mod load;
mod outflow;
mod problem;
mod public;
mod stream;
mod tls;
mod unfold;

pub use body::{Came, body, spilling};
pub use caller::Caller;
pub use client::{Answer, Client, ClientSettings, NoAnswer};
pub use door::Door;
pub use error::HttpError;
pub use limits::Limits;
pub use load::Load;
pub(crate) use outflow::Outflow;
pub use problem::{FieldProblem, Problem};
