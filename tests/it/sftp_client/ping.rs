//! `wharf sftp ping`.

use super::sshd::{Options, Sshd};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What it says with `--json`, as step and whether it is good, and how it ends.
fn ping(wires: &str) -> (Vec<(String, Option<bool>)>, String, i32) {
    ping_with(wires, None)
}

/// The same where an agent listens.
fn ping_with(wires: &str, agent: Option<&Path>) -> (Vec<(String, Option<bool>)>, String, i32) {
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
    match agent {
        Some(socket) => wharf.env("SSH_AUTH_SOCK", socket),
        None => wharf.env_remove("SSH_AUTH_SOCK"),
    };
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

/// OpenSSH's agent.
struct Agent {
    home: TempDir,
    process: Child,
}

impl Agent {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-a"]).arg(home.path().join("socket")).stdout(Stdio::null());
        let agent = Self { process: command.spawn().expect("openssh-client is needed"), home };
        let end = Instant::now() + Duration::from_secs(10);
        while !agent.socket().exists() {
            assert!(Instant::now() < end, "the agent does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        agent
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("socket")
    }

    fn add(&self, key: &Path) {
        let mut add = Command::new("ssh-add");
        let added = add.arg("-q").arg(key).env("SSH_AUTH_SOCK", self.socket()).status();
        assert!(added.unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _dead = self.process.kill().and_then(|()| self.process.wait());
    }
}

#[test]
fn a_key_that_an_agent_holds_lets_us_in() {
    let (sshd, agent) = (Sshd::start(), Agent::start());
    sshd.put("out/a.edi", "one");
    let remote = sshd.remote(sshd.port, &sshd.pin());
    let key = remote.lines().find(|line| line.starts_with("key = ")).unwrap();
    let wires = format!("{}{WIRES}", remote.replace(key, "agent = true"));
    let last = |tried: &[(String, Option<bool>)]| tried.last().unwrap().clone();
    let not_in = ("signed in".to_owned(), Some(false));

    let (tried, text, code) = ping_with(&wires, None);
    assert_eq!((last(&tried), code), (not_in.clone(), 1), "{text}");
    assert!(text.contains("see SSH_AUTH_SOCK") && text.contains("\"us\""), "{text}");

    let (tried, text, _) = ping_with(&wires, Some(&agent.socket()));
    assert_eq!(last(&tried), not_in, "it holds none: {text}");

    sshd.keygen("other", "ed25519");
    agent.add(&sshd.path("other"));
    let (tried, text, _) = ping_with(&wires, Some(&agent.socket()));
    assert_eq!(last(&tried), not_in, "it holds another: {text}");
    assert!(text.contains("ask them to add our public key"), "{text}");

    agent.add(&sshd.path("client"));
    let (tried, text, code) = ping_with(&wires, Some(&agent.socket()));
    assert!(code == 0 && tried.iter().all(|(_, good)| *good == Some(true)), "{text}");
    assert_eq!(last(&tried).0, "put into in");
    assert_eq!(sshd.entered(), 1);
}
