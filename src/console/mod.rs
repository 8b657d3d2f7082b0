//! The operator's listener: whether we are alive and ready, figures, and messages with their stories.
//!
//! Every route is a thin skin over [`crate::gateway::operator`]; nothing is decided here. Does not
//! know partners' or the ERP's routes, which are other listeners' and never shared.
//!
//! Invariants: bodies are JSON and small; whatever changes something names who does it and why;
//! every error is a problem+json with a stable code.
//!
//! # Why Host and Origin are looked at
//! The listener is on a loopback address and has no sign-in, so whoever is on the machine is an
//! operator. A web page in a browser on the machine must not be: a page of a foreign name that was
//! made to point here is known by its `Host`, a page that posts here by its `Origin`, and both are
//! refused.

mod act;
mod desk;
mod figures;
mod guard;
mod health;
mod problems;
mod raw;
mod read;
mod routes;
mod see;

pub use act::{Because, Start};
pub use desk::{Check, Checks, Desk, Reload};
pub use health::Readiness;
pub use routes::routes;
