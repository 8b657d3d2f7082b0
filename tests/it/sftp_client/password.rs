//! Servers that let us in by password: told to them at once, or as the answer to a question.

use super::house::{House, outgoing};
use super::sshd::{Options, Sshd, is_root};
use russh::server::{Auth, Handler, Response, run_stream};
use russh::{MethodKind, MethodSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio::net::TcpListener;
use wharf::transport::sftp::client::send::Sender;

const FOLDERS: &str = "push = 'in'\n[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '0s'\n";

const PASSWORD: &str = "open sesame, please";

/// Somebody who has an account here, as long as the test runs.
struct Account(String);

impl Account {
    fn new() -> Self {
        assert!(is_root(), "an account must be made: run the tests as root");
        let account = Self(format!("wharf-{}", std::process::id()));
        let mut add = Command::new("useradd");
        add.args(["--no-create-home", "--home-dir", "/nonexistent", "--no-user-group"]);
        assert!(add.args(["--shell", "/bin/sh", &account.0]).status().unwrap().success());
        let mut change = Command::new("chpasswd").stdin(Stdio::piped()).spawn().unwrap();
        let line = format!("{}:{PASSWORD}\n", account.0);
        change.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
        assert!(change.wait().unwrap().success());
        account
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let removed = Command::new("userdel").args(["--force", &self.0]).status();
        assert!(removed.is_ok_and(|status| status.success()), "{} is left", self.0);
    }
}

/// The wires to a server that somebody enters with a password.
fn wires(sshd: &Sshd, user: &str, password: &str) -> String {
    let secret = sshd.path("password");
    fs::write(&secret, password).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    format!(
        "[sftp.remote]\nhost = '127.0.0.1'\nport = {}\nuser = '{user}'\n\
         password = {{ file = '{}' }}\nhost_keys = ['{}']\n{FOLDERS}",
        sshd.port,
        secret.display(),
        sshd.pin()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_told_at_once_or_where_it_is_asked_for_and_never_in_vain() {
    let account = Account::new();
    let mut sshd = Sshd::start();
    let chown = Command::new("chown").args(["-R", &account.0]).arg(sshd.path("files")).status();
    assert!(chown.unwrap().success());
    let both = "UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication";
    for (lines, accepted, refused) in [
        (
            "KbdInteractiveAuthentication no\nPasswordAuthentication yes".to_owned(),
            "Accepted password",
            "Failed password",
        ),
        (format!("{both} yes"), "Accepted password", "Failed password"),
        (
            format!("{both} no"),
            "Accepted keyboard-interactive/pam",
            "PAM: Authentication failure for",
        ),
    ] {
        sshd.again(Options { lines: lines.clone(), ..Options::default() });
        fs::write(sshd.path("log"), "").unwrap();
        let mut house = House::new(&wires(&sshd, &account.0, PASSWORD));
        sshd.put("out/a.edi", "one");
        assert_eq!(house.took().await, 1, "{lines}{}", sshd.log());
        let sent = Sender::default().send(&house.remote(), &outgoing("x.edi", "x")).await;
        sent.unwrap_or_else(|error| panic!("{lines}{error}"));
        assert_eq!(sshd.names("in"), ["x.edi"]);
        fs::remove_file(sshd.file("in/x.edi")).unwrap();
        let log = sshd.log();
        assert_eq!(log.matches(accepted).count(), 2, "{lines}{log}");
        assert!(!log.contains("Failed"), "a way in was tried that is none: {log}");

        let house = House::new(&wires(&sshd, &account.0, "guessed"));
        let sent = Sender::default().send(&house.remote(), &outgoing("x.edi", "x")).await;
        let error = sent.unwrap_err();
        assert_eq!(error.code(), "access_denied", "{lines}{error}");
        assert!(error.to_string().contains("it does not take our password"), "{error}");
        assert_eq!(sshd.log().matches(refused).count(), 1, "tried once: {}", sshd.log());
    }
}

/// Asks for a password, and then for more.
struct Curious;

impl Handler for Curious {
    type Error = russh::Error;

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let told = response.into_iter().flatten().next();
        let prompt = match told.as_deref() {
            None => "Parole? ",
            Some(told) if told == PASSWORD.as_bytes() => "The code on your card: ",
            Some(_) => return Ok(Auth::reject()),
        };
        let prompts = vec![(prompt.into(), false)].into();
        Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_more_than_the_password_is_not_told_it_twice() {
    let mut sshd = Sshd::start();
    sshd.stop();
    let methods = MethodSet::from(&[MethodKind::KeyboardInteractive][..]);
    let keys = vec![russh::keys::load_secret_key(sshd.path("host"), None).unwrap()];
    let config = Arc::new(russh::server::Config { methods, keys, ..Default::default() });
    let listener = TcpListener::bind(("127.0.0.1", sshd.port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(session) = run_stream(Arc::clone(&config), stream, Curious).await {
                tokio::spawn(session);
            }
        }
    });
    let house = House::new(&wires(&sshd, "us", PASSWORD));
    let sent = Sender::default().send(&house.remote(), &outgoing("x.edi", "x")).await;
    let error = sent.unwrap_err();
    assert_eq!(error.code(), "access_denied", "{error}");
    let text = error.to_string();
    assert!(text.contains("more than the password: `The code on your card:"), "{text}");
}
