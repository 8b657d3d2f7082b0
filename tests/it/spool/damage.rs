//! What the disk may have done to a spool between two starts.

use super::home::{Home, files, key, run, settings};
use std::fs::{self, OpenOptions};
use std::io::Write;
use wharf::event::{EventKind, State};
use wharf::message::MessageId;
use wharf::spool::{Fault, Spool, Step, verify};

/// A spool with two hundred messages, every third of them settled.
fn spool(home: &Home) -> (Spool, Vec<MessageId>) {
    let spool = home.open();
    let ids: Vec<_> = (0..200).map(|n| home.accept(&spool, &key(n), "bytes")).collect();
    for id in ids.iter().step_by(3) {
        run(spool.advance(Step::of(home.now(0), *id, EventKind::Settled))).unwrap();
    }
    (spool, ids)
}

fn is_as_it_was(spool: &Spool, ids: &[MessageId]) {
    for (n, id) in ids.iter().enumerate() {
        let expected = if n % 3 == 0 { State::Settled } else { State::Received };
        assert_eq!(spool.summary(*id).unwrap().state, expected, "message {n}");
        assert_eq!(spool.find(&key(n), None).unwrap(), [*id]);
    }
}

#[test]
fn an_unfinished_record_is_cut_off_and_the_report_says_so() {
    let home = Home::new();
    let (spool, ids) = spool(&home);
    drop(spool);
    let last = home.segments().pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    for torn in [&b"x"[..], &[0; 600], &bytes[32..bytes.len().min(300)]] {
        OpenOptions::new().append(true).open(&last).unwrap().write_all(torn).unwrap();
        let (spool, recovery) = home.reopen();
        assert_eq!(recovery.cut, u64::try_from(torn.len()).unwrap());
        assert_eq!(recovery.rebuilt, None);
        is_as_it_was(&spool, &ids);
        drop(spool);
        assert_eq!(fs::read(&last).unwrap(), bytes);
    }
}

#[test]
fn a_last_file_that_was_never_finished_is_taken_away() {
    let home = Home::new();
    let (spool, ids) = spool(&home);
    let end = spool.end().to_string();
    drop(spool);
    let end: u64 = end.split('-').next().unwrap().parse().unwrap();
    for torn in [&b""[..], b"WHARFJNL", &[0; 32]] {
        fs::write(home.folder().join(format!("journal/{end:020}.journal")), torn).unwrap();
        let (spool, recovery) = home.reopen();
        assert_eq!(recovery.cut, u64::try_from(torn.len()).unwrap());
        is_as_it_was(&spool, &ids);
    }
    let spool = home.open();
    home.accept(&spool, "more", "bytes");
}

#[test]
fn every_cut_of_the_last_file_leaves_what_stands_before_it() {
    let home = Home::new();
    let spool = home.open();
    let ids: Vec<_> = (0..4).map(|n| home.accept(&spool, &key(n), "bytes")).collect();
    let ends: Vec<u64> = {
        let all = spool.follow(wharf::spool::Cursor::default(), 99, |_| true).unwrap();
        let places = all.told.iter().map(|(place, _)| place.to_string());
        places.map(|place| place.split('-').next().unwrap().parse().unwrap()).collect()
    };
    drop(spool);
    let file = home.segments().pop().unwrap();
    let bytes = fs::read(&file).unwrap();
    for length in (0..bytes.len()).step_by(37) {
        fs::write(&file, &bytes[..length]).unwrap();
        let (spool, _) = home.reopen();
        let length = u64::try_from(length).unwrap();
        for (n, id) in ids.iter().enumerate() {
            let end = ends.get(n + 1).copied().unwrap_or(u64::try_from(bytes.len()).unwrap());
            assert_eq!(spool.summary(*id).is_ok(), length >= end, "message {n}, {length} bytes");
        }
    }
}

#[test]
fn a_flipped_bit_costs_one_record_and_the_others_flow() {
    let home = Home::new();
    let (spool, ids) = spool(&home);
    drop(spool);
    for file in [home.segments().remove(1), home.segments().pop().unwrap()] {
        let bytes = fs::read(&file).unwrap();
        let mut bad = bytes.clone();
        bad[200] ^= 4;
        fs::write(&file, &bad).unwrap();
        let faults = verify(&home.folder()).unwrap().faults;
        assert!(matches!(faults.as_slice(), [Fault::Gap { .. }]), "{faults:?}");
        let (spool, recovery) = Spool::rebuild(&home.folder(), settings(), home.now(0)).unwrap();
        assert_eq!((recovery.cut, recovery.gaps.len()), (0, 1));
        let lost = ids.iter().filter(|id| spool.summary(**id).is_err()).count();
        assert!(lost <= 1, "{lost} lost");
        drop(spool);
        fs::write(&file, &bytes).unwrap();
    }
    let (spool, _) = Spool::rebuild(&home.folder(), settings(), home.now(0)).unwrap();
    is_as_it_was(&spool, &ids);
}

