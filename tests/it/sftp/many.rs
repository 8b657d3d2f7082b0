//! Many at once, and much in one mailbox.

use super::account::confirmation;
use super::filled;
use super::servers::{Ours, Server as _, said};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn a_thousand_files_from_twenty_partners_at_once_are_each_taken_once() {
    let names: Vec<String> = (0..20).map(|number| format!("partner-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ours = Ours::start(&names);
    std::thread::scope(|scope| {
        for (number, name) in names.iter().enumerate() {
            let ours = &ours;
            scope.spawn(move || {
                let folder = tempfile::tempdir().unwrap();
                for file in 0..50 {
                    let text = confirmation(u32::try_from(number * 50 + file).unwrap());
                    fs::write(folder.path().join(format!("{file}.edi")), text).unwrap();
                }
                let options = ours.as_partner(name);
                let batch = folder.path().join("batch");
                fs::write(&batch, "cd inbound\nput *.edi\n").unwrap();
                let mut command = std::process::Command::new("sftp");
                command.args(options).arg("-b").arg(batch).arg(format!("{name}@127.0.0.1"));
                let output = command.current_dir(folder.path()).output().unwrap();
                assert!(output.status.success(), "{}", said(&output));
            });
        }
    });
    let listed = ours.sftp(names[0], ours.served.folder(), "ls -1 inbound\n");
    assert_eq!(String::from_utf8(listed.stdout).unwrap().matches(".edi").count(), 50);
    let accepted = super::account::accepted_of_all(ours, &names);
    assert_eq!(accepted.len(), 1_000);
    let bytes: BTreeSet<_> = accepted.iter().map(|file| &file.bytes).collect();
    assert_eq!(bytes.len(), 1_000);
}

#[test]
fn a_hundred_thousand_letters_are_listed_soon_and_leave_nothing_in_memory() {
    const ACME: &str = "acme-medical";
    let mut ours = Ours::new(&[ACME], "");
    filled::fill(&ours, ACME, 1_000);
    ours.served.start();
    let home = tempfile::tempdir().unwrap();
    ours.batch(ACME, home.path(), "ls inbound\n");
    let before = ours.memory();
    let more = |when: &str| {
        let more = ours.memory().saturating_sub(before) >> 20;
        println!("{when}: {more} MiB more than before");
        assert!(more < 16, "{when}: {more} MiB more than before");
    };
    let mut best = Duration::MAX;
    for when in ["listed once", "listed again"] {
        let begun = Instant::now();
        assert_eq!(listed(&ours, home.path()), 100_000);
        best = best.min(begun.elapsed());
        more(when);
    }
    println!("listed in {best:?}");
    // What is built without optimisation takes several times as long, beside other tests more.
    let most = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 5 });
    assert!(best < most, "{best:?}");
    // Somebody stays, and so does what was laid out for those who look.
    let _stays = ours.idle(ACME);
    std::thread::scope(|scope| {
        let lists: Vec<_> = (0..3).map(|_| scope.spawn(|| listed(&ours, home.path()))).collect();
        while lists.iter().any(|list| !list.is_finished()) {
            more("listed by three at once");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    more("after that, with one who stays");
    let name = filled::name(77_777);
    ours.batch(ACME, home.path(), &format!("get outbound/{name}\n"));
    assert_eq!(fs::read(home.path().join(&name)).unwrap(), [b'x'; 600]);
    more("after one was fetched by its name");
    let gone = ours.sftp(ACME, home.path(), &format!("get outbound/{name}\n"));
    assert!(!gone.status.success(), "it was fetched");
}

/// How many letters are listed.
fn listed(ours: &Ours, home: &Path) -> usize {
    let output = ours.sftp("acme-medical", home, "ls -1 outbound\n");
    said(&output).matches(".edi").count()
}
