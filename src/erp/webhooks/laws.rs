//! What holds for a subscriber's line, whatever comes of its calls.

use super::line::Line;
use super::marker;
use super::pace::Pace;
use super::post::Outcome;
use super::telling::Telling;
use crate::event::{EventId, Notice};
use crate::message::{Body, Channel, Direction, Moment, PartnerId, Proof, RawMessage};
use crate::spool::{Accepted, Cursor, Settings, Spool, Step, Told};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// A clock that the test turns.
#[derive(Clone, Copy)]
struct Clock(Instant, Duration);

impl Clock {
    fn new() -> Self {
        Self(Instant::now(), Duration::ZERO)
    }

    fn now(&self) -> Moment {
        let day: jiff::Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        Moment { at: day + self.1, tick: self.0 + self.1 }
    }

    fn pass(&mut self, seconds: u64) -> Moment {
        self.1 += Duration::from_secs(seconds);
        self.now()
    }
}

/// Events about these subjects, as a real spool tells them.
fn tellings(subjects: &[u8]) -> Vec<Telling> {
    numbered(0, subjects)
}

/// The same, with their ids numbered from `first` on.
fn numbered(first: usize, subjects: &[u8]) -> Vec<Telling> {
    let home = tempfile::tempdir().unwrap();
    let now = Clock::new().now();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let settings = Settings { reserve_bytes: 0, ..Settings::default() };
        let spool = Spool::open(home.path(), settings, now).unwrap().0;
        let raw = RawMessage {
            partner: PartnerId::new("acme").unwrap(),
            direction: Direction::Inbound,
            channel: Channel::Https,
            proof: Proof::Ourselves,
            file_name: None,
            content_type: None,
            body: Body::from(&b"x"[..]),
            identities: Vec::new(),
            references: Vec::new(),
        };
        let Accepted::New(message) = spool.accept(now, raw).await.unwrap() else { panic!() };
        let mut step = Step::new(now);
        for (n, subject) in (first..).zip(subjects) {
            let notice = Notice {
                id: EventId(format!("e{n}")),
                kind: "wharf.invoice.received.v1".into(),
                subject: subject.to_string(),
                message,
                wire: None,
                at: now.at,
                test: false,
                partner: PartnerId::new("acme").unwrap(),
                possible_duplicate_of: None,
            };
            step.notice(notice, Body::from(&b"{}"[..]));
        }
        spool.advance(step).await.unwrap();
        let told = spool.follow(Cursor::default(), 1000, |_| true).unwrap().told;
        let mut before = Cursor::default();
        let telling = |(after, told)| {
            let before = std::mem::replace(&mut before, after);
            let Told::Notice { notice, data } = told else { return None };
            Some(Telling { notice, data, before, after })
        };
        told.into_iter().filter_map(telling).collect()
    })
}

fn line(subjects: &[u8], now: Moment) -> Line {
    let mut line = Line::new("w", Pace::default(), Cursor::default());
    for telling in tellings(subjects) {
        line.read = telling.after;
        line.push(telling, now);
    }
    line
}

/// Sends what may be sent; each by its event.
fn sent(line: &mut Line, now: Moment) -> BTreeMap<String, u64> {
    std::iter::from_fn(|| line.next(now.tick))
        .map(|(serial, telling)| (telling.notice.id.0, serial))
        .collect()
}

fn names(sent: &BTreeMap<String, u64>) -> Vec<&str> {
    sent.keys().map(String::as_str).collect()
}

fn refused() -> Outcome {
    Outcome::Refused("it answered 422".into())
}

fn weather() -> Outcome {
    Outcome::Weather("it answered 500".into())
}

#[test]
fn one_of_each_subject_is_on_its_way_and_no_more_than_sixteen_in_all() {
    let mut clock = Clock::new();
    let mut line = line(&[1, 1, 2, 2, 3], clock.now());
    let first = sent(&mut line, clock.now());
    assert_eq!(names(&first), ["e0", "e2", "e4"]);
    line.outcome(first["e2"], Outcome::Delivered, clock.pass(1));
    assert_eq!(names(&sent(&mut line, clock.now())), ["e3"]);
    let many: Vec<u8> = (0..40).collect();
    assert_eq!(sent(&mut self::line(&many, clock.now()), clock.now()).len(), 16);
}

