//! What is too much of one partner's is refused, and nobody else's.

use super::world::{CONFIRMED, World, from_acme, handed, now, partners};
use wharf::event::{EventKind, Hand, State};
use wharf::message::PartnerId;
use wharf::spool::{Amount, Step};
use wharf::transport::{Handed, Inbox as _, RefusalKind, Taken};

/// The partners that ship, with limits of Acme's.
fn limited(limits: &str) -> tempfile::TempDir {
    partners(|acme| format!("{acme}\n[limits]\n{limits}\n"))
}

/// An interchange that is put aside, because it says that another sent it.
fn foreign(control: u32) -> String {
    from_acme(control, "PR", &[CONFIRMED]).replace("006081492      ", "999999999      ")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_too_much_waiting_is_refused_while_others_flow() {
    let partners = limited("waiting_messages = 2");
    let world = World::with(partners.path());
    let acme = PartnerId::new("acme-medical").unwrap();
    let first = world.hand_in("acme-medical", &foreign(1)).await;
    assert_eq!(world.state(first), State::Quarantined);
    // What is done with does not count.
    world.hand_in("acme-medical", &from_acme(7, "PR", &[CONFIRMED])).await;
    world.hand_in("acme-medical", &foreign(2)).await;
    let no = world.house.room(&acme).unwrap_err();
    assert_eq!((no.kind, no.code), (RefusalKind::Full, "too_many_waiting"));
    assert!(no.text.starts_with("2 messages of yours wait here"), "{no}");
    let refused = world.house.hand_in(handed("acme-medical", &foreign(3))).await.unwrap_err();
    assert_eq!(refused.code, "too_many_waiting");
    world.house.hand_in(handed("northwind-devices", &foreign(4))).await.unwrap();
    // The same after a start over the same spool.
    let World { house, workers, folder } = world;
    workers.finish(std::time::Duration::from_secs(10)).await;
    drop(house);
    let world = World::over(folder, partners.path());
    assert_eq!(world.house.room(&acme).unwrap_err().code, "too_many_waiting");
    // A person makes room.
    let hand = Hand { by: "a test".to_owned(), why: "it is not theirs".to_owned() };
    world.house.spool().advance(Step::of(now(), first, EventKind::Discarded(hand))).await.unwrap();
    assert_eq!(world.house.room(&acme), Ok(()));
    world.hand_in("acme-medical", &foreign(3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_today_counts_whatever_became_of_it() {
    let one = from_acme(7, "PR", &[CONFIRMED]);
    let length = u64::try_from(one.len()).unwrap();
    let partners = limited(&format!("day = '{}B'", length * 2 + 10));
    let world = World::with(partners.path());
    world.hand_in("acme-medical", &one).await;
    let second = handed("acme-medical", &from_acme(8, "PR", &[CONFIRMED]));
    let second = Handed { key: Some("second".to_owned()), ..second };
    let taken = world.house.hand_in(second.clone()).await.unwrap();
    world.settled(taken.id()).await;
    let acme = PartnerId::new("acme-medical").unwrap();
    let holding = world.house.spool().holding(&acme, now().at);
    assert_eq!(holding.waiting, Amount::default());
    assert_eq!(holding.today, Amount { messages: 2, bytes: length * 2 });
    assert_eq!(world.house.room(&acme), Ok(()), "there is room for a small one");
    let third = from_acme(9, "PR", &[CONFIRMED]);
    let refused = world.house.hand_in(handed("acme-medical", &third)).await.unwrap_err();
    assert_eq!((refused.kind, refused.code), (RefusalKind::Full, "too_much_today"));
    // Whoever did not hear the answer hears it.
    let taken = world.house.hand_in(second).await.unwrap();
    assert!(matches!(taken, Taken::Repeat { .. }), "{taken:?}");
    let tomorrow = now().at.checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    let holding = world.house.spool().holding(&acme, tomorrow);
    assert_eq!(holding.today, Amount::default(), "a new day begins at midnight");
}
