//! What waits for a partner, and what a complete fetch does to it.

use super::account::confirmation;
use super::served::{ERP, order};
use super::servers::{Ours, Server as _, said};
use std::fs;
use std::time::{Duration, Instant};

const ACME: &str = "acme-medical";

/// What is listed in a folder.
fn listed(ours: &Ours, folder: &str) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let output = ours.sftp(ACME, home.path(), &format!("ls -1 {folder}\n"));
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter(|line| !line.starts_with("sftp>"));
    names.map(|name| name.trim().rsplit('/').next().unwrap().to_owned()).collect()
}

fn wait_for(ours: &Ours, folder: &str) -> String {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(name) = listed(ours, folder).first() {
            return name.clone();
        }
        assert!(Instant::now() < end, "nothing comes into {folder}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn send_order(ours: &Ours, number: u32) {
    let path = format!("/v1/purchase-orders?partner={ACME}");
    ours.served.doors().insist(ERP, &path, &order(number), number).await;
}

#[test]
fn an_acknowledgment_of_a_file_comes_back_within_two_seconds() {
    let ours = Ours::start(&[ACME]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.edi"), confirmation(7)).unwrap();
    ours.batch(ACME, folder.path(), "put a.edi inbound/\n");
    let put = Instant::now();
    let name = wait_for(&ours, "acknowledgments");
    assert!(put.elapsed() < Duration::from_secs(2), "{:?}", put.elapsed());
    ours.batch(
        ACME,
        folder.path(),
        &format!("get acknowledgments/{name}\nrm acknowledgments/{name}\n"),
    );
    let text = fs::read_to_string(folder.path().join(&name)).unwrap();
    assert!(text.contains("~AK1*PR*7~") && text.contains("~AK9*A*1*1*1~"), "{text}");
    assert!(listed(&ours, "acknowledgments").is_empty(), "it was fetched");
    assert!(listed(&ours, "outbound").is_empty());
}

#[test]
fn only_a_complete_fetch_is_a_receipt() {
    let ours = Ours::start(&[ACME]);
    send_order(&ours, 1);
    let name = wait_for(&ours, "outbound");
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    // Half of it is here already: the rest alone is no receipt.
    let home = tempfile::tempdir().unwrap();
    let refused = ours.sftp(ACME, home.path(), &format!("rm outbound/{name}\n"));
    assert!(!refused.status.success(), "it was not fetched yet");
    fs::write(&whole, "ISA*00*").unwrap();
    ours.batch(ACME, folder.path(), &format!("reget outbound/{name} whole\n"));
    assert_eq!(listed(&ours, "outbound"), std::slice::from_ref(&name));
    let rest = fs::read_to_string(&whole).unwrap();
    assert!(rest.starts_with("ISA*00*") && rest.contains("~ST*850*"), "{rest}");
    ours.batch(ACME, folder.path(), &format!("get outbound/{name} again\n"));
    assert_eq!(fs::read_to_string(folder.path().join("again")).unwrap(), rest);
    assert!(listed(&ours, "outbound").is_empty());
    let gone = ours.sftp(ACME, folder.path(), &format!("get outbound/{name}\n"));
    assert!(!gone.status.success());
}

#[test]
fn damaged_bytes_are_not_given_out_whole_nor_taken_for_a_receipt() {
    let ours = Ours::start(&[ACME]);
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}{}", confirmation(7), "\n".repeat(700_000));
    fs::write(folder.path().join("a.edi"), &text).unwrap();
    ours.batch(ACME, folder.path(), "put a.edi inbound/\nget inbound/a.edi back\n");
    assert_eq!(fs::read_to_string(folder.path().join("back")).unwrap(), text);
    let digest = wharf::message::Digest::of(text.as_bytes()).to_string();
    let body = ours.served.folder().join("spool/bodies").join(&digest[..2]).join(&digest);
    let mut bytes = fs::read(&body).unwrap();
    bytes[300_000] ^= 1;
    fs::write(&body, bytes).unwrap();
    for commands in ["get inbound/a.edi half\n", "reget inbound/a.edi half\n"] {
        let done = ours.sftp(ACME, folder.path(), commands);
        let said = said(&done);
        assert!(!done.status.success(), "{said}");
        let got = fs::metadata(folder.path().join("half")).map_or(0, |half| half.len());
        assert!(got < u64::try_from(text.len()).unwrap(), "{got}: {said}");
    }
    assert!(ours.served.log().contains("wharf spool verify"), "{}", ours.served.log());
}

#[test]
fn two_halves_in_two_sessions_are_a_receipt() {
    let ours = Ours::start(&[ACME]);
    send_order(&ours, 1);
    let name = wait_for(&ours, "outbound");
    let script = format!(
        "first = connect()\nf = first.open('/outbound/{name}', 'rb')\nsize = f.stat().st_size\n\
         half = f.read(100)\nassert len(half) == 100\nfirst.get_channel().get_transport().close()\n\
         second = connect()\nassert second.listdir('/outbound') == ['{name}']\n\
         f = second.open('/outbound/{name}', 'rb')\nf.seek(100)\nrest = f.read()\nf.close()\n\
         assert len(half) + len(rest) == size\nassert second.listdir('/outbound') == []\n"
    );
    super::peers::paramiko(&ours, ACME, &script);
}

#[test]
fn what_was_fetched_goes_to_the_archive_or_stays_as_was_agreed() {
    for (fetched, folder) in [("archive", "archive"), ("keep", "outbound")] {
        let mut ours = Ours::new(&[ACME], &format!("fetched = '{fetched}'"));
        ours.served.start();
        send_order(&ours, 1);
        let name = wait_for(&ours, "outbound");
        let home = tempfile::tempdir().unwrap();
        ours.batch(ACME, home.path(), &format!("get outbound/{name}\n"));
        assert_eq!(listed(&ours, folder), std::slice::from_ref(&name), "{fetched}");
        if fetched == "archive" {
            assert!(listed(&ours, "outbound").is_empty());
        }
        ours.batch(ACME, home.path(), &format!("get {folder}/{name} again\nrm {folder}/{name}\n"));
        assert_eq!(
            fs::read(home.path().join("again")).unwrap(),
            fs::read(home.path().join(&name)).unwrap()
        );
        ours.served.kill();
        ours.served.start();
        assert!(listed(&ours, folder).is_empty(), "{fetched}: what was removed stays so");
    }
}

#[test]
fn what_cannot_be_read_lies_in_rejected_with_the_reason_in_words() {
    let ours = Ours::start(&[ACME]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.edi"), "Dear Sirs,\n").unwrap();
    ours.batch(ACME, folder.path(), "put letter.edi inbound/\n");
    wait_for(&ours, "rejected");
    assert_eq!(listed(&ours, "rejected"), ["letter.edi", "letter.edi.txt"]);
    ours.batch(
        ACME,
        folder.path(),
        "get rejected/letter.edi.txt\nget rejected/letter.edi back\nrm rejected/letter.edi\n",
    );
    let why = fs::read_to_string(folder.path().join("letter.edi.txt")).unwrap();
    assert!(why.contains("this is not X12") && why.contains("Mend it and send it again"), "{why}");
    assert_eq!(fs::read_to_string(folder.path().join("back")).unwrap(), "Dear Sirs,\n");
    assert!(listed(&ours, "rejected").is_empty());
}
