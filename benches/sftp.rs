//! Our SFTP server beside OpenSSH's own, in the same run, with the same client, over loopback:
//! `cargo bench --bench sftp`.
//!
//! Ours makes every file durable before it says that it is closed; OpenSSH's syncs nothing. What is
//! above 1 is ours being faster.

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

#[path = "../tests/it/sftp/filled.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod filled;
mod openssh;
#[path = "../tests/it/served.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod served;
#[path = "../tests/it/sftp/servers.rs"]
mod servers;
#[path = "../tests/it/sftp_client/sshd.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod sshd;

use openssh::seconds;
use servers::{Ours, Server};
use sshd::Sshd;
use std::fs;
use std::path::Path;
use std::time::Duration;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    large();
    many();
    sessions();
    full_mailbox();
}

/// Four files of 64 MB each way. The best of three, because one core more or less decides.
fn large() {
    let local = tempfile::tempdir().unwrap();
    for number in 0..4_u8 {
        let mut bytes = vec![0; 64_000_000];
        getrandom::fill(&mut bytes).unwrap();
        bytes[0] = number;
        fs::write(local.path().join(format!("large-{number}.edi")), bytes).unwrap();
    }
    let (mut put, mut get) = ([f64::MAX; 2], [f64::MAX; 2]);
    let mut memory = 0;
    for _ in 0..3 {
        let ours = Ours::start(&["acme-medical"]);
        let theirs = Sshd::start();
        let before = ours.memory();
        let put_all = |folder: &str| format!("cd {folder}\nput large-*.edi\n");
        let get_all = |folder: &str| format!("cd {folder}\nget large-*.edi\n");
        put[0] =
            put[0].min(seconds(|| ours.batch("acme-medical", local.path(), &put_all("inbound"))));
        memory = memory.max(ours.peak().saturating_sub(before));
        put[1] = put[1].min(seconds(|| theirs.batch("", local.path(), &put_all("in"))));
        let back = tempfile::tempdir().unwrap();
        get[0] =
            get[0].min(seconds(|| ours.batch("acme-medical", back.path(), &get_all("inbound"))));
        same(local.path(), back.path());
        get[1] = get[1].min(seconds(|| theirs.batch("", back.path(), &get_all("in"))));
        same(local.path(), back.path());
    }
    for (what, [ours, theirs]) in [("put", put), ("get", get)] {
        println!(
            "{what} of 4 x 64 MB: {:.0} MB/s, OpenSSH's own server {:.0} MB/s: {:.2} times",
            256.0 / ours,
            256.0 / theirs,
            theirs / ours
        );
    }
    println!("memory that putting 256 MB adds at its peak: {} MiB", memory >> 20);
}

/// 10,000 files of 2 kB by 16 clients at once, each file with a rename-free put.
fn many() {
    const CLIENTS: usize = 16;
    const EACH: usize = 625;
    let locals: Vec<_> = (0..CLIENTS).map(|_| tempfile::tempdir().unwrap()).collect();
    for (client, local) in locals.iter().enumerate() {
        for number in 0..EACH {
            let name = format!("small-{client}-{number}.edi");
            let bytes = format!("{name}{}", "x".repeat(2_000 - name.len()));
            fs::write(local.path().join(name), bytes).unwrap();
        }
    }
    let run = |server: &dyn Server, user: &str, folder: &str| {
        let commands = &format!("cd {folder}\nput small-*.edi\n");
        seconds(|| {
            std::thread::scope(|scope| {
                for local in &locals {
                    let put = || server.batch(user, local.path(), commands);
                    scope.spawn(put);
                }
            });
        })
    };
    let (mut best, mut other) = (f64::MAX, f64::MAX);
    for _ in 0..2 {
        let ours = Ours::start(&["acme-medical"]);
        best = best.min(run(&ours, "acme-medical", "inbound"));
        other = other.min(run(&Sshd::start(), "", "in"));
    }
    println!(
        "10,000 files of 2 kB by 16 clients, each durable: {:.0}/s, OpenSSH's own server, which \
         syncs nothing, {:.0}/s: {:.2} times",
        10_000.0 / best,
        10_000.0 / other,
        other / best
    );
}

/// What 200 sessions cost that do nothing.
fn sessions() {
    let mut ours = Ours::new(&["acme-medical"], "limits.sessions = 1000");
    ours.served.start();
    ours.batch("acme-medical", Path::new("/"), "ls\n");
    let before = ours.memory();
    let clients: Vec<_> = (0..200).map(|_| ours.idle("acme-medical")).collect();
    std::thread::sleep(Duration::from_secs(2));
    let after = ours.memory();
    println!("200 idle sessions: {} MiB of memory, {} MiB without them", after >> 20, before >> 20);
    drop(clients);
}

/// 100,000 letters in one mailbox.
fn full_mailbox() {
    let mut ours = Ours::new(&["acme-medical"], "");
    filled::fill(&ours, "acme-medical", 1_000);
    ours.served.start();
    let home = tempfile::tempdir().unwrap();
    ours.batch("acme-medical", home.path(), "ls inbound\n");
    let before = ours.memory();
    let list = || {
        seconds(|| {
            let output = ours.sftp("acme-medical", home.path(), "ls -1 outbound\n");
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(text.matches(".edi").count(), 100_000);
        })
    };
    let (first, again) = (list(), list());
    println!(
        "100,000 letters in one mailbox: listed in {first:.1} s, and in {again:.1} s again; {} MiB \
         of memory more, for good",
        ours.memory().saturating_sub(before) >> 20
    );
}

fn same(left: &Path, right: &Path) {
    for entry in fs::read_dir(left).unwrap() {
        let entry = entry.unwrap();
        let other = fs::read(right.join(entry.file_name())).unwrap();
        assert!(
            fs::read(entry.path()).unwrap() == other,
            "{} is another",
            entry.file_name().display()
        );
    }
}
