//! A gigabyte each way, and what grows: in the running program.

use super::hand::{Hand, Heard, Parcel, head};
use super::partner::Partner;
use super::world::World;
use crate::parties::{Parties, content, packing};
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Cursor, Write as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use wharf::message::{Channel, Moment, Parcel as Outgoing, PartnerId};
use wharf::spool::{Settings, Spool, Step};
use wharf::transport::as2::{Compress, Packing, pack};

/// A gigabyte from a partner.
pub(super) fn comes(parties: &Parties) {
    let folder = tempfile::tempdir().unwrap();
    let [plain, sealed] = ["plain", "sealed"].map(|name| folder.path().join(name));
    fill(&plain);
    let recipients = [parties.us.certificate().clone()];
    let mut packing = packing(&parties.them, &recipients);
    packing.at = Timestamp::now();
    let packed = pack(File::open(&plain).unwrap(), &packing).unwrap();
    let (head, id) = head(1, packed.headers(), packed.length());
    let mics = [packed.mic().clone()];
    let mut file = File::create(&sealed).unwrap();
    io::copy(&mut packed.into_reader().unwrap(), &mut file).unwrap();
    file.sync_all().unwrap();
    let world = World::new(parties, "").started();
    let (at_rest, before) = (world.memory(), world.used());
    let mut hand = Hand::reach(&world.doors()[0]);
    let began = Instant::now();
    hand.stream().write_all(&head).unwrap();
    io::copy(&mut File::open(&sealed).unwrap(), hand.stream()).unwrap();
    let arrived = began.elapsed();
    let answer = hand.hear();
    let took = began.elapsed();
    let used = world.used().since(before).doors;
    let parcel = Parcel { bytes: Vec::new(), head: 0, id, mics };
    Heard::of(&answer).proves(parties, &parcel).unwrap();
    world.until_waiting(0);
    println!(
        "1 GB received, durable, signed receipt: {took:.1?} ({:.0} MB/s), of which {arrived:.1?} until \
         the last byte was taken; {:.1?} of a core; most memory {} MiB, {at_rest} MiB at rest",
        megabytes(took),
        used,
        world.memory()
    );
    world.served.end_in_order();
}

/// A gigabyte for a partner. Nothing that the ERP hands in is as large: it is put into the queue as
/// the gateway would put it.
pub(super) fn goes(parties: &Parties) {
    let folder = tempfile::tempdir().unwrap();
    let partner = Partner::start(parties, folder.path());
    partner.open_gate();
    let mut world = World::new(parties, &format!("url = '{}'\nplain_http = true\n", partner.url));
    queue(&world.served.folder().join("spool"), &partner.url);
    let began = Instant::now();
    world.served.start();
    let at_rest = world.memory();
    while partner.came().is_none() {
        thread::sleep(Duration::from_millis(5));
    }
    let (_, last) = partner.came().unwrap();
    let took = last.duration_since(began);
    let used = world.used();
    while partner.answered() < 1 {
        thread::sleep(Duration::from_millis(5));
    }
    world.until_waiting(0);
    println!(
        "1 GB sent: {took:.1?} ({:.0} MB/s) from the start of the program until the last byte; {:.1?} \
         of a core; most memory {} MiB, {at_rest} MiB at its start",
        megabytes(took),
        used.whole,
        world.memory()
    );
    world.served.end_in_order();
}

/// Puts a gigabyte into the queue.
fn queue(spool: &Path, url: &str) {
    let now = || Moment { at: Timestamp::now(), tick: Instant::now() };
    let (spool, _) = Spool::open(spool, Settings::default(), now()).unwrap();
    let mut body = spool.begin_body().unwrap();
    let piece = content(1 << 20);
    for _ in 0..1024 {
        body.write_all(&piece).unwrap();
    }
    let mut step = Step::new(now());
    step.queue(Outgoing {
        partner: PartnerId::new("acme").unwrap(),
        channel: Channel::As2,
        endpoint: url.to_owned(),
        file_name: Some("catalogue.edi".to_owned()),
        content_type: None,
        body: body.finish().unwrap(),
        about: None,
        test: false,
        references: Vec::new(),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(spool.enqueue(step)).unwrap();
    spool.close().unwrap();
}

/// A gigabyte of zeros, in a message of a megabyte, and in one of a few kilobytes.
pub(super) fn bombs(parties: &Parties) {
    let world = World::new(parties, "").started();
    // Something that is taken, so that what is made at first is there.
    let small = Parcel::new(parties, 1, &content(10_000), |_| ());
    Heard::of(&Hand::reach(&world.doors()[0]).give(&small.bytes)).proves(parties, &small).unwrap();
    let once = |packing: &mut Packing<'_>| packing.compress = Compress::BeforeSigning;
    let [deflated, kind] = deflated();
    let kind: &'static str = String::from_utf8(kind).unwrap().leak();
    let within: Parcel = Parcel::new(parties, 2, &deflated, |packing| {
        once(packing);
        packing.content_type = kind;
        packing.file_name = Some("smime.p7z");
    });
    let zeros = vec![0; 1 << 30];
    let alone = Parcel::new(parties, 3, &zeros, once);
    drop(zeros);
    for (what, bomb) in [("compressed twice", within), ("compressed once", alone)] {
        let before = world.memory();
        let mut hand = Hand::reach(&world.doors()[0]);
        let began = Instant::now();
        let answer = Heard::of(&hand.give(&bomb.bytes));
        let took = began.elapsed();
        println!(
            "1 GB of zeros, {what} to {} bytes: `{}` in {took:.1?}; most memory {} MiB, {before} MiB \
             before",
            bomb.bytes.len() - bomb.head,
            answer.disposition(),
            world.memory()
        );
    }
    world.served.end_in_order();
}

/// A gigabyte of zeros, compressed, and the type of that.
fn deflated() -> [Vec<u8>; 2] {
    let packing = Packing {
        content_type: "application/edi-x12",
        file_name: None,
        sign: None,
        encrypt: None,
        compress: Compress::BeforeSigning,
        mic: wharf::pki::DigestAlgorithm::Sha256,
        quirks: &[],
        at: Timestamp::now(),
    };
    let packed = pack(Cursor::new(vec![0; 1 << 30]), &packing).unwrap();
    let of_type = |(name, _): &&(String, String)| name == "Content-Type";
    let kind = packed.headers().iter().find(of_type).unwrap().1.clone().into_bytes();
    let mut bytes = Vec::new();
    io::copy(&mut packed.into_reader().unwrap(), &mut bytes).unwrap();
    [bytes, kind]
}

fn fill(path: &Path) {
    let piece = content(1 << 20);
    let mut file = File::create(path).unwrap();
    for _ in 0..1024 {
        file.write_all(&piece).unwrap();
    }
}

fn megabytes(took: Duration) -> f64 {
    f64::from(1 << 30) / 1e6 / took.as_secs_f64()
}
