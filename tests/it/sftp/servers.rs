//! Our server as a process of its own, with OpenSSH's clients.

#![allow(dead_code, reason = "the tests use some of it, the bench beside them the rest")]

use super::served::{Served, Ways};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A server that OpenSSH's client can speak to.
pub(super) trait Server: Sync {
    /// What tells the client where it is and who we are.
    fn options(&self) -> Vec<String>;

    /// Runs a batch of commands, which must all succeed.
    fn batch(&self, user: &str, folder: &Path, commands: &str) {
        let output = self.sftp(user, folder, commands);
        assert!(output.status.success(), "{commands}: {}", said(&output));
    }

    /// Runs a batch of commands.
    fn sftp(&self, user: &str, folder: &Path, commands: &str) -> Output {
        let home = tempfile::tempdir().unwrap();
        let batch = home.path().join("batch");
        fs::write(&batch, commands).unwrap();
        let mut command = Command::new("sftp");
        command.args(self.options()).arg("-b").arg(&batch);
        command.arg(address(user)).current_dir(folder).output().unwrap()
    }

    /// A client that is connected and asks for nothing, until it is dropped.
    fn idle(&self, user: &str) -> Idle {
        let mut command = Command::new("sftp");
        command.args(self.options()).arg(address(user));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Idle(command.spawn().unwrap())
    }
}

pub(super) struct Idle(Child);

impl Drop for Idle {
    fn drop(&mut self) {
        let _dead = self.0.kill().and_then(|()| self.0.wait());
    }
}

pub(super) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn address(user: &str) -> String {
    if user.is_empty() { "127.0.0.1".to_owned() } else { format!("{user}@127.0.0.1") }
}

/// Makes a key pair; the line of its public half.
pub(super) fn make_key(path: &Path, kind: &str) -> String {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-N", "", "-C", "test", "-f"]).arg(path);
    assert!(command.status().unwrap().success());
    fs::read_to_string(path.with_extension("pub")).unwrap().trim().to_owned()
}

/// The options of OpenSSH's clients for a server on this machine.
pub(super) fn options(port: u16, key: &Path) -> Vec<String> {
    let mut options = Vec::new();
    for option in [
        format!("Port={port}"),
        format!("IdentityFile={}", key.display()),
        "IdentitiesOnly=yes".to_owned(),
        "BatchMode=yes".to_owned(),
        "StrictHostKeyChecking=no".to_owned(),
        "UserKnownHostsFile=/dev/null".to_owned(),
        "LogLevel=ERROR".to_owned(),
    ] {
        options.extend(["-o".to_owned(), option]);
    }
    options
}

/// Our server.
pub(super) struct Ours {
    pub(super) served: Served,
    pub(super) key: PathBuf,
}

impl Ours {
    /// The program with the sample partners, of whom these have a mailbox with one key for all;
    /// those who are no sample are made.
    pub(super) fn new(partners: &[&str], more: &str) -> Self {
        let served = Served::new("http://127.0.0.1:9/", Ways::Plain);
        let folder = served.folder().to_owned();
        for name in partners {
            let line = make_key(&folder.join(name), "ed25519");
            if *name != "acme-medical" {
                served.partner(name, "'mailbox'", "");
            }
            let text = fs::read_to_string(served.file(name)).unwrap();
            let section = format!("[sftp]\n{more}\n[[sftp.keys]]\nkey = '{line}'\n");
            fs::write(served.file(name), format!("deliver_by = 'sftp'\n{text}\n{section}"))
                .unwrap();
        }
        let key = folder.join(partners[0]);
        Self { served, key }
    }

    /// The same, running.
    pub(super) fn start(partners: &[&str]) -> Self {
        let mut ours = Self::new(partners, "");
        ours.served.start();
        ours
    }

    pub(super) fn port(&self) -> u16 {
        self.served.sftp().port()
    }

    /// The options for one of the partners.
    pub(super) fn as_partner(&self, name: &str) -> Vec<String> {
        options(self.port(), &self.served.folder().join(name))
    }

    /// How many bytes of memory it has.
    pub(super) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// How many it had at most.
    pub(super) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.served.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
    }
}

impl Server for Ours {
    fn options(&self) -> Vec<String> {
        options(self.port(), &self.key)
    }
}
