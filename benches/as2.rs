//! How fast AS2 is, against what its cryptography alone costs in the same run; how much memory a large
//! message needs; and whether failures to decrypt can be told apart by their time.
//!
//! `cargo bench --bench as2`, or parts of it by name: `-- core large timing`, and of the running
//! program, as a process of its own with a spool on the disk, `received sent gigabyte bomb told-apart`;
//! `whole` is all of those.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that fails is none"
)]
#![expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "figures for people need not be exact"
)]

#[path = "as2/large.rs"]
mod large;
#[path = "as2/limit.rs"]
mod limit;
#[path = "as2/parties.rs"]
mod parties;
#[path = "../tests/it/served.rs"]
#[allow(dead_code, reason = "tests and benches use a part each")]
mod served;
#[path = "as2/timing.rs"]
mod timing;
#[path = "as2/whole/mod.rs"]
mod whole;

use limit::{Limit, rate};
use parties::{Parties, letter};
use std::hint::black_box;
use std::io::Cursor;
use wharf::transport::as2::mdn::{Answer, write};
use wharf::transport::as2::{As2Name, Disposition, Headers, Memory, Signing, open, pack};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let named: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let asked = |what: &str| named.iter().any(|name| name == what);
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let parties = Parties::new();
    if named.is_empty() || asked("core") {
        println!("one core; signed and encrypted (RSA-2048, SHA-256, AES-256-CBC), signed MDN");
        for size in [10_000, 1_000_000] {
            receive(&parties, size);
            send(&parties, size);
        }
    }
    if asked("large") {
        large::measure(&parties);
    }
    if asked("timing") {
        timing::measure(&parties);
    }
    whole::measure(&parties, |part| asked("whole") || asked(part));
}

/// Opening a message and writing its signed receipt.
fn receive(parties: &Parties, size: usize) {
    let content = parties::content(size);
    let (headers, body) = letter(parties, &content);
    let headers: Headers = headers.iter().map(|(name, value)| (&**name, value)).collect();
    let [us, them] = ["us", "them"].map(|name| As2Name::new(name).unwrap());
    let [id, own] = ["<1@them>", "<2@us>"].map(|id| id.parse().unwrap());
    let ours = || {
        let mut sinks = Memory::default();
        let terms = parties.terms();
        let opened = open(&headers, &mut Cursor::new(&body), &terms, &mut sinks).unwrap();
        let answer = Answer {
            from: &us,
            to: &them,
            message_id: &own,
            original: &id,
            disposition: &Disposition::Processed,
            mic: Some(&opened.mic),
            words: "",
            reporter: "wharf",
            quirks: &[],
            at: parties::now(),
        };
        black_box(write(&answer, Some(&Signing::with(&parties.us))).unwrap());
    };
    let limit = Limit::of(parties, &content);
    report("receive", size, ours, || limit.receive());
}

/// Packing a message and reading its body.
fn send(parties: &Parties, size: usize) {
    let content = parties::content(size);
    let recipients = [parties.them.certificate().clone()];
    let ours = || {
        let packing = parties::packing(&parties.us, &recipients);
        let packed = pack(Cursor::new(&content), &packing).unwrap();
        let mut body = Vec::with_capacity(usize::try_from(packed.length()).unwrap());
        std::io::copy(&mut packed.into_reader().unwrap(), &mut body).unwrap();
        black_box(body);
    };
    let limit = Limit::of(parties, &content);
    report("send", size, ours, || limit.send());
}

/// Both, in turns, since the machine is never the same for long.
fn report(what: &str, size: usize, ours: impl Fn(), limit: impl Fn()) {
    let [mut own, mut bare] = [0.0; 2];
    for _ in 0..TURNS {
        own += rate(&ours) / f64::from(TURNS);
        bare += rate(&limit) / f64::from(TURNS);
    }
    println!(
        "{what:8} {size:>8} bytes: {own:>7.0}/s; its cryptography alone {bare:>7.0}/s; ratio {:.2}",
        own / bare
    );
}

const TURNS: u32 = 5;