#[test]
fn what_is_refused_is_parked_with_those_behind_it_and_the_others_go_on() {
    let mut clock = Clock::new();
    let mut line = line(&[1, 2, 1, 2], clock.now());
    let first = sent(&mut line, clock.now());
    line.outcome(first["e0"], refused(), clock.now());
    line.outcome(first["e1"], Outcome::Delivered, clock.now());
    let parked = line.parked();
    assert_eq!(parked[0].why, "it answered 422");
    assert_eq!(parked[1].why, "it waits for `e0`, which is about the same subject");
    let changes = line.changes().unwrap();
    let kept: Vec<_> = changes.keep.iter().map(|(name, _)| name.as_str()).collect();
    let second = clock.now().at.as_second();
    let [e0, e2] = ["e0", "e2"].map(|id| format!("webhook:w/parked/{id}@{second}"));
    assert_eq!(kept, [e2.as_str(), e0.as_str(), "webhook:w"]);
    assert_eq!(names(&sent(&mut line, clock.now())), ["e3"], "one second later at the latest");

    assert!(sent(&mut line, clock.pass(299)).is_empty());
    let again = sent(&mut line, clock.pass(1));
    assert_eq!(names(&again), ["e0"]);
    line.outcome(again["e0"], Outcome::Delivered, clock.now());
    let last = sent(&mut line, clock.now());
    assert_eq!(names(&last), ["e2"], "its row goes on at once");
    line.outcome(last["e2"], Outcome::Delivered, clock.now());
    assert_eq!(line.changes().unwrap().forget, [e0, e2]);
    assert_eq!(line.parked(), []);
}

#[test]
fn what_is_parked_is_tried_slowly_held_after_three_days_and_sent_by_hand() {
    let mut clock = Clock::new();
    let mut line = line(&[1], clock.now());
    let mut waits = Vec::new();
    loop {
        let sent = sent(&mut line, clock.now());
        line.outcome(sent["e0"], refused(), clock.now());
        let now = clock.now().tick;
        let Some(wake) = line.wake(now) else { break };
        waits.push((wake - now).as_secs() / 60);
        clock.pass((wake - now).as_secs());
    }
    assert_eq!(waits[..5], [5, 15, 30, 60, 60]);
    assert_eq!(waits.iter().sum::<u64>() / 60, 72, "{waits:?}");
    assert!(line.parked()[0].held);
    assert!(sent(&mut line, clock.pass(1_000_000)).is_empty());
    assert!(!line.retry("e7", clock.now().tick));
    assert!(line.retry("e0", clock.now().tick));
    assert!(!line.parked()[0].held);
    let sent = sent(&mut line, clock.now());
    assert!(line.retry("e0", clock.now().tick), "it is on its way");
    line.outcome(sent["e0"], refused(), clock.now());
    assert!(line.parked()[0].held, "refused again, it is held again");
}

#[test]
fn what_fails_is_parked_only_if_others_go_well_meanwhile() {
    let mut clock = Clock::new();
    let mut alone = line(&[1], clock.now());
    for _ in 0..200 {
        let sent = sent(&mut alone, clock.pass(300));
        alone.outcome(sent["e0"], weather(), clock.now());
    }
    assert_eq!(alone.parked(), []);

    let subjects: Vec<u8> = (0..20).collect();
    let mut line = line(&subjects, clock.now());
    let mut tries = 0;
    while line.parked().is_empty() {
        for (event, serial) in sent(&mut line, clock.pass(20)) {
            let bad = event == "e0";
            tries += usize::from(bad);
            line.outcome(serial, if bad { weather() } else { Outcome::Delivered }, clock.now());
        }
        // Something else always goes well.
        for telling in numbered(tries + 100, &[u8::try_from(tries).unwrap() + 100]) {
            line.push(telling, clock.now());
        }
    }
    assert_eq!(tries, 5);
}

#[test]
fn an_endpoint_that_is_back_is_told_everything_at_once() {
    let mut clock = Clock::new();
    let subjects: Vec<u8> = (0..10).collect();
    let mut line = line(&subjects, clock.now());
    for (_, serial) in sent(&mut line, clock.now()) {
        line.outcome(serial, weather(), clock.now());
    }
    let mut calls = 0;
    for _ in 0..3600 {
        for (_, serial) in sent(&mut line, clock.pass(1)) {
            calls += 1;
            line.outcome(serial, weather(), clock.now());
        }
    }
    assert!((18..40).contains(&calls), "{calls} calls in an hour");
    let probe = sent(&mut line, clock.pass(300));
    assert_eq!(probe.len(), 1);
    line.outcome(*probe.values().next().unwrap(), Outcome::Delivered, clock.now());
    assert_eq!(sent(&mut line, clock.now()).len(), 9);
    assert_eq!(line.parked(), []);
}

