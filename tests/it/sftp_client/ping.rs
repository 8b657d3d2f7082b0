//! `wharf sftp ping`.

use super::sshd::{Options, Sshd};
use std::fs;
use std::process::Command;

/// What it says with `--json`, as step and whether it is good, and how it ends.
fn ping(wires: &str) -> (Vec<(String, Option<bool>)>, String, i32) {
    let home = tempfile::tempdir().unwrap();
    let us = "title = 'Us'\nidentities = [{ isa = 'ZZ:US', gs = ['US'] }]\n";
    fs::write(home.path().join("us.toml"), us).unwrap();
    let acme = format!(
        "title = 'Acme'\nrole = 'supplier'\nmode = 'test'\nowner = 'o'\n\
         identities = [{{ isa = 'ZZ:ACME', gs = ['ACME'] }}]\n{wires}"
    );
    fs::write(home.path().join("acme.toml"), acme).unwrap();
    let mut wharf = Command::new(env!("CARGO_BIN_EXE_wharf"));
    wharf.args(["sftp", "ping", "acme", "--json", "--partners"]).arg(home.path());
    let output = wharf.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let lines = text.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (line["step"].as_str().unwrap().to_owned(), line["good"].as_bool())
    });
    (lines.collect(), text.clone() + &errors, output.status.code().unwrap())
}

fn steps(of: &[(&str, Option<bool>)]) -> Vec<(String, Option<bool>)> {
    of.iter().map(|(step, good)| ((*step).to_owned(), *good)).collect()
}

const WIRES: &str = "push = 'in'\n[[sftp.remote.fetch]]\nfolder = 'out'\n";

#[test]
fn every_step_is_tried_and_nothing_is_left_behind() {
    let sshd = Sshd::start();
    sshd.put("out/a.edi", "one");
    let (tried, text, code) = ping(&format!("{}{WIRES}", sshd.remote(sshd.port, &sshd.pin())));
    let good = [
        "name",
        "reached",
        "ssh",
        "host key",
        "signed in",
        "sftp",
        "fetch from out",
        "put into in",
    ];
    assert_eq!(tried, steps(&good.map(|step| (step, Some(true)))), "{text}");
    assert!(
        text.contains("1 files, 1 of them for us, which can be read; we may rename and delete"),
        "{text}"
    );
    assert_eq!((code, sshd.names("out"), sshd.names("in").len()), (0, vec!["a.edi".to_owned()], 0));
}

#[test]
fn what_stands_in_the_way_is_named_with_whose_move_it_is() {
    let yes = Some(true);
    let mut sshd = Sshd::start();
    let wires = |sshd: &Sshd, pin: &str| format!("{}{WIRES}", sshd.remote(sshd.port, pin));

    let (tried, text, code) = ping(&wires(&sshd, &sshd.line("client")));
    let until = [("name", yes), ("reached", yes), ("ssh", yes), ("host key", Some(false))];
    assert_eq!((tried, code), (steps(&until), 1), "{text}");
    assert!(text.contains(&format!("add to host_keys: \\\"{}\\\"", sshd.pin())), "{text}");

    fs::write(sshd.path("authorized"), "").unwrap();
    let (tried, text, _) = ping(&wires(&sshd, &sshd.pin()));
    assert_eq!(tried.last().unwrap(), &("signed in".to_owned(), Some(false)), "{text}");
    assert!(
        text.contains("ask them to add our public key") && text.contains("\"partner\""),
        "{text}"
    );
    fs::copy(sshd.path("client.pub"), sshd.path("authorized")).unwrap();

    sshd.again(Options { sftp: "-R".to_owned(), ..Options::default() });
    let (tried, text, code) = ping(&wires(&sshd, &sshd.pin()));
    let files = [("fetch from out", None), ("put into in", Some(false))];
    assert_eq!((&tried[6..], code), (&steps(&files)[..], 1), "{text}");

    fs::remove_dir(sshd.file("out")).unwrap();
    let (_, text, _) = ping(&wires(&sshd, &sshd.pin()));
    assert!(text.contains("there is no such folder"), "{text}");

    sshd.stop();
    let (tried, text, _) = ping(&wires(&sshd, &sshd.pin()));
    assert_eq!(tried, steps(&[("name", yes), ("reached", Some(false))]), "{text}");
}
