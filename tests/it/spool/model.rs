//! The spool against a model of it: a map in memory, through any series of calls, starts and damage.

use super::home::{Home, hand, message, parcel, partner, run, trouble};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::time::Duration;
use wharf::event::{EventKind, State};
use wharf::message::{MessageId, Reference, ReferenceKind};
use wharf::spool::{Accepted, Cursor, Lease, NumberKind, Spool, Step, Told, verify};

/// What may be done.
#[derive(Clone, Debug)]
enum Act {
    /// Hands in a message under one of a few keys, with one of two contents.
    Accept { key: u8, content: bool },
    /// Takes work, if any is due.
    Take,
    /// Finishes the n-th piece of work that is out, if it is still ours.
    Finish { n: u8, how: How },
    /// Gives back the n-th piece of work that is out.
    GiveBack { n: u8 },
    /// A person acts on the n-th message.
    Intervene { n: u8, how: Hand },
    /// Time passes.
    Wait { seconds: u16 },
    /// The process ends in order, or is killed; then the disk is damaged.
    Restart { closed: bool, damage: Damage },
}

#[derive(Clone, Copy, Debug)]
enum How {
    Well,
    Dead,
    Later(u8),
}

#[derive(Clone, Copy, Debug)]
enum Hand {
    Retry,
    Discard,
    Replay,
}

#[derive(Clone, Debug)]
enum Damage {
    None,
    TornTail(Vec<u8>),
    NoIndex,
    RuinedIndex(u16),
    NoTrust,
}

fn act() -> impl Strategy<Value = Act> {
    let how = prop_oneof![
        4 => Just(How::Well),
        1 => Just(How::Dead),
        2 => any::<u8>().prop_map(How::Later),
    ];
    let hand = prop_oneof![Just(Hand::Retry), Just(Hand::Discard), Just(Hand::Replay)];
    let damage = prop_oneof![
        3 => Just(Damage::None),
        2 => prop::collection::vec(any::<u8>(), 1..400).prop_map(Damage::TornTail),
        1 => Just(Damage::NoIndex),
        2 => any::<u16>().prop_map(Damage::RuinedIndex),
        1 => Just(Damage::NoTrust),
    ];
    prop_oneof![
        6 => (0..8u8, any::<bool>()).prop_map(|(key, content)| Act::Accept { key, content }),
        6 => Just(Act::Take),
        6 => (any::<u8>(), how).prop_map(|(n, how)| Act::Finish { n, how }),
        1 => any::<u8>().prop_map(|n| Act::GiveBack { n }),
        2 => (any::<u8>(), hand).prop_map(|(n, how)| Act::Intervene { n, how }),
        2 => (0..400u16).prop_map(|seconds| Act::Wait { seconds }),
        2 => (any::<bool>(), damage).prop_map(|(closed, damage)| Act::Restart { closed, damage }),
    ]
}

/// What the spool should hold.
#[derive(Default)]
struct Model {
    now: u64,
    messages: BTreeMap<MessageId, Expected>,
    /// Which message has which key, with which content.
    keys: BTreeMap<u8, (MessageId, bool)>,
    /// Work that is out: until when, unless it was given to another since.
    out: Vec<(Lease, u64)>,
    numbers: BTreeSet<u32>,
}

#[derive(Clone, Debug)]
struct Expected {
    state: State,
    course: State,
    due: u64,
    events: Vec<&'static str>,
    key: Option<u8>,
}

const LEASE: u64 = 120;

impl Model {
    fn happened(&mut self, id: MessageId, event: &'static str, state: State, due: u64) {
        let message = self.messages.get_mut(&id).unwrap();
        message.state = state;
        message.due = due;
        message.events.push(event);
    }

    /// Work that is due and that nobody has.
    fn due(&self) -> BTreeSet<MessageId> {
        let is_out = |id: &MessageId| {
            self.out.iter().any(|(lease, end)| lease.message == *id && self.now < *end)
        };
        self.messages
            .iter()
            .filter(|(id, message)| {
                message.state.is_ours() && message.due <= self.now && !is_out(id)
            })
            .map(|(id, _)| *id)
            .collect()
    }
}

/// The spool, and the model beside it.
struct Bench {
    home: Home,
    spool: Option<Spool>,
    model: Model,
}

impl Bench {
    fn new() -> Self {
        let home = Home::new();
        let spool = Some(home.open());
        Self { home, spool, model: Model::default() }
    }

