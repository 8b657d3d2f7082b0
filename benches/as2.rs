//! How fast AS2 is, against what its cryptography alone costs in the same run; how much memory a large
//! message needs; and whether failures to decrypt can be told apart by their time.
//!
//! `cargo bench --bench as2`; with `-- large` also a gigabyte both ways, with `-- timing` also the
//! failures.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]
#![expect(
    clippy::unwrap_used,
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
#[path = "as2/parties.rs"]
mod parties;
#[path = "as2/timing.rs"]
mod timing;

use parties::{Parties, letter};
use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};
use wharf::pki::{Cipher, Decryptor, DigestAlgorithm, Encryptor, KeyTransport, SignatureScheme};
use wharf::transport::as2::mdn::{Answer, write};
use wharf::transport::as2::{As2Name, Disposition, Headers, Memory, Signing, open, pack};

fn main() {
    let asked = |what: &str| std::env::args().any(|argument| argument == what);
    let parties = Parties::new();
    println!("one core; signed and encrypted (RSA-2048, SHA-256, AES-256-CBC), signed MDN");
    for size in [10_000, 1_000_000] {
        receive(&parties, size);
        send(&parties, size);
    }
    if asked("large") {
        large::measure(&parties);
    }
    if asked("timing") {
        timing::measure(&parties);
    }
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
    let key = [7; 32];
    let wrapped = parties.us.certificate().wrap_key(KeyTransport::RsaPkcs1, &key).unwrap();
    let digest = DigestAlgorithm::Sha256.of(&content);
    let scheme = SignatureScheme::RsaPkcs1;
    let signature = parties.them.key().sign(scheme, DigestAlgorithm::Sha256, &digest).unwrap();
    let limit = || {
        let key = parties.us.key().unwrap_key(KeyTransport::RsaPkcs1, None, &wrapped, 32).unwrap();
        let mut decryptor = Decryptor::new(Cipher::Aes256Cbc, &key, &[0; 16], b"").unwrap();
        let mut out = Vec::with_capacity(size + 64);
        decryptor.update(&content, &mut out).unwrap();
        let digest = DigestAlgorithm::Sha256.of(&out);
        let by = parties.them.certificate();
        black_box(by.verify(scheme, DigestAlgorithm::Sha256, &digest, &signature));
        black_box(parties.us.key().sign(scheme, DigestAlgorithm::Sha256, &digest).unwrap());
    };
    report("receive", size, ours, limit);
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
    let limit = || {
        let digest = DigestAlgorithm::Sha256.of(&content);
        let scheme = SignatureScheme::RsaPkcs1;
        black_box(parties.us.key().sign(scheme, DigestAlgorithm::Sha256, &digest).unwrap());
        black_box(recipients[0].wrap_key(KeyTransport::RsaPkcs1, &[7; 32]).unwrap());
        let mut encryptor = Encryptor::new(Cipher::Aes256Cbc, &[7; 32], &[0; 16]).unwrap();
        let mut out = Vec::with_capacity(size + 64);
        encryptor.update(&content, &mut out).unwrap();
        black_box(encryptor.finish(&mut out).unwrap());
    };
    report("send", size, ours, limit);
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

fn rate(work: &impl Fn()) -> f64 {
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < TURN {
        work();
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

const TURNS: u32 = 5;
const TURN: Duration = Duration::from_millis(400);
