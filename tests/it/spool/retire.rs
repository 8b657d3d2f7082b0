//! What is old goes whole or not at all, and nothing that anybody still wants.

use super::home::{Home, files, hand, key, message, now, parcel, partner, run, settings};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use wharf::event::EventKind;
use wharf::message::{MessageId, Moment};
use wharf::spool::{
    Accepted, Fault, NumberKind, Query, Retired, Retirement, Settings, Spool, SpoolError, Step,
    verify,
};

const DAY: u64 = 24 * 3600;

/// Identities are known for ten days here.
fn short() -> Settings {
    Settings { identities_known: Duration::from_secs(10 * DAY), ..settings() }
}

fn open(folder: &Path, at: Moment) -> Spool {
    let (spool, recovery) = Spool::open(folder, short(), at).unwrap();
    assert_eq!(recovery.gaps, []);
    spool
}

fn accept(spool: &Spool, at: Moment, name: &str, bytes: &str) -> MessageId {
    let accepted = run(spool.accept(at, message(name, bytes))).unwrap();
    let Accepted::New(id) = accepted else { panic!("{name} is not new") };
    id
}

fn settle(spool: &Spool, at: Moment, id: MessageId) {
    run(spool.advance(Step::of(at, id, EventKind::Settled))).unwrap();
}

fn older(days: u64) -> Retirement {
    Retirement { older: Duration::from_secs(days * DAY), archive: None }
}

/// A body of its own in a file of its own.
fn large(n: usize) -> String {
    format!("{n:07}").repeat(10_000)
}

/// A spool in which a hundred messages came on the first day and were settled, some with bodies in
/// files, and forty on the thirtieth; the first numbers and cursors are as old as the first day.
fn two_months(home: &Home) -> (Spool, Vec<MessageId>) {
    let start = Instant::now();
    let spool = open(&home.folder(), now(start, 0));
    run(spool.start_numbers(now(start, 0), &partner(), NumberKind::Group, 500)).unwrap();
    let mut step = Step::new(now(start, 0));
    step.queue(parcel("x"));
    step.number(spool.take_number(&partner(), NumberKind::Interchange));
    run(spool.enqueue(step)).unwrap();
    let parcel = spool.open_messages()[0].id;
    run(spool.advance(Step::of(now(start, 1), parcel, EventKind::Discarded(hand())))).unwrap();
    let mut ids = Vec::new();
    for (n, day) in (0..100).map(|n| (n, 0)).chain((100..140).map(|n| (n, 30))) {
        let at = now(start, day * DAY + u64::try_from(n).unwrap());
        let bytes = if n % 10 == 0 { large(n % 50) } else { format!("bytes of {n}").repeat(40) };
        let id = accept(&spool, at, &key(n), &bytes);
        settle(&spool, at, id);
        ids.push(id);
    }
    run(spool.keep_cursor(now(start, 30 * DAY), "erp", spool.end())).unwrap();
    // What was kept by this very process is left alone.
    drop(spool);
    (open(&home.folder(), at_day(30)), ids)
}

fn at_day(days: u64) -> Moment {
    now(Instant::now(), days * DAY)
}

#[test]
fn what_is_old_goes_and_all_else_is_as_before() {
    let home = Home::new();
    let (spool, ids) = two_months(&home);
    let journal = home.segments().len();
    let would = spool.would_retire(at_day(31), &older(20)).unwrap();
    assert!(would.segments > 1 && would.messages > 50, "{would:?}");
    assert_eq!(home.segments().len(), journal, "nothing was done");
    let retired = run(spool.retire(at_day(31), &older(20))).unwrap();
    assert_eq!(retired, would);
    assert!(retired.held_back.starts_with("what follows is of 2026-03-31"), "{retired:?}");
    // A body that a later message has too stays: 0 to 40 came again as 100 to 130.
    assert_eq!((retired.bodies, home.body_files().len()), (1, 4));
    let check = |spool: &Spool| {
        assert!(matches!(spool.summary(ids[0]), Err(SpoolError::Unknown(_))));
        assert!(spool.find(&key(0), None).unwrap().is_empty());
        for (n, id) in ids.iter().enumerate().skip(100) {
            let dossier = spool.dossier(*id).unwrap();
            assert_eq!(spool.find(&key(n), None).unwrap(), [*id]);
            assert!(!spool.body(&dossier.body).unwrap().is_empty());
            let again = message(&key(n), &"x".repeat(5));
            let conflict = run(spool.accept(at_day(31), again)).unwrap();
            assert_eq!(conflict, Accepted::Conflict { with: *id });
        }
        let listed = spool.list(&Query::default(), None, 1000).unwrap().messages.len();
        assert!((40..90).contains(&listed), "{listed}");
        assert!(spool.cursor("erp").is_some());
        let numbers = spool.numbers();
        assert!(numbers.contains(&(partner(), NumberKind::Interchange, 1)), "{numbers:?}");
        assert!(numbers.contains(&(partner(), NumberKind::Group, 499)), "{numbers:?}");
    };
    check(&spool);
    drop(spool);
    check(&open(&home.folder(), at_day(31)));
    let (rebuilt, recovery) = Spool::rebuild(&home.folder(), short(), at_day(31)).unwrap();
    assert_eq!(recovery.gaps, []);
    check(&rebuilt);
    drop(rebuilt);
    let verified = verify(&home.folder()).unwrap();
    assert_eq!(verified.faults, []);
    let gone = verified.gone.unwrap();
    assert_eq!((gone.before, gone.messages), (retired.before, retired.messages));
}

