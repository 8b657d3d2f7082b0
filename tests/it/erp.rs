//! The ERP's side against real receivers.

mod receiver;
mod world;

use receiver::{Got, Receiver, Reply};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;
use wharf::erp::{Pace, Webhooks};
use world::{SECRET, World, until};

#[test]
fn an_event_arrives_as_a_signed_cloud_event_that_others_can_check() {
    World::run(async |world| {
        let receiver = Receiver::start(|_| Reply::Status(204)).await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        world.tell("PO-1", "{\"document\":\"invoice\",\"number\":\"7\"}").await;
        let got = receiver.wait(1).await.remove(0);
        assert_eq!(got.headers["content-type"], "application/cloudevents+json");
        let json: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
        assert_eq!(json["id"], got.id());
        assert_eq!(json["specversion"], "1.0");
        assert_eq!(json["dataschema"], "/v1/schemas/invoice.json");
        assert_eq!(json["data"]["number"], "7");
        let seconds: i64 = got.headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
        let now = jiff::Timestamp::now().as_second();
        assert!((now - 60..=now + 1).contains(&seconds), "{seconds} is not about {now}");
        let signed = [format!("{}.{seconds}.", got.id()).as_bytes(), &got.body].concat();
        let expected = [SECRET, "old"].map(|secret| signature(secret, &signed));
        assert_eq!(got.headers["webhook-signature"], expected.join(" ").as_str());
    });
}

