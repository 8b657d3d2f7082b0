//! The tests that see the crate from outside, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::similar_names,
    clippy::naive_bytecount,
    reason = "a test says what is wrong by failing"
)]

mod as2;
mod as2_wire;
mod cert;
mod cli;
mod conformance;
mod crash;
mod erp;
mod examine;
mod faults;
mod floors;
mod folders;
mod gateway;
mod https;
mod operator;
#[allow(dead_code, reason = "tests and benches use a part each")]
mod served;
mod sftp;
mod sftp_client;
mod small_disk;
mod spool;
mod x12;
