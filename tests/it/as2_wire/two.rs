//! Two gateways: an order, its confirmation of receipt, and everything in between.

use super::world::{ACME, House, Keys, NEW, Place, until};
use wharf::event::State;
use wharf::transport::as2::{PROOF, RECEIPT, REQUEST, SENT};

const ORDERS: &str = "wharf.purchase_order.received.v1";

/// Both, with these in `[as2]` of each other's file.
pub(super) fn both(lakeside: &str, acme: &str) -> (House, House) {
    let (place, other) = (Place::new(), Place::new());
    let (theirs, ours) = (other.url("/as2"), place.url("/as2"));
    let fill =
        |more: &str| more.replace("LAKESIDE", &place.url("")).replace("ACME", &other.url(""));
    let (lakeside, acme) = (fill(lakeside), fill(acme));
    (House::lakeside(place, &theirs, &lakeside), House::acme(other, &ours, &acme))
}

pub(super) async fn exchange(lakeside: &House, acme: &House) {
    let parcel = lakeside.order("acme", "4501-77281").await;
    lakeside.reach(parcel, State::Acknowledged).await;
    acme.until("the order", || (acme.told(ORDERS) == ["4501-77281"]).then_some(())).await;
    let story = lakeside.story(parcel);
    assert!(story.contains(&"delivered"), "{story:?}");
    assert!(!story.contains(&"attempt_failed"), "{story:?} {:?}", lakeside.troubles(parcel));
    // The acknowledgment was answered with a receipt too.
    let [came] = lakeside.arrived()[..] else { panic!("one 997: {:?}", lakeside.arrived()) };
    assert_eq!(lakeside.dossier(came).references[0].value.split('@').nth(1), Some("ACME"));
    for (house, id, label) in [
        (lakeside, parcel, SENT),
        (lakeside, parcel, REQUEST),
        (lakeside, parcel, RECEIPT),
        (lakeside, parcel, PROOF),
        (lakeside, came, REQUEST),
        (lakeside, came, "answer"),
    ] {
        assert!(house.kept(id, label).is_some_and(|bytes| !bytes.is_empty()), "{label}");
    }
    let proof = String::from_utf8(lakeside.kept(parcel, PROOF).unwrap()).unwrap();
    assert!(proof.contains(&Keys::of(ACME).pinned().fingerprint().to_string()), "{proof}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_and_its_acknowledgment_cross_with_receipts_in_the_answers() {
    let (lakeside, acme) = both("", "");
    exchange(&lakeside, &acme).await;
    lakeside.close().await;
    acme.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_and_its_acknowledgment_cross_with_receipts_that_come_by_themselves() {
    let (lakeside, acme) = both(
        "mdn = { ask = 'async', theirs = 'ACME/as2' }",
        "mdn = { ask = 'async', theirs = 'LAKESIDE/as2' }",
    );
    exchange(&lakeside, &acme).await;
    let parcel = lakeside.dossier(*lakeside.arrived().first().unwrap());
    assert_eq!(parcel.summary.partner.as_str(), "acme");
    lakeside.close().await;
    acme.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_packing_crosses() {
    for more in [
        "send = { compress = 'before-signing' }",
        "send = { compress = 'after-signing', digest = 'sha-512', cipher = 'aes-128-gcm' }",
        "send = { key_transport = 'rsa-oaep-sha256', signature = 'rsa-pss' }\nquirks = ['chunked', 'base64-content', 'old-digest-names']",
    ] {
        let (lakeside, acme) = both(more, "");
        exchange(&lakeside, &acme).await;
        lakeside.close().await;
        acme.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_roll_over_while_documents_are_on_their_way() {
    let (lakeside, acme) = both("", "");
    exchange(&lakeside, &acme).await;
    // Acme has a new key, which Lakeside does not know yet: Acme must go on with the old one.
    let new = Keys::of(NEW);
    acme.keep("new", new);
    lakeside.keep("new", new);
    let ours = "[as2]\nid = 'LAKESIDE AS2'\n";
    let both_keys = format!(
        "{ours}keys = [{{ certificate = 'certs/us.pem', key = {{ file = 'certs/us.key' }} }}, \
         {{ certificate = 'certs/new.pem', key = {{ file = 'certs/new.key' }}, from = 2099-01-01 }}]\n"
    );
    acme.change("lakeside", ours, &both_keys);
    // Lakeside pins the new one beside the old one, and encrypts for it from now on.
    let pinned = "[[as2.certificates]]\nfile = 'certs/acme.pem'\n";
    lakeside.change(
        "acme",
        pinned,
        &format!("{pinned}[[as2.certificates]]\nfile = 'certs/new.pem'\nfrom = 2026-01-01\n"),
    );
    let parcel = lakeside.order("acme", "4501-77282").await;
    lakeside.reach(parcel, State::Acknowledged).await;
    let sent = String::from_utf8(lakeside.kept(parcel, SENT).unwrap()).unwrap();
    assert!(sent.contains(&new.pinned().fingerprint().to_string()), "{sent}");
    // Then Acme signs with the new one, receipts too.
    acme.change("lakeside", "from = 2099-01-01", "from = 2026-01-01");
    let parcel = lakeside.order("acme", "4501-77283").await;
    lakeside.reach(parcel, State::Acknowledged).await;
    let proof = String::from_utf8(lakeside.kept(parcel, PROOF).unwrap()).unwrap();
    assert!(proof.contains(&new.pinned().fingerprint().to_string()), "{proof}");
    // And the old one is struck out.
    lakeside.change("acme", pinned, "");
    let parcel = lakeside.order("acme", "4501-77284").await;
    lakeside.reach(parcel, State::Acknowledged).await;
    until("all orders", || (acme.told(ORDERS).len() == 4).then_some(())).await;
    lakeside.close().await;
    acme.close().await;
}
