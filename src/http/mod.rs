//! HTTP as all our listeners speak it: who calls, how much they may send, and how we say no.
//!
//! Knows sockets, TLS and HTTP. Does not know what a request is about: each listener brings its own
//! routes, and the three are never shared.
//!
//! Invariants: every error is a problem+json (RFC 9457) with a stable code; nobody holds a connection
//! by saying nothing; no body is read past its limit.

mod problem;

pub use problem::{FieldProblem, Problem};
