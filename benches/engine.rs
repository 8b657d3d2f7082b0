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

/// How often each thing is measured.
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
    let bench = Bench { text: &text };
    println!("{:42} {:>9} {:>8} {:>6}", "", "MB/s", "x naive", "bar");
    bench.row("count separators, byte by byte", None, text.len(), || work::naive(&text));
    bench.row("split into segments and elements", Some(1.0), text.len(), || work::split(&text));
    bench.row("  and the bytes of each looked at", None, text.len(), || work::touch(&text));
    bench.row("read, counts and control numbers verified", Some(0.35), text.len(), || {
        work::read(&text)
    });
    let engine = work::Engine::new();
    let check =
        bench.row("check against the release", Some(0.10), text.len(), || engine.check(&text));
    bench.row("check and translate to JSON text", Some(0.06), text.len(), || {
        engine.translate(&text)
    });
    let (documents, sets) = engine.documents(&text);
    bench.row("write from JSON text", Some(0.06), sets, || engine.write(&documents));
    bench.row("write from JSON text, output checked", None, sets, || {
        engine.check(&engine.write(&documents))
    });

    keep_memory();
    println!("\n{:42} {:>9} {:>15}", "twice as much", "t(2n)/t(n)", "bar 2.3");
    for growth in work::GROWTHS {
        let (once, twice) = ((growth.make)(growth.size), (growth.make)(growth.size * 2));
        // What else the machine does only ever adds: the least of each is what it costs. The two
        // are measured in turns, so that the rest of the machine is the same to both.
        let mut least = [Duration::MAX; 2];
        for _ in 0..3 * RUNS {
            for (least, text) in least.iter_mut().zip([&once, &twice]) {
                *least = time(|| engine.check(text)).min(*least);
            }
        }
        let [once, twice] = least.map(|least| least.as_secs_f64());
        let ratio = twice / once;
        println!("{:42} {ratio:9.2}", growth.name);
    }
    if !quick {
        process::measure(text.len() as f64 / check.as_secs_f64());
    }
}

/// The bytes whose plainest reading is the measure.
struct Bench<'t> {
    text: &'t [u8],
}

impl Bench<'_> {
    /// Measures `work`, which goes over so many `bytes`, and prints what it does: each run is held
    /// against the plain loop run just before it, and the median counts. Returns the median time.
    fn row<T>(
        &self,
        name: &str,
        bar: Option<f64>,
        bytes: usize,
        mut work: impl FnMut() -> T,
    ) -> Duration {
        let mut runs = [(0.0, Duration::ZERO); RUNS];
        for run in &mut runs {
            let naive = self.text.len() as f64 / time(|| work::naive(self.text)).as_secs_f64();
            let taken = time(&mut work);
            *run = (bytes as f64 / taken.as_secs_f64() / naive, taken);
        }
        runs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (ratio, taken) = runs[RUNS / 2];
        let rate = bytes as f64 / taken.as_secs_f64() / 1e6;
        let bar = bar.map_or(String::new(), |bar| {
            format!("{bar:6.2}{}", if ratio < bar { "  below" } else { "" })
        });
        println!("{name:42} {rate:9.0} {ratio:8.3} {bar}");
        taken
    }
}

/// Has the allocator keep what is freed from here on.
///
/// glibc gives large blocks back to the kernel when they are freed and keeps small ones, so the runs
/// of the smaller of two sizes found their memory warm while those of the larger had each page
/// faulted in anew: a step of a third that is not of our making. A block that is freed raises the
/// limit to its size, up to 32 MiB.
fn keep_memory() {
    drop(black_box(vec![0_u8; 31 << 20]));
}

/// How long `work` takes on a core.
fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let before = on_core();
    black_box(work());
    on_core().saturating_sub(before)
}

/// How long this thread has run on a core, to the nanosecond: the kernel adds up when it yields.
fn on_core() -> Duration {
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux kernel");
    let first = text.split(' ').next().expect("three numbers");
    Duration::from_nanos(first.parse().expect("a number"))
}
