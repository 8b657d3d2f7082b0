//! The power goes at any moment: whatever the disk has kept by then of what it was not told to keep,
//! what was acknowledged is there once.
//!
//! A victim works on a spool while strace writes down everything that it does to the disk, with the
//! bytes. From that tape come the states in which a disk may be found after the power went: what was
//! synced is there; of what was not, any part may be, in any order, torn between sectors, with
//! lengths and names of their own. Each is opened with the real spool and held against what the
//! victim had said until then.

mod disk;
mod tape;

use super::crash::{event_id, everything, finish_one, start, text};
use super::home::{run, settings};
use disk::{Chance, Disk, Luck};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tape::{Said, Tape};
use tempfile::TempDir;
use wharf::event::{EventKind, State};
use wharf::message::{Body, MessageId, Moment};
use wharf::spool::{Accepted, Spool, Told, verify};

/// How many states are tried, unless the environment says otherwise:
/// `WHARF_POWER_CUTS=20000 cargo test --test it power`.
const STATES: u64 = 300;

#[test]
fn a_power_cut_loses_nothing_and_doubles_nothing() {
    let mut outcome = Outcome::default();
    let first = recorded(tempfile::tempdir().unwrap(), 0);
    outcome.cut(&first, states() * 2 / 3);
    // The same in a spool that was used before.
    let second = recorded(first.home, 1);
    outcome.cut(&second, states() / 3);
    let Outcome { states, accepted, said, lost, doubled, gaps } = outcome;
    println!(
        "power cuts: {states} states of the disk, {said} acknowledgments held against them, \
         {accepted} accepted, {lost} lost, {doubled} doubled; {gaps} states with an unfinished \
         write in the middle"
    );
    assert_eq!((lost, doubled), (0, 0));
    assert!(said > states, "the victim got nowhere");
}

/// What a victim did, and on what.
struct Recorded {
    home: TempDir,
    tape: Tape,
}

fn states() -> u64 {
    let given = std::env::var_os("WHARF_POWER_CUTS");
    given.map_or(STATES, |text| text.to_str().unwrap().parse().unwrap())
}

/// Lets a victim work under strace to its end.
fn recorded(home: TempDir, round: usize) -> Recorded {
    let spool = home.path().join("spool");
    let before = Disk::found(&spool);
    let trace = home.path().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-xx", "-s", "2000000", "-e", tape::CALLS, "-o"]).arg(&trace);
    strace.arg(std::env::current_exe().unwrap());
    let out = start(strace, &spool, round).wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("done ."));
    let text = fs::read_to_string(&trace).unwrap();
    fs::remove_file(trace).unwrap();
    let tape = Tape::read(&text, &spool, before);
    Recorded { home, tape }
}

#[derive(Debug, Default)]
struct Outcome {
    states: u64,
    said: u64,
    accepted: u64,
    lost: u64,
    doubled: u64,
    gaps: u64,
}

impl Outcome {
    /// Cuts the power at so many moments of a tape, and looks at what is left.
    fn cut(&mut self, recorded: &Recorded, states: u64) {
        let Recorded { tape, .. } = recorded;
        let mut chance = Chance::new(states);
        for n in 0..states {
            let moment =
                tape.length() * usize::try_from(n + 1).unwrap() / usize::try_from(states).unwrap();
            let luck = Luck::ALL[usize::try_from(chance.below(Luck::ALL.len())).unwrap()];
            let folder = scratch();
            let spool = folder.path().join("spool");
            tape.disk.after_a_cut(moment, luck, &mut chance).write(&spool);
            self.hold(&spool, &tape.said_until(moment), &format!("{luck:?} at {moment}"));
        }
    }

    /// Opens what is left and holds it against what was said.
    fn hold(&mut self, folder: &Path, said: &Said, how: &str) {
        self.states += 1;
        let (spool, recovery) =
            Spool::open(folder, settings(), now()).unwrap_or_else(|error| panic!("{how}: {error}"));
        self.gaps += u64::from(!recovery.gaps.is_empty());
        for (key, id) in &said.new {
            self.said += 1;
            let Body::Bytes(bytes) = text(key).body else { panic!("it is in memory") };
            let there = spool.dossier(*id).and_then(|dossier| spool.body(&dossier.body));
            if there.ok() != Some(bytes) {
                self.lost += 1;
                println!("{how}: {key} {id} is lost");
            }
        }
        for (id, state) in said
            .settled
            .iter()
            .map(|id| (id, State::Settled))
            .chain(said.delivered.iter().map(|id| (id, State::Delivered)))
        {
            self.said += 1;
            if spool.summary(*id).map(|summary| summary.state).ok() != Some(state) {
                self.lost += 1;
                println!("{how}: that {id} is {state} is lost");
            }
        }
        // Whoever was not answered sends again, and all that is left is done.
        for key in &said.tried {
            match run(spool.accept(now(), text(key))).unwrap() {
                Accepted::New(_) => assert!(!said.new.contains_key(key), "{how}: {key} is new"),
                Accepted::Repeat { id, .. } => {
                    assert!(said.new.get(key).is_none_or(|said| *said == id), "{how}: {key}");
                }
                Accepted::Conflict { .. } => panic!("{how}: {key} is in conflict with itself"),
            }
        }
        while run(finish_one(&spool)).unwrap().is_some() {}
        self.count(&spool, said, how);
        drop(spool);
        let damaged =
            |fault: &wharf::spool::Fault| matches!(fault, wharf::spool::Fault::Body { .. });
        let faults = verify(folder).unwrap().faults;
        assert!(!faults.iter().any(damaged), "{how}: {faults:?}");
    }

    /// Counts what is there more than once, or not at all.
    fn count(&mut self, spool: &Spool, said: &Said, how: &str) {
        let (mut notices, mut numbers) = (BTreeMap::new(), BTreeSet::new());
        for told in everything(spool) {
            match told {
                Told::Notice { notice, .. } => *notices.entry(notice.id).or_insert(0) += 1,
                Told::Event(event) if event.kind == EventKind::Queued => {
                    let references = spool.dossier(event.message).unwrap().references;
                    if !numbers.insert(references[0].value.clone()) {
                        self.doubled += 1;
                        println!("{how}: a control number was used twice");
                    }
                }
                Told::Event(_) => {}
            }
        }
        for key in &said.tried {
            self.accepted += 1;
            let there = spool.find(key, None).unwrap().len();
            let told = notices.get(&event_id(key)).copied().unwrap_or(0);
            if there > 1 || told > 1 {
                self.doubled += 1;
                println!("{how}: {key} is there {there} times, and told {told} times");
            }
            if there == 0 || told == 0 {
                self.lost += 1;
                println!("{how}: {key} is there {there} times, and told {told} times");
            }
        }
    }
}

/// A folder for one state, in memory where that is possible: it is not this disk that is tried.
fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

fn now() -> Moment {
    Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
}

/// The ids in what a victim said.
fn id(text: &str) -> MessageId {
    text.parse().unwrap()
}
