//! Wharf: the gateway at the edge between an organisation's ERP and its trading partners.
//!
//! The rooms, from the ground up (a room may import only those that its line names):
//!
//! | room | what it does | imports |
//! |---|---|---|
//! | [`message`] | what crosses the threshold: ids, times, partners, bytes | – |
//! | [`document`] | the canonical documents, their JSON and its schemas | – |
//! | [`x12`] | bytes to envelopes, sets, segments, elements, and back | – |
//! | [`grammar`] | SEF files to rules; a set held against rules to findings | `x12` |
//! | [`map`] | sets to documents and back, by map files | `x12`, `grammar`, `document` |
//! | [`ack`] | TA1, 997, 999: written, and read into verdicts | `x12`, `grammar` |
//! | [`partner`] | `partners/*.toml` to true types | `message`, `grammar`, `map` |
//! | [`cli`] | the commands: what they take and print | all |

pub mod ack;
pub mod cli;
pub mod document;
pub mod grammar;
pub mod map;
pub mod message;
pub mod partner;
pub mod x12;
