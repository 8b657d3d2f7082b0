//! Files fetched from and put on partners' servers, against the real sshd of OpenSSH.

mod crash;
mod fetch;
mod hostile;
mod house;
mod password;
mod ping;
mod push;
mod sshd;

pub(super) use house::{House, outgoing};
