//! The SFTP server, as partners' programs see it: the real program, with OpenSSH's clients, lftp,
//! sshfs and paramiko.

mod account;
mod attack;
mod crash;
mod cut;
mod fetch;
mod filled;
mod full;
mod many;
mod ourselves;
mod peers;
mod put;
mod servers;

use super::served;
