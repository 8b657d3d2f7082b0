//! What we send: only a receipt that proves it makes it delivered, and everything else has its name.

use super::fake::{Change, Fake, Say};
use super::world::{ACME, Heard, House, Packet, Place, STRANGER, post};
use std::time::Duration;
use wharf::event::State;
use wharf::pki::DigestAlgorithm;
use wharf::transport::as2::{Disposition, Mic, ProcessingError};

async fn lakeside(more: &str) -> (House, Fake) {
    let fake = Fake::new().await;
    let house = House::lakeside(Place::new(), &format!("{}/as2", fake.url), more);
    (house, fake)
}

fn error(error: ProcessingError) -> Disposition {
    Disposition::Error(error)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_prove_a_delivery_has_its_name_and_is_sent_again_or_not() {
    let receipt = |disposition, sign, change| Say::Receipt(disposition, sign, change);
    let (house, fake) = lakeside("").await;
    for (say, code, again) in [
        (Say::Status(200), "mdn_missing", true),
        (Say::Text("<html>thank you</html>"), "mdn_missing", true),
        (receipt(Disposition::Processed, Some(ACME), Change::Cut), "mdn_unreadable", true),
        (
            receipt(error(ProcessingError::UnexpectedProcessingError), Some(ACME), Change::Nothing),
            "mdn_negative",
            true,
        ),
        (Say::Status(503), "partner_busy", true),
        (receipt(Disposition::Processed, Some(ACME), Change::Mic), "mic_mismatch", false),
        (receipt(Disposition::Processed, Some(ACME), Change::Original), "mdn_wrong_message", false),
        (receipt(Disposition::Processed, None, Change::Nothing), "mdn_unsigned", false),
        (
            receipt(Disposition::Processed, Some(STRANGER), Change::Nothing),
            "mdn_bad_signature",
            false,
        ),
        (
            receipt(error(ProcessingError::AuthenticationFailed), Some(ACME), Change::Nothing),
            "mdn_negative",
            false,
        ),
        (Say::Status(403), "refused_by_partner", false),
        (Say::Elsewhere(format!("{}/elsewhere", fake.url)), "refused_by_partner", false),
    ] {
        let before = fake.came().len();
        let what = format!("{say:?}");
        fake.say([say]);
        let parcel = house.order("acme", &format!("PO-{before}")).await;
        if again {
            // The next answer is good, and the Message-ID the same.
            house.until(&what, || (house.state(parcel) == State::Awaiting).then_some(())).await;
            let came = fake.came();
            let ids: Vec<_> = came[before..].iter().map(|came| came.header("message-id")).collect();
            assert_eq!(ids.len(), 2, "{what}");
            assert_eq!(ids[0], ids[1], "{what}");
            assert!(ids[0].contains(&parcel.to_string()), "{ids:?}");
        } else {
            house.reach(parcel, State::Dead).await;
            assert_eq!(fake.came().len(), before + 1, "{what}: {:?}", house.troubles(parcel));
        }
        assert_eq!(house.troubles(parcel)[0], code, "{what}: {:?}", house.troubles(parcel));
    }
    assert!(fake.came().iter().all(|came| !came.header("content-length").is_empty()), "number 7");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_that_they_warn_of_is_a_delivery_and_so_is_one_that_nobody_is_asked_to_prove() {
    let (house, fake) = lakeside("").await;
    fake.say([Say::Receipt(Disposition::duplicate(), Some(ACME), Change::Nothing)]);
    let parcel = house.order("acme", "PO-1").await;
    house.reach(parcel, State::Awaiting).await;
    house.close().await;
    let (house, fake) = lakeside("quirks = ['chunked']\nmdn = { ask = 'none' }").await;
    fake.say([Say::Status(204)]);
    let parcel = house.order("acme", "PO-1").await;
    house.reach(parcel, State::Awaiting).await;
    let came = &fake.came()[0];
    assert_eq!(came.header("transfer-encoding"), "chunked");
    assert_eq!(came.header("disposition-notification-to"), "");
    house.close().await;
}

/// Posts a receipt for the message that came last.
async fn tell(house: &House, fake: &Fake, say: &Disposition, sign: Option<usize>) -> Heard {
    let came = fake.came().pop().unwrap();
    let (headers, body) = came.receipt(say, sign, Change::Nothing);
    let mic = Mic::of(DigestAlgorithm::Sha256, b"");
    post(&house.url("/as2/mdn"), &Packet { headers, body, mic }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_comes_by_itself_is_awaited_and_believed_only_if_it_is_proven() {
    let (house, fake) = lakeside("mdn = { ask = 'async', within = '1h' }").await;
    fake.say([Say::Status(202)]);
    let parcel = house.order("acme", "PO-1").await;
    house
        .until("it to be taken", || house.story(parcel).contains(&"handed_over").then_some(()))
        .await;
    let asked = fake.came()[0].header("receipt-delivery-option").to_owned();
    assert_eq!(asked, house.url("/as2/mdn"));
    // What anyone could have written changes nothing, and is answered by no receipt.
    for (sign, code) in [(None, "mdn_unsigned"), (Some(STRANGER), "mdn_bad_signature")] {
        let heard = tell(&house, &fake, &Disposition::Processed, sign).await;
        assert_eq!(heard.status, 403, "{}", heard.text());
        assert!(heard.text().contains(code), "{}", heard.text());
    }
    assert!(!house.story(parcel).contains(&"delivered"));
    for _ in 0..2 {
        let heard = tell(&house, &fake, &Disposition::Processed, Some(ACME)).await;
        assert_eq!((heard.status, heard.text()), (200, String::new()));
    }
    let story = house.story(parcel);
    assert_eq!(story.iter().filter(|name| **name == "delivered").count(), 1, "{story:?}");
    assert_eq!(house.state(parcel), State::Awaiting, "its 997 is to come");
    // And for what we never sent.
    let came = fake.came().pop().unwrap();
    let (headers, body) = came.receipt(&Disposition::Processed, Some(ACME), Change::Original);
    let mic = Mic::of(DigestAlgorithm::Sha256, b"");
    let heard = post(&house.url("/as2"), &Packet { headers, body, mic }).await;
    assert_eq!(heard.status, 404, "{}", heard.text());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_is_overdue_has_the_message_sent_again_and_a_late_one_puts_it_right() {
    let (house, fake) = lakeside("mdn = { ask = 'async', within = '1s' }").await;
    house.change(
        "acme",
        "[as2]\n",
        "[retry]\nwaits = ['1s']\nthen = '1s'\ngive_up = '2s'\n[as2]\n",
    );
    fake.say([Say::Status(200), Say::Status(200), Say::Status(200), Say::Status(200)]);
    let parcel = house.order("acme", "PO-1").await;
    house.reach(parcel, State::Dead).await;
    assert!(house.troubles(parcel).iter().all(|code| code == "mdn_missing"));
    let came = fake.came();
    assert!(came.len() > 1, "number 14");
    assert!(came.iter().all(|it| it.header("message-id") == came[0].header("message-id")));
    let heard = tell(&house, &fake, &Disposition::Processed, Some(ACME)).await;
    assert_eq!(heard.status, 200, "{}", heard.text());
    assert_eq!(house.state(parcel), State::Awaiting);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_negative_receipt_that_comes_by_itself_is_final_or_not_by_what_it_says() {
    let (house, fake) = lakeside("mdn = { ask = 'async' }").await;
    fake.say([Say::Status(200), Say::Status(200)]);
    let parcel = house.order("acme", "PO-1").await;
    house
        .until("it to be taken", || house.story(parcel).contains(&"handed_over").then_some(()))
        .await;
    let again = error(ProcessingError::UnexpectedProcessingError);
    assert_eq!(tell(&house, &fake, &again, Some(ACME)).await.status, 200);
    house.until("another attempt", || (fake.came().len() == 2).then_some(())).await;
    house.reach(parcel, State::Awaiting).await;
    let never = error(ProcessingError::DecryptionFailed);
    assert_eq!(tell(&house, &fake, &never, Some(ACME)).await.status, 200);
    assert_eq!(house.state(parcel), State::Dead);
    assert_eq!(house.troubles(parcel), ["mdn_negative", "mdn_negative"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_sign_in_with_goes_to_their_as2_and_nowhere_else() {
    let fake = Fake::new().await;
    let more = format!(
        "basic = {{ user = 'us', password = {{ file = 'certs/word' }} }}\nmdn = {{ theirs = '{}' }}",
        fake.url.replace("127.0.0.1", "localhost")
    );
    let place = Place::new();
    place.secret("word", b"open sesame");
    let house = House::lakeside(place, &format!("{}/as2", fake.url), &more);
    let parcel = house.order("acme", "PO-1").await;
    house.reach(parcel, State::Awaiting).await;
    assert_eq!(fake.came()[0].header("authorization"), "Basic dXM6b3BlbiBzZXNhbWU=");
    // A receipt goes to another host.
    let to = format!("{}/mdn", fake.url.replace("127.0.0.1", "localhost"));
    let make = super::world::Make::new("<1@acme>", super::world::confirmation(1)).later(&to);
    assert_eq!(make.post(&house).await.status, 200);
    house
        .until("the receipt", || {
            fake.came().into_iter().find(|came| came.header("authorization").is_empty())
        })
        .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    house.close().await;
}
