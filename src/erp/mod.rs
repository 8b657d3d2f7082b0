//! The ERP's side: what it is told, and what it hands in.
//!
//! Events reach the ERP two ways, and each subscriber chooses: webhooks, which we call, and the feed,
//! which it reads. Both tell the same `CloudEvents` with the same ids. What the ERP wants sent comes
//! in by its own listener. Does not know X12, nor how anything reaches a partner.
//!
//! Invariants: an event is told at least once, with one id for ever; test events never reach a
//! production subscriber; what the ERP hands in is on the disk before it gets its 202; every route
//! is in the one table, and wants the ERP's token unless it only describes.

mod access;
mod asyncapi;
mod cloud;
mod consumers;
mod cursors;
mod desk;
mod feed;
mod intake;
mod kinds;
mod looked_after;
mod messages;
mod openapi;
mod routes;
mod schemas;
mod webhooks;

pub use desk::Desk;
pub use routes::routes;
pub use webhooks::{Pace, ParkedEvent, Standing, Webhooks};
