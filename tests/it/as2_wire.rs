//! AS2 as the house does it: real gateways on loopback, a partner whose program does what it should not,
//! and other people's programs.

mod export;
mod fake;
mod inbound;
mod killed;
mod known;
mod libas2;
mod outbound;
mod peers;
mod sealed;
mod tick;
mod two;
mod world;
