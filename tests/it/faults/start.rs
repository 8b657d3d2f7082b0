//! What keeps it from beginning: another process, files that others can read, files with faults.

use super::super::served::{ERP, Receiver, Served, Ways, order, until};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;
use std::time::Duration;

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_second_process_on_a_spool_ends_at_once_and_names_the_first() {
    let mut first = Served::new("http://127.0.0.1:9/", Ways::Plain);
    first.start();
    // The same files say the same ports, which are taken too.
    let addresses = first.addresses();
    let us = fs::read_to_string(first.file("us")).unwrap();
    let us = addresses.iter().fold(us, |us, address| us.replacen("127.0.0.1:0", address, 1));
    fs::write(first.file("us"), us).unwrap();
    let second = first.fail_to_start();
    assert_eq!(second.status.code(), Some(2), "{}", told(&second));
    let pid = format!("by process {}", first.pid());
    assert!(told(&second).contains(&pid), "{}", told(&second));
    assert!(second.stdout.is_empty(), "{second:?}");
    first.end_in_order();
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    let key = served.folder().join("hook.key");
    fs::write(&key, "whsec_c2VjcmV0IGZvciBhIHRlc3Q=\n").unwrap();
    let us = fs::read_to_string(served.file("us")).unwrap();
    let us = us.replace("{ env = \"HOOK\" }", "{ file = \"hook.key\" }");
    let line = 1 + us.lines().position(|line| line.contains("hook.key")).unwrap();
    fs::write(served.file("us"), us).unwrap();
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let ended = served.fail_to_start();
        assert_eq!(ended.status.code(), Some(2), "{}", told(&ended));
        let told = told(&ended);
        assert!(told.contains(&format!("us.toml:{line}:")), "{told}");
        assert!(told.contains("hook.key") && !told.contains("whsec"), "{told}");
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let mut served = served;
    served.start();
    served.end_in_order();
}

#[test]
fn every_fault_of_the_files_is_told_with_its_line_and_nothing_begins() {
    let served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    let acme = fs::read_to_string(served.file("acme-medical")).unwrap();
    fs::write(served.file("acme-medical"), format!("colour = 'red'\n{acme}")).unwrap();
    served.partner("other", "{ url = 'ftp://there/' }", "[retry]\nwaits = ['soon']\n");
    let ended = served.fail_to_start();
    let told = told(&ended);
    assert_eq!(ended.status.code(), Some(2), "{told}");
    for fault in ["acme-medical.toml:1:1: ", "other.toml:9:19: ", "other.toml:14:10: "] {
        assert!(told.contains(fault), "{fault} is not in: {told}");
    }
    assert!(!served.folder().join("spool").exists(), "a spool was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_restored_from_an_older_copy_is_served_only_when_it_was_made_safe() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let post = async |served: &Served, number: u32| {
        let doors = served.doors();
        let path = "/v1/purchase-orders?partner=acme-medical";
        doors.insist(ERP, path, &order(number), number).await;
        until("it is in the mailbox", async || {
            let (_, listing) = doors.operator("/v1/messages?state=offered").await;
            listing.to_string().contains(&format!("PO-{number}"))
        })
        .await;
    };
    let numbers = |served: &Served| -> Vec<u64> {
        let out = served.wharf(&["spool", "numbers", "acme-medical", "--json"]).stdout;
        let lines = String::from_utf8(out).unwrap();
        let last = |line: &str| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["last"].as_u64().unwrap()
        };
        lines.lines().map(last).collect()
    };
    post(&served, 1).await;
    let copy = served.folder().join("copy");
    let copied = served.wharf(&["spool", "backup", copy.to_str().unwrap()]);
    assert!(copied.status.success(), "{}", told(&copied));
    post(&served, 2).await;
    post(&served, 3).await;
    assert_eq!(numbers(&served), [3, 3]);
    served.signal("TERM");
    assert!(served.ended(Duration::from_secs(30)).unwrap().success());
    let spool = served.folder().join("spool");
    fs::rename(&spool, served.folder().join("lost")).unwrap();
    fs::rename(&copy, &spool).unwrap();
    let refused = served.fail_to_start();
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("it was restored from an older copy"), "{}", told(&refused));
    assert!(told(&refused).contains("`wharf spool restored`"), "{}", told(&refused));
    let safe = served.wharf(&["spool", "restored"]);
    assert!(safe.status.success(), "{}", told(&safe));
    let said = String::from_utf8_lossy(&safe.stdout).into_owned();
    assert!(said.contains("the copy ends at 000000001, the next is 000100004"), "{said}");
    served.start();
    // What the ERP posts again is the same to it; to us it is new, under a number never used.
    post(&served, 2).await;
    assert_eq!(numbers(&served), [100_004, 100_004]);
    served.end_in_order();
}
