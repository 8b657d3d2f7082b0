//! Uploads that are cut off at random, and what the end of the program does to one.

use super::account::{accepted, confirmation, names};
use super::servers::{Ours, Server as _, options};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ACME: &str = "acme-medical";

/// Stands between, and cuts the line once a client has sent so many bytes on it.
fn between(server: u16, cut: Arc<AtomicU64>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for near in listener.incoming() {
            let (near, cut) = (near.unwrap(), Arc::clone(&cut));
            std::thread::spawn(move || pass(&near, server, cut.load(Ordering::Relaxed)));
        }
    });
    own
}

fn pass(near: &TcpStream, server: u16, mut left: u64) {
    let far = TcpStream::connect(("127.0.0.1", server)).unwrap();
    let (mut from_far, mut to_near) = (far.try_clone().unwrap(), near.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ended = std::io::copy(&mut from_far, &mut to_near);
        let _ended = to_near.shutdown(Shutdown::Both);
    });
    let (mut from, mut to, mut buffer) = (near, &far, vec![0; 8_192]);
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let read64 = u64::try_from(read).unwrap().min(left);
        left -= read64;
        let some = &buffer[..usize::try_from(read64).unwrap()];
        if to.write_all(some).is_err() || left == 0 {
            break;
        }
    }
    // As a network does that is gone, or a client that is killed.
    let _cut = (far.shutdown(Shutdown::Both), near.shutdown(Shutdown::Both));
}

fn sftp(port: u16, key: &Path, folder: &Path, commands: &str) -> bool {
    let batch = folder.join("batch");
    fs::write(&batch, commands).unwrap();
    let mut command = Command::new("sftp");
    command.args(options(port, key)).arg("-b").arg(&batch).arg(format!("{ACME}@127.0.0.1"));
    command.current_dir(folder).output().unwrap().status.success()
}

fn random(most: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % most
}

#[test]
fn uploads_cut_anywhere_are_taken_once_and_only_whole() {
    let ours = Ours::start(&[ACME]);
    let cut = Arc::new(AtomicU64::new(u64::MAX));
    let port = between(ours.port(), Arc::clone(&cut));
    let folder = tempfile::tempdir().unwrap();
    let (mut wanted, mut cuts) = (Vec::new(), 0);
    for n in 0..16_u32 {
        let mut text = confirmation(n);
        // Two that stay in memory, and those that go to the disk while they come.
        if n % 8 != 0 {
            text.push_str(&"\n".repeat(usize::try_from(random(900_000)).unwrap()));
        }
        let (name, length) = (format!("{n:02}.edi"), u64::try_from(text.len()).unwrap());
        fs::write(folder.path().join(&name), &text).unwrap();
        let (put, resume) = if n % 2 == 0 {
            (format!("put {name} inbound/\n"), format!("reput {name} inbound/{name}\n"))
        } else {
            let rename = format!("rename inbound/{name}.part inbound/{name}\n");
            let there = format!("{name} inbound/{name}.part\n");
            (format!("put {there}{rename}"), format!("reput {there}{rename}"))
        };
        // What comes before the file is about 4,000 bytes.
        cut.store(2_500 + random(length + 3_000), Ordering::Relaxed);
        if !sftp(port, &ours.key, folder.path(), &put) {
            cuts += 1;
            cut.store(u64::MAX, Ordering::Relaxed);
            let resumed = sftp(port, &ours.key, folder.path(), &resume)
                // It was taken, and only the word of it was lost; or nothing of it had come.
                || sftp(port, &ours.key, folder.path(), &put);
            assert!(resumed, "{name}");
        }
        wanted.push((name, text));
    }
    assert!(cuts >= 4, "{cuts}");
    println!("{cuts} of 16 uploads were cut off");
    let all = accepted(ours, ACME);
    let taken = all.iter().map(|file| (file.name.clone(), file.bytes.clone()));
    let wanted = wanted.into_iter().map(|(name, text)| (name, text.into_bytes()));
    assert!(taken.eq(wanted), "{:?} after {cuts} cuts", names(&all));
}

#[test]
fn an_upload_that_the_end_of_the_program_cuts_off_waits_to_be_resumed() {
    let mut ours = Ours::start(&[ACME]);
    let folder = tempfile::tempdir().unwrap();
    let mut text = confirmation(1);
    text.push_str(&"\n".repeat(3_000_000));
    fs::write(folder.path().join("a.edi"), &text).unwrap();
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
    slow.stdin.as_mut().unwrap().write_all(b"put a.edi\n").unwrap();
    let lies = ours.served.folder().join("spool/sftp").join(ACME).join("inbound/a.edi");
    let end = Instant::now() + Duration::from_secs(20);
    while fs::metadata(&lies).map_or(0, |lies| lies.len()) < 300_000 {
        assert!(Instant::now() < end, "nothing comes");
        std::thread::sleep(Duration::from_millis(50));
    }
    ours.served.signal("TERM");
    let ended = ours.served.ended(Duration::from_secs(30)).expect("it does not end");
    assert!(ended.success(), "{ended}");
    slow.wait().unwrap();
    let so_far = fs::metadata(&lies).unwrap().len();
    assert!((300_000..u64::try_from(text.len()).unwrap()).contains(&so_far), "{so_far}");
    ours.served.start();
    ours.batch(ACME, folder.path(), "reput a.edi inbound/a.edi\n");
    let all = accepted(ours, ACME);
    assert_eq!(names(&all), ["a.edi"]);
    assert!(all[0].bytes == text.as_bytes());
}
