//! Killed at any moment, and failed by the disk at any call: what was acknowledged is there once.
//!
//! A victim in a process of its own accepts, settles and delivers, and says so on its standard
//! output after each write that it was told is durable. It is killed, or strace makes a call fail.
//! Then the spool is opened here and held against what the victim said. The kernel's page cache
//! survives all this; what a power cut does is another test's.

use super::home::{Home, message, parcel, partner, run, settings};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Instant;
use wharf::event::{EventId, EventKind, Notice, State};
use wharf::message::{MessageId, Moment, Reference, ReferenceKind};
use wharf::spool::{Accepted, Cursor, NumberKind, Spool, SpoolError, Step, Told, verify};

#[test]
fn a_kill_at_random_loses_nothing_and_doubles_nothing() {
    let mut trial = Trial::new();
    for round in 0..12 {
        // Anywhere from the first lines to the end.
        let lines = (round * 37) % 211;
        trial.round(&[], Some(lines));
    }
    trial.report("kill -9 at random");
}

#[test]
fn a_kill_at_any_call_to_the_disk_loses_nothing_and_doubles_nothing() {
    let mut trial = Trial::new();
    for call in ["fdatasync", "pwrite64", "fsync", "rename,renameat,renameat2", "ftruncate"] {
        for nth in [1, 2, 3, 7, 20] {
            trial.round(&[&format!("inject={call}:signal=KILL:when={nth}")], None);
        }
    }
    trial.report("kill -9 at each call");
}

#[test]
fn a_kill_while_it_starts_again_and_again_loses_nothing() {
    let mut trial = Trial::new();
    trial.round(&[], Some(150));
    for nth in 0..10 {
        let nth = 20 + nth * 3;
        trial.round(&[&format!("inject=openat,mkdir,unlink:signal=KILL:when={nth}")], None);
    }
    trial.report("kill -9 while starting");
}

#[test]
fn after_a_sync_that_failed_nothing_more_is_acknowledged() {
    let mut trial = Trial::new();
    for call in ["fdatasync", "fsync"] {
        for nth in [1, 2, 9] {
            let said = trial.round(&[&format!("inject={call}:error=EIO:when={nth}")], None);
            assert!(said.ended_early || call == "fsync", "{call} {nth}: {said:?}");
        }
    }
    trial.report("failed syncs");
}

#[test]
fn a_disk_that_is_full_now_and_then_costs_only_time() {
    // Only of the journal, all in one file: what a full disk does to the index is another test's.
    let mut trial = Trial { only: Some("journal/00000000000000000000.journal"), ..Trial::new() };
    for errors in ["ENOSPC:when=5+3", "EINTR:when=2+3", "EDQUOT:when=1+7"] {
        let said = trial.round(&[&format!("inject=pwrite64:error={errors}")], None);
        assert!(said.done, "{errors}: {said:?}");
    }
    trial.report("ENOSPC and EINTR");
}

#[test]
fn the_disk_has_confirmed_a_message_before_anyone_is_told_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "1000000", "-e", "trace=write,pwrite64,fdatasync", "-o"]);
    strace.arg(&trace).arg(std::env::current_exe().unwrap());
    let out = start(strace, &folder.path().join("spool"), 0).wait_with_output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    let trace = std::fs::read_to_string(trace).unwrap();
    let calls: Vec<&str> = trace.lines().collect();
    let told: Vec<&str> = out.lines().filter(|line| line.starts_with("new ")).collect();
    assert_eq!(told.len(), KEYS);
    for line in told {
        let key = line.split(' ').nth(1).unwrap();
        let from = |start: usize, what: &str| {
            let found = calls[start..].iter().position(|call| call.contains(what));
            start + found.unwrap_or_else(|| panic!("no {what} for {key}"))
        };
        let written = from(0, &format!("\\\"key\\\":\\\"{key}\\\""));
        // The journal has one thread, so its next sync is that of this write.
        let thread = calls[written].split(' ').next().unwrap();
        let confirmed = (written + 1..calls.len())
            .find(|n| {
                let call = calls[*n];
                call.starts_with(&format!("{thread} "))
                    && call.contains("fdatasync")
                    && call.ends_with("= 0")
            })
            .unwrap();
        assert!(calls[written].contains("pwrite64"), "{}", calls[written]);
        assert!(confirmed < from(0, &format!("\"new {key} ")), "{key} was told of too early");
    }
}

