//! When a file is taken, and when it is not.

use super::account::{accepted, confirmation, names};
use super::peers::paramiko;
use super::servers::{Ours, Server as _, said};
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wharf::event::State;

const ACME: &str = "acme-medical";

/// A folder with files of these names and contents.
fn local(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn a_file_is_taken_when_it_is_closed_under_a_final_name_or_renamed_to_one() {
    let ours = Ours::start(&[ACME]);
    let [a, b, c] = [1, 2, 3].map(confirmation);
    let folder = local(&[("a.edi", &a), ("b.edi", &b), ("c.edi", &c), ("empty.edi", "")]);
    let done = ours.sftp(
        ACME,
        folder.path(),
        "put a.edi inbound/\n\
         put b.edi inbound/b.edi.part\n\
         put c.edi inbound/.c.edi\n\
         put empty.edi inbound/\n\
         ls -lan inbound\n\
         rename inbound/b.edi.part inbound/b.edi\n\
         ls -ln inbound\n",
    );
    let text = said(&done);
    assert!(done.status.success(), "{text}");
    let (before, after) = text.split_once("rename").unwrap();
    let line = |text: &str, name: &str| {
        // The batch's own commands are repeated among the answers.
        let ends = |line: &&str| {
            line.starts_with('-')
                && (line.ends_with(&format!(" {name}")) || line.ends_with(&format!("/{name}")))
        };
        text.lines().find(ends).unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
    };
    // What was taken can be written no more, and looks like it.
    assert!(line(before, "a.edi").starts_with("-r--r--r--"));
    for waits in ["b.edi.part", ".c.edi", "empty.edi"] {
        let line = line(before, waits);
        assert!(line.starts_with("-rw-r--r--"), "{line}");
    }
    let size = format!(" {} ", b.len());
    assert!(line(before, "b.edi.part").contains(&size) && line(after, "b.edi").contains(&size));
    assert!(line(after, "b.edi").starts_with("-r--r--r--"));
    let all = accepted(ours, ACME);
    assert_eq!(names(&all), ["a.edi", "b.edi"]);
    assert_eq!((all[0].bytes.as_slice(), all[1].bytes.as_slice()), (a.as_bytes(), b.as_bytes()));
    assert!(all.iter().all(|file| file.state == State::Settled), "{all:?}");
}

#[test]
fn the_same_again_is_a_repetition_and_other_bytes_are_another_document() {
    let ours = Ours::start(&[ACME]);
    let [a, b] = [1, 2].map(confirmation);
    let folder = local(&[("a.edi", &a), ("b.edi", &b)]);
    ours.batch(
        ACME,
        folder.path(),
        "put a.edi inbound/\nput a.edi inbound/\nput a.edi inbound/other-name.edi\n\
         put b.edi inbound/a.edi\n\
         rename inbound/a.edi inbound/renamed.edi\nrename inbound/renamed.edi inbound/again.edi\n\
         put a.edi inbound/a.tmp\nrename inbound/a.tmp inbound/a.edi\n\
         rm inbound/again.edi\n",
    );
    let all = accepted(ours, ACME);
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!((all[0].bytes.as_slice(), all[1].bytes.as_slice()), (a.as_bytes(), b.as_bytes()));
}

#[test]
fn an_upload_that_was_cut_off_is_never_taken_and_can_be_resumed() {
    let ours = Ours::start(&[ACME]);
    let mut text = confirmation(1);
    text.push_str(&"\n".repeat(3_000_000));
    let folder = local(&[("large.edi", &text)]);
    // 8 Mbit/s: three seconds for all of it.
    let mut slow = Command::new("sftp")
        .args(["-l", "8000"])
        .args(ours.options())
        .arg(format!("{ACME}@127.0.0.1:inbound/"))
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(slow.stdin.as_mut().unwrap(), b"put large.edi\n").unwrap();
    let size = || {
        let listed = said(&ours.sftp(ACME, folder.path(), "ls -ln inbound\n"));
        let line = listed.lines().find(|line| line.contains("large.edi") && line.starts_with('-'));
        let line = line.map(str::to_owned).unwrap_or_default();
        (
            line.starts_with("-rw"),
            line.split_whitespace().nth(4).map_or(0, |size| size.parse().unwrap()),
        )
    };
    let end = Instant::now() + Duration::from_secs(20);
    while size().1 < 300_000 {
        assert!(Instant::now() < end, "nothing comes");
        std::thread::sleep(Duration::from_millis(50));
    }
    slow.kill().unwrap();
    slow.wait().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let (unfinished, so_far) = size();
    assert!(unfinished && so_far > 0 && so_far < text.len(), "{so_far}");
    ours.batch(ACME, folder.path(), "reput large.edi inbound/large.edi\n");
    assert_eq!(size(), (false, text.len()));
    let all = accepted(ours, ACME);
    assert_eq!(names(&all), ["large.edi"]);
    assert!(all[0].bytes == text.as_bytes());
}

#[test]
fn what_was_begun_outlives_the_program() {
    let mut ours = Ours::start(&[ACME]);
    let text = confirmation(1);
    let (first, _) = text.split_at(100);
    let folder = local(&[("a.edi.part", first), ("a.edi", &text)]);
    ours.batch(ACME, folder.path(), "put a.edi.part inbound/\n");
    ours.served.kill();
    ours.served.start();
    ours.batch(
        ACME,
        folder.path(),
        "reput a.edi inbound/a.edi.part\nrename inbound/a.edi.part inbound/a.edi\n",
    );
    let all = accepted(ours, ACME);
    assert_eq!(names(&all), ["a.edi"]);
    assert_eq!(all[0].bytes, text.as_bytes());
}

#[test]
fn more_than_was_agreed_is_refused_and_others_of_the_partner_go_on() {
    let mut ours = Ours::new(&[ACME], "limits = { partial_files = 2, partial_bytes = '200kB' }");
    let file = ours.served.file(ACME);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("[limits]\n", "[limits]\nbody = '150kB'\n")).unwrap();
    ours.served.start();
    let (large, half) = ("x".repeat(160_000), "x".repeat(110_000));
    let folder = local(&[("large", &large), ("half", &half), ("a.edi", &confirmation(1))]);
    let put = |commands: &str| ours.sftp(ACME, folder.path(), commands).status.success();
    assert!(!put("put large inbound/large.part\n"), "larger than any file may be");
    // Whoever writes piece by piece and closes what was refused has put nothing.
    let pieces = "s = connect()\nf = s.open('/inbound/large.edi', 'wb')\n\
                  refused(lambda: f.write(b'x' * 160000))\n\
                  refused(lambda: s._request(paramiko.sftp.CMD_CLOSE, f.handle))\n\
                  s.remove('/inbound/large.edi')\n";
    paramiko(&ours, ACME, pieces);
    assert!(put("rm inbound/large.part\nput half inbound/1.part\n"));
    assert!(!put("put half inbound/2.part\n"), "together they are too large");
    assert!(put("rm inbound/2.part\nput a.edi inbound/2.part\n"));
    assert!(!put("put a.edi inbound/3.part\n"), "there are two already");
    assert!(put("rename inbound/2.part inbound/2.edi\nput a.edi inbound/3.part\n"));
    assert!(put("rm inbound/1.part\nput a.edi inbound/4.edi\n"));
    assert_eq!(names(&accepted(ours, ACME)), ["2.edi"]);
}
