//! A disk without room: refused in clear words, and it goes on by itself when there is room again.

use super::super::small_disk::Disk;
use super::home::{hand, key, message, now, run, settings, trouble};
use std::path::Path;
use std::time::{Duration, Instant};
use wharf::event::{EventKind, State};
use wharf::message::MessageId;
use wharf::spool::{Accepted, Settings, Spool, SpoolError, Step, verify};

#[test]
fn a_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room() {
    let disk = Disk::of_megabytes(6);
    let ballast = disk.ballast(2 << 20);
    let start = Instant::now();
    let spool = open(&disk, start, 0);
    let mut accepted: Vec<(usize, MessageId)> = Vec::new();
    let mut refused = 0;
    for n in 0.. {
        // Bodies of all sizes, so that the end comes in every place.
        let bytes = "x".repeat(100 + (n * 977) % 100_000);
        match run(spool.accept(now(start, 0), message(&key(n), &bytes))) {
            Ok(Accepted::New(id)) => accepted.push((n, id)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert!(is_for_a_while(&error), "{error:?}");
                refused += 1;
            }
        }
        if refused == 300 {
            break;
        }
    }
    assert!(accepted.len() > 20, "only {} were accepted", accepted.len());
    std::fs::remove_file(&ballast).unwrap();
    let id = patiently(|| run(spool.accept(now(start, 0), message("after", "bytes"))));
    let Accepted::New(after) = id else { panic!("{id:?}") };
    let mut spool = spool;
    for _ in 0..2 {
        for (n, id) in &accepted {
            assert_eq!(spool.summary(*id).unwrap().state, State::Received);
            assert_eq!(spool.find(&key(*n), None).unwrap(), [*id]);
        }
        assert_eq!(spool.find("after", None).unwrap(), [after]);
        drop(spool);
        spool = open(&disk, start, 0);
    }
    assert_eq!(verify(Path::new(&disk.spool())).unwrap().faults, []);
}

#[test]
fn what_was_accepted_goes_on_with_the_last_of_the_disk() {
    let disk = Disk::of_megabytes(6);
    let start = Instant::now();
    let spool = open(&disk, start, 3 << 20);
    let mut ids = Vec::new();
    let refused = loop {
        let raw = message(&key(ids.len()), &"x".repeat(10_000));
        match run(spool.accept(now(start, 0), raw)) {
            Ok(Accepted::New(id)) => ids.push(id),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.code(), "spool_full");
    for id in &ids[..20] {
        let lease = spool.next_due(now(start, 0)).unwrap().lease;
        let settled = Step::of(now(start, 0), lease.message, EventKind::Settled);
        run(spool.settle(&lease, settled)).unwrap();
        assert!(spool.summary(*id).is_ok());
    }
    let last = Step::of(now(start, 0), ids[50], EventKind::DeadLettered(trouble()));
    run(spool.advance(last)).unwrap();
    run(spool.advance(Step::of(now(start, 0), ids[50], EventKind::Retried(hand())))).unwrap();
}

/// Tries until it works, as the outside does; half a minute is long enough.
fn patiently<T>(mut act: impl FnMut() -> Result<T, SpoolError>) -> T {
    let start = Instant::now();
    loop {
        match act() {
            Ok(done) => return done,
            Err(error) => {
                assert!(is_for_a_while(&error), "{error:?}");
                assert!(start.elapsed() < Duration::from_secs(30), "it never went on: {error}");
            }
        }
    }
}

fn is_for_a_while(error: &SpoolError) -> bool {
    matches!(error, SpoolError::Full | SpoolError::Unavailable { .. })
}

fn open(disk: &Disk, start: Instant, reserve_bytes: u64) -> Spool {
    let settings = Settings {
        segment_bytes: 500_000,
        reserve_bytes,
        records_per_checkpoint: 20,
        ..settings()
    };
    Spool::open(Path::new(&disk.spool()), settings, now(start, 0)).unwrap().0
}