#[test]
fn what_is_missing_and_was_not_taken_away_on_purpose_is_damage() {
    let home = Home::new();
    let (spool, _) = two_months(&home);
    let retired = run(spool.retire(at_day(31), &older(20))).unwrap();
    spool.close().unwrap();
    let segments = home.segments();
    fs::remove_file(&segments[0]).unwrap();
    let verified = verify(&home.folder()).unwrap();
    let to = segments[1].file_stem().unwrap().to_str().unwrap().parse().unwrap();
    assert_eq!(verified.faults[0], Fault::Gap { from: retired.before, to });
    let (_, recovery) = Spool::open(&home.folder(), short(), at_day(31)).unwrap();
    assert!(recovery.gaps.contains(&(retired.before, to)), "{recovery:?}");
}

#[test]
fn nothing_goes_that_is_wanted() {
    let none = |retired: Retired, why: &str| {
        assert_eq!((retired.segments, retired.before), (0, 0));
        assert!(retired.held_back.contains(why), "{retired:?}");
    };
    let home = Home::new();
    let (spool, ids) = two_months(&home);
    // Identities are known for ten days, whatever anyone asks for.
    none(run(spool.retire(at_day(9), &older(0))).unwrap(), "or later");
    // A follower has not read it.
    run(spool.keep_cursor(at_day(31), "slow", "0-0".parse().unwrap())).unwrap();
    none(run(spool.retire(at_day(31), &older(20))).unwrap(), "`slow` has yet to read");
    run(spool.forget_cursor(at_day(31), "slow")).unwrap();
    // One of the first is done again.
    let again = EventKind::Replayed { hand: hand(), answers: false };
    run(spool.advance(Step::of(at_day(31), ids[0], again))).unwrap();
    none(run(spool.retire(at_day(31), &older(20))).unwrap(), &ids[0].to_string());
    settle(&spool, at_day(31), ids[0]);
    // Damage is not swept away.
    let first = home.segments()[0].clone();
    let mut bytes = fs::read(&first).unwrap();
    let whole = bytes.clone();
    bytes[5000] ^= 1;
    fs::write(&first, bytes).unwrap();
    none(run(spool.retire(at_day(31), &older(20))).unwrap(), "is damaged");
    fs::write(&first, whole).unwrap();
    assert!(run(spool.retire(at_day(31), &older(20))).unwrap().segments > 1);
}

#[test]
fn an_archive_is_a_spool_of_its_own() {
    let home = Home::new();
    let (spool, ids) = two_months(&home);
    let elsewhere = tempfile::tempdir().unwrap();
    let archive = elsewhere.path().join("archive");
    let what = Retirement { archive: Some(archive.clone()), ..older(20) };
    let retired = run(spool.retire(at_day(31), &what)).unwrap();
    let verified = verify(&archive).unwrap();
    assert_eq!(verified.faults, []);
    assert_eq!(files(&archive.join("journal")).len(), retired.segments);
    let old = open(&archive, at_day(31));
    let dossier = old.dossier(ids[0]).unwrap();
    assert_eq!(old.body(&dossier.body).unwrap(), large(0).as_bytes());
}

#[test]
fn what_a_crash_interrupted_is_finished_by_the_next_start() {
    let home = Home::new();
    let (spool, _) = two_months(&home);
    let before = tempfile::tempdir().unwrap();
    for file in home.segments() {
        fs::copy(&file, before.path().join(file.file_name().unwrap())).unwrap();
    }
    let retired = run(spool.retire(at_day(31), &older(20))).unwrap();
    let kept = home.segments();
    spool.close().unwrap();
    // As if the files of the journal had not been removed yet, or all but the first.
    for skip in [0, 1] {
        let mut old: Vec<_> = files(before.path());
        old.sort();
        for file in old.iter().take(retired.segments).skip(skip) {
            fs::copy(file, kept[0].with_file_name(file.file_name().unwrap())).unwrap();
        }
        assert_eq!(home.segments().len(), kept.len() + retired.segments - skip);
        assert_eq!(verify(&home.folder()).unwrap().faults, [], "it is being taken away");
        drop(open(&home.folder(), at_day(31)));
        assert_eq!(home.segments()[0], kept[0]);
    }
}
