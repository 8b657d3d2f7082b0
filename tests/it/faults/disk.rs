//! A disk that is full or read-only, and a copy of the spool that was taken meanwhile.

use super::super::served::{ERP, PARTNER, Receiver, Served, Ways, confirmation, confirmation_of};
use super::super::served::{order, until};
use super::super::small_disk::Disk;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

const ORDERS: &str = "/v1/purchase-orders?partner=acme-medical";

#[tokio::test(flavor = "multi_thread")]
async fn without_room_everyone_is_told_so_and_with_room_it_goes_on_by_itself() {
    let disk = Disk::of_megabytes(290);
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.arguments = vec!["--spool".to_owned(), disk.spool()];
    served.start();
    let doors = served.doors();
    doors.insist(PARTNER, "/v1/edi", &confirmation(1), 1).await;
    assert_eq!(doors.operator("/readyz").await.0, 200);
    let ballast = disk.ballast(40 << 20);
    for (token, path, body) in [(PARTNER, "/v1/edi", confirmation(2)), (ERP, ORDERS, order(3))] {
        let (status, problem) = doors.post(token, path, &body, 2).await;
        assert_eq!((status, &problem["code"]), (507, &"spool_full".into()), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("again later"), "{problem}");
    }
    assert_eq!(doors.operator("/healthz").await.0, 200);
    let (status, readiness) = doors.operator("/readyz").await;
    assert_eq!(status, 503);
    let failing = readiness["checks"].as_array().unwrap().iter();
    let failing = failing.filter(|check| check["holds"] == false).collect::<Vec<_>>();
    assert_eq!((failing.len(), &failing[0]["name"]), (1, &"disk".into()), "{readiness}");
    // What was accepted before goes its way with the last of the disk.
    until("IN-1 is told", async || receiver.count() == 1).await;
    std::fs::remove_file(&ballast).unwrap();
    until("it is ready again", async || doors.operator("/readyz").await.0 == 200).await;
    doors.insist(PARTNER, "/v1/edi", &confirmation(2), 2).await;
    doors.insist(ERP, ORDERS, &order(3), 2).await;
    for _ in 0..2 {
        until("IN-1 and IN-2 are told", async || {
            let mut told =
                receiver.told().into_iter().map(|(_, subject)| subject).collect::<Vec<_>>();
            told.sort();
            told.dedup();
            told == ["IN-1", "IN-2"]
        })
        .await;
        until("two 997 and an order wait", async || doors.mailbox().await.len() == 3).await;
        served.kill();
        served.start();
    }
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_long_is_told_of() {
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    assert!(served.start_under(&["inject=fdatasync:delay_enter=200000"]));
    served.doors().insist(PARTNER, "/v1/edi", &confirmation(1), 1).await;
    until("the log says so", async || served.log().contains("the disk took long")).await;
}

#[test]
fn a_disk_that_cannot_be_written_to_is_told_at_the_start() {
    let disk = Disk::of_megabytes(290);
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    served.arguments = vec!["--spool".to_owned(), disk.spool()];
    served.start();
    served.kill();
    disk.remount("ro");
    let ended = served.fail_to_start();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{told}");
    assert!(told.contains("Read-only file system") && told.contains(&disk.spool()), "{told}");
    disk.remount("rw");
    served.start();
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_spool_that_is_taken_while_it_runs_is_whole_in_another_place() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let doors = served.doors();
    for number in 1..=20 {
        let lines = if number % 3 == 0 { 1000 } else { 1 };
        doors.insist(PARTNER, "/v1/edi", &confirmation_of(number, lines), number).await;
    }
    let going_on = tokio::spawn(async move {
        for number in 21..=120 {
            let lines = if number % 3 == 0 { 1000 } else { 1 };
            doors.insist(PARTNER, "/v1/edi", &confirmation_of(number, lines), number).await;
        }
    });
    let mut copies = Vec::new();
    while !going_on.is_finished() && copies.len() < 5 {
        let place = tempfile::tempdir().unwrap();
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(served.folder().join("spool")).arg(place.path());
        assert!(copy.status().unwrap().success());
        copies.push(place);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    going_on.await.unwrap();
    assert!(!copies.is_empty());
    for place in copies {
        let spool = place.path().join("spool");
        let spool = spool.to_str().unwrap();
        // It opens; then it is whole.
        let listed = served.wharf(&["spool", "list", "--json", "--limit", "500", "--spool", spool]);
        assert!(listed.status.success(), "{listed:?}");
        let listed = String::from_utf8(listed.stdout).unwrap();
        let inbound = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let inbound = inbound.filter(|line| line["direction"] == "inbound").count();
        assert!(inbound >= 20, "{inbound} of at least 20");
        let verified = served.wharf(&["spool", "verify", "--json", "--spool", spool]);
        let told = String::from_utf8_lossy(&verified.stdout).into_owned();
        assert_eq!(verified.status.code(), Some(0), "{told}");
        let mut restored = Served::new(&receiver.url, Ways::Plain);
        restored.arguments = vec!["--spool".to_owned(), spool.to_owned()];
        restored.start();
        restored.end_in_order();
    }
    served.end_in_order();
}