/// A spool that victims work on, one after the other, and what they said.
struct Trial {
    home: Home,
    rounds: usize,
    keys: BTreeSet<String>,
    accepted: BTreeMap<String, MessageId>,
    settled: BTreeSet<MessageId>,
    delivered: BTreeSet<MessageId>,
    /// The only file that calls fail on; then it is the only one of the journal.
    only: Option<&'static str>,
}

/// How a victim ended.
#[derive(Debug, Default)]
struct Said {
    /// It did all that it had to do.
    done: bool,
    /// It was told that the spool had stopped.
    ended_early: bool,
}

impl Trial {
    fn new() -> Self {
        Self {
            home: Home::new(),
            rounds: 0,
            keys: BTreeSet::new(),
            accepted: BTreeMap::new(),
            settled: BTreeSet::new(),
            delivered: BTreeSet::new(),
            only: None,
        }
    }

    /// Lets a victim work until it ends, or is killed after so many lines; then counts.
    fn round(&mut self, inject: &[&str], kill_after: Option<usize>) -> Said {
        let round = self.rounds;
        self.rounds += 1;
        self.keys.extend((0..KEYS).map(|n| key(round, n)));
        let only = self.only.map(|file| self.home.folder().join(file));
        let mut child = victim_process(&self.home.folder(), round, inject, only.as_deref());
        let said = self.listen(&mut child, kill_after);
        child.wait().unwrap();
        self.count();
        said
    }

    fn listen(&mut self, child: &mut Child, kill_after: Option<usize>) -> Said {
        let mut said = Said::default();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut lines = 0;
        if kill_after == Some(0) {
            child.kill().unwrap();
        }
        for line in out.lines() {
            // A line may be cut off by the kill; then it was not said.
            let Ok(line) = line else { break };
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["new", key, id, "."] => {
                    let first = self.accepted.insert((*key).into(), id.parse().unwrap());
                    assert_eq!(first, None, "{key} was new twice");
                }
                ["settled", id, "."] => {
                    assert!(self.settled.insert(id.parse().unwrap()), "{id} was settled twice");
                }
                ["delivered", id, "."] => {
                    assert!(self.delivered.insert(id.parse().unwrap()), "{id} was delivered twice");
                }
                ["stopped", _, "."] => said.ended_early = true,
                ["done", "."] => said.done = true,
                // The harness of the tests talks too.
                _ => continue,
            }
            lines += 1;
            if kill_after == Some(lines) {
                child.kill().unwrap();
            }
        }
        said
    }

    /// Holds the spool against what was said.
    fn count(&mut self) {
        let spool = self.home.open();
        for (key, id) in &self.accepted {
            let again = run(spool.accept(now(), text(key))).unwrap();
            assert_eq!(again, Accepted::Repeat { id: *id, answer: None }, "{key}");
        }
        for id in &self.settled {
            assert_eq!(spool.summary(*id).unwrap().state, State::Settled);
        }
        for id in &self.delivered {
            assert_eq!(spool.summary(*id).unwrap().state, State::Delivered);
        }
        let told = everything(&spool);
        let mut received = BTreeMap::new();
        let mut notices = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        for told in told {
            match told {
                Told::Event(event) if event.kind == EventKind::Received => {
                    *received.entry(event.message).or_insert(0) += 1;
                }
                Told::Event(event) if event.kind == EventKind::Queued => {
                    let references = spool.dossier(event.message).unwrap().references;
                    assert!(numbers.insert(references[0].value.clone()), "a number used twice");
                }
                Told::Event(_) => {}
                Told::Notice { notice, .. } => {
                    *notices.entry(notice.message).or_insert(0) += 1;
                }
            }
        }
        assert!(received.values().all(|times| *times == 1), "received twice");
        assert!(notices.values().all(|times| *times == 1), "told twice");
        assert!(self.settled.iter().all(|id| notices.contains_key(id)), "settled and not told");
        for key in &self.keys {
            assert!(spool.find(key, None).unwrap().len() <= 1, "{key} is there twice");
        }
        drop(spool);
        assert_eq!(verify(&self.home.folder()).unwrap().faults, []);
    }

    /// Sends everything once more that was not acknowledged, and finishes all that is left to do.
    fn report(&mut self, what: &str) {
        let spool = self.home.open();
        for key in &self.keys {
            match run(spool.accept(now(), text(key))).unwrap() {
                Accepted::New(id) | Accepted::Repeat { id, .. } => {
                    self.accepted.entry(key.clone()).or_insert(id);
                }
                Accepted::Conflict { with } => panic!("{key} conflicts with {with}"),
            }
        }
        while run(finish_one(&spool)).unwrap().is_some() {}
        let doubled = self.keys.iter().filter(|key| spool.find(key, None).unwrap().len() > 1);
        let doubled = doubled.count();
        let mut notices = BTreeMap::new();
        for told in everything(&spool) {
            if let Told::Notice { notice, .. } = told {
                *notices.entry(notice.id).or_insert(0) += 1;
            }
        }
        let lost = self.keys.iter().filter(|key| !notices.contains_key(&event_id(key))).count();
        let doubled = doubled + notices.values().filter(|times| **times != 1).count();
        println!(
            "{what}: {} rounds, {} accepted, {} delivered, {lost} lost, {doubled} doubled",
            self.rounds,
            self.keys.len(),
            notices.len(),
        );
        assert_eq!((lost, doubled), (0, 0), "{what}");
        assert!(!self.settled.is_empty(), "{what}: no victim got anywhere");
    }
}