#[test]
fn a_damaged_body_is_named_and_not_given_out() {
    let home = Home::new();
    let spool = home.open();
    let id = home.accept(&spool, "large", &"x".repeat(100_000));
    let other = home.accept(&spool, "other", &"y".repeat(100_000));
    let body = spool.dossier(id).unwrap().body;
    let name = body.digest.to_string();
    let file = home.body_files().into_iter().find(|file| file.ends_with(&name)).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[99_999] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(spool.body(&body).unwrap_err().code(), "spool_damaged");
    let piecewise = std::io::copy(&mut spool.read_body(&body).unwrap(), &mut std::io::sink());
    assert!(piecewise.is_err());
    let whole = spool.dossier(other).unwrap().body;
    assert_eq!(spool.body(&whole).unwrap(), "y".repeat(100_000).as_bytes());
    let faults = verify(&home.folder()).unwrap().faults;
    assert_eq!(faults, [Fault::Body { message: Some(id), digest: body.digest }]);
}

#[test]
fn an_index_that_is_gone_behind_or_ruined_is_built_anew() {
    let home = Home::new();
    let (spool, ids) = spool(&home);
    drop(spool);
    let index = home.folder().join("index");
    let early = tempfile::tempdir().unwrap();
    copy(&index, early.path());

    fs::remove_dir_all(&index).unwrap();
    let (spool, recovery) = home.reopen();
    assert_eq!(recovery.rebuilt.as_deref(), Some("there is none"));
    is_as_it_was(&spool, &ids);
    drop(spool);

    for (file, ruin) in [("db", 0), ("db", 40_000), ("conf", 8)] {
        let path = index.join(file);
        let mut bytes = fs::read(&path).unwrap();
        let to = bytes.len().min(ruin + 60_000);
        bytes.get_mut(ruin..to).unwrap_or_default().fill(0xA5);
        fs::write(&path, bytes).unwrap();
        let (spool, _) = home.reopen();
        is_as_it_was(&spool, &ids);
        drop(spool);
    }

    fs::remove_dir_all(&index).unwrap();
    copy(early.path(), &index);
    let (spool, recovery) = home.reopen();
    assert!(recovery.rebuilt.is_some(), "a copy may have been made while it was open");
    is_as_it_was(&spool, &ids);
    assert!(home.folder().join("index.aside").exists());
}

#[test]
fn an_index_of_a_longer_journal_is_not_believed() {
    let home = Home::new();
    let spool = home.open();
    let first = home.accept(&spool, "first", "bytes");
    spool.close().unwrap();
    let backup = tempfile::tempdir().unwrap();
    copy(&home.folder().join("journal"), backup.path());
    let spool = home.open();
    let later: Vec<_> = (0..50).map(|n| home.accept(&spool, &key(n), "bytes")).collect();
    spool.close().unwrap();
    let journal = home.folder().join("journal");
    fs::remove_dir_all(&journal).unwrap();
    copy(backup.path(), &journal);
    let (spool, recovery) = home.reopen();
    assert!(recovery.rebuilt.is_some());
    assert!(spool.summary(first).is_ok());
    assert!(later.iter().all(|id| spool.summary(*id).is_err()));
}

#[test]
fn a_copy_made_while_it_runs_can_be_opened() {
    let home = Home::new();
    let (spool, ids) = spool(&home);
    let copied = Home::new();
    copy(&home.folder(), &copied.folder());
    drop(spool);
    let (spool, _) = copied.reopen();
    is_as_it_was(&spool, &ids);
    assert_eq!(verify(&copied.folder()).unwrap().faults, []);
}

#[test]
fn nothing_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let (spool, _) = spool(&home);
    home.accept(&spool, "large", &"x".repeat(100_000));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.folder()), 0o700);
    for file in [home.segments(), home.body_files()].concat() {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, &target).unwrap();
    }
}
