//! How fast the spool is, against what the disk can do in the same run.
//!
//! `cargo bench --bench spool` measures durable writes; `cargo bench --bench spool -- million` also
//! how fast a spool of a million messages starts, is searched and is built anew.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]
#![expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "figures for people need not be exact"
)]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wharf::event::EventKind;
use wharf::message::{
    Channel, Direction, Identity, Moment, PartnerId, Proof, RawMessage, Reference, ReferenceKind,
};
use wharf::spool::{Accepted, Settings, Spool, Step};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let million = std::env::args().any(|argument| argument == "million");
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for writers in [1, 16, 64] {
        durable(home.path(), writers);
    }
    if million {
        large(home.path(), 1_000_000);
    }
}

/// Durable 2 kB records a second, with so many writers at once. The disk alone is measured in
/// turns with the spool, since it is never the same for long.
fn durable(home: &Path, writers: usize) {
    let folder = home.join(format!("spool-{writers}"));
    let (spool, _) = Spool::open(&folder, Settings::default(), now()).unwrap();
    let spool = Arc::new(spool);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let [mut ours, mut disk] = [0.0; 2];
    for turn in 0..TURNS {
        disk += raw(home, writers) / f64::from(TURNS);
        ours += runtime.block_on(accepts(&spool, writers, turn)) / f64::from(TURNS);
    }
    println!(
        "{writers:>2} writers: {ours:>7.0} durable accepts/s of 2 kB; write+fdatasync alone \
         {disk:>7.0}/s; ratio {:.2}",
        ours / disk
    );
    drop(spool);
    std::fs::remove_dir_all(folder).unwrap();
}

async fn accepts(spool: &Arc<Spool>, writers: usize, turn: u32) -> f64 {
    let started = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let spool = Arc::clone(spool);
            tokio::spawn(async move {
                let mut count = 0;
                while started.elapsed() < TURN {
                    let raw = message(&format!("{turn}-{writer}-{count}"), 2000);
                    let accepted = spool.accept(now(), raw).await.unwrap();
                    assert!(matches!(accepted, Accepted::New(_)));
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await.unwrap();
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

/// What the disk does: as many records as there are writers, with one write and one sync.
fn raw(home: &Path, writers: usize) -> f64 {
    let path = home.join("raw");
    let mut file = File::create(&path).unwrap();
    let batch = vec![7; 2000 * writers];
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < TURN {
        file.write_all(&batch).unwrap();
        file.sync_data().unwrap();
        count += writers;
    }
    let rate = count as f64 / started.elapsed().as_secs_f64();
    std::fs::remove_file(path).unwrap();
    rate
}

/// A spool of so many small messages, each accepted and settled.
fn large(home: &Path, count: usize) {
    let folder = home.join("large");
    let (spool, _) = Spool::open(&folder, Settings::default(), now()).unwrap();
    let spool = Arc::new(spool);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let started = Instant::now();
    let writers = 256;
    runtime.block_on(async {
        let tasks: Vec<_> = (0..writers)
            .map(|writer| {
                let spool = Arc::clone(&spool);
                tokio::spawn(async move {
                    for n in 0..count / writers {
                        one(&spool, &format!("{writer}-{n}")).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    println!("{count} messages accepted and settled in {:.1?}", started.elapsed());
    println!("memory {}", memory());
    let reference = "PO-17-1000";
    let started = Instant::now();
    assert_eq!(spool.find(reference, None).unwrap().len(), 1);
    println!("found by reference in {:.1?}", started.elapsed());
    let (empty, _) = Spool::open(&home.join("empty"), Settings::default(), now()).unwrap();
    let empty = Arc::new(empty);
    let [mut full_rate, mut empty_rate] = [0.0; 2];
    for turn in 0..TURNS {
        full_rate += runtime.block_on(accepts(&spool, 64, turn)) / f64::from(TURNS);
        empty_rate += runtime.block_on(accepts(&empty, 64, turn)) / f64::from(TURNS);
    }
    println!(
        "64 writers: {full_rate:.0} accepts/s, {empty_rate:.0} into an empty spool; ratio {:.2}",
        full_rate / empty_rate
    );
    drop((spool, empty));

    let started = Instant::now();
    let (spool, recovery) = Spool::open(&folder, Settings::default(), now()).unwrap();
    println!("started after a kill in {:.2?} ({} replayed)", started.elapsed(), recovery.replayed);
    assert_eq!(recovery.rebuilt, None);
    let started = Instant::now();
    assert_eq!(spool.find(reference, None).unwrap().len(), 1);
    println!("found by reference in {:.1?}", started.elapsed());
    let started = Instant::now();
    spool.close().unwrap();
    println!("closed in {:.2?}", started.elapsed());
    let started = Instant::now();
    let (spool, _) = Spool::open(&folder, Settings::default(), now()).unwrap();
    println!("started after an orderly end in {:.2?}", started.elapsed());
    drop(spool);

    let started = Instant::now();
    let (_spool, recovery) = Spool::rebuild(&folder, Settings::default(), now()).unwrap();
    let took = started.elapsed();
    println!(
        "index built anew in {took:.1?}: {:.0} records/s",
        recovery.replayed as f64 / took.as_secs_f64()
    );
    println!("memory {}", memory());
}

async fn one(spool: &Spool, name: &str) {
    let accepted = spool.accept(now(), message(name, 300)).await.unwrap();
    let Accepted::New(id) = accepted else { unreachable!("{name} is no repeat") };
    let mut step = Step::of(now(), id, EventKind::Settled);
    step.refer(id, Reference::new(ReferenceKind::Order, format!("PO-{name}")));
    step.refer(id, Reference::new(ReferenceKind::Interchange, name));
    spool.advance(step).await.unwrap();
}

fn message(name: &str, length: usize) -> RawMessage {
    let mut body = name.as_bytes().to_vec();
    body.resize(length, b'~');
    RawMessage {
        partner: PartnerId::new(&format!("partner-{}", name.len())).unwrap(),
        direction: Direction::Inbound,
        channel: Channel::Https,
        proof: Proof::Token("bench".into()),
        file_name: None,
        content_type: Some("application/edi-x12".into()),
        body: body.into(),
        identities: vec![Identity::new("https:bench", name)],
        references: Vec::new(),
    }
}

fn now() -> Moment {
    Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default().to_owned()
}

/// How many turns, and how long each.
const TURNS: u32 = 5;
const TURN: Duration = Duration::from_millis(500);
