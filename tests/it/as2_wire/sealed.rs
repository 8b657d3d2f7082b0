//! Receipts that come encrypted: opened with our keys, and then held against what we sent as any other.

use super::fake::{Change, Fake, Say, sealed};
use super::world::{ACME, Heard, House, LAKESIDE, Packet, Place, STRANGER, post};
use wharf::event::State;
use wharf::message::MessageId;
use wharf::pki::DigestAlgorithm;
use wharf::transport::as2::{Disposition, Mic, PROOF, ProcessingError, RECEIPT};

const CBC: &str = "-aes256";
const GCM: &str = "-aes-256-gcm";

async fn lakeside(more: &str) -> (House, Fake) {
    let fake = Fake::new().await;
    let house = House::lakeside(Place::new(), &format!("{}/as2", fake.url), more);
    (house, fake)
}

fn receipt(disposition: Disposition, sign: Option<usize>, change: Change) -> Say {
    Say::Receipt(disposition, sign, change)
}

/// That it was delivered, and by a receipt that was kept as it came.
fn delivered(house: &House, parcel: MessageId) {
    let story = house.story(parcel);
    assert_eq!(story.iter().filter(|name| **name == "delivered").count(), 1, "{story:?}");
    let kept = house.kept(parcel, RECEIPT).unwrap();
    let kept = String::from_utf8_lossy(&kept);
    assert!(kept.contains("enveloped-data") && !kept.contains("Original-Message-ID"), "{kept}");
    let proof = String::from_utf8(house.kept(parcel, PROOF).unwrap()).unwrap();
    assert!(proof.contains("\"encrypted\": \"aes-"), "{proof}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_receipt_in_the_answer_proves_a_delivery() {
    for (more, say, option) in [
        ("", Say::good(), CBC),
        ("", Say::good(), "-aes128"),
        ("", Say::good(), GCM),
        ("mdn = { signed = false }", receipt(Disposition::Processed, None, Change::Nothing), CBC),
        (
            "legacy = [{ allow = '3des-cbc', until = 2099-01-01, why = 'theirs is old' }]",
            Say::good(),
            "-des3",
        ),
    ] {
        let (house, fake) = lakeside(more).await;
        fake.say([Say::Sealed(Box::new(say), option, LAKESIDE)]);
        let parcel = house.order("acme", "PO-1").await;
        house.reach(parcel, State::Awaiting).await;
        assert!(house.troubles(parcel).is_empty(), "{option}: {:?}", house.troubles(parcel));
        if option != "-des3" {
            delivered(&house, parcel);
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_receipt_proves_nothing_that_it_would_not_prove_otherwise() {
    let (house, fake) = lakeside("").await;
    let no = Disposition::Error(ProcessingError::AuthenticationFailed);
    let processed = || Disposition::Processed;
    for (say, option, recipient, code) in [
        // What is inside is told only if it is proven to be theirs, or cannot have been changed.
        (receipt(processed(), Some(STRANGER), Change::Nothing), CBC, LAKESIDE, "mdn_unreadable"),
        (receipt(processed(), None, Change::Nothing), CBC, LAKESIDE, "mdn_unreadable"),
        (receipt(processed(), Some(STRANGER), Change::Nothing), GCM, LAKESIDE, "mdn_bad_signature"),
        (receipt(processed(), None, Change::Nothing), GCM, LAKESIDE, "mdn_unsigned"),
        (receipt(no, Some(ACME), Change::Nothing), CBC, LAKESIDE, "mdn_negative"),
        (receipt(processed(), Some(ACME), Change::Mic), CBC, LAKESIDE, "mic_mismatch"),
        (receipt(processed(), Some(ACME), Change::Original), CBC, LAKESIDE, "mdn_wrong_message"),
        (Say::good(), CBC, STRANGER, "mdn_unreadable"),
        (Say::good(), "-des3", LAKESIDE, "mdn_unreadable"),
    ] {
        let what = format!("{say:?} {option}");
        let before = fake.came().len();
        fake.say([Say::Sealed(Box::new(say), option, recipient)]);
        let parcel = house.order("acme", &format!("PO-{before}")).await;
        house.until(&what, || house.troubles(parcel).first().cloned()).await;
        assert_eq!(house.troubles(parcel)[0], code, "{what}");
        // What cannot be read is asked for again, as a receipt that was lost is.
        let end = if code == "mdn_unreadable" { State::Awaiting } else { State::Dead };
        house.reach(parcel, end).await;
    }
    house.close().await;
}

/// Posts an encrypted receipt for the message that came last.
async fn tell(
    house: &House,
    fake: &Fake,
    path: &str,
    (sign, change): (Option<usize>, Change),
    spoil: impl Fn(&mut Vec<u8>),
) -> Heard {
    let came = fake.came().pop().unwrap();
    let receipt = came.receipt(&Disposition::Processed, sign, change);
    let (headers, mut body) = sealed(receipt, CBC, LAKESIDE);
    spoil(&mut body);
    let mic = Mic::of(DigestAlgorithm::Sha256, b"");
    post(&house.url(path), &Packet { headers, body, mic }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_receipt_that_comes_by_itself_proves_a_delivery() {
    for path in ["/as2/mdn", "/as2"] {
        let (house, fake) = lakeside("mdn = { ask = 'async', within = '1h' }").await;
        fake.say([Say::Status(202)]);
        let parcel = house.order("acme", "PO-1").await;
        house
            .until("it to be taken", || house.story(parcel).contains(&"handed_over").then_some(()))
            .await;
        for _ in 0..2 {
            let heard = tell(&house, &fake, path, (Some(ACME), Change::Nothing), |_| ()).await;
            assert_eq!((heard.status, heard.text()), (200, String::new()), "{path}");
        }
        delivered(&house, parcel);
        assert!(house.arrived().is_empty(), "it is no message");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_an_encrypted_receipt_is_told_the_same_each_time_and_not_for_ever() {
    for path in ["/as2/mdn", "/as2"] {
        let more = "mdn = { ask = 'async', within = '1h' }\nfailures_per_hour = 7";
        let (house, fake) = lakeside(more).await;
        fake.say([Say::Status(202)]);
        let parcel = house.order("acme", "PO-1").await;
        house
            .until("it to be taken", || house.story(parcel).contains(&"handed_over").then_some(()))
            .await;
        let signed = (Some(ACME), Change::Nothing);
        let padding = |body: &mut Vec<u8>| {
            let at = body.len() - 17;
            body[at] ^= 0x55;
        };
        let middle = |body: &mut Vec<u8>| {
            let at = body.len() - 700;
            body[at] ^= 1;
        };
        let first = |body: &mut Vec<u8>| {
            let at = body.windows(4).position(|it| it == [0x04, 0x82, 1, 0]).unwrap() + 50;
            body[at] ^= 1;
        };
        let heard = [
            tell(&house, &fake, path, signed, padding).await,
            tell(&house, &fake, path, signed, middle).await,
            tell(&house, &fake, path, signed, first).await,
            tell(&house, &fake, path, signed, |body| body.truncate(body.len() - 16)).await,
            tell(&house, &fake, path, (Some(STRANGER), Change::Nothing), |_| ()).await,
            tell(&house, &fake, path, (None, Change::Nothing), |_| ()).await,
            tell(&house, &fake, path, (None, Change::Original), |_| ()).await,
        ];
        let told = |heard: &Heard| (heard.status, heard.text());
        assert!(
            heard.iter().all(|it| told(it) == told(&heard[0])),
            "{:?}",
            heard.each_ref().map(told)
        );
        let expected = if path == "/as2" { 422 } else { 400 };
        assert_eq!(heard[0].status, expected, "{}", heard[0].text());
        assert!(!house.story(parcel).contains(&"delivered"));
        let heard = tell(&house, &fake, path, signed, |_| ()).await;
        assert_eq!(heard.status, 429, "{path}: {}", heard.text());
        house.close().await;
    }
}