/// Everything that ever happened.
pub(super) fn everything(spool: &Spool) -> Vec<Told> {
    let mut all = Vec::new();
    let mut after = Cursor::default();
    loop {
        let stretch = spool.follow(after, 10_000, |_| true).unwrap();
        if stretch.told.is_empty() {
            return all;
        }
        after = stretch.next;
        all.extend(stretch.told.into_iter().map(|(_, told)| told));
    }
}

fn victim_process(folder: &Path, round: usize, inject: &[&str], only: Option<&Path>) -> Child {
    if inject.is_empty() {
        return start(Command::new(std::env::current_exe().unwrap()), folder, round);
    }
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null"]);
    for inject in inject {
        let calls = inject.trim_start_matches("inject=").split(':').next().unwrap();
        strace.args(["-e", &format!("trace={calls}"), "-e", inject]);
    }
    if let Some(only) = only {
        strace.arg("-P").arg(only).env(ONE_FILE, "");
    }
    strace.arg(std::env::current_exe().unwrap());
    start(strace, folder, round)
}

pub(super) fn start(mut command: Command, folder: &Path, round: usize) -> Child {
    command
        .args(["--ignored", "--exact", "spool::crash::victim", "--nocapture", "--test-threads=1"])
        .env(SPOOL, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("strace is needed: install the package of that name")
}

const SPOOL: &str = "WHARF_TEST_SPOOL";
const ROUND: &str = "WHARF_TEST_ROUND";
const ONE_FILE: &str = "WHARF_TEST_ONE_FILE";

/// How many messages a victim accepts, if it can.
const KEYS: usize = 40;

#[test]
#[ignore = "the crash tests run it in a process of its own"]
fn victim() {
    let folder = std::env::var_os(SPOOL).expect("only the crash tests run this");
    let round: OsString = std::env::var_os(ROUND).unwrap();
    let round: usize = round.to_str().unwrap().parse().unwrap();
    // The harness leaves its line unfinished; this one ends it.
    say("begun");
    match serve(&PathBuf::from(folder), round) {
        Ok(()) => say("done"),
        Err(error) => say(&format!("stopped {}", error.code())),
    }
}

/// Accepts with four at a time, and does whatever is due.
fn serve(folder: &Path, round: usize) -> Result<(), SpoolError> {
    let mut settings = settings();
    if std::env::var_os(ONE_FILE).is_some() {
        settings.segment_bytes = u64::MAX;
    }
    let (spool, _) = Spool::open(folder, settings, now())?;
    let spool = Rc::new(spool);
    let next = Rc::new(Cell::new(0));
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (spool, next) = (Rc::clone(&spool), Rc::clone(&next));
            local.spawn_local(async move {
                while next.get() < KEYS {
                    let key = key(round, next.replace(next.get() + 1));
                    if let Accepted::New(id) =
                        again(async || spool.accept(now(), text(&key)).await).await?
                    {
                        say(&format!("new {key} {id}"));
                    }
                    again(async || work(&spool).await).await?;
                    again(async || work(&spool).await).await?;
                }
                Ok(())
            })
        })
        .collect();
    run(local.run_until(async {
        for task in tasks {
            task.await.unwrap()?;
        }
        Ok(())
    }))
}

