//! An ERP that hears events badly: late, wrong, not at all, and away to begin with.

use super::super::served::{PARTNER, Served, Ways, confirmation, until};
use super::ear::{Ear, Reply, nobody};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_erp_does_each_event_is_taken_once_in_the_end() {
    let address = nobody();
    let mut served = Served::new(&format!("http://{address}/"), Ways::Plain);
    served.start();
    let doors = served.doors();
    for number in 1..=10 {
        doors.insist(PARTNER, "/v1/edi", &confirmation(number), number).await;
    }
    // Nobody is there; then somebody comes, in a bad mood.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ear = Ear::at(address, |_, before| match before.len() {
        1 => Reply::Status(500),
        3 => Reply::Late(Duration::from_secs(3), 204),
        4 | 12 => Reply::Reset,
        6 => Reply::Busy(429, "1"),
        8 => Reply::Status(503),
        9 => Reply::Page,
        _ => Reply::Status(204),
    })
    .await;
    until("a few are told", async || ear.taken().len() >= 3).await;
    for number in 11..=20 {
        doors.insist(PARTNER, "/v1/edi", &confirmation(number), number).await;
    }
    until("all are told", async || ear.taken().len() == 20).await;
    served.end_in_order();
    assert_eq!(ear.keys().len(), 20, "more ids than documents");
    assert!(ear.taken().values().all(|times| *times == 1), "{:?}", ear.taken());
    let failed = ear.heard().iter().filter(|heard| heard.status != Some(204)).count();
    assert!(failed >= 5, "it was in no bad mood: {failed}");
    let subject = |heard: &super::ear::Heard| {
        let event: serde_json::Value = serde_json::from_slice(&heard.body).unwrap();
        assert_eq!(event["id"], heard.key);
        event["subject"].as_str().unwrap().to_owned()
    };
    let subjects = ear.heard().iter().map(subject).collect::<BTreeSet<_>>();
    assert_eq!(subjects, (1..=20).map(|number| format!("IN-{number}")).collect());
}
