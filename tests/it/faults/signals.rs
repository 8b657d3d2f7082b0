//! Signals: it ends in order, and goes on after a pause.

use super::super::served::{PARTNER, Receiver, Served, Ways, confirmation, until};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A document on its way, half of it sent.
struct Upload {
    stream: TcpStream,
    rest: String,
}

impl Upload {
    fn begin(address: &str, number: u32) -> Self {
        let body = confirmation(number);
        let (first, rest) = body.split_at(body.len() / 2);
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        write!(
            stream,
            "POST /v1/edi HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {PARTNER}\r\n\
             idempotency-key: {number}\r\ncontent-type: application/edi-x12\r\n\
             content-length: {}\r\n\r\n{first}",
            body.len()
        )
        .unwrap();
        Self { stream, rest: rest.to_owned() }
    }

    /// Sends the rest, and tells the status.
    fn finish(mut self) -> Option<u16> {
        self.stream.write_all(self.rest.as_bytes()).ok()?;
        self.status()
    }

    fn status(&mut self) -> Option<u16> {
        let mut head = [0; 12];
        self.stream.read_exact(&mut head).ok()?;
        std::str::from_utf8(&head).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_it_finishes_what_is_sent_in_time_and_takes_nothing_by_half() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let doors = served.doors();
    let [address, ..] = served.addresses();
    let in_time = (1..=3).map(|number| Upload::begin(&address, number)).collect::<Vec<_>>();
    let mut never = (4..=6).map(|number| Upload::begin(&address, number)).collect::<Vec<_>>();
    // A request that came later and is answered: theirs are under way.
    doors.insist(PARTNER, "/v1/edi", &confirmation(7), 7).await;
    served.signal("TERM");
    let told = Instant::now();
    until("nobody else gets in", async || TcpStream::connect(&address).is_err()).await;
    for upload in in_time {
        assert_eq!(upload.finish(), Some(202));
    }
    let status = served.ended(Duration::from_secs(40)).expect("it ends");
    assert!(status.success(), "{status}: {}", served.log());
    assert!(told.elapsed() < Duration::from_secs(33), "{:?}", told.elapsed());
    for upload in &mut never {
        assert_ne!(upload.status(), Some(202));
    }
    served.start();
    for number in 4..=6 {
        doors.insist(PARTNER, "/v1/edi", &confirmation(number), number).await;
    }
    until("all seven are told", async || {
        let told = receiver.told().into_iter().collect::<std::collections::BTreeSet<_>>();
        told.len() == 7
    })
    .await;
    let (_, listing) = doors.operator("/v1/messages?direction=inbound").await;
    assert_eq!(listing["messages"].as_array().unwrap().len(), 7, "{listing}");
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_for_a_while_it_goes_on_where_it_was() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let doors = served.doors();
    let hands = tokio::spawn(async move {
        for number in 1..=300 {
            doors.insist(PARTNER, "/v1/edi", &confirmation(number), number).await;
        }
    });
    until("some are told", async || receiver.count() > 5).await;
    served.signal("STOP");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!hands.is_finished());
    served.signal("CONT");
    hands.await.unwrap();
    until("all are told", async || receiver.count() >= 300).await;
    let mut told = receiver.told();
    told.sort();
    let all = told.len();
    told.dedup();
    assert_eq!((told.len(), all), (300, 300), "some were told twice");
    served.end_in_order();
}