#[test]
fn a_pause_that_was_asked_for_is_kept_by_all_and_ends_with_one_try() {
    let mut clock = Clock::new();
    let mut line = line(&[1, 2, 3], clock.now());
    let first = sent(&mut line, clock.now());
    let wait = Some(Duration::from_secs(90));
    line.outcome(first["e0"], Outcome::Busy(wait, "429".into()), clock.now());
    line.outcome(first["e1"], Outcome::Delivered, clock.now());
    line.outcome(first["e2"], weather(), clock.now());
    assert_eq!(line.wake(clock.now().tick), Some(clock.now().tick + wait.unwrap()));
    assert!(sent(&mut line, clock.pass(89)).is_empty());
    assert_eq!(sent(&mut line, clock.pass(1)).len(), 1);
}

#[test]
fn an_endpoint_that_refuses_everything_is_not_parked_event_by_event() {
    let mut clock = Clock::new();
    let subjects: Vec<u8> = (0..100).collect();
    let mut line = line(&subjects, clock.now());
    for _ in 0..1000 {
        for (_, serial) in sent(&mut line, clock.pass(1)) {
            line.outcome(serial, refused(), clock.now());
        }
    }
    assert!(line.parked().len() < 10, "{}", line.parked().len());
}

proptest! {
    /// Whatever comes of the calls, and whenever it is killed: each event is told, those of one
    /// subject first in their order, and what is not told can be found again.
    #[test]
    fn nothing_is_lost_whatever_comes_of_the_calls(
        subjects in prop::collection::vec(0_u8..4, 1..20),
        fates in prop::collection::vec(0_u8..12, 0..200),
    ) {
        let all = tellings(&subjects);
        let mut clock = Clock::new();
        let mut spool: BTreeMap<String, Cursor> = BTreeMap::new();
        let mut told: Vec<usize> = Vec::new();
        let mut line = begin(&all, &spool, clock.now());
        let mut fates = fates.into_iter();
        for _ in 0..2000 {
            if told.iter().collect::<BTreeSet<_>>().len() == all.len() {
                break;
            }
            for (serial, telling) in std::iter::from_fn(|| line.next(clock.now().tick)).collect::<Vec<_>>() {
                let outcome = match fates.next() {
                    Some(0 | 1) => refused(),
                    Some(2 | 3) => weather(),
                    Some(4) => Outcome::Busy(Some(Duration::from_secs(30)), String::new()),
                    Some(5) => Outcome::Unreadable(String::new()),
                    Some(_) | None => Outcome::Delivered,
                };
                if outcome == Outcome::Delivered {
                    told.push(telling.notice.id.0[1..].parse().unwrap());
                }
                line.outcome(serial, outcome, clock.now());
                match fates.next() {
                    // Killed before or after what it knows is written down.
                    Some(0) => {
                        line = begin(&all, &spool, clock.now());
                        break;
                    }
                    Some(1..6) => {
                        if let Some(changes) = line.changes() {
                            spool.extend(changes.keep);
                            spool.retain(|name, _| !changes.forget.contains(name));
                        }
                        let lost = lost(&all, &spool, &told);
                        prop_assert!(lost.is_empty(), "{lost:?} of {spool:?}");
                    }
                    Some(_) | None => {}
                }
            }
            clock.pass(150);
        }
        let mut first = BTreeSet::new();
        let order: Vec<usize> = told.into_iter().filter(|event| first.insert(*event)).collect();
        prop_assert_eq!(first.len(), all.len());
        for subject in 0..4 {
            let of: Vec<_> = order.iter().filter(|event| subjects[**event] == subject).collect();
            prop_assert!(of.is_sorted(), "{:?}", of);
        }
    }
}

/// A line as it is after a start: what was written down, and what is read from there.
fn begin(all: &[Telling], spool: &BTreeMap<String, Cursor>, now: Moment) -> Line {
    let saved = spool.get("webhook:w").copied().unwrap_or_default();
    let mut line = Line::new("w", Pace::default(), saved);
    for telling in all {
        let markers = spool.keys().filter_map(|name| marker::read("w", name));
        for (_, since) in markers.filter(|(event, _)| *event == telling.notice.id) {
            line.restore(telling.clone(), since, now);
        }
    }
    for telling in all.iter().filter(|telling| telling.after > saved) {
        line.read = telling.after;
        line.push(telling.clone(), now);
    }
    line
}

/// The events that were not told and that no start would find again.
fn lost(all: &[Telling], spool: &BTreeMap<String, Cursor>, told: &[usize]) -> Vec<usize> {
    let saved = spool.get("webhook:w").copied().unwrap_or_default();
    let found = |telling: &Telling| {
        let mut markers = spool.keys().filter_map(|name| marker::read("w", name));
        telling.after > saved || markers.any(|(event, _)| event == telling.notice.id)
    };
    (0..all.len()).filter(|n| !told.contains(n) && !found(&all[*n])).collect()
}
