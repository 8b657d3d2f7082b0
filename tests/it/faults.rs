//! Faults of everything around the running program: its disk, its files, those who call it and
//! those whom it calls, the signals it gets, whoever reads its log.

mod disk;
mod doors;
mod ear;
mod events;
mod logs;
mod proxy;
mod push;
mod reload;
mod signals;
mod start;
