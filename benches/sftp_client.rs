//! Fetching from and putting on a partner's server, against the `sftp` of OpenSSH in the same run:
//! `cargo bench --bench sftp_client`.
//!
//! Both talk to the same sshd on this machine, in turns. Ours hashes what it fetches and makes it
//! durable, which the other does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a measurement that fails says so by failing"
)]

#[path = "../tests/it/sftp_client/house.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod house;
mod openssh;
#[path = "../tests/it/served.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod served;
#[path = "../tests/it/sftp/servers.rs"]
mod servers;
#[path = "../tests/it/sftp_client/sshd.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod sshd;

use house::{House, outgoing};
use openssh::seconds;
use servers::Server as _;
use sshd::Sshd;
use std::fmt::Write as _;
use std::fs;
use tokio::runtime::Runtime;
use wharf::transport::sftp::client::send::Sender;

const TURNS: u32 = 3;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = Runtime::new().unwrap();
    for (count, length) in [(4, 64 << 20), (2_000, 2_000)] {
        let (mut fetches, mut pushes) = ([0.0; 2], [0.0; 2]);
        for turn in 0..TURNS {
            let got = fetch(&runtime, count, length, turn);
            let sent = push(&runtime, count, length, turn);
            for which in 0..2 {
                fetches[which] += got[which];
                pushes[which] += sent[which];
            }
        }
        tell("fetch", count, length, fetches);
        tell("put", count, length, pushes);
    }
}

fn tell(what: &str, count: usize, length: usize, [ours, theirs]: [f64; 2]) {
    let rate = |took: f64| {
        let seconds = took / f64::from(TURNS);
        if length > 100_000 {
            format!("{:.0} MB/s", (count * length) as f64 / 1e6 / seconds)
        } else {
            format!("{:.0} files/s", count as f64 / seconds)
        }
    };
    println!(
        "{what} {count} x {length} bytes: {}; sftp of OpenSSH {}; ratio {:.2}",
        rate(ours),
        rate(theirs),
        theirs / ours
    );
}

/// Ours, and OpenSSH's.
fn fetch(runtime: &Runtime, count: usize, length: usize, turn: u32) -> [f64; 2] {
    let sshd = Sshd::start();
    for number in 0..count {
        sshd.put(&format!("out/{number:05}.edi"), content(number, length, turn));
    }
    let into = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let theirs = seconds(|| sshd.batch("", into.path(), "get out/*\n"));
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), count);
    let wires = "[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '0s'\n";
    let mut house = House::new(&format!("{}{wires}", sshd.remote(sshd.port, &sshd.pin())));
    let mut taken = 0;
    let ours = seconds(|| taken = runtime.block_on(house.took()));
    assert_eq!(taken as usize, count);
    [ours, theirs]
}

fn push(runtime: &Runtime, count: usize, length: usize, turn: u32) -> [f64; 2] {
    let sshd = Sshd::start();
    let from = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut commands = String::new();
    for number in 0..count {
        let name = format!("{number:05}.edi");
        fs::write(from.path().join(&name), content(number, length, turn)).unwrap();
        // As ours do it: complete before it has its name.
        writeln!(commands, "put {name} in/{name}.part\nrename in/{name}.part in/{name}").unwrap();
    }
    let theirs = seconds(|| sshd.batch("", from.path(), &commands));
    assert_eq!(sshd.names("in").len(), count);
    for name in sshd.names("in") {
        fs::remove_file(sshd.file(&format!("in/{name}"))).unwrap();
    }
    let wires = format!("{}push = 'in'\n", sshd.remote(sshd.port, &sshd.pin()));
    let (remote, sender) = (House::new(&wires).remote(), Sender::default());
    let letters = (0..count)
        .map(|number| outgoing(&format!("{number:05}.edi"), content(number, length, turn)));
    let letters = letters.collect::<Vec<_>>();
    let sending = async {
        let mut sending = tokio::task::JoinSet::new();
        for letter in letters {
            let (remote, sender) = (remote.clone(), sender.clone());
            sending.spawn(async move { sender.send(&remote, &letter).await.unwrap() });
        }
        while let Some(sent) = sending.join_next().await {
            sent.unwrap();
        }
    };
    let ours = seconds(|| runtime.block_on(sending));
    assert_eq!(sshd.names("in").len(), count);
    [ours, theirs]
}

/// Bytes that are another file's nowhere.
fn content(number: usize, length: usize, turn: u32) -> Vec<u8> {
    let mut bytes = format!("{turn} {number} {length} ").into_bytes();
    bytes.resize(length, b'x');
    bytes
}
