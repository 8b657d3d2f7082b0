//! Many at once, and much in one mailbox.

use super::account::confirmation;
use super::servers::{Ours, Server as _};
use std::collections::BTreeSet;
use std::fs;

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
                assert!(output.status.success(), "{}", super::servers::said(&output));
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
