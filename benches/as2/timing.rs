//! Whether failures to decrypt can be told apart by their time.
//!
//! Five kinds of damage, each done anew to every message and tried in a random order. Reported is
//! Welch's t of each kind against each other: below 4.5 nobody is held to see a difference.

use super::parties::{Parties, content, letter};
use std::io::Cursor;
use std::time::Instant;
use wharf::pki::KeyTransport;
use wharf::transport::as2::{As2Error, Headers, Memory, open};

/// How often each kind is tried.
pub(crate) const TRIES: usize = 2_000;

/// What is not counted.
pub(crate) const WARM_UP: usize = 500;

/// What is done to messages.
pub(crate) const KINDS: [&str; 5] =
    ["padding broken", "another key", "short key", "beyond the modulus", "content changed"];

/// Messages that cannot be decrypted.
pub(crate) struct Kinds<'k> {
    parties: &'k Parties,
    good: &'k [u8],
    /// Where the wrapped key begins.
    key: usize,
    random: u64,
}

impl<'k> Kinds<'k> {
    /// Made of a good one, which ends with its encrypted content.
    pub(crate) fn of(parties: &'k Parties, good: &'k [u8]) -> Self {
        let key = good.windows(4).position(|window| window == [0x04, 0x82, 1, 0]).unwrap() + 4;
        Self { parties, good, key, random: 1 }
    }

    /// The next one, and of which kind it is.
    pub(crate) fn next(&mut self) -> (usize, Vec<u8>) {
        let n = self.random.wrapping_mul(6_364_136_223_846_793_005);
        let n = n.wrapping_add(1_442_695_040_888_963_407);
        self.random = n;
        let kind = usize::try_from(n >> 33).unwrap() % KINDS.len();
        let (mut body, key) = (self.good.to_vec(), self.key);
        let [first, second] = [n >> 40, n >> 50].map(|n| u8::try_from(n & 0xff).unwrap());
        match kind {
            0 => body[key + 64 + usize::from(first) % 128] ^= second | 1,
            1 => body[key..key + 256].copy_from_slice(&self.wrapped(&[first; 32])),
            2 => body[key..key + 256].copy_from_slice(&self.wrapped(&[first; 24])),
            3 => body[key..key + 16].fill(0xff),
            // Its last block but one: its padding is broken, and nothing before.
            _ => {
                let at = body.len() - 17;
                body[at] ^= 0x40 | (second >> 2);
            }
        }
        (kind, body)
    }

    fn wrapped(&self, key: &[u8]) -> Vec<u8> {
        self.parties.us.certificate().wrap_key(KeyTransport::RsaPkcs1, key).unwrap()
    }
}

pub(crate) fn measure(parties: &Parties) {
    let (headers, body) = letter(parties, &content(10_000));
    let headers: Headers = headers.iter().map(|(name, value)| (&**name, value)).collect();
    let mut kinds = Kinds::of(parties, &body);
    let mut times = vec![Vec::with_capacity(TRIES); KINDS.len()];
    for turn in 0..TRIES * KINDS.len() + WARM_UP {
        let (kind, body) = kinds.next();
        let mut source = Cursor::new(&body);
        let (mut sinks, terms) = (Memory::default(), parties.terms());
        let began = Instant::now();
        let refused = open(&headers, &mut source, &terms, &mut sinks);
        let time = began.elapsed().as_secs_f64() * 1e6;
        assert_eq!(refused.unwrap_err(), As2Error::Decryption, "{}", KINDS[kind]);
        if turn >= WARM_UP {
            times[kind].push(time);
        }
    }
    compare("failures to decrypt 10 kB", &times);
}

/// Tells how the times of the kinds differ.
pub(crate) fn compare(what: &str, times: &[Vec<f64>]) {
    let kept: Vec<Vec<f64>> = times.iter().map(|times| central(times)).collect();
    println!("{what}, the central nine tenths of about {TRIES} each:");
    for (kind, times) in KINDS.iter().zip(&kept) {
        let (mean, variance) = moments(times);
        println!(
            "  {kind:20} {:5} times, mean {mean:7.2} us, deviation {:6.2}",
            times.len(),
            variance.sqrt()
        );
    }
    for (index, one) in kept.iter().enumerate() {
        for (other_index, other) in kept.iter().enumerate().skip(index + 1) {
            let t = welch(one, other);
            println!("  t = {t:6.2}  {} / {}", KINDS[index], KINDS[other_index]);
        }
    }
}

/// Without what the machine did besides.
fn central(times: &[f64]) -> Vec<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 20..times.len() - times.len() / 20].to_vec()
}

fn moments(times: &[f64]) -> (f64, f64) {
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    (mean, times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

fn welch(one: &[f64], other: &[f64]) -> f64 {
    let ((mean, variance), (other_mean, other_variance)) = (moments(one), moments(other));
    let error = (variance / one.len() as f64 + other_variance / other.len() as f64).sqrt();
    (mean - other_mean) / error
}
