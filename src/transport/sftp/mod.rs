//! SFTP with partners.

pub mod client;
