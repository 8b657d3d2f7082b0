//! The real program, killed again and again while it fetches and puts: each file exactly once.

use super::super::served::{ERP, Receiver, Served, Ways, confirmation, order, until};
use super::sshd::{Sshd, names};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// When the program is killed.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// After a time.
    After(u64),
    /// At the n-th call of this sort.
    At(&'static str, u32),
}

/// At times that mean nothing.
fn any_time() -> Vec<Kill> {
    let mut pause = 120;
    let next = |round| {
        let kill = Kill::After(pause);
        pause = 60 + (pause * 7_919 + round) % 400;
        kill
    };
    (0..10).map(next).collect()
}

/// At the calls by which something changes on the disk, here and there.
fn each_step() -> Vec<Kill> {
    let calls =
        ["pwrite64", "fdatasync", "fsync", "rename,renameat,renameat2", "sendto,write,writev"];
    calls.into_iter().flat_map(|call| [8, 4, 3, 2, 1].map(|nth| Kill::At(call, nth))).collect()
}

/// Partners leave files; the ERP orders; the program is killed; then everything is counted.
async fn account(
    wire: &str,
    kills: &[Kill],
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
    let (mut left, mut ordered, mut reached) = (0, 0, BTreeMap::new());
    for kill in kills {
        if let Kill::At(call, nth) = kill {
            served.kill();
            let inject = format!("inject={call}:signal=KILL:when={nth}");
            served.start_under(&[&inject]);
        }
        for _ in 0..15 {
            left += 1;
            leave(left, &confirmation(left));
        }
        // The first calls are those of fetching, where nothing is ordered.
        let orders = if matches!(kill, Kill::At(_, 1..=4)) { 0 } else { 4 };
        for _ in 0..orders {
            ordered += 1;
            let path = "/v1/purchase-orders?partner=acme-medical";
            match kill {
                Kill::After(_) => doors.insist(ERP, path, &order(ordered), ordered).await,
                Kill::At(..) => {
                    // Nobody answers once it is dead.
                    let order = order(ordered);
                    let ask = doors.insist(ERP, path, &order, ordered);
                    let _asked = tokio::time::timeout(Duration::from_millis(700), ask).await;
                }
            }
        }
        match kill {
            Kill::After(pause) => {
                tokio::time::sleep(Duration::from_millis(*pause)).await;
                served.kill();
            }
            Kill::At(call, _) => {
                let times = reached.entry(*call).or_insert(0);
                match served.ended(Duration::from_secs(2)) {
                    Some(_) => *times += 1,
                    None => served.kill(),
                }
            }
        }
        served.start();
    }
    println!("reached: {reached:?}");
    assert!(reached.values().all(|times| *times > 0), "{reached:?}");
    for number in 1..=ordered {
        let path = "/v1/purchase-orders?partner=acme-medical";
        doors.insist(ERP, path, &order(number), number).await;
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
        "kill -9, {wire}: {left} files left and {ordered} orders through {} kills; {doubled} events doubled, \
         {put_twice} orders doubled, none lost",
        kills.len()
    );
    assert_eq!((doubled, put_twice), (0, 0), "{events:?}");
    until("nothing to be unfinished", async || {
        !names(lies).iter().any(|name| name.contains(".part"))
    })
    .await;
    served.end_in_order();
}

/// The same with files on a partner's server.
async fn at_a_server(kills: &[Kill]) {
    let sshd = Sshd::start();
    let remote = sshd.remote(sshd.port, &sshd.pin());
    let wires = format!(
        "{remote}push = 'in'\nevery = '1s'\n[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '0s'\n"
    );
    let out = sshd.file("out");
    account(
        "sftp",
        kills,
        &wires,
        &|number, text| leave(&out, number, text),
        &out,
        &sshd.file("in"),
    )
    .await;
}

/// The same with folders of this machine.
async fn in_folders(kills: &[Kill]) {
    let home = tempfile::tempdir().unwrap();
    let [out, lies] = ["out", "in"].map(|name| home.path().join(name));
    fs::create_dir(&out).unwrap();
    fs::create_dir(&lies).unwrap();
    let wires = format!(
        "[folder]\ninbound = '{}'\noutbound = '{}'\nevery = '1s'\nstable = '0s'\n",
        out.display(),
        lies.display()
    );
    account("folder", kills, &wires, &|number, text| leave(&out, number, text), &out, &lies).await;
}

fn leave(out: &Path, number: u32, text: &str) {
    let part = out.join(format!("{number}.edi.part"));
    fs::write(&part, text).unwrap();
    fs::rename(part, out.join(format!("{number}.edi"))).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_fetches_and_puts_each_file_is_there_once() {
    at_a_server(&any_time()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_of_fetching_and_putting_each_file_is_there_once() {
    at_a_server(&each_step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_takes_from_folders_each_file_is_there_once() {
    in_folders(&any_time()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_of_taking_from_folders_each_file_is_there_once() {
    in_folders(&each_step()).await;
}
