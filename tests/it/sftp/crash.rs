//! `kill -9` while partners put files: in the end each was taken once, whatever was in hand.

use super::account::{accepted, confirmation};
use super::servers::{Ours, Server as _, options};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

const ACME: &str = "acme-medical";

/// How a client puts its files.
const WAYS: [&str; 3] = [
    "put {n}.edi inbound/",
    "put {n}.edi inbound/{n}.part\nrename inbound/{n}.part inbound/{n}.edi",
    "put {n}.edi inbound/.{n}\nrename inbound/.{n} inbound/{n}.edi",
];

#[test]
fn kills_at_any_time_lose_nothing_and_double_nothing() {
    let mut ours = Ours::start(&[ACME]);
    let port = AtomicU16::new(ours.port());
    let (key, per_client) = (ours.key.clone(), 20);
    let mut kills = 0;
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..3_u32)
            .map(|client| {
                let (key, port) = (&key, &port);
                scope.spawn(move || {
                    let folder = tempfile::tempdir().unwrap();
                    for number in 0..per_client {
                        let n = client * per_client + number;
                        let mut text = confirmation(n);
                        if n % 4 == 0 {
                            text.push_str(&"\n".repeat(200_000));
                        }
                        fs::write(folder.path().join(format!("{n}.edi")), text).unwrap();
                        let way = WAYS[usize::try_from(client).unwrap()];
                        insist(folder.path(), key, port, &way.replace("{n}", &n.to_string()));
                    }
                })
            })
            .collect();
        let begun = Instant::now();
        while clients.iter().any(|client| !client.is_finished()) {
            if begun.elapsed() > Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            std::thread::sleep(pause());
            ours.served.kill();
            kills += 1;
            ours.served.start();
            port.store(ours.port(), Ordering::Relaxed);
        }
    });
    assert!(kills >= 3, "{kills}");
    let mut times = BTreeMap::new();
    for file in accepted(ours, ACME) {
        *times.entry(file.bytes).or_insert(0) += 1;
    }
    assert_eq!(times.len(), usize::try_from(3 * per_client).unwrap(), "after {kills} kills");
    assert!(times.values().all(|count| *count == 1));
}

#[test]
fn a_file_is_said_to_be_taken_only_after_the_sync() {
    let mut ours = Ours::new(&[ACME], "");
    assert!(ours.served.start_under(&["inject=fdatasync:delay_enter=1000000"]));
    let folder = tempfile::tempdir().unwrap();
    for (n, way) in (1..).zip(WAYS) {
        // A large one is made durable by itself, and then what names it.
        for (large, syncs) in [(false, 1), (true, 2)] {
            let text = confirmation(n) + &"\n".repeat(if large { 200_000 } else { 0 });
            fs::write(folder.path().join(format!("{n}.edi")), text).unwrap();
            let begun = Instant::now();
            ours.batch(ACME, folder.path(), &(way.replace("{n}", &n.to_string()) + "\n"));
            let took = begun.elapsed();
            assert!(took >= Duration::from_secs(syncs), "{way}, large: {large}: {took:?}");
        }
    }
}

#[test]
fn killed_at_any_call_to_the_disk_each_file_is_taken_once() {
    let mut ours = Ours::start(&[ACME]);
    let (folder, key) = (tempfile::tempdir().unwrap(), ours.key.clone());
    let port = AtomicU16::new(ours.port());
    let mut n = 0;
    for call in ["pwrite64", "fdatasync", "fsync", "openat2", "renameat,renameat2", "unlinkat"] {
        let mut reached = 0;
        for nth in [3, 2, 1] {
            ours.served.kill();
            let inject = format!("inject={call}:signal=KILL:when={nth}");
            // It may not come as far as that it listens.
            let mut lives = ours.served.start_under(&[&inject]);
            if lives {
                port.store(ours.port(), Ordering::Relaxed);
            }
            std::thread::scope(|scope| {
                let client = scope.spawn(|| {
                    for way in WAYS {
                        for large in [false, true] {
                            let mut text = confirmation(n);
                            if large {
                                text.push_str(&"\n".repeat(200_000));
                            }
                            fs::write(folder.path().join(format!("{n}.edi")), text).unwrap();
                            let commands = way.replace("{n}", &n.to_string());
                            insist(folder.path(), &key, &port, &commands);
                            n += 1;
                        }
                    }
                });
                while !client.is_finished() {
                    if lives && ours.served.ended(Duration::from_millis(20)).is_none() {
                        continue;
                    }
                    reached += 1;
                    ours.served.start();
                    port.store(ours.port(), Ordering::Relaxed);
                    lives = true;
                }
            });
        }
        println!("{call}: reached in {reached} of 3 rounds");
        assert!(reached > 0, "nothing calls {call}");
    }
    let mut times = BTreeMap::new();
    for file in accepted(ours, ACME) {
        *times.entry(file.bytes).or_insert(0) += 1;
    }
    assert_eq!(times.len(), usize::try_from(n).unwrap());
    assert!(times.values().all(|count| *count == 1), "some were taken twice");
}

/// Runs a batch until all of it succeeds.
fn insist(folder: &std::path::Path, key: &std::path::Path, port: &AtomicU16, commands: &str) {
    let batch = folder.join("batch");
    fs::write(&batch, format!("{commands}\n")).unwrap();
    let end = Instant::now() + Duration::from_secs(180);
    loop {
        let mut command = Command::new("sftp");
        command.args(options(port.load(Ordering::Relaxed), key)).arg("-b").arg(&batch);
        let output = command.arg(format!("{ACME}@127.0.0.1")).current_dir(folder).output().unwrap();
        if output.status.success() {
            return;
        }
        assert!(Instant::now() < end, "{commands}: {}", super::servers::said(&output));
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// A pause of random length.
fn pause() -> Duration {
    let mut random = [0; 2];
    getrandom::fill(&mut random).unwrap();
    Duration::from_millis(u64::from(u16::from_le_bytes(random)) % 1_500)
}
