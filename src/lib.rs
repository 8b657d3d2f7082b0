//! Wharf: the gateway at the edge between an organisation's ERP and its trading partners.
//!
//! The rooms, from the ground up (a room may import only those that its line names):
//!
//! | room | what it does | imports |
//! |---|---|---|
//! | [`message`] | what crosses the threshold: ids, times, partners, bytes | – |
//! | [`event`] | what happened, in the past tense, and the state it adds up to | `message` |
//! | [`document`] | the canonical documents, their JSON and its schemas | – |
//! | [`x12`] | bytes to envelopes, sets, segments, elements, and back | – |
//! | [`grammar`] | SEF files to rules; a set held against rules to findings | `x12` |
//! | [`map`] | sets to documents and back, by map files | `x12`, `grammar`, `document` |
//! | [`ack`] | TA1, 997, 999: written, and read into verdicts | `x12`, `grammar` |
//! | [`pki`] | certificates and private keys, and what is done with them | `message` |
//! | [`partner`] | `partners/*.toml` to true types | `message`, `grammar`, `map`, `pki` |
//! | [`spool`] | durable state: what was accepted, what happened to it, what is due | `message`, `event` |
//! | [`http`] | HTTP as all listeners speak it: TLS, limits, problems | `message`, `partner`, `pki` |
//! | [`transport`] | the wires to partners: bytes and proof of sender | `message`, `partner`, `http`, `pki` |
//! | [`erp`] | the ERP side: webhooks, event feed, intake | `gateway`, `spool`, `event`, `document`, `http`, `partner`, `message` |
//! | [`gateway`] | the two routes, retries, and what an operator may do | all above |
//! | [`console`] | the operator's listener: health, metrics, messages and their stories | `gateway` and what it answers in |
//! | [`cli`] | the commands: what they take and print | all |

pub mod ack;
pub mod cli;
pub mod console;
pub mod document;
pub mod erp;
pub mod event;
pub mod gateway;
pub mod grammar;
pub mod http;
pub mod map;
pub mod message;
pub mod partner;
pub mod pki;
pub mod spool;
pub mod transport;
pub mod x12;
