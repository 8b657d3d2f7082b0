//! Those who should not come in, and what nobody gets.

use super::servers::{Ours, Server as _, make_key, options, said};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const ACME: &str = "acme-medical";

fn ssh(options: &[String], more: &[&str], user: &str) -> (bool, String) {
    let mut command = Command::new("ssh");
    let output =
        command.args(options).arg(format!("{user}@127.0.0.1")).args(more).output().unwrap();
    (output.status.success(), said(&output))
}

#[test]
fn nobody_comes_in_without_the_key_of_that_very_partner() {
    let ours = Ours::start(&[ACME, "other"]);
    let folder = ours.served.folder().to_owned();
    let stranger = folder.join("stranger");
    make_key(&stranger, "ed25519");
    let port = ours.port();
    let mut times = Vec::new();
    for (user, key) in [
        (ACME, &stranger),
        (ACME, &folder.join("other")),
        ("other", &folder.join(ACME)),
        ("nobody", &stranger),
        ("ACME-MEDICAL", &folder.join(ACME)),
        ("root", &folder.join(ACME)),
    ] {
        let begun = Instant::now();
        let mut command = Command::new("sftp");
        command.args(options(port, key)).args(["-o", &format!("User={user}"), "-b", "/dev/null"]);
        let output = command.arg("127.0.0.1").output().unwrap();
        assert!(!output.status.success(), "{user:?} came in with {key:?}");
        times.push((user, begun.elapsed()));
    }
    // Whoever is unknown is told no as late as whoever is known.
    let (least, most) = (times.iter().min_by_key(|t| t.1), times.iter().max_by_key(|t| t.1));
    let apart = most.unwrap().1.saturating_sub(least.unwrap().1);
    assert!(apart < Duration::from_millis(900), "{times:?}");
    ours.batch(ACME, &folder, "ls\n");
    let script = r"
for user in ['', 'acme-medical ', ' acme-medical', 'Acme-Medical', 'acme-medical\x00', 'acme-medical/', '../acme-medical']:
    transport = paramiko.Transport(('127.0.0.1', PORT))
    transport.start_client()
    try:
        transport.auth_publickey(user, key)
        sys.exit(repr(user) + ' came in')
    except paramiko.AuthenticationException:
        pass
    try:
        transport.open_session(timeout=5)
        sys.exit('a channel was opened without signing in')
    except (paramiko.SSHException, EOFError, OSError):
        pass
    transport.close()
";
    super::peers::paramiko(&ours, ACME, &script.replace("PORT", &ours.port().to_string()));
}

#[test]
fn nothing_but_sftp_is_to_be_had() {
    let ours = Ours::start(&[ACME]);
    let options = ours.options();
    for more in [
        &["-T"][..],
        &["-tt"],
        &["-s"],
        &["-W", "127.0.0.1:22"],
        &["-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22"],
    ] {
        let (came, text) = ssh(&options, more, ACME);
        assert!(!came, "{more:?}: {text}");
    }
    let mut command = Command::new("ssh");
    command.args(&options).arg(format!("{ACME}@127.0.0.1"));
    assert!(!command.arg("id").output().unwrap().status.success());
}

#[test]
fn old_algorithms_are_not_offered() {
    let ours = Ours::start(&[ACME]);
    for old in [
        "KexAlgorithms=diffie-hellman-group14-sha1",
        "Ciphers=aes128-cbc",
        "MACs=hmac-sha1",
        "HostKeyAlgorithms=ssh-rsa",
    ] {
        // What comes first holds: OpenSSH tells this at that level only.
        let mut options = ["-o", "LogLevel=INFO", "-o", old].map(str::to_owned).to_vec();
        options.extend(ours.options());
        if old.starts_with("MACs") {
            options.extend(["-o".to_owned(), "Ciphers=aes128-ctr".to_owned()]);
        }
        let (came, text) = ssh(&options, &["-s", "sftp"], ACME);
        assert!(!came && text.contains("no matching"), "{old}: {text}");
    }
}

#[test]
fn a_key_signed_with_sha1_comes_in_only_as_long_as_that_is_agreed() {
    for (until, comes) in [("2999-01-01", true), ("2020-01-01", false)] {
        let legacy = format!("legacy = [{{ algorithm = 'ssh-rsa', until = '{until}' }}]");
        let mut ours = Ours::new(&[ACME], &legacy);
        let key = ours.served.folder().join("rsa");
        let line = make_key(&key, "rsa");
        let file = ours.served.file(ACME);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n[[sftp.keys]]\nkey = '{line}'\n")).unwrap();
        ours.served.start();
        let mut options = options(ours.port(), &key);
        ours.key.clone_from(&key);
        ours.batch(ACME, ours.served.folder(), "ls\n");
        options.extend(["-o".to_owned(), "PubkeyAcceptedAlgorithms=ssh-rsa".to_owned()]);
        let mut command = Command::new("sftp");
        command.args(options).args(["-b", "/dev/null"]).arg(format!("{ACME}@127.0.0.1"));
        let output = command.output().unwrap();
        assert_eq!(output.status.success(), comes, "{until}: {}", said(&output));
    }
}

