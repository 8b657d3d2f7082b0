//! The real program, killed again and again while it fetches and puts: each file exactly once.

use super::super::served::{ERP, Receiver, Served, Ways, confirmation, order, until};
use super::sshd::{Sshd, names};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Partners leave files; the ERP orders; the program is killed; then everything is counted.
async fn account(
    wire: &str,
    wires: &str,
    leave: &(dyn Fn(u32, &str) + Sync),
    out: &Path,
    lies: &Path,
) {
    let receiver = Receiver::start_moody().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    let acme = fs::read_to_string(served.file("acme-medical")).unwrap();
    let retry = "[retry]\nwaits = ['1s']\nthen = '1s'\n";
    let acme = format!("deliver_by = '{wire}'\n{acme}\n{retry}{wires}");
    fs::write(served.file("acme-medical"), acme).unwrap();
    served.start();
    let doors = served.doors();
    let (mut left, mut ordered, mut pause) = (0, 0, 120);
    for round in 0..10 {
        for _ in 0..15 {
            left += 1;
            leave(left, &confirmation(left));
        }
        for _ in 0..4 {
            ordered += 1;
            let path = "/v1/purchase-orders?partner=acme-medical";
            doors.insist(ERP, path, &order(ordered), ordered).await;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        pause = 60 + (pause * 7_919 + round) % 400;
        served.kill();
        served.start();
    }
    until("every file to be taken", async || {
        names(out).is_empty() && receiver.told().len() >= usize::try_from(left).unwrap()
    })
    .await;
    let mut events: BTreeMap<String, Vec<String>> = BTreeMap::new();
    until("every document to be told", async || {
        events.clear();
        for (id, subject) in receiver.told() {
            let ids = events.entry(subject).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        (1..=left).all(|number| events.contains_key(&format!("IN-{number}")))
    })
    .await;
    let doubled = events.values().filter(|ids| ids.len() > 1).count();
    let mut put: BTreeMap<String, u32> = BTreeMap::new();
    until("every order to be put", async || {
        put.clear();
        for name in names(lies).iter().filter(|name| !name.contains(".part")) {
            let text = fs::read_to_string(lies.join(name)).unwrap();
            if let Some(number) =
                text.split("BEG*00*SA*PO-").nth(1).and_then(|rest| rest.split('*').next())
            {
                *put.entry(number.to_owned()).or_insert(0) += 1;
            }
        }
        put.len() == usize::try_from(ordered).unwrap()
    })
    .await;
    let put_twice = put.values().filter(|count| **count > 1).count();
    println!(
        "kill -9, {wire}: {left} files left and {ordered} orders through 10 kills; {doubled} events doubled, \
         {put_twice} orders doubled, none lost"
    );
    assert_eq!((doubled, put_twice), (0, 0), "{events:?}");
    until("nothing to be unfinished", async || {
        !names(lies).iter().any(|name| name.contains(".part"))
    })
    .await;
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_fetches_and_puts_each_file_is_there_once() {
    let sshd = Sshd::start();
    let remote = sshd.remote(sshd.port, &sshd.pin());
    let wires = format!(
        "{remote}push = 'in'\nevery = '1s'\n[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '0s'\n"
    );
    let out = sshd.file("out");
    let leave = |number: u32, text: &str| {
        let part = out.join(format!("{number}.edi.part"));
        fs::write(&part, text).unwrap();
        fs::rename(part, out.join(format!("{number}.edi"))).unwrap();
    };
    account("sftp", &wires, &leave, &out, &sshd.file("in")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_takes_from_folders_each_file_is_there_once() {
    let home = tempfile::tempdir().unwrap();
    let [out, lies] = ["out", "in"].map(|name| home.path().join(name));
    fs::create_dir(&out).unwrap();
    fs::create_dir(&lies).unwrap();
    let wires = format!(
        "[folder]\ninbound = '{}'\noutbound = '{}'\nevery = '1s'\nstable = '0s'\n",
        out.display(),
        lies.display()
    );
    let leave = |number: u32, text: &str| {
        let part = out.join(format!("{number}.edi.part"));
        fs::write(&part, text).unwrap();
        fs::rename(part, out.join(format!("{number}.edi"))).unwrap();
    };
    account("folder", &wires, &leave, &out, &lies).await;
}
