//! The running gateway, measured from outside: `cargo bench --bench gateway`, or a part of it:
//! `-- idle`, `accepts`, `latency`, `dead`.
//!
//! The real program runs as a process of its own with a spool in a temporary folder; the load comes
//! from this process, on the same cores. Ratios are against the journal alone, measured in the same
//! run: as many durable appends of the same bytes as 64 writers get.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a measurement that fails says so by failing"
)]

#[path = "gateway/hand.rs"]
mod hand;
#[path = "gateway/load.rs"]
mod load;
#[path = "../tests/it/served.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod served;

use hand::Way;
use load::{APPENDS, confirmation, journal_alone, memory, percentile, processor_time};
use served::{PARTNER, Receiver, Served, Ways};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The allocator of the program, so that the journal alone has it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many connections hand in at once.
const CONNECTIONS: u32 = 64;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let named: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if wanted("idle") {
        runtime.block_on(idle());
    }
    if wanted("accepts") {
        let before = processor_time(process::id());
        let alone = journal_alone();
        let after = processor_time(process::id());
        println!(
            "the journal alone: {alone:.0} durable appends of 2 kB a second, {:.0} us of a core each",
            micros(before, after, APPENDS)
        );
        runtime.block_on(accepts(alone));
    }
    if wanted("latency") {
        runtime.block_on(latency());
    }
    if wanted("dead") {
        runtime.block_on(dead_endpoint());
    }
}

/// What it costs to do nothing.
async fn idle() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Tls);
    served.start();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = processor_time(served.pid());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let used = processor_time(served.pid()).saturating_sub(before);
    println!(
        "idle: {} MiB of memory, {:.2} % of a core",
        memory(served.pid()) >> 20,
        used.as_secs_f64() / 5.0 * 100.0
    );
}

/// Durable accepts over HTTPS as fast as they go, and then how fast all of it is through the route.
async fn accepts(alone: f64) {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Tls);
    served.start();
    let total = 30_000;
    let begun = Instant::now();
    let before = [served.pid(), process::id()].map(processor_time);
    let mut times = hand_in(&served, total).await;
    let rate = f64::from(total) / begun.elapsed().as_secs_f64();
    let [ours, theirs] = [served.pid(), process::id()].map(processor_time);
    times.sort_unstable();
    println!(
        "durable accepts over HTTPS, 2 kB, {CONNECTIONS} connections: {rate:.0}/s ({:.2} of the \
         journal alone), p50 {:.1} ms, p99 {:.1} ms",
        rate / alone,
        percentile(&times, 50).as_secs_f64() * 1e3,
        percentile(&times, 99).as_secs_f64() * 1e3,
    );
    println!(
        "of a core, each took {:.0} us in the gateway, with what it worked on meanwhile, and {:.0} us \
         in those who called",
        micros(before[0], ours, total),
        micros(before[1], theirs, total),
    );
    while receiver.count() < total as usize {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let whole = f64::from(total) / begun.elapsed().as_secs_f64();
    println!("the whole inbound route, from POST to webhook: {whole:.0} documents a second");
    println!("memory after it: {} MiB", memory(served.pid()) >> 20);
}

/// Each one's part of the time between, in microseconds.
fn micros(before: Duration, after: Duration, of: u32) -> f64 {
    after.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(of)
}

/// From POST to webhook at 500 a second.
async fn latency() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Tls);
    served.start();
    let total = 5_000;
    let posted = hand_in_at(&served, total, 500).await;
    while receiver.count() < total as usize {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut times = receiver.since(&posted);
    times.sort_unstable();
    println!(
        "from POST to webhook at 500/s: p50 {:.1} ms, p99 {:.1} ms",
        percentile(&times, 50).as_secs_f64() * 1e3,
        percentile(&times, 99).as_secs_f64() * 1e3,
    );
    tell_slow_syncs(&served);
}

/// Says when the disk was slow: one sync of half a second makes a p99 of all that came in ten.
fn tell_slow_syncs(served: &Served) {
    let log = served.log();
    let slow: Vec<u64> = log
        .lines()
        .filter(|line| line.contains("the disk took long"))
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|line| line["milliseconds"].as_u64())
        .collect();
    if !slow.is_empty() {
        println!("  the disk took long to confirm, by the log: {slow:?} ms");
    }
}

/// What others feel of a partner whose endpoint is dead and for whom much is queued.
async fn dead_endpoint() {
    let mut ninety_ninth = Vec::new();
    for dead in [0, 10_000] {
        let receiver = Receiver::start().await;
        let mut served = Served::new(&receiver.url, Ways::Tls);
        served.with_dead_partner();
        served.start();
        served.doors().orders_for_dead_partner(dead).await;
        let posted = hand_in_at(&served, 2_000, 200).await;
        while receiver.count() < 2_000 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut times = receiver.since(&posted);
        times.sort_unstable();
        tell_slow_syncs(&served);
        ninety_ninth.push(percentile(&times, 99).as_secs_f64() * 1e3);
    }
    println!(
        "p99 from POST to webhook at 200/s: {:.1} ms alone, {:.1} ms beside 10,000 documents for a \
         dead endpoint ({:.2} times)",
        ninety_ninth[0],
        ninety_ninth[1],
        ninety_ninth[1] / ninety_ninth[0]
    );
}

/// Hands in `total` documents over [`CONNECTIONS`] connections; how long each took.
async fn hand_in(served: &Served, total: u32) -> Vec<Duration> {
    let next = Arc::new(AtomicU32::new(1));
    let [partners, ..] = served.addresses();
    let way = Way::new(&partners, &served.folder().join("certs/development.pem"));
    let mut hands = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (next, way) = (Arc::clone(&next), way.clone());
        hands.spawn(async move {
            let mut times = Vec::new();
            let mut hand = way.reach().await;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number > total {
                    return times;
                }
                let body = confirmation(number);
                let begun = Instant::now();
                hand.give(PARTNER, &body, number).await;
                times.push(begun.elapsed());
            }
        });
    }
    hands.join_all().await.into_iter().flatten().collect()
}

/// Hands in `total` documents at `rate` a second; when each was posted.
async fn hand_in_at(served: &Served, total: u32, rate: u32) -> Vec<Instant> {
    let doors = Arc::new(served.doors());
    let mut tick = tokio::time::interval(Duration::from_secs(1) / rate);
    let (mut posted, mut hands) = (Vec::new(), tokio::task::JoinSet::new());
    for number in 1..=total {
        tick.tick().await;
        posted.push(Instant::now());
        let doors = Arc::clone(&doors);
        hands.spawn(async move {
            doors.insist(PARTNER, "/v1/edi", &confirmation(number), number).await;
        });
    }
    hands.join_all().await;
    posted
}
