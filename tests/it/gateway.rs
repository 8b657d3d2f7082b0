//! The two routes, over a real spool: what is handed in, what is answered, what the ERP is told.

mod anew;
mod large;
mod order;
mod quota;
mod world;

use wharf::event::{EventKind, Hand, State};
use wharf::message::PartnerId;
use wharf::spool::Step;
use wharf::transport::{Inbox as _, RefusalKind, Taken};
use world::{CONFIRMED, ORDER, World, from_acme, handed, now, order};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_out_and_its_acknowledgment_comes_back() {
    let world = World::new();
    let sent = world.send("acme-medical", "purchase-order", ORDER).await;
    let (parcel, x12) = world.letter("acme-medical", "ST*850*").await;
    assert!(
        x12.starts_with("ISA*00*          *00*          *ZZ*LAKESIDE       *01*006081492      *")
    );
    assert!(x12.contains("~BEG*00*SA*4501-77281**20261115~"), "{x12}");
    assert_eq!(world.settled(sent).await, State::Settled);
    world.sign_off("acme-medical", parcel).await;
    world.sign_off("acme-medical", parcel).await;
    assert_eq!(world.state(parcel), State::Awaiting);
    let accepted =
        from_acme(7, "FA", &[("997", &["AK1*PO*1", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"])]);
    world.hand_in("acme-medical", &accepted).await;
    assert_eq!(world.state(parcel), State::Acknowledged);
    // The same 997 in another interchange says nothing new.
    world.hand_in("acme-medical", &accepted.replace("000000007", "000000008")).await;
    let events = world.events();
    assert_eq!(world.kinds(), ["wharf.document.acknowledged.v1"]);
    assert_eq!((events[0].subject.as_str(), events[0].test), ("4501-77281", true));
    assert_eq!(events[0].data["message"], sent.to_string());
    assert_eq!(world.house.spool().find("4501-77281", None).unwrap(), [sent, parcel]);
    // Nobody acknowledges an acknowledgment.
    assert!(world.outbox("acme-medical").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_comes_is_acknowledged_and_told_once() {
    let world = World::new();
    let x12 = from_acme(21, "PR", &[CONFIRMED]);
    let id = world.hand_in("acme-medical", &x12).await;
    let (answer, text) = world.letter("acme-medical", "ST*997*").await;
    assert!(text.contains("AK1*PR*21~") && text.contains("AK9*A*1*1*1~"), "{text}");
    // The very same bytes: the same message.
    let again = world.house.hand_in(handed("acme-medical", &x12)).await.unwrap();
    assert_eq!(again, Taken::Repeat { id, answer: None });
    // The same interchange in another file: the same answer once more, and no event.
    let later = world.hand_in("acme-medical", &format!("\r\n{x12}")).await;
    assert_eq!(world.state(later), State::Duplicate);
    let answers = world.outbox("acme-medical");
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0], (answer, text.clone()));
    assert_eq!(answers[1].1, text);
    let receipt = world.house.receipt(&PartnerId::new("acme-medical").unwrap(), later).unwrap();
    assert_eq!(receipt.duplicate_of, Some(id));
    let events = world.events();
    assert_eq!(world.kinds(), ["wharf.purchase_order.acknowledged.v1"]);
    assert_eq!(events[0].subject, "4501-77281");
    assert!(events[0].test && events[0].id.starts_with("evt_"));
    assert_eq!(events[0].data["seller_order"], "SO-99120");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_content_under_a_used_control_number_is_rejected_and_said() {
    let world = World::new();
    let x12 = from_acme(21, "PR", &[CONFIRMED]);
    world.hand_in("acme-medical", &x12).await;
    let other = world.hand_in("acme-medical", &x12.replace("SO-99120", "SO-99121")).await;
    assert_eq!(world.state(other), State::Rejected);
    let (_, text) = world.letter("acme-medical", "TA1*").await;
    assert!(text.contains("TA1*000000021*261115*0930*R*025~"), "{text}");
    assert_eq!(
        world.kinds(),
        ["wharf.purchase_order.acknowledged.v1", "wharf.document.rejected.v1"]
    );
    // What was rejected is not known again: mended, it may come under its number of then.
    let trouble = world.house.spool().summary(other).unwrap().trouble.unwrap();
    assert_eq!(trouble.code, "interchange_duplicate");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_set_does_not_hold_back_its_neighbours() {
    let world = World::new();
    let bad = ("855", &["BAK*00*RD*4501-77282", "CTT*0"][..]);
    let id = world.hand_in("acme-medical", &from_acme(22, "PR", &[bad, CONFIRMED])).await;
    assert_eq!(world.state(id), State::Settled);
    let (_, text) = world.letter("acme-medical", "ST*997*").await;
    assert!(text.contains("AK9*P*2*2*1~"), "{text}");
    assert_eq!(
        world.kinds(),
        ["wharf.document.rejected.v1", "wharf.purchase_order.acknowledged.v1"]
    );
    let receipt = world.house.receipt(&PartnerId::new("acme-medical").unwrap(), id).unwrap();
    assert_eq!(receipt.sets.iter().map(|set| set.accepted).collect::<Vec<_>>(), [false, true]);
    assert!(receipt.sets[0].findings[0].starts_with("BAK"), "{:?}", receipt.sets[0].findings);
    assert_eq!(receipt.answers[0].x12, text);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_for_another_is_put_aside_until_a_person_looks() {
    let world = World::new();
    let x12 = from_acme(23, "PR", &[CONFIRMED]);
    let id = world.hand_in("northwind-devices", &x12).await;
    assert_eq!(world.state(id), State::Quarantined);
    assert_eq!(world.kinds(), ["wharf.message.quarantined.v1"]);
    assert!(
        world.outbox("northwind-devices").is_empty() && world.outbox("acme-medical").is_empty()
    );
    // What was put aside is no obstacle to the right one.
    let right = world.hand_in("acme-medical", &x12).await;
    assert_eq!(world.state(right), State::Settled);
    let hand = Hand { by: "a test".to_owned(), why: "it was them".to_owned() };
    world.house.spool().advance(Step::of(now(), id, EventKind::Released(hand))).await.unwrap();
    // They have no agreement that would take it in this release all the same.
    assert_eq!(world.settled(id).await, State::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_again_keeps_its_event_and_is_answered_again_only_if_asked() {
    let world = World::new();
    let id = world.hand_in("acme-medical", &from_acme(25, "PR", &[CONFIRMED])).await;
    for (answers, letters) in [(false, 1), (true, 2)] {
        let hand = Hand { by: "a test".to_owned(), why: "the ERP lost it".to_owned() };
        let again = EventKind::Replayed { hand, answers };
        world.house.spool().advance(Step::of(now(), id, again)).await.unwrap();
        assert_eq!(world.settled(id).await, State::Settled);
        assert_eq!(world.outbox("acme-medical").len(), letters);
    }
    let events = world.events();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.id == events[0].id && !event.twice));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_agreed_on_is_kept_and_answered_as_unsupported() {
    let world = World::new();
    let set = ("846", &["BIA*00*DD*17*20261115"][..]);
    let id = world.hand_in("acme-medical", &from_acme(24, "IB", &[set])).await;
    assert_eq!(world.state(id), State::Rejected);
    let (_, text) = world.letter("acme-medical", "ST*997*").await;
    assert!(text.contains("AK2*846*0001~") && text.contains("AK5*R*1"), "{text}");
    let hello = world.hand_in("acme-medical", "<html>").await;
    assert_eq!(world.house.spool().summary(hello).unwrap().trouble.unwrap().code, "not_x12");
    assert_eq!(world.kinds(), ["wharf.document.rejected.v1"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_was_sent_before_is_marked() {
    let world = World::new();
    let invoice = (
        "810",
        &[
            "BIG*20261115*INV-77*20261115*4501-77281",
            "IT1*1*40*BX*8.75**VN*NG-7701M",
            "TDS*35000",
            "CTT*1",
        ][..],
    );
    world.hand_in("acme-medical", &from_acme(31, "IN", &[invoice])).await;
    world.hand_in("acme-medical", &from_acme(32, "IN", &[invoice, invoice])).await;
    let events = world.events();
    assert_eq!(events.iter().map(|event| event.twice).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(events[0].subject, "4501-77281");
    assert_ne!(events[0].id, events[1].id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_erp_is_told_at_once_what_is_wrong_with_its_document() {
    let world = World::new();
    let refused = |partner: &'static str, document: &'static str, json: String| {
        let house = world.house.clone();
        async move { house.send(order(partner, document, &json)).await.unwrap_err() }
    };
    let no_lines = ORDER.replace("\"quantity\": \"40\"", "\"quantity\": \"forty\"");
    let error = refused("acme-medical", "purchase-order", no_lines).await;
    assert_eq!(
        (error.kind, error.fields[0].pointer.as_str()),
        (RefusalKind::Invalid, "/lines/0/quantity")
    );
    // What only the set shows is told by its field all the same.
    let long = ORDER.replace("NG-7701M", &"N".repeat(50));
    let error = refused("acme-medical", "purchase-order", long).await;
    assert_eq!(error.fields[0].pointer, "/lines/0/item_ids");
    assert_eq!(error.fields[0].code, "element_too_long");
    let undated = ORDER.replace("\"ordered_on\": \"2026-11-15\",", "");
    let error = refused("acme-medical", "purchase-order", undated).await;
    assert_eq!(error.fields[0].pointer, "/ordered_on");
    let error = refused("acme-medical", "purchase-order", "[1".to_owned()).await;
    assert_eq!(error.code, "not_json");
    let error = refused("acme-medical", "invoice", ORDER.to_owned()).await;
    assert_eq!(error.code, "wrong_document");
    let error = refused("nobody", "purchase-order", ORDER.to_owned()).await;
    assert_eq!(
        error.text,
        "there is no partner `nobody`; there are acme-medical, northwind-devices"
    );
    let error = refused("acme-medical", "invoice", r#"{"number": "1"}"#.to_owned()).await;
    assert_eq!(error.kind, RefusalKind::NotAgreed);
    // The same twice is one order; another under the same key is a conflict.
    let first = world.send("acme-medical", "purchase-order", ORDER).await;
    let again = world.house.send(order("acme-medical", "purchase-order", ORDER)).await.unwrap();
    assert_eq!(again.id(), first);
    let mut keyed = order("acme-medical", "purchase-order", &ORDER.replace("77281", "77282"));
    keyed.key = Some("k".to_owned());
    world.house.send(keyed.clone()).await.unwrap();
    keyed.body = ORDER.replace("77281", "77283").into_bytes();
    assert_eq!(world.house.send(keyed).await.unwrap_err().kind, RefusalKind::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_a_batch_travel_together_when_it_is_full() {
    let world = World::new();
    let mut sent = Vec::new();
    for number in 0..50 {
        assert!(world.outbox("northwind-devices").is_empty());
        let json = ORDER.replace("77281", &format!("9{number:04}"));
        sent.push(world.send("northwind-devices", "purchase-order", &json).await);
    }
    let (_, x12) = world.letter("northwind-devices", "ST*850*").await;
    assert_eq!(x12.matches("~ST*850*").count(), 50);
    assert!(x12.contains("*005010~ST*850*0001~") && x12.contains("~GE*50*"), "{x12}");
    for id in sent {
        assert_eq!(world.settled(id).await, State::Settled);
    }
    assert_eq!(world.outbox("northwind-devices").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_acceptance_marks_the_bad_document_only() {
    let world = World::new();
    for number in 0..50 {
        let json = ORDER.replace("77281", &format!("9{number:04}"));
        world.send("northwind-devices", "purchase-order", &json).await;
    }
    let (parcel, _) = world.letter("northwind-devices", "ST*850*").await;
    world.sign_off("northwind-devices", parcel).await;
    let answer = from_acme(
        9,
        "FA",
        &[(
            "997",
            &[
                "AK1*PO*1",
                "AK2*850*0003",
                "AK3*PO1*4**8",
                "AK4*2**6*4O",
                "AK5*R*5",
                "AK9*P*50*50*49",
            ],
        )],
    );
    let answer =
        answer.replace("01*006081492      ", "ZZ*NORTHWIND      ").replace("ACMEMED", "NORTHWIND");
    world.hand_in("northwind-devices", &answer).await;
    assert_eq!(world.state(parcel), State::Refused);
    let events = world.events();
    let refused: Vec<_> =
        events.iter().filter(|event| event.kind == "wharf.document.refused.v1").collect();
    assert_eq!((events.len(), refused.len()), (50, 1));
    assert_eq!(refused[0].subject, "4501-90002");
    assert_eq!(refused[0].data["errors"][0]["segment"], "PO1");
}

#[tokio::test(flavor = "multi_thread")]
async fn x12_of_the_erps_own_is_passed_through_in_our_envelope() {
    let world = World::new();
    let own = from_acme(
        5,
        "PO",
        &[("850", &["BEG*00*SA*4501-1**20261115", "PO1*1*40*BX*8.75**VN*NG-7701M", "CTT*1"])],
    );
    let mut order = order("acme-medical", "purchase-order", &own);
    order.document = None;
    let id = world.house.send(order.clone()).await.unwrap().id();
    let (_, x12) = world.letter("acme-medical", "ST*850*0001~BEG*00*SA*4501-1**").await;
    assert!(x12.contains("*ZZ*LAKESIDE       *01*006081492      *"), "{x12}");
    assert_eq!(world.house.spool().find("4501-1", None).unwrap()[0], id);
    order.body = own.replace("PO1*1*40*BX", "PO1*1**BX").into_bytes();
    let error = world.house.send(order).await.unwrap_err();
    assert_eq!(error.code, "would_be_rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_hands_in_documents_as_they_are() {
    let world = World::new();
    let mut invoice = handed(
        "acme-medical",
        r#"{"number": "INV-9", "invoiced_on": "2026-11-15",
        "order": {"number": "4501-77281"}, "total": "350.00",
        "lines": [{"line_number": "1", "quantity": "40", "unit": "BX", "price": "8.75",
            "item_ids": [{"scheme": "vendor_item", "value": "NG-7701M"}]}]}"#,
    );
    invoice.document = Some("invoice");
    let id = world.house.hand_in(invoice.clone()).await.unwrap_or_else(|e| panic!("{e:?}")).id();
    assert_eq!(world.settled(id).await, State::Settled);
    let events = world.events();
    assert_eq!(events[0].kind, "wharf.invoice.received.v1");
    assert_eq!(events[0].data["order"]["number"], "4501-77281");
    invoice.body = br#"{"number": "INV-10", "lines": [{"price": "free"}]}"#.to_vec().into();
    let error = world.house.hand_in(invoice).await.unwrap_err();
    assert_eq!(error.fields[0].pointer, "/lines/0/price");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_when_we_stopped_is_done_after_the_next_start() {
    let world = World::new();
    for number in 0..5 {
        let json = ORDER.replace("77281", &format!("9{number:04}"));
        world.send("northwind-devices", "purchase-order", &json).await;
    }
    let world = world.restart().await;
    for number in 5..50 {
        let json = ORDER.replace("77281", &format!("9{number:04}"));
        world.send("northwind-devices", "purchase-order", &json).await;
    }
    let (_, x12) = world.letter("northwind-devices", "ST*850*").await;
    assert_eq!(x12.matches("~ST*850*").count(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_answers_a_change_of_an_order() {
    let world = World::new();
    let json = include_str!("../documents/change-acknowledgment.json");
    let mut answer = handed("acme-medical", json);
    answer.document = Some("purchase-order-change-acknowledgment");
    let id = world.house.hand_in(answer).await.unwrap_or_else(|e| panic!("{e:?}")).id();
    assert_eq!(world.settled(id).await, State::Settled);
    let events = world.events();
    assert_eq!(events[0].kind, "wharf.purchase_order.change_acknowledged.v1");
    assert_eq!(
        (events[0].subject.as_str(), events[0].data["purpose"].as_str()),
        ("4500098213", Some("original"))
    );
}
