//! Documents that overtake each other: taken at once, and missed only after a time.

use super::world::{CONFIRMED, World, from_acme, now};
use jiff::SignedDuration;
use wharf::message::Moment;

/// A ship notice and an invoice for the order of `CONFIRMED`.
const SHIPPED: (&str, &[&str]) = (
    "856",
    &[
        "BSN*00*SH-1*20261116*161500*0001",
        "HL*1**S",
        "HL*2*1*O",
        "PRF*4501-77281***20261115",
        "HL*3*2*I",
        "LIN*1*VN*NG-7701M",
        "SN1*1*40*BX",
        "CTT*3",
    ],
);

const BILLED: (&str, &[&str]) = (
    "810",
    &[
        "BIG*20261117*INV-9*20261115*4501-77281",
        "IT1*1*40*BX*8.75*CT*VN*NG-7701M",
        "TDS*35000",
        "CTT*1",
    ],
);

const MISSING: &str = "wharf.document.missing.v1";

fn later(hours: i64) -> Moment {
    let now = now();
    Moment { at: now.at.checked_add(SignedDuration::from_hours(hours)).unwrap(), ..now }
}

/// What was said to be missing: what came, and what had not.
fn missing(world: &World) -> Vec<(String, String)> {
    let events = world.events().into_iter().filter(|event| event.kind == MISSING);
    let text =
        |event: &super::world::Event, key: &str| event.data[key].as_str().unwrap().to_owned();
    events
        .map(|event| {
            assert_eq!((event.subject.as_str(), event.test), ("4501-77281", true));
            (text(&event, "came"), text(&event, "missing"))
        })
        .collect()
}

async fn hand_in(world: &World, control: u32, functional: &str, set: (&str, &[&str])) {
    world.hand_in("acme-medical", &from_acme(control, functional, &[set])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_too_early_is_told_at_once_and_what_it_misses_a_day_later_and_once() {
    let world = World::new();
    hand_in(&world, 1, "SH", SHIPPED).await;
    hand_in(&world, 2, "IN", BILLED).await;
    assert_eq!(world.kinds(), ["wharf.shipment.notified.v1", "wharf.invoice.received.v1"]);
    world.house.tell_missing(later(23)).await.unwrap();
    assert_eq!(missing(&world), [], "there is time yet");
    world.house.tell_missing(later(25)).await.unwrap();
    let wanted = [("856".to_owned(), "855".to_owned())];
    assert_eq!(missing(&world), wanted, "the 856 came, if only before the 855");
    world.house.tell_missing(later(26)).await.unwrap();
    let world = world.restart().await;
    world.house.tell_missing(later(50)).await.unwrap();
    assert_eq!(missing(&world), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_within_the_day_is_not_missed() {
    let world = World::new();
    hand_in(&world, 1, "IN", BILLED).await;
    hand_in(&world, 2, "SH", SHIPPED).await;
    hand_in(&world, 3, "PR", CONFIRMED).await;
    world.house.tell_missing(later(25)).await.unwrap();
    assert_eq!(missing(&world), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_does_not_hold_up_another_nor_speak_for_it() {
    let world = World::new();
    // Another order has everything; this one has only its invoice.
    let other = |set: (&'static str, &'static [&'static str])| {
        let segments: Vec<String> =
            set.1.iter().map(|segment| segment.replace("4501-77281", "4501-99999")).collect();
        (set.0, segments)
    };
    for (control, functional, set) in [(1, "PR", CONFIRMED), (2, "SH", SHIPPED)] {
        let (kind, segments) = other(set);
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let set = (kind, segments.as_slice());
        world.hand_in("acme-medical", &from_acme(control, functional, &[set])).await;
    }
    hand_in(&world, 3, "IN", BILLED).await;
    world.house.tell_missing(later(25)).await.unwrap();
    assert_eq!(missing(&world), [("810".to_owned(), "856".to_owned())]);
}
