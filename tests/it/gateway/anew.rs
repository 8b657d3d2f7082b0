//! What doing a message again would change, told before it is done.

use super::world::{CONFIRMED, ORDER, World, from_acme, now, partners};
use std::sync::Arc;
use wharf::gateway::operator::{Comparison, Operator, Replay, Take};
use wharf::message::MessageId;

/// What a dry run says of a message.
async fn dry_run(world: &World, id: MessageId, answers: bool) -> Take {
    let operator = Operator::new(Arc::clone(world.house.spool()), Arc::new(|_| None));
    let operator = operator.comparing(world.house.clone());
    let (by, why) = ("ann".to_owned(), "a look".to_owned());
    let replay = Replay { ids: vec![id], dry_run: true, answers, by, why, ..Replay::default() };
    let before = (world.house.spool().end(), world.house.spool().numbers());
    let mut replayed = operator.replay(now(), &replay).await.unwrap();
    let after = (world.house.spool().end(), world.house.spool().numbers());
    assert_eq!(before, after, "a dry run writes nothing");
    replayed.messages.remove(0)
}

fn told(comparison: &Comparison) -> Vec<String> {
    let told = comparison.differences.iter();
    told.map(|one| format!("{} {}", one.of, one.text)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_todays_rules_would_change() {
    let world = World::new();
    let id = world.hand_in("acme-medical", &from_acme(21, "PR", &[CONFIRMED])).await;
    let same = dry_run(&world, id, false).await.compared.unwrap();
    assert_eq!((same.sets_alike, same.events_alike, told(&same)), (1, 1, vec![]));
    let answered = dry_run(&world, id, true).await.compared.unwrap();
    assert_eq!(told(&answered), ["answer would be sent again"]);
    // What they hand in counts from now on.
    let counts = partners(|acme| acme.replace("mode = \"test\" ", "mode = \"production\" "));
    world.reload(counts.path());
    let other = dry_run(&world, id, false).await.compared.unwrap();
    assert_eq!(
        told(&other),
        [
            "event wharf.purchase_order.acknowledged.v1 about 4501-77281 would say otherwise, and not \
          as a test"
        ]
    );
    // They were never to send it.
    let without =
        |acme: String| acme.replace("[[agreements]]\nset = \"855\"\ndirection = \"in\"\n", "");
    world.reload(partners(without).path());
    let other = dry_run(&world, id, false).await.compared.unwrap();
    assert_eq!((other.sets_alike, other.events_alike), (0, 0));
    let told = told(&other);
    assert!(told[0].starts_with("set would be rejected, and was accepted: "), "{told:?}");
    assert!(told[1].starts_with("message would be rejected, and was settled: "), "{told:?}");
    assert!(told[2].ends_with("wharf.document.rejected.v1 about 21/0001 would be new"), "{told:?}");
    assert!(told[3].ends_with("4501-77281 would not be told again"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_that_changed_is_told_by_the_fields_of_the_document() {
    let world = World::new();
    let id = world.hand_in("acme-medical", &from_acme(21, "PR", &[CONFIRMED])).await;
    let own =
        partners(|acme| acme.replace("set = \"855\"\n", "set = \"855\"\nmap = \"855.toml\"\n"));
    let folder = own.path().join("acme-medical");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("855.toml"), "extends = '855'\n[codes.unit]\nBX = 'CT'\n").unwrap();
    world.reload(own.path());
    let compared = dry_run(&world, id, false).await.compared.unwrap();
    let fields: Vec<_> = compared.differences.iter().flat_map(|one| &one.fields).collect();
    assert!(!fields.is_empty(), "{compared:?}");
    assert!(fields.iter().all(|field| field.pointer.contains("unit")), "{fields:?}");
    let unit = fields.iter().find(|field| field.pointer == "/lines/0/unit").unwrap();
    assert_eq!((&unit.then, &unit.now), (&Some("BX".into()), &Some("CT".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_ours_is_tried_by_todays_rules_too() {
    let world = World::new();
    let id = world.send("acme-medical", "purchase-order", ORDER).await;
    world.letter("acme-medical", "ST*850*").await;
    let same = dry_run(&world, id, false).await.compared.unwrap();
    assert_eq!(told(&same), Vec::<String>::new());
    let without =
        |acme: String| acme.replace("[[agreements]]\nset = \"850\"\ndirection = \"out\"\n", "");
    world.reload(partners(without).path());
    let other = dry_run(&world, id, false).await.compared.unwrap();
    let told = told(&other);
    assert!(
        told[0].starts_with("message could not be written any more: it is not agreed"),
        "{told:?}"
    );
}