#[test]
fn a_key_that_is_taken_away_ends_the_sessions_that_it_opened() {
    let ours = Ours::start(&[ACME]);
    let script = format!(
        "import time\ns = connect()\ns.listdir('/')\n\
         path = '{file}'\ntext = open(path).read()\n\
         open(path, 'w').write(text.split('[[sftp.keys]]')[0])\n\
         end = time.time() + 20\n\
         while True:\n\
         \x20   try:\n\
         \x20       s.listdir('/')\n\
         \x20   except (OSError, EOFError, paramiko.SSHException):\n\
         \x20       break\n\
         \x20   assert time.time() < end\n\
         \x20   time.sleep(0.2)\n\
         try:\n\
         \x20   connect()\n\
         except paramiko.AuthenticationException:\n\
         \x20   sys.exit(0)\n\
         sys.exit('it came in again')\n",
        file = ours.served.file(ACME).display()
    );
    super::peers::paramiko(&ours, ACME, &script);
}

#[test]
fn passwords_work_only_where_the_profile_has_one() {
    let hash = wharf::partner::PasswordHash::of(b"open sesame", [3; 16]).unwrap();
    let ours = {
        let mut ours = Ours::new(&[ACME, "other"], "");
        let file = ours.served.file(ACME);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n[[sftp.passwords]]\nhash = '{hash}'\n")).unwrap();
        ours.served.start();
        ours
    };
    let script = r"
def tries(user, password):
    transport = paramiko.Transport(('127.0.0.1', PORT))
    transport.start_client()
    try:
        transport.auth_password(user, password)
        return True
    except paramiko.AuthenticationException:
        return False
    finally:
        transport.close()
assert tries('acme-medical', 'open sesame')
assert not tries('acme-medical', 'open sesamE')
assert not tries('acme-medical', '')
assert not tries('other', 'open sesame')
assert not tries('nobody', 'open sesame')
";
    super::peers::paramiko(&ours, ACME, &script.replace("PORT", &ours.port().to_string()));
}

#[test]
fn six_tries_and_no_more() {
    let ours = Ours::start(&[ACME]);
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(ours.port(), &folder.path().join("0"));
    for number in 0..10 {
        let key = folder.path().join(number.to_string());
        make_key(&key, "ed25519");
        options.extend(["-i".to_owned(), key.display().to_string()]);
    }
    // The right one is the last.
    options.extend(["-i".to_owned(), ours.key.display().to_string()]);
    let (came, text) = ssh(&options, &["-s", "-v", "sftp"], ACME);
    assert!(!came && text.matches("Offering public key").count() <= 6, "{text}");
}

#[test]
fn bytes_that_are_no_ssh_and_silence_do_not_stay() {
    let ours = Ours::start(&[ACME]);
    let mut stream = TcpStream::connect(("127.0.0.1", ours.port())).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let mut said = Vec::new();
    let begun = Instant::now();
    // It hears what we are, and then no more.
    let _end = std::io::copy(&mut stream.take(10_000), &mut said);
    assert!(said.starts_with(b"SSH-2.0-Wharf"), "{said:?}");
    assert!(begun.elapsed() < Duration::from_secs(35), "{:?}", begun.elapsed());
    ours.batch(ACME, ours.served.folder(), "ls\n");
}

#[test]
fn links_that_somebody_puts_into_the_folder_meanwhile_lead_nowhere() {
    let ours = Ours::start(&[ACME]);
    let folder = tempfile::tempdir().unwrap();
    let secret = ours.served.folder().join("secret");
    fs::write(&secret, "secret").unwrap();
    let text = format!("{}{}", super::account::confirmation(1), "\n".repeat(150_000));
    fs::write(folder.path().join("a.edi"), &text).unwrap();
    // The folder comes with the first file.
    ours.batch(ACME, folder.path(), "put a.edi inbound/first.part\n");
    let lies = ours.served.folder().join("spool/sftp").join(ACME).join("inbound");
    fs::hard_link(&secret, lies.join("hard.part")).unwrap();
    for commands in [
        "put -a a.edi inbound/hard.part\n",
        "get inbound/hard.part\n",
        "rename inbound/hard.part inbound/hard.edi\n",
    ] {
        let done = ours.sftp(ACME, folder.path(), commands);
        assert!(!done.status.success(), "{commands}: {}", said(&done));
    }
    let (stop, beside) = (AtomicBool::new(false), lies.with_file_name("beside"));
    let elsewhere = ours.served.folder().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut swaps = 0;
            while !stop.load(Ordering::Relaxed) {
                // In the place of the file, and of the folder.
                for name in ["race.part", "race.edi"] {
                    let _gone = fs::remove_file(lies.join(name));
                    let _link = std::os::unix::fs::symlink(&secret, lies.join(name));
                }
                if fs::rename(&lies, &beside).is_ok() {
                    std::os::unix::fs::symlink(&elsewhere, &lies).unwrap();
                    std::thread::yield_now();
                    fs::remove_file(&lies).unwrap();
                    fs::rename(&beside, &lies).unwrap();
                }
                swaps += 1;
            }
            println!("{swaps} swaps");
        });
        let put = "put a.edi inbound/race.part\n-get inbound/race.part back\n\
                   -rename inbound/race.part inbound/race.edi\n-get inbound/race.edi back\n"
            .repeat(5);
        for _ in 0..6 {
            // Whether it succeeds is a matter of luck.
            let _done = ours.sftp(ACME, folder.path(), &put);
            let back = fs::read(folder.path().join("back")).unwrap_or_default();
            assert_ne!(back, b"secret");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    let all = super::account::accepted(ours, ACME);
    assert!(all.iter().all(|file| file.bytes == text.as_bytes()), "something else was taken");
}
