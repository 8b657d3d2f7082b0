//! What it logs, and who reads it.

use super::super::served::{ERP, PARTNER, Receiver, Served, Ways, confirmation, order, until};
use super::ear::{Ear, Reply, nobody};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn neither_tokens_nor_what_messages_hold_are_logged() {
    let (receiver, address) = (Receiver::start_moody().await, nobody());
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.arguments = vec!["--log-level".to_owned(), "info,wharf=trace".to_owned()];
    let refuses = format!("{{ url = 'http://{address}/in', token = {{ env = 'HOOK' }} }}");
    served.partner("refuses", &refuses, "");
    // They repeat what they got.
    let ear = Ear::at(address, |_, _| Reply::Echo).await;
    served.start();
    let doors = served.doors();
    let hidden = ["Quagga", "Okapi", "Axolotl", "Numbat", "Pangolin"];
    let fine = confirmation(1).replace("NG-7701M", "Quagga");
    doors.insist(PARTNER, "/v1/edi", &fine, 1).await;
    let bad = confirmation(2).replace("*40*BX*8.75", "*Okapi*BX*8.75");
    doors.insist(PARTNER, "/v1/edi", &bad, 2).await;
    let forged = confirmation(3).replace("006081492      ", "Axolotl        ");
    doors.insist(PARTNER, "/v1/edi", &forged, 3).await;
    let none = confirmation(4).replace("SE*6*0001~", "Numbat");
    doors.insist(PARTNER, "/v1/edi", &none, 4).await;
    let order = order(5).replace("NG-7701M", "Pangolin");
    doors.insist(ERP, "/v1/purchase-orders?partner=refuses", &order, 5).await;
    let wrong = order.replace("\"40\"", "\"Pangolin\"");
    let (status, _) = doors.post(ERP, "/v1/purchase-orders?partner=refuses", &wrong, 6).await;
    assert_eq!(status, 422);
    let (status, _) = doors.post("Dodo-token", "/v1/edi", &fine, 7).await;
    assert_eq!(status, 401);
    until("the order is refused", async || ear.heard().len() == 1).await;
    until("the order is put aside", async || {
        let (_, listing) = doors.operator("/v1/messages?state=dead").await;
        listing["messages"].as_array().unwrap().len() == 1
    })
    .await;
    until("IN-1 is told", async || receiver.told().iter().any(|(_, of)| of == "IN-1")).await;
    until("what is forged or none is put aside", async || {
        served.log().matches("accepted").count() >= 5
    })
    .await;
    let log = served.log();
    served.end_in_order();
    let tokens = [PARTNER, ERP, "Dodo-token", "c2VjcmV0IGZvciBhIHRlc3Q="];
    for secret in hidden.iter().chain(&tokens) {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "`{secret}` was logged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_holds_nothing_up() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.arguments = vec!["--log-level".to_owned(), "info,wharf=trace".to_owned()];
    served.unread = true;
    served.start();
    let doors = served.doors();
    let begun = Instant::now();
    // Each leaves several lines, and a pipe holds 64 kB.
    for number in 1..=400 {
        doors.insist(PARTNER, "/v1/edi", &confirmation(number), number).await;
    }
    until("all are told", async || receiver.count() >= 400).await;
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_and_all_that_answers_it_can_be_followed_through_the_log() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.arguments = vec!["--log".to_owned(), "json".to_owned()];
    served.start();
    let doors = served.doors();
    // One after the other, so that the first has the first control number.
    for number in [1, 2] {
        let path = "/v1/purchase-orders?partner=acme-medical";
        doors.insist(ERP, path, &order(number), number).await;
        until("it is in the mailbox", async || {
            let (_, waiting) = doors.operator("/v1/messages?state=offered").await;
            waiting["messages"].as_array().unwrap().len() == usize::try_from(number).unwrap()
        })
        .await;
    }
    let accepted = "ST*997*0001~AK1*PO*1~AK2*850*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~";
    let shell = confirmation(7);
    let (begin, rest) = shell.split_once("ST*").unwrap();
    let (_, end) = rest.split_once("GE*").unwrap();
    let accepted = format!("{}{accepted}GE*{end}", begin.replace("GS*PR", "GS*FA"));
    doors.insist(PARTNER, "/v1/edi", &accepted, 3).await;
    doors.insist(PARTNER, "/v1/edi", &confirmation(8).replace("IN-8", "PO-1"), 4).await;
    until("all is told", async || receiver.count() >= 2).await;
    let said = |log: &str, message: &str| -> Vec<String> {
        let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
        let of = |line: serde_json::Value| {
            assert!(line["span"]["message_id"].is_string() || line["message_id"].is_string());
            let lineage = [&line["span"]["lineage"], &line["lineage"]];
            lineage.into_iter().find_map(|one| one.as_str()).unwrap_or_default().to_owned()
        };
        let those = |line: &serde_json::Value| line["message"] == message;
        lines.filter(those).map(of).collect()
    };
    until("what was read is logged", async || said(&served.log(), "read").len() == 2).await;
    let log = served.log();
    served.end_in_order();
    let orders = said(&log, "accepted");
    let [first, second] = [&orders[0], &orders[1]];
    assert!(first.starts_with("lin_") && first != second, "{orders:?}");
    let mut pressed = said(&log, "put into an interchange, or waits for others");
    pressed.sort();
    let mut both = [first.clone(), second.clone()];
    both.sort();
    assert_eq!(pressed, both);
    // The 997 to the first, and the 855.
    assert_eq!(said(&log, "read"), [first.clone(), first.clone()], "{log}");
}
