//! The promises of the spool.

mod backup;
mod crash;
mod damage;
mod full;
mod home;
mod model;
mod power;
mod retire;

use home::{Home, both, hand, key, message, partner, run, settings, trouble};
use std::time::Duration;
use wharf::event::{EventId, EventKind, Notice, State, Trouble};
use wharf::message::{
    Body, Channel, Digest, Identity, MessageId, Parcel, Reference, ReferenceKind,
};
use wharf::spool::{Accepted, Arrival, Cursor, NumberKind, Query, Spool, Step, Told, verify};

#[test]
fn a_repeat_is_kept_once_and_gets_the_same_answer() {
    let home = Home::new();
    let spool = home.open();
    let arrival = || Arrival {
        raw: message("k", "bytes"),
        answer: Some(Body::from(&b"the answer"[..])),
        kept: vec![("as it came".to_owned(), Body::from(&b"wire"[..]))],
        quarantine: None,
    };
    let Accepted::New(id) = run(spool.accept(home.now(0), arrival())).unwrap() else {
        panic!("it is new");
    };
    let repeat = Accepted::Repeat { id, answer: Some(b"the answer".to_vec()) };
    assert_eq!(run(spool.accept(home.now(1), arrival())).unwrap(), repeat);
    drop(spool);
    let spool = home.open();
    assert_eq!(run(spool.accept(home.now(2), arrival())).unwrap(), repeat);
    let dossier = spool.dossier(id).unwrap();
    assert_eq!(dossier.events.len(), 1);
    let kept = dossier.kept.iter().find(|(label, _)| label == "as it came");
    assert_eq!(spool.body(&kept.unwrap().1).unwrap(), b"wire");
}

#[test]
fn other_bytes_under_one_identity_are_a_conflict_and_nothing_is_written() {
    let home = Home::new();
    let spool = home.open();
    let id = home.accept(&spool, "k", "bytes");
    let end = spool.end();
    let other = run(spool.accept(home.now(1), message("k", "others"))).unwrap();
    assert_eq!(other, Accepted::Conflict { with: id });
    assert_eq!(spool.end(), end);
}

#[test]
fn two_at_once_are_one_new_and_one_repeat() {
    let home = Home::new();
    let spool = home.open();
    let accept = || spool.accept(home.now(0), message("k", "bytes"));
    let (first, second) = run(both(accept(), accept()));
    let Accepted::New(id) = first.unwrap() else { panic!("the first is new") };
    assert_eq!(second.unwrap(), Accepted::Repeat { id, answer: None });
}