/// A signature as Python computes it.
fn signature(secret: &str, signed: &[u8]) -> String {
    let script = "import sys,hmac,hashlib,base64\n\
        s=sys.argv[1]\n\
        k=base64.b64decode(s[6:]) if s.startswith('whsec_') else s.encode()\n\
        d=hmac.new(k,sys.stdin.buffer.read(),hashlib.sha256).digest()\n\
        print('v1,'+base64.b64encode(d).decode())";
    let mut python = Command::new("python3")
        .args(["-c", script, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(signed).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn events_about_one_subject_keep_their_order_and_subjects_flow_beside_each_other() {
    World::run(async |world| {
        let receiver = Receiver::start(|got| {
            // The first try of every third event fails.
            let n: usize = got.json()["data"]["n"].as_u64().unwrap().try_into().unwrap();
            let fails = n % 3 == 0 && got.try_of_event == 1;
            Reply::After(Duration::from_millis(20), if fails { 500 } else { 200 })
        })
        .await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        for n in 0..60 {
            world.tell(&format!("PO-{}", n % 12), &format!("{{\"n\":{n}}}")).await;
        }
        until("all have arrived", || receiver.delivered().len() == 60).await;
        let mut of = BTreeMap::<u64, Vec<u64>>::new();
        for got in receiver.taken() {
            let n = got.json()["data"]["n"].as_u64().unwrap();
            of.entry(n % 12).or_default().push(n);
        }
        for (subject, events) in of {
            assert!(events.is_sorted(), "PO-{subject}: {events:?}");
        }
        assert!((2..=16).contains(&receiver.most_at_once()), "{}", receiver.most_at_once());
    });
}

#[test]
fn a_poisoned_event_is_parked_and_the_others_flow_within_a_second() {
    World::run(async |world| {
        let receiver = Receiver::start(|got| {
            Reply::Status(if got.json()["data"]["bad"] == true { 422 } else { 200 })
        })
        .await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        let bad = world.tell("PO-bad", "{\"bad\":true}").await;
        let behind = world.tell("PO-bad", "{\"n\":1}").await;
        until("it is parked", || hooks.parked().len() == 2).await;
        let since = std::time::Instant::now();
        for n in 0..20 {
            world.tell(&format!("PO-{n}"), "{}").await;
        }
        until("the others have arrived", || receiver.delivered().len() == 20).await;
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
        let parked = hooks.parked();
        assert_eq!(parked[0].event, bad);
        assert!(parked[0].why.starts_with("it answered 422"), "{}", parked[0].why);
        assert_eq!(parked[1].event, behind);
        assert!(parked[1].why.contains(&bad));
        until("it is written down", || {
            let cursors = world.spool().cursors();
            cursors.iter().filter(|(name, _)| name.starts_with("webhook:w/parked/")).count() == 2
        })
        .await;

        // A restart finds it again, and a person sends it once the receiver takes it.
        let world = world.restart(hooks).await;
        let receiver = receiver.now(|_| Reply::Status(200));
        let hooks = world.webhook(&receiver, "");
        until("what was parked is read", || hooks.parked().len() == 2).await;
        assert_eq!(hooks.parked()[0].event, bad);
        assert!(!hooks.retry("evt_unknown", world.now()));
        assert!(hooks.retry(&behind, world.now()));
        until("both have arrived", || receiver.delivered().len() == 22).await;
        let last: Vec<String> =
            receiver.taken().iter().rev().take(2).map(|got| got.id().to_owned()).collect();
        assert_eq!(last, [behind, bad], "in their order");
        until("nothing is parked", || {
            hooks.parked().is_empty() && world.spool().cursors().len() == 1
        })
        .await;
    });
}

#[test]
fn an_event_that_breaks_the_server_is_parked_while_others_go_well() {
    World::run(async |world| {
        let receiver = Receiver::start(|got| {
            Reply::Status(if got.json()["data"]["bad"] == true { 500 } else { 200 })
        })
        .await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        let bad = world.tell("PO-bad", "{\"bad\":true}").await;
        let mut n = 0;
        while hooks.parked().is_empty() {
            n += 1;
            assert!(n < 2000, "it is not parked after {} tries", receiver.tries(&bad));
            world.tell(&format!("PO-{n}"), "{}").await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(receiver.tries(&bad), 5);
    });
}

#[test]
fn a_wait_that_the_receiver_asks_for_is_kept_for_all_events() {
    World::run(async |world| {
        let receiver = Receiver::start(|got| {
            if got.try_of_all == 1 { Reply::Busy(429, "2") } else { Reply::Status(200) }
        })
        .await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        world.tell("PO-1", "{}").await;
        receiver.wait(1).await;
        world.tell("PO-2", "{}").await;
        until("both have arrived", || receiver.delivered().len() == 2).await;
        let all = receiver.all();
        let pause = all[1].at - all[0].at;
        assert!(pause >= Duration::from_millis(1900), "{pause:?}");
        assert_eq!(all.len(), 3);
    });
}

#[test]
fn any_2xx_is_delivered_even_a_login_page_or_one_that_never_ends() {
    World::run(async |world| {
        let receiver = Receiver::start(|got| match got.try_of_all {
            1 => Reply::Html,
            _ => Reply::Endless,
        })
        .await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        world.tell("PO-1", "{}").await;
        receiver.wait(1).await;
        world.tell("PO-2", "{}").await;
        until("both are done", || receiver.all().len() == 2 && world.waiting(&hooks) == 0).await;
        assert!(receiver.sent_of_endless() < 16 << 20, "it was listened to for too long");
        assert!(hooks.parked().is_empty());
    });
}

#[test]
fn a_redirect_is_not_followed() {
    World::run(async |world| {
        let other = Receiver::start(|_| Reply::Status(200)).await;
        let location = other.url();
        let receiver = Receiver::start(move |_| Reply::Redirect(location.clone())).await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        world.tell("PO-1", "{}").await;
        until("it is parked", || hooks.parked().len() == 1).await;
        assert!(hooks.parked()[0].why.starts_with("it answered 307"));
        assert!(other.all().is_empty());
    });
}

#[test]
fn a_receiver_that_hangs_or_breaks_off_gets_the_same_event_again() {
    World::run(async |world| {
        let receiver = Receiver::start(|got| match got.try_of_all {
            1 => Reply::After(Duration::from_secs(30), 200),
            2 => Reply::Reset,
            _ => Reply::Status(200),
        })
        .await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        let id = world.tell("PO-1", "{\"n\":1}").await;
        until("it has arrived", || receiver.delivered().len() == 1).await;
        let all = receiver.all();
        assert_eq!(all.iter().map(Got::id).collect::<Vec<_>>(), [id.as_str(); 3]);
        assert!(all.iter().all(|got| got.body == all[0].body), "the same bytes each time");
    });
}

#[test]
fn a_receiver_that_is_away_gets_everything_when_it_is_back() {
    World::run(async |world| {
        let receiver = Receiver::start(|_| Reply::Status(200)).await;
        let address = receiver.stop();
        let hooks = world.webhook_at(&format!("http://{address}/"), "");
        world.ready(&hooks).await;
        let mut told = BTreeSet::new();
        for n in 0..30 {
            told.insert(world.tell(&format!("PO-{n}"), "{}").await);
        }
        until("it is seen to be away", || !hooks.standing(world.now())[0].well).await;
        let receiver = Receiver::start_at(address, |_| Reply::Status(200)).await;
        until("all have arrived", || receiver.delivered().len() == 30).await;
        assert_eq!(receiver.delivered(), told);
        assert!(hooks.parked().is_empty());
    });
}

#[test]
fn killed_at_any_place_every_event_arrives_with_the_id_that_it_had() {
    World::run(async |world| {
        let receiver = Receiver::start(|_| Reply::After(Duration::from_millis(20), 200)).await;
        let mut told = BTreeSet::new();
        let mut hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        for round in 0..8 {
            let so_far = receiver.delivered().len();
            for n in 0..40 {
                told.insert(world.tell(&format!("PO-{}", n % 25), &format!("{{\"n\":{n}}}")).await);
            }
            let enough = so_far + 4 * round;
            until("some more have arrived", || receiver.delivered().len() > enough).await;
            // As good as killed: whatever it was at is dropped where it stands.
            world.kill(hooks);
            hooks = world.webhook(&receiver, "");
        }
        until("all have arrived", || receiver.delivered().len() >= told.len()).await;
        assert_eq!(receiver.delivered(), told);
        let mut bodies = BTreeMap::new();
        for got in receiver.all() {
            let first = bodies.entry(got.id().to_owned()).or_insert_with(|| got.body.clone());
            assert_eq!(*first, got.body, "an event is the same each time");
        }
        let (told, sent) = (told.len(), receiver.all().len());
        println!("told {told}, sent {sent}, lost 0");
    });
}

#[test]
fn a_new_subscriber_begins_with_what_happens_from_then_on() {
    World::run(async |world| {
        world.tell("PO-1", "{}").await;
        let receiver = Receiver::start(|_| Reply::Status(200)).await;
        let hooks = world.webhook(&receiver, "");
        world.ready(&hooks).await;
        world.kill(hooks);
        let second = world.tell("PO-2", "{}").await;
        let _hooks = world.webhook(&receiver, "");
        receiver.wait(1).await;
        assert_eq!(receiver.delivered(), BTreeSet::from([second]));
    });
}

#[test]
fn a_subscriber_gets_the_types_that_it_wants_and_tests_only_if_it_is_for_tests() {
    World::run(async |world| {
        let [production, tests, invoices] = [
            Receiver::start(|_| Reply::Status(200)).await,
            Receiver::start(|_| Reply::Status(200)).await,
            Receiver::start(|_| Reply::Status(200)).await,
        ];
        let list = [
            world.subscriber("production", &production.url(), ""),
            world.subscriber("tests", &tests.url(), "test = true"),
            world.subscriber("invoices", &invoices.url(), "events = ['wharf.invoice.received.v1']"),
        ];
        let hooks = world.run_webhooks(Webhooks::new(Pace::default()), list.concat());
        world.ready(&hooks).await;
        let [order, test, invoice] = [
            world.tell_as("wharf.purchase_order.received.v1", "1", false, "{}").await,
            world.tell_as("wharf.invoice.received.v1", "2", true, "{}").await,
            world.tell_as("wharf.invoice.received.v1", "3", false, "{}").await,
        ];
        until("all have arrived", || {
            production.delivered().len() == 2 && tests.delivered().len() == 1
        })
        .await;
        until("the invoice has arrived", || !invoices.delivered().is_empty()).await;
        assert_eq!(production.delivered(), BTreeSet::from([order, invoice.clone()]));
        assert_eq!(tests.delivered(), BTreeSet::from([test]));
        assert_eq!(invoices.delivered(), BTreeSet::from([invoice]));
    });
}