/// Tries until there is room.
async fn again<T>(act: impl AsyncFn() -> Result<T, SpoolError>) -> Result<T, SpoolError> {
    loop {
        match act().await {
            Err(SpoolError::Full | SpoolError::Unavailable { .. } | SpoolError::LeaseEnded(_)) => {
                tokio::task::yield_now().await;
            }
            other => return other,
        }
    }
}

/// Does a piece of work and says so.
async fn work(spool: &Spool) -> Result<(), SpoolError> {
    if let Some((what, id)) = finish_one(spool).await? {
        say(&format!("{what} {id}"));
    }
    Ok(())
}

/// Does a piece of work, if any is due: settles what was received, delivers what is queued.
pub(super) async fn finish_one(
    spool: &Spool,
) -> Result<Option<(&'static str, MessageId)>, SpoolError> {
    let Some(work) = spool.next_due(now()) else { return Ok(None) };
    let id = work.lease.message;
    let done = if work.state == State::Received {
        let key = spool.dossier(id)?.references[0].value.clone();
        spool.settle(&work.lease, settlement(spool, id, &key)).await.map(|()| "settled")
    } else {
        let receipt = "202".into();
        let event = EventKind::Delivered { receipt, awaits_acknowledgment: false };
        spool.settle(&work.lease, Step::of(now(), id, event)).await.map(|()| "delivered")
    };
    if done.is_err() {
        spool.give_back(&work.lease);
    }
    Ok(Some((done?, id)))
}

fn settlement(spool: &Spool, id: MessageId, key: &str) -> Step {
    let mut step = Step::new(now());
    let number = spool.take_number(&partner(), NumberKind::Interchange);
    let mut answer = parcel("mailbox");
    answer.about = Some(id);
    let control = number.value().to_string();
    answer.references = vec![Reference::new(ReferenceKind::Interchange, format!("ISA{control}"))];
    step.number(number);
    step.queue(answer);
    let notice = Notice {
        id: event_id(key),
        kind: "wharf.purchase_order.received.v1".into(),
        subject: key.into(),
        message: id,
        wire: None,
        at: now().at,
        test: false,
        partner: wharf::message::PartnerId::new("acme").unwrap(),
        possible_duplicate_of: None,
    };
    step.notice(notice, key.as_bytes());
    step.event(id, EventKind::Settled);
    step
}

pub(super) fn event_id(key: &str) -> EventId {
    EventId(format!("event of {key}"))
}

fn key(round: usize, n: usize) -> String {
    format!("k{round}-{n}")
}

/// The message under a key; now and then a large one.
pub(super) fn text(key: &str) -> wharf::message::RawMessage {
    let length = if key.ends_with('7') { 70_000 } else { 100 };
    message(key, &format!("{key}{}", "~".repeat(length)))
}

fn now() -> Moment {
    Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
}

/// Says something in one write, so that a kill leaves it whole or not said.
fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{what} .\n").as_bytes()).unwrap();
    out.flush().unwrap();
}
