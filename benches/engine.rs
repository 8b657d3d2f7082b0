//! What the engine costs, as a ratio to the plainest loop over the same bytes in the same run.
//!
//! `cargo bench --bench engine` measures all; `-- quick` on a tenth of the bytes, without the
//! process. Times are those of this thread on a core, so another program's work does not count.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::panic,
    clippy::similar_names,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement ends when something is wrong, and prints what it saw"
)]

#[path = "engine/orders.rs"]
mod orders;
#[path = "engine/process.rs"]
mod process;
#[path = "engine/work.rs"]
mod work;

use std::hint::black_box;
use std::time::Duration;

/// How often each thing is measured; the median counts.
const RUNS: usize = 5;

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    let text = orders::orders(if quick { 10 << 20 } else { 100 << 20 });
    let separators = text.iter().filter(|byte| matches!(byte, b'*' | b'~')).count();
    println!(
        "{} MB of 850s, an element every {:.1} bytes\n",
        text.len() >> 20,
        text.len() as f64 / separators as f64
    );
    let naive = median(|| {
        black_box(work::naive(black_box(&text)));
    });
    println!("{:42} {:>9} {:>8} {:>6}", "", "MB/s", "x naive", "bar");
    let row = |name: &str, bar: f64, bytes: usize, time: Duration| {
        let ratio = (bytes as f64 / time.as_secs_f64()) / (text.len() as f64 / naive.as_secs_f64());
        let word = if ratio >= bar { "" } else { "  below" };
        let rate = bytes as f64 / time.as_secs_f64() / 1e6;
        println!("{name:42} {rate:9.0} {ratio:8.3} {bar:6.2}{word}");
    };
    row("count separators, byte by byte", 1.0, text.len(), naive);
    let time = median(|| {
        black_box(work::split(black_box(&text)));
    });
    row("split into segments and elements", 1.0, text.len(), time);
    let time = median(|| {
        black_box(work::read(black_box(&text)));
    });
    row("read, counts and control numbers verified", 0.35, text.len(), time);
    let engine = work::Engine::new();
    let check = median(|| {
        black_box(engine.check(black_box(&text)));
    });
    row("check against the release", 0.10, text.len(), check);
    let time = median(|| {
        black_box(engine.translate(black_box(&text)));
    });
    row("check and translate to JSON text", 0.06, text.len(), time);
    let (documents, sets) = engine.documents(&text);
    let time = median(|| {
        black_box(engine.write(black_box(&documents)));
    });
    row("write from JSON text", 0.06, sets, time);
    let time = median(|| {
        let written = engine.write(black_box(&documents));
        black_box(engine.check(&written));
    });
    row("write from JSON text, output checked", 0.0, sets, time);

    println!("\n{:42} {:>9} {:>15}", "twice as much", "t(2n)/t(n)", "bar 2.3");
    for growth in work::GROWTHS {
        let (once, twice) = ((growth.make)(growth.size), (growth.make)(growth.size * 2));
        let ratio = median(|| {
            black_box(engine.check(&twice));
        })
        .as_secs_f64()
            / median(|| {
                black_box(engine.check(&once));
            })
            .as_secs_f64();
        println!("{:42} {ratio:9.2}", growth.name);
    }
    if !quick {
        process::measure(text.len() as f64 / check.as_secs_f64());
    }
}

/// The median time of some runs, on a core.
fn median(mut work: impl FnMut()) -> Duration {
    let mut times = [Duration::ZERO; RUNS];
    for time in &mut times {
        let before = on_core();
        work();
        *time = on_core().saturating_sub(before);
    }
    times.sort_unstable();
    times[RUNS / 2]
}

/// How long this thread has run on a core.
fn on_core() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux kernel");
    let first = text.split(' ').next().expect("three numbers");
    Duration::from_nanos(first.parse().expect("a number"))
}
