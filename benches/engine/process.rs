//! What the program costs as a process: its memory on a large file, its start on a small one.

use super::orders;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs `wharf check` on a gigabyte and on one order; `rate` is what checking does in this
/// process, in bytes a second.
pub(crate) fn measure(rate: f64) {
    let folder = tempfile::tempdir().expect("room for a gigabyte");
    let (large, small) = (folder.path().join("large.edi"), folder.path().join("small.edi"));
    let text = orders::orders(1 << 30);
    fs::write(&large, &text).expect("room for a gigabyte");
    let (wall, memory) = run(&large);
    println!("\n{:42} {:>9}", "wharf check", "");
    println!("{:42} {:9} MiB, bar 64", "1 GB: most memory", memory >> 10);
    let ratio = wall.as_secs_f64() / (text.len() as f64 / rate);
    println!("{:42} {ratio:9.2} x the time in process, bar 1.3", "1 GB: wall time");
    drop(text);
    let mut order = String::new();
    orders::interchange(&mut order, &mut orders::Dice(1), 1, 1, 8);
    fs::write(&small, &order).expect("room for an order");
    let mut times: Vec<Duration> = (0..9).map(|_| run(&small).0).collect();
    times.sort_unstable();
    let start = times[times.len() / 2].as_secs_f64() * 1e3;
    println!("{:42} {start:9.1} ms, bar 30", format!("{} bytes: from start to end", order.len()));
}

/// The wall time of `wharf check`, and the most memory that was seen, in KiB.
fn run(file: &std::path::Path) -> (Duration, u64) {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wharf"))
        .arg("check")
        .arg(file)
        .stdout(Stdio::null())
        .spawn()
        .expect("the program is built");
    let mut most = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(kib.unwrap_or(0));
        if child.try_wait().expect("our child").is_some() {
            return (began.elapsed(), most);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
