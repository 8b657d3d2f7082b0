//! A copy taken while the spool is in use can be restored, and a restored spool is made safe.

use super::home::{Home, key, message, now, parcel, partner, run, settings};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use wharf::event::State;
use wharf::spool::{Accepted, Horizon, NumberKind, Spool, Step, backup, verify};

/// What is kept under a key: now and then a body in a file of its own.
fn text(n: usize) -> String {
    if n.is_multiple_of(7) { format!("{n:07}").repeat(10_000) } else { format!("bytes of {n}") }
}

#[test]
fn what_was_acknowledged_before_a_copy_began_is_in_it_once() {
    let home = Home::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let (start, stop, done) = (Instant::now(), AtomicBool::new(false), AtomicUsize::new(0));
    let spool = home.open();
    let mut copies = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                let accepted = run(spool.accept(now(start, 0), message(&key(n), &text(n))));
                assert!(matches!(accepted.unwrap(), Accepted::New(_)));
                n += 1;
                done.store(n, Ordering::SeqCst);
            }
        });
        for round in 0..4 {
            while done.load(Ordering::SeqCst) < (round + 1) * 40 {
                thread::sleep(Duration::from_millis(1));
            }
            // The third and fourth go into the folder of the second, over what is there.
            let to = elsewhere.path().join(format!("copy-{}", round.min(1)));
            let before = done.load(Ordering::SeqCst);
            backup(&home.folder(), &to).unwrap();
            if round != 1 && round != 2 {
                copies.push((to, before));
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    for (copy, before) in copies {
        let (restored, recovery) = Spool::open(&copy, settings(), now(start, 0)).unwrap();
        assert_eq!(recovery.gaps, []);
        for n in 0..before {
            let found = restored.find(&key(n), None).unwrap();
            assert_eq!(found.len(), 1, "{n} of {before}");
            let dossier = restored.dossier(found[0]).unwrap();
            assert_eq!(restored.body(&dossier.body).unwrap(), text(n).as_bytes());
            let again = run(restored.accept(now(start, 0), message(&key(n), &text(n)))).unwrap();
            assert_eq!(again, Accepted::Repeat { id: found[0], answer: None });
        }
        drop(restored);
        assert_eq!(verify(&copy).unwrap().faults, []);
        println!("backup while in use: {before} acknowledged before it, 0 lost, 0 doubled");
    }
}

/// Takes a number and uses it for a parcel.
fn send(spool: &Spool, start: Instant) -> u32 {
    let number = spool.take_number(&partner(), NumberKind::Interchange);
    let value = number.value();
    let mut step = Step::new(now(start, 0));
    step.queue(parcel("x"));
    step.number(number);
    run(spool.enqueue(step)).unwrap();
    value
}

#[test]
fn a_spool_restored_from_an_older_copy_is_noticed_and_uses_no_number_again() {
    let home = Home::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("spool");
    let start = Instant::now();
    let spool = home.open();
    assert_eq!((send(&spool, start), send(&spool, start)), (1, 2));
    spool.horizon(now(start, 0).at).note(&home.folder()).unwrap();
    backup(&home.folder(), &copy).unwrap();
    let used: Vec<u32> = (0..5).map(|_| send(&spool, start)).collect();
    spool.horizon(now(start, 60).at).note(&home.folder()).unwrap();
    // Two more that were never noted.
    send(&spool, start);
    let last = send(&spool, start);
    drop(spool);
    // After a start as usual nothing is behind.
    let spool = home.open();
    let noted = Horizon::of(&home.folder()).unwrap().unwrap();
    assert!(!spool.is_behind(&noted));
    drop(spool);
    std::fs::remove_dir_all(home.folder()).unwrap();
    std::fs::rename(&copy, home.folder()).unwrap();
    let spool = home.open();
    assert!(spool.is_behind(&noted));
    let restored = run(spool.restored(now(start, 90), Some(&noted), 100)).unwrap();
    assert_eq!(restored.numbers, [(partner(), NumberKind::Interchange, 2, used[4] + 101)]);
    assert_eq!((restored.from, restored.until), (Some(now(start, 0).at), Some(noted.at)));
    assert_eq!(restored.unsure.len(), 2);
    assert!(restored.unsure.iter().all(|one| one.state == State::Queued));
    let next = send(&spool, start);
    assert!(next > last, "{next} was used before {last}");
    drop(spool);
    let spool = home.open();
    assert_eq!(send(&spool, start), next + 1, "it is durable");
    spool.horizon(now(start, 99).at).note(&home.folder()).unwrap();
    assert!(!spool.is_behind(&Horizon::of(&home.folder()).unwrap().unwrap()));
}
