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
#[path = "../tests/it/sftp_client/sshd.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod sshd;

use house::{House, outgoing};
use sshd::{Sshd, user};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wharf::transport::sftp::client::send::Sender;

const TURNS: u32 = 3;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (count, length) in [(4, 64 << 20), (2_000, 2_000)] {
        let (mut fetches, mut pushes) = ([Duration::ZERO; 2], [Duration::ZERO; 2]);
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

fn tell(what: &str, count: usize, length: usize, [ours, theirs]: [Duration; 2]) {
    let rate = |took: Duration| {
        let seconds = took.as_secs_f64() / f64::from(TURNS);
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
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
}

/// Ours, and OpenSSH's.
fn fetch(
    runtime: &tokio::runtime::Runtime,
    count: usize,
    length: usize,
    turn: u32,
) -> [Duration; 2] {
    let sshd = Sshd::start();
    for number in 0..count {
        sshd.put(&format!("out/{number:05}.edi"), content(number, length, turn));
    }
    let into = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let theirs = batch(&sshd, &format!("get out/* {}\n", into.path().display()));
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), count);
    let wires = "[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '0s'\n";
    let mut house = House::new(&format!("{}{wires}", sshd.remote(sshd.port, &sshd.pin())));
    let begin = Instant::now();
    let taken = runtime.block_on(house.took());
    let ours = begin.elapsed();
    assert_eq!(taken as usize, count);
    [ours, theirs]
}

fn push(
    runtime: &tokio::runtime::Runtime,
    count: usize,
    length: usize,
    turn: u32,
) -> [Duration; 2] {
    let sshd = Sshd::start();
    let from = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut commands = String::new();
    for number in 0..count {
        let path = from.path().join(format!("{number:05}.edi"));
        fs::write(&path, content(number, length, turn)).unwrap();
        // As ours do it: complete before it has its name.
        let name = format!("in/{number:05}.edi");
        writeln!(commands, "put {} {name}.part\nrename {name}.part {name}", path.display())
            .unwrap();
    }
    let theirs = batch(&sshd, &commands);
    assert_eq!(sshd.names("in").len(), count);
    for name in sshd.names("in") {
        fs::remove_file(sshd.file(&format!("in/{name}"))).unwrap();
    }
    let wires = format!("{}push = 'in'\n", sshd.remote(sshd.port, &sshd.pin()));
    let (remote, sender) = (House::new(&wires).remote(), Sender::default());
    let letters = (0..count)
        .map(|number| outgoing(&format!("{number:05}.edi"), content(number, length, turn)));
    let letters = letters.collect::<Vec<_>>();
    let begin = Instant::now();
    runtime.block_on(async {
        let mut sending = tokio::task::JoinSet::new();
        for letter in letters {
            let (remote, sender) = (remote.clone(), sender.clone());
            sending.spawn(async move { sender.send(&remote, &letter).await.unwrap() });
        }
        while let Some(sent) = sending.join_next().await {
            sent.unwrap();
        }
    });
    let ours = begin.elapsed();
    assert_eq!(sshd.names("in").len(), count);
    [ours, theirs]
}

/// How long the client of OpenSSH takes for these commands.
fn batch(sshd: &Sshd, commands: &str) -> Duration {
    let begin = Instant::now();
    let mut sftp = Command::new("sftp");
    sftp.args([
        "-q",
        "-b",
        "-",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
    ]);
    sftp.args(["-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "-i"]).arg(sshd.path("client"));
    sftp.args(["-P", &sshd.port.to_string()]).arg(format!("{}@127.0.0.1", user()));
    sftp.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut process = sftp.spawn().expect("openssh-client is needed");
    process.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    assert!(process.wait().unwrap().success());
    begin.elapsed()
}

/// Bytes that are another file's nowhere.
fn content(number: usize, length: usize, turn: u32) -> Vec<u8> {
    let mut bytes = format!("{turn} {number} {length} ").into_bytes();
    bytes.resize(length, b'x');
    bytes
}
