//! What is too large for memory comes and goes by the disk.

use super::world::{CONFIRMED, World, from_acme, handed};
use std::io::Write as _;
use wharf::event::State;
use wharf::message::{Body, PartnerId};
use wharf::transport::{Handed, Inbox as _};

/// The same bytes, on the disk before they are handed in.
fn staged(world: &World, pieces: &[&[u8]]) -> Handed {
    let partner = PartnerId::new("acme-medical").unwrap();
    let mut staged = world.house.stage(&partner).unwrap();
    for piece in pieces {
        staged.write_all(piece).unwrap();
    }
    let body = staged.finish().unwrap();
    assert!(matches!(body, Body::Stored { .. }));
    Handed { body, ..handed("acme-medical", "") }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interchange_that_came_by_the_disk_is_read_like_any_other() {
    let world = World::new();
    // Beyond what is looked at before it is held, so that it is looked at.
    let mut x12 = from_acme(7, "PR", &[CONFIRMED]);
    x12.push_str(&"\n".repeat(17 << 20));
    let id = world.house.hand_in(staged(&world, &[x12.as_bytes()])).await.unwrap().id();
    assert_eq!(world.settled(id).await, State::Settled);
    // The same again in one piece is the same.
    let again = world.house.hand_in(handed("acme-medical", &x12)).await.unwrap();
    assert_eq!(again.id(), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_long_and_no_x12_is_told_so_by_its_beginning() {
    let world = World::new();
    // Held in memory, it would be X12: so this also says that it was not.
    let x12 = from_acme(7, "PR", &[CONFIRMED]);
    let pieces: [&[u8]; 2] = [&vec![b'%'; 17 << 20], x12.as_bytes()];
    let id = world.house.hand_in(staged(&world, &pieces)).await.unwrap().id();
    assert_eq!(world.settled(id).await, State::Rejected);
    assert_eq!(world.house.spool().summary(id).unwrap().trouble.unwrap().code, "not_x12");
}
