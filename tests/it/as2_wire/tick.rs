//! When what cannot be decrypted is answered: at a tick, which hides how long it took to find out.

use super::fake::{Fake, sealed};
use super::world::{House, Make, Packet, Place, STRANGER, confirmation, post};
use std::time::{Duration, Instant};
use wharf::pki::DigestAlgorithm;
use wharf::transport::as2::{Mic, ReceiptOptions};

/// The tick.
const TICK: Duration = Duration::from_millis(20);

/// How fast something is answered at its fastest. It costs no key of ours anything, so that without
/// the wait one of many tries is answered at once, on a machine however busy.
async fn fastest(url: &str, packet: &Packet, status: u16) -> Duration {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut fastest = Duration::MAX;
    for _ in 0..50 {
        let mut request = client.post(url).body(packet.body.clone());
        for (name, value) in &packet.headers {
            request = request.header(name, value);
        }
        let began = Instant::now();
        let response = request.send().await.unwrap();
        fastest = fastest.min(began.elapsed());
        assert_eq!(response.status().as_u16(), status);
        response.bytes().await.unwrap();
    }
    fastest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_decrypted_is_never_answered_before_the_tick() {
    let house = House::lakeside(Place::new(), "http://127.0.0.1:9/as2", "");
    let mut make = Make::new("<1@acme>", confirmation(1));
    make.encrypt = Some(STRANGER);
    let unsigned =
        ReceiptOptions { protocol: None, ..ReceiptOptions::signed(DigestAlgorithm::Sha256) };
    make.receipt.as_mut().unwrap().options = unsigned;
    let packet = make.packet();
    let heard = post(&house.url("/as2"), &packet).await;
    assert_eq!(heard.disposition(), "processed/error: decryption-failed");
    assert!(!heard.is_signed());
    let fastest = fastest(&house.url("/as2"), &packet, 200).await;
    assert!(fastest >= TICK, "{fastest:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_cannot_be_decrypted_is_never_answered_before_the_tick() {
    let fake = Fake::new().await;
    let more = "mdn = { ask = 'async' }";
    let house = House::lakeside(Place::new(), &format!("{}/as2", fake.url), more);
    let headers = vec![
        ("AS2-From".to_owned(), "ACME".to_owned()),
        ("AS2-To".to_owned(), "\"LAKESIDE AS2\"".to_owned()),
        ("Message-ID".to_owned(), "<1@acme>".to_owned()),
        ("Content-Type".to_owned(), "text/plain".to_owned()),
    ];
    let (headers, body) = sealed((headers, b"what".to_vec()), "-aes256", STRANGER);
    let packet = Packet { headers, body, mic: Mic::of(DigestAlgorithm::Sha256, b"") };
    let fastest = fastest(&house.url("/as2/mdn"), &packet, 400).await;
    assert!(fastest >= TICK, "{fastest:?}");
    house.close().await;
}