    fn spool(&self) -> &Spool {
        self.spool.as_ref().unwrap()
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Accept { key, content } => self.accept(key, content),
            Act::Take => self.take(),
            Act::Finish { n, how } => self.finish(n, how),
            Act::GiveBack { n } => {
                if let Some(place) = usize::from(n).checked_rem(self.model.out.len()) {
                    let (lease, _) = self.model.out.remove(place);
                    self.spool().give_back(&lease);
                }
            }
            Act::Intervene { n, how } => self.intervene(n, how),
            Act::Wait { seconds } => self.model.now += u64::from(seconds),
            Act::Restart { closed, damage } => self.restart(closed, damage),
        }
    }

    fn accept(&mut self, key: u8, content: bool) {
        let now = self.home.now(self.model.now);
        let raw = message(&format!("key {key}"), ["this", "that"][usize::from(content)]);
        let accepted = run(self.spool().accept(now, raw)).unwrap();
        let known = self.model.keys.get(&key).copied().filter(|(id, _)| {
            let state = self.model.messages[id].state;
            !matches!(state, State::Dead | State::Discarded | State::Rejected)
        });
        match known {
            Some((id, same)) if same == content => {
                assert_eq!(accepted, Accepted::Repeat { id, answer: None });
            }
            Some((with, _)) => assert_eq!(accepted, Accepted::Conflict { with }),
            None => {
                let Accepted::New(id) = accepted else { panic!("{accepted:?} is new") };
                self.model.keys.insert(key, (id, content));
                let expected = Expected {
                    state: State::Received,
                    course: State::Received,
                    due: self.model.now,
                    events: vec!["received"],
                    key: Some(key),
                };
                assert!(self.model.messages.insert(id, expected).is_none());
            }
        }
    }

    fn take(&mut self) {
        let due = self.model.due();
        let Some(work) = self.spool().next_due(self.home.now(self.model.now)) else {
            // A lane has only so much out at a time.
            let out = self.model.out.iter().filter(|(_, end)| self.model.now < *end).count();
            assert!(due.is_empty() || out >= 4, "{due:?} are due and not given out");
            return;
        };
        let id = work.lease.message;
        assert!(due.contains(&id), "{id} is not due");
        assert_eq!(work.state, self.model.messages[&id].state);
        self.model.out.push((work.lease, self.model.now + LEASE));
    }

    fn finish(&mut self, n: u8, how: How) {
        let Some(place) = usize::from(n).checked_rem(self.model.out.len()) else { return };
        let (lease, end) = self.model.out.remove(place);
        let id = lease.message;
        let given_again = self.model.out[place..].iter().any(|(later, _)| later.message == id);
        let now = self.home.now(self.model.now);
        let mut step = Step::new(now);
        let received = self.model.messages[&id].state == State::Received;
        let mut parcels = Vec::new();
        let mut taken = None;
        match how {
            How::Well if received => {
                let number = self.spool().take_number(&partner(), NumberKind::Interchange);
                taken = Some(number.value());
                step.number(number);
                parcels.push(step.queue(parcel("mailbox")));
                step.refer(id, Reference::new(ReferenceKind::Order, format!("PO {id}")));
                step.event(id, EventKind::Settled);
            }
            How::Well => {
                let receipt = "202".into();
                let awaits_acknowledgment = false;
                step.event(id, EventKind::Delivered { receipt, awaits_acknowledgment });
            }
            How::Dead => {
                step.event(id, EventKind::DeadLettered(trouble()));
            }
            How::Later(seconds) => {
                let wait = Duration::from_secs(seconds.into());
                if received {
                    step.event_due(id, EventKind::Noted("later".into()), wait);
                } else {
                    step.event_due(id, EventKind::AttemptFailed(trouble()), wait);
                }
            }
        }
        match run(self.spool().settle(&lease, step)) {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(error.code(), "lease_ended");
                assert!(
                    given_again || self.model.now >= end,
                    "{id} is refused and nobody else has it"
                );
                return;
            }
        }
        assert!(!given_again, "{id} is another's");
        let now = self.model.now;
        match how {
            How::Well if received => {
                assert!(self.model.numbers.insert(taken.unwrap()), "a number twice");
                self.model.happened(id, "settled", State::Settled, now);
            }
            How::Well => self.model.happened(id, "delivered", State::Delivered, now),
            How::Dead => self.model.happened(id, "dead_lettered", State::Dead, now),
            How::Later(seconds) if received => {
                let due = now + u64::from(seconds);
                self.model.happened(id, "noted", State::Received, due);
            }
            How::Later(seconds) => {
                let due = now + u64::from(seconds);
                self.model.happened(id, "attempt_failed", State::Queued, due);
            }
        }
        for id in parcels {
            let expected = Expected {
                state: State::Queued,
                course: State::Queued,
                due: now,
                events: vec!["queued"],
                key: None,
            };
            self.model.messages.insert(id, expected);
        }
    }

    fn intervene(&mut self, n: u8, how: Hand) {
        let ids: Vec<MessageId> = self.model.messages.keys().copied().collect();
        let Some(place) = usize::from(n).checked_rem(ids.len()) else { return };
        let (id, expected) = (ids[place], self.model.messages[&ids[place]].clone());
        let now = self.home.now(self.model.now);
        let (event, allowed, state) = match how {
            Hand::Retry => {
                (EventKind::Retried(hand()), expected.state == State::Dead, expected.course)
            }
            Hand::Discard => {
                (EventKind::Discarded(hand()), expected.state.is_open(), State::Discarded)
            }
            Hand::Replay => (
                EventKind::Replayed { hand: hand(), answers: false },
                expected.state != expected.course,
                expected.course,
            ),
        };
        let name = event.name();
        let done = run(self.spool().advance(Step::of(now, id, event)));
        assert_eq!(done.is_ok(), allowed, "{id}: {name} in {}: {done:?}", expected.state);
        if allowed {
            let due = self.model.now;
            self.model.happened(id, name, state, due);
            if !state.is_ours() {
                self.model.out.retain(|(lease, _)| lease.message != id);
            }
        }
    }

    fn restart(&mut self, closed: bool, damage: Damage) {
        let spool = self.spool.take().unwrap();
        if closed {
            spool.close().unwrap();
        } else {
            drop(spool);
        }
        let index = self.home.folder().join("index");
        match damage {
            Damage::None => {}
            Damage::TornTail(bytes) => {
                if let Some(last) = self.home.segments().pop() {
                    let mut file = OpenOptions::new().append(true).open(last).unwrap();
                    file.write_all(&bytes).unwrap();
                }
            }
            Damage::NoIndex => fs::remove_dir_all(&index).unwrap(),
            Damage::RuinedIndex(place) => {
                let path = index.join("db");
                let mut bytes = fs::read(&path).unwrap();
                let from = usize::from(place) % bytes.len().max(1);
                let to = bytes.len().min(from + 5000);
                bytes[from..to].fill(0x5A);
                fs::write(path, bytes).unwrap();
            }
            Damage::NoTrust => fs::remove_file(self.home.folder().join("index.state")).unwrap(),
        }
        self.spool = Some(self.home.open_at(self.model.now));
        // No lease survives a start.
        self.model.out.clear();
    }

    /// Holds all that the spool says against the model.
    fn compare(&self) {
        let spool = self.spool();
        let mut told: BTreeMap<MessageId, Vec<&str>> = BTreeMap::new();
        let all = spool.follow(Cursor::default(), usize::MAX, |_| true).unwrap();
        for (_, told_one) in &all.told {
            if let Told::Event(event) = told_one {
                told.entry(event.message).or_default().push(event.kind.name());
            }
        }
        assert_eq!(
            told.len(),
            self.model.messages.len(),
            "messages that nobody sent, or lost ones"
        );
        for (id, expected) in &self.model.messages {
            assert_eq!(spool.summary(*id).unwrap().state, expected.state, "{id}");
            assert_eq!(told[id], expected.events, "{id}");
            let dossier = spool.dossier(*id).unwrap();
            let events: Vec<_> = dossier.events.iter().map(|event| event.kind.name()).collect();
            assert_eq!(events, expected.events, "{id}");
            let settled = expected.events.contains(&"settled");
            let found = spool.find(&format!("po {id}"), None).unwrap();
            assert_eq!(found, if settled { vec![*id] } else { vec![] });
        }
        for key in 0..8 {
            let found = spool.find(&format!("KEY {key}"), None).unwrap();
            let of_key = |(_, message): &(&MessageId, &Expected)| message.key == Some(key);
            let expected: Vec<_> =
                self.model.messages.iter().filter(of_key).map(|(id, _)| *id).collect();
            assert_eq!(found.len(), expected.len());
            assert!(expected.iter().all(|id| found.contains(id)));
        }
        let last = self.model.numbers.last().copied().unwrap_or(0);
        let numbers = spool.numbers();
        assert_eq!(numbers.first().map_or(0, |(_, _, value)| *value), last);
        let open = self.model.messages.values().filter(|message| message.state.is_open());
        assert_eq!(spool.open_messages().len(), open.count());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_the_spool_holds_what_the_model_holds(
        acts in prop::collection::vec(act(), 1..80),
    ) {
        let mut bench = Bench::new();
        for act in acts {
            let restarted = matches!(act, Act::Restart { .. });
            bench.act(act);
            if restarted {
                bench.compare();
            }
        }
        bench.compare();
        bench.restart(false, Damage::NoIndex);
        bench.compare();
        drop(bench.spool.take());
        prop_assert_eq!(verify(&bench.home.folder()).unwrap().faults, []);
    }
}