#[test]
fn one_message_from_many_threads_is_new_once() {
    let home = Home::new();
    let spool = home.open();
    let news: Vec<MessageId> = std::thread::scope(|scope| {
        let post = |n: usize| {
            let accepted = run(spool.accept(home.now(0), message(&key(n), "bytes"))).unwrap();
            if let Accepted::New(id) = accepted { Some(id) } else { None }
        };
        let posts = move || (0..25).filter_map(post).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(posts)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(news.len(), 25);
    assert_eq!(spool.open_messages().len(), 25);
}

#[test]
fn a_retry_of_what_failed_is_no_duplicate() {
    let home = Home::new();
    let spool = home.open();
    for (n, failure) in [
        EventKind::Rejected(trouble()),
        EventKind::DeadLettered(trouble()),
        EventKind::Discarded(hand()),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("k{n}");
        let id = home.accept(&spool, &key, "bytes");
        run(spool.advance(Step::of(home.now(1), id, failure))).unwrap();
        assert_ne!(home.accept(&spool, &key, "bytes"), id);
    }
}

#[test]
fn an_identity_is_forgotten_after_its_time() {
    let home = Home::new();
    let spool = home.open();
    let id = home.accept(&spool, "k", "bytes");
    let day = 24 * 3600;
    let late = run(spool.accept(home.now(400 * day), message("k", "bytes"))).unwrap();
    assert_eq!(late, Accepted::Repeat { id, answer: None });
    let later = run(spool.accept(home.now(400 * day + 1), message("k", "bytes"))).unwrap();
    assert!(matches!(later, Accepted::New(_)));
}

#[test]
fn a_settled_message_has_all_that_came_of_it_in_one_write() {
    let home = Home::new();
    let spool = home.open();
    let id = home.accept(&spool, "k", "bytes");
    let work = spool.next_due(home.now(1)).unwrap();
    assert_eq!((work.lease.message, work.state), (id, State::Received));
    let (step, answer) = settlement(&home, &spool, id);
    run(spool.settle(&work.lease, step)).unwrap();
    drop(spool);

    let spool = home.open();
    let dossier = spool.dossier(id).unwrap();
    assert_eq!(dossier.summary.state, State::Settled);
    let names: Vec<_> = dossier.events.iter().map(|event| event.kind.name()).collect();
    assert_eq!(names, ["received", "answer_queued", "settled"]);
    assert_eq!(spool.body(&dossier.body).unwrap(), b"bytes");
    let (label, document) = &dossier.kept[0];
    assert_eq!((label.as_str(), spool.body(document).unwrap()), ("order.json", b"{}".to_vec()));
    assert_eq!(spool.find("po-17", None).unwrap(), [id]);
    assert_eq!(spool.find("PO-17", Some(ReferenceKind::Invoice)).unwrap(), []);
    let next = spool.next_due(home.now(2)).unwrap();
    assert_eq!((next.lease.message, next.state), (answer, State::Queued));
    assert_eq!(spool.dossier(answer).unwrap().head.about, Some(id));
    let notices = spool.follow(Cursor::default(), 10, is_notice).unwrap().told;
    let [(_, Told::Notice { notice, data })] = notices.as_slice() else { panic!("{notices:?}") };
    assert_eq!((notice.id.0.as_str(), spool.body(data).unwrap()), ("e1", b"[1]".to_vec()));
    assert_eq!(spool.take_number(&partner(), NumberKind::Interchange).value(), 2);
}

#[test]
fn an_identity_found_on_reading_belongs_to_one_message() {
    let home = Home::new();
    let spool = home.open();
    let [first, second] = ["a", "b"].map(|key| home.accept(&spool, key, key));
    let invoice = || Identity::new("invoice:acme", "INV-1");
    let settle = |id: MessageId| {
        let mut step = Step::of(home.now(1), id, EventKind::Settled);
        step.claim(id, invoice(), Digest::of(b"x"));
        run(spool.advance(step))
    };
    settle(first).unwrap();
    assert_eq!(settle(second).unwrap_err().code(), "identity_taken");
    assert_eq!(spool.summary(second).unwrap().state, State::Received, "nothing was written");
    assert_eq!(spool.known(&invoice(), home.now(1).at).unwrap().unwrap().message, first);
}

#[test]
fn a_lease_is_worth_nothing_once_the_work_was_given_to_another() {
    let home = Home::new();
    let spool = home.open();
    let id = home.accept(&spool, "k", "bytes");
    let first = spool.next_due(home.now(0)).unwrap().lease;
    let second = spool.next_due(home.now(3600)).unwrap().lease;
    let settled = || Step::of(home.now(3600), id, EventKind::Settled);
    let refused = run(spool.settle(&first, settled())).unwrap_err();
    assert_eq!(refused.code(), "lease_ended");
    assert!(spool.renew(&first, home.now(3600)).is_err());
    run(spool.settle(&second, settled())).unwrap();
    assert!(spool.next_due(home.now(9999)).is_none());
}

#[test]
fn a_failed_attempt_waits_and_a_dead_letter_comes_back_only_by_a_person() {
    let home = Home::new();
    let spool = home.open();
    let id = home.enqueue(&spool, "out");
    let work = spool.next_due(home.now(0)).unwrap();
    let mut step = Step::new(home.now(0));
    step.event_due(id, EventKind::AttemptFailed(trouble()), Duration::from_secs(15));
    run(spool.settle(&work.lease, step)).unwrap();
    assert!(spool.next_due(home.now(14)).is_none());
    drop(spool);
    let spool = home.open_at(10);
    assert!(spool.next_due(home.now(14)).is_none());
    let work = spool.next_due(home.now(15)).unwrap();
    assert_eq!(work.attempts, 1);
    let dead = Step::of(home.now(15), id, EventKind::DeadLettered(trouble()));
    run(spool.settle(&work.lease, dead)).unwrap();
    assert!(spool.next_due(home.now(99_999)).is_none());
    let dead = spool.summary(id).unwrap();
    assert_eq!((dead.state, dead.trouble), (State::Dead, Some(trouble())));
    let retried = Step::of(home.now(20), id, EventKind::Retried(hand()));
    run(spool.advance(retried)).unwrap();
    assert_eq!(spool.next_due(home.now(20)).unwrap().attempts, 0);
}

#[test]
fn what_waits_because_of_one_trouble_can_be_made_due_and_one_of_it_is_tried_first() {
    let home = Home::new();
    let spool = home.open();
    let mut waits = Vec::new();
    for code in ["not_trusted", "not_trusted", "unreachable"] {
        let id = home.enqueue(&spool, "out");
        let work = spool.next_due(home.now(0)).unwrap();
        let mut step = Step::new(home.now(0));
        let trouble = Trouble { code: code.to_owned(), ..trouble() };
        step.event_due(id, EventKind::AttemptFailed(trouble), Duration::from_secs(3600));
        run(spool.settle(&work.lease, step)).unwrap();
        waits.push(id);
    }
    assert_eq!(spool.hurry(home.now(1), &partner(), "refused"), 0);
    assert!(spool.next_due(home.now(1)).is_none());
    assert_eq!(spool.hurry(home.now(1), &partner(), "not_trusted"), 2);
    let first = spool.next_due(home.now(1)).unwrap();
    assert!(spool.next_due(home.now(1)).is_none(), "one is tried");
    spool.resume(&first.lane);
    let second = spool.next_due(home.now(1)).unwrap();
    for tried in [first, second] {
        assert!(waits[..2].contains(&tried.lease.message));
    }
    assert!(spool.next_due(home.now(1)).is_none(), "the third waits for something else");
}

#[test]
fn a_replay_asked_for_twice_at_once_is_done_once() {
    let home = Home::new();
    let spool = home.open();
    let id = home.accept(&spool, "k", "bytes");
    run(spool.advance(Step::of(home.now(0), id, EventKind::Settled))).unwrap();
    let replay = || {
        let event = EventKind::Replayed { hand: hand(), answers: false };
        spool.advance(Step::of(home.now(1), id, event))
    };
    let (first, second) = run(both(replay(), replay()));
    first.unwrap();
    assert_eq!(second.unwrap_err().code(), "not_now");
    let asked = |event: &wharf::event::Event| event.kind.name() == "replayed";
    assert_eq!(spool.dossier(id).unwrap().events.iter().filter(|event| asked(event)).count(), 1);
}

#[test]
fn control_numbers_go_on_where_another_system_left_off_and_go_round() {
    let home = Home::new();
    let spool = home.open();
    let acme = partner();
    let start = spool.start_numbers(home.now(0), &acme, NumberKind::Group, 999_999_998);
    run(start).unwrap();
    let values: Vec<u32> = (0..3)
        .map(|_| {
            let number = spool.take_number(&partner(), NumberKind::Group);
            let value = number.value();
            let mut step = Step::new(home.now(0));
            step.number(number);
            run(spool.enqueue(step)).unwrap();
            value
        })
        .collect();
    assert_eq!(values, [999_999_998, 999_999_999, 1]);
    drop(spool);
    let spool = home.open();
    assert_eq!(spool.take_number(&partner(), NumberKind::Group).value(), 2);
    assert_eq!(spool.take_number(&partner(), NumberKind::Interchange).value(), 1);
    let behind = spool.start_numbers(home.now(0), &acme, NumberKind::Group, 1);
    assert_eq!(run(behind).unwrap_err().code(), "number_behind");
}

#[test]
fn a_follower_hears_everything_once_and_in_order_across_starts() {
    let home = Home::new();
    let spool = home.open();
    let ids: Vec<_> = (0..200).map(|n| home.accept(&spool, &key(n), "bytes")).collect();
    let mut heard = Vec::new();
    let mut spool = spool;
    for round in 0.. {
        let from = spool.cursor("erp").unwrap_or_default();
        let stretch = spool.follow(from, 7, |_| true).unwrap();
        if stretch.told.is_empty() {
            break;
        }
        heard.extend(stretch.told.iter().map(|(_, told)| match told {
            Told::Event(event) => event.message,
            Told::Notice { notice, .. } => notice.message,
        }));
        run(spool.keep_cursor(home.now(0), "erp", stretch.next)).unwrap();
        if round % 10 == 9 {
            drop(spool);
            spool = home.open();
        }
    }
    assert_eq!(heard, ids);
    let text = spool.cursor("erp").unwrap().to_string();
    assert_eq!(text.parse(), Ok(spool.cursor("erp").unwrap()));
}

#[test]
fn a_large_body_has_a_file_and_a_small_one_travels_in_the_record() {
    let home = Home::new();
    let spool = home.open();
    for (name, length) in [("small", 64 << 10), ("large", (64 << 10) + 1)] {
        let bytes = "x".repeat(length);
        let id = home.accept(&spool, name, &bytes);
        let body = spool.dossier(id).unwrap().body;
        assert_eq!(spool.body(&body).unwrap(), bytes.as_bytes());
        let mut read = Vec::new();
        std::io::copy(&mut spool.read_body(&body).unwrap(), &mut read).unwrap();
        assert_eq!(read, bytes.as_bytes());
    }
    assert_eq!(home.body_files().len(), 1);
    let mut writer = spool.begin_body().unwrap();
    std::io::Write::write_all(&mut writer, &vec![1; 200_000]).unwrap();
    let mut raw = message("streamed", "");
    raw.body = writer.finish().unwrap();
    let Accepted::New(id) = run(spool.accept(home.now(0), raw)).unwrap() else {
        panic!("it is new");
    };
    let body = spool.dossier(id).unwrap().body;
    assert_eq!(spool.body(&body).unwrap(), vec![1; 200_000]);
    assert_eq!(verify(&home.folder()).unwrap().faults, []);
}

#[test]
fn messages_are_listed_by_partner_state_and_time_page_by_page() {
    let home = Home::new();
    let spool = home.open();
    let mut ids = Vec::new();
    for n in 0..90 {
        let mut raw = message(&key(n), "bytes");
        raw.partner = wharf::message::PartnerId::new(["a", "b", "c"][n % 3]).unwrap();
        let now = home.now(u64::try_from(n).unwrap() * 60);
        let Accepted::New(id) = run(spool.accept(now, raw)).unwrap() else { panic!() };
        if n % 2 == 0 {
            run(spool.advance(Step::of(now, id, EventKind::Settled))).unwrap();
        }
        ids.push(id);
    }
    let wanted = |keep: &dyn Fn(usize) -> bool| -> Vec<MessageId> {
        ids.iter().enumerate().rev().filter(|(n, _)| keep(*n)).map(|(_, id)| *id).collect()
    };
    let list = |spool: &Spool, query: &Query| {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let page = spool.list(query, before, 7).unwrap();
            assert!(page.messages.len() <= 7);
            found.extend(page.messages.iter().map(|summary| summary.id));
            before = page.next;
            if before.is_none() {
                return found;
            }
        }
    };
    let all = Query::default();
    let of_b = Query { partner: Some(wharf::message::PartnerId::new("b").unwrap()), ..all.clone() };
    let settled = Query { state: Some(State::Settled), ..all.clone() };
    let open = Query { state: Some(State::Received), ..all.clone() };
    let (from, until) = (Some(home.now(600).at), Some(home.now(1200).at));
    let between = Query { from, until, ..all.clone() };
    let mut spool = spool;
    for _ in 0..2 {
        assert_eq!(list(&spool, &all), wanted(&|_| true));
        assert_eq!(list(&spool, &of_b), wanted(&|n| n % 3 == 1));
        assert_eq!(list(&spool, &settled), wanted(&|n| n % 2 == 0));
        assert_eq!(list(&spool, &open), wanted(&|n| n % 2 == 1));
        assert_eq!(list(&spool, &between), wanted(&|n| (10..20).contains(&n)));
        drop(spool);
        spool = home.open();
    }
}

#[test]
fn an_exported_message_has_its_bytes_in_files_that_no_partner_named() {
    let home = Home::new();
    let spool = home.open();
    let mut raw = message("k", "bytes");
    raw.file_name = Some("../../etc/passwd".into());
    let Accepted::New(id) = run(spool.accept(home.now(0), raw)).unwrap() else { panic!() };
    let (step, _) = settlement(&home, &spool, id);
    run(spool.advance(step)).unwrap();
    let out = tempfile::tempdir().unwrap();
    let folder = spool.export(id, out.path()).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["body", "kept-1", "message.json", "notice-1"]);
    assert_eq!(std::fs::read(folder.join("body")).unwrap(), b"bytes");
    let text = std::fs::read(folder.join("message.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(json["message"]["state"], "settled");
    assert_eq!(json["head"]["file_name"], "../../etc/passwd");
}

#[test]
fn a_follower_that_was_forgotten_stays_forgotten_across_starts_and_checkpoints() {
    let home = Home::new();
    let spool = home.open();
    let to: Cursor = "100-2".parse().unwrap();
    run(spool.keep_cursor(home.now(0), "stays", to)).unwrap();
    run(spool.keep_cursor(home.now(0), "goes", to)).unwrap();
    // Enough to write the index down with both in it.
    for n in 0..50 {
        home.accept(&spool, &key(n), "bytes");
    }
    spool.close().unwrap();
    let spool = home.open();
    assert_eq!(spool.cursor("goes"), Some(to));
    run(spool.forget_cursor(home.now(0), "goes")).unwrap();
    assert_eq!(spool.cursor("goes"), None);
    drop(spool);
    let spool = home.open();
    assert_eq!(spool.cursors(), [("stays".to_owned(), to)], "by the journal");
    for n in 50..100 {
        home.accept(&spool, &key(n), "bytes");
    }
    spool.close().unwrap();
    let spool = home.open();
    assert_eq!(spool.cursors(), [("stays".to_owned(), to)], "by the index");
    let again: Cursor = "200-0".parse().unwrap();
    let both = [("goes".to_owned(), again), ("stays".to_owned(), again)];
    run(spool.move_cursors(home.now(0), &both, &["new".to_owned()])).unwrap();
    spool.close().unwrap();
    assert_eq!(home.open().cursors(), both, "and it may come again");
}

#[test]
fn a_second_process_is_refused_and_told_who_has_it() {
    let home = Home::new();
    let _spool = home.open();
    let refused = Spool::open(&home.folder(), settings(), home.now(0)).unwrap_err();
    assert_eq!(refused.code(), "spool_in_use");
    assert!(refused.to_string().contains(&std::process::id().to_string()));
}

/// All that may come of reading message `id`, and the answer that is queued.
fn settlement(home: &Home, spool: &Spool, id: MessageId) -> (Step, MessageId) {
    let mut step = Step::new(home.now(1));
    let number = spool.take_number(&partner(), NumberKind::Interchange);
    assert_eq!(number.value(), 1);
    step.number(number);
    let answer = step.queue(Parcel {
        partner: wharf::message::PartnerId::new("acme").unwrap(),
        channel: Channel::Https,
        endpoint: "mailbox".into(),
        file_name: None,
        content_type: None,
        body: Body::from(&b"997"[..]),
        about: Some(id),
        test: false,
        references: Vec::new(),
    });
    step.keep(id, "order.json", Body::from(&b"{}"[..]));
    step.refer(id, Reference::new(ReferenceKind::Order, "PO-17"));
    let notice = Notice {
        id: EventId("e1".into()),
        kind: "wharf.purchase_order.received.v1".into(),
        subject: "PO-17".into(),
        message: id,
        wire: Some((106, 400)),
        at: home.now(1).at,
        test: false,
        partner: wharf::message::PartnerId::new("acme").unwrap(),
        possible_duplicate_of: None,
    };
    step.notice(notice, Body::from(&b"[1]"[..]));
    step.event(id, EventKind::AnswerQueued { answer, kind: "997".into() });
    step.event(id, EventKind::Settled);
    (step, answer)
}

fn is_notice(told: &Told) -> bool {
    matches!(told, Told::Notice { .. })
}
