//! The partners' files change while it runs.

use super::super::served::{ERP, PARTNER, Served, Ways, confirmation, order, until};
use super::ear::{Ear, Reply, nobody};
use std::fs;
use wharf::message::Digest;

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_holds_within_seconds_and_a_broken_one_never() {
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    served.start();
    let doors = served.doors();
    let knock = async |token: &str, number| {
        doors.post(token, "/v1/edi", &confirmation(number), number).await.0
    };
    assert_eq!(knock("another token of theirs", 1).await, 401);
    let file = served.file("acme-medical");
    let before = fs::read_to_string(&file).unwrap();
    let hash = Digest::of(b"another token of theirs");
    let more = format!("{before}\n[[https.tokens]]\nsha256 = '{hash}'\nnote = 'a second'\n");
    fs::write(&file, &more).unwrap();
    until("the new token holds", async || knock("another token of theirs", 1).await == 202).await;
    // Without the new token, and with a fault: nothing of it holds.
    let line = 1 + before.lines().count();
    fs::write(&file, format!("{before}nonsense = 1\n")).unwrap();
    let told = format!("acme-medical.toml:{line}:");
    until("the fault is told", async || served.log().contains(&told)).await;
    assert_eq!(knock("another token of theirs", 2).await, 202);
    assert_eq!(knock(PARTNER, 3).await, 202);
    fs::write(&file, before).unwrap();
    until("the token is gone", async || knock("another token of theirs", 2).await == 401).await;
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_for_a_partner_whose_file_is_gone_is_put_aside_and_comes_back() {
    let address = nobody();
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    let retry = "[retry]\nwaits = ['1s']\nthen = '1s'\ngive_up = '1h'\n";
    served.partner("leaves", &format!("{{ url = 'http://{address}/' }}"), retry);
    served.start();
    let doors = served.doors();
    let path = "/v1/purchase-orders?partner=leaves";
    for number in 1..=3 {
        doors.insist(ERP, path, &order(number), number).await;
    }
    let list = async |state: &str| {
        let path = format!("/v1/messages?partner=leaves&state={state}");
        doors.operator(&path).await.1["messages"].as_array().cloned().unwrap_or_default()
    };
    until("all are queued", async || list("queued").await.len() == 3).await;
    let text = fs::read(served.file("leaves")).unwrap();
    fs::remove_file(served.file("leaves")).unwrap();
    until("all are put aside", async || list("dead").await.len() == 3).await;
    let dead = list("dead").await;
    let why = dead[0]["trouble"]["text"].as_str().unwrap();
    assert!(why.contains("gone from its file"), "{why}");
    let (status, problem) = doors.post(ERP, path, &order(4), 4).await;
    assert_eq!((status, &problem["code"]), (404, &"partner_unknown".into()), "{problem}");
    fs::write(served.file("leaves"), text).unwrap();
    until("the partner is known again", async || {
        doors.post(ERP, path, &order(4), 4).await.0 == 202
    })
    .await;
    let ear = Ear::at(address, |_, _| Reply::Status(204)).await;
    for message in &dead {
        let id = message["id"].as_str().unwrap();
        let run = served.wharf(&["spool", "retry", id, "--why", "they are back", "--by", "a test"]);
        assert!(run.status.success(), "{run:?}");
    }
    until("all have arrived", async || ear.taken().len() == 4).await;
    assert!(ear.taken().values().all(|times| *times == 1));
    served.end_in_order();
}
