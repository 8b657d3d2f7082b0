//! The story that README.md begins with, told again by a shell and a running gateway.

use super::readme::{alike, blocks, commands};
use regex::Regex;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn the_story_of_the_readme_happens_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let ports = free_ports();
    let mut gateway = Gateway(serve(folder.path(), ports));
    let stories = blocks("sh-session");
    assert_eq!(stories.len(), 1);
    let (mut before, mut seen) = (String::new(), 0);
    for (command, shown) in commands(&stories[0]) {
        seen += 1;
        let command = elsewhere(&command, ports);
        let end = Instant::now() + Duration::from_secs(20);
        // Whoever types is slower than the gateway; a shell is not.
        let asks = !command.contains("--json") && !command.contains("--data");
        loop {
            let (given, printed) = bash(folder.path(), &before, &command);
            if alike(&masked(&shown), &masked(&printed))
                && !given.as_deref().is_some_and(str::is_empty)
            {
                before += &given.map_or_else(String::new, |given| format!("id={given}\n"));
                break;
            }
            assert!(
                asks && Instant::now() < end,
                "$ {command}\n-- README.md shows --\n{shown}\n-- it prints --\n{printed}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        if command.contains("() {") {
            before = before + &command + "\n";
        }
    }
    assert!(seen >= 12, "{seen} commands in the story");
    assert!(gateway.0.try_wait().unwrap().is_none());
}

struct Gateway(Child);

impl Drop for Gateway {
    fn drop(&mut self) {
        let _dead = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// The shipped sample, on other ports.
fn serve(folder: &Path, ports: [u16; 3]) -> Child {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("conformance"), folder.join("conformance")).unwrap();
    let copied = Command::new("cp").arg("-r").arg(root.join("partners")).arg(folder).status();
    assert!(copied.unwrap().success());
    fs::create_dir(folder.join("certs")).unwrap();
    let us = folder.join("partners/us.toml");
    fs::write(&us, elsewhere(&fs::read_to_string(&us).unwrap(), ports)).unwrap();
    let mut gateway = Command::new(env!("CARGO_BIN_EXE_wharf"))
        .arg("serve")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ready = BufReader::new(gateway.stdout.as_mut().unwrap()).lines().next().unwrap().unwrap();
    assert!(ready.ends_with("is ready"), "{ready}");
    gateway
}

fn elsewhere(text: &str, ports: [u16; 3]) -> String {
    let of =
        |text: String, (from, to): (u16, u16)| text.replace(&format!(":{from}"), &format!(":{to}"));
    let text = text.replace(":8422", ":0");
    (8443..).zip(ports).fold(text, of)
}

fn free_ports() -> [u16; 3] {
    let bound = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    bound.map(|listener| listener.local_addr().unwrap().port())
}

/// What a command prints, after those before it; and what it gives to the variable `id`, if it does.
fn bash(folder: &Path, before: &str, command: &str) -> (Option<String>, String) {
    let ours = Path::new(env!("CARGO_BIN_EXE_wharf")).parent().unwrap();
    let asked = command.starts_with("id=");
    let echo = if asked { "\necho $id" } else { "" };
    let script = format!("PATH=\"{}:$PATH\"\n{before}{command}{echo}", ours.display());
    let ran = Command::new("bash").args(["-c", &script]).current_dir(folder).output().unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap();
    if asked { (Some(printed.trim().to_owned()), String::new()) } else { (None, printed) }
}

/// Text without what is another each time: ids, times, and places in the journal.
fn masked(text: &str) -> String {
    let other = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
        (r"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?", "WHEN"),
        (r"\d\d:\d\d:\d\d", "TIME"),
        (r#""cursor":"[0-9-]+""#, "CURSOR"),
    ];
    other.iter().fold(text.to_owned(), |text, (pattern, mask)| {
        Regex::new(pattern).unwrap().replace_all(&text, *mask).into_owned()
    })
}
