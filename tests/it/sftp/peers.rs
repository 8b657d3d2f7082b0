//! The programs that partners have.

use super::account::{accepted, confirmation, names};
use super::servers::{Ours, Server as _, said};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const ACME: &str = "acme-medical";

/// Runs a script with paramiko, in which `connect()` is a new session.
pub(super) fn paramiko(ours: &Ours, partner: &str, script: &str) {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    let program = format!(
        "import paramiko, os, sys, threading\n\
         key = paramiko.Ed25519Key.from_private_key_file('{key}')\n\
         def connect():\n\
         \x20   transport = paramiko.Transport(('127.0.0.1', {port}))\n\
         \x20   transport.connect(username='{partner}', pkey=key)\n\
         \x20   return paramiko.SFTPClient.from_transport(transport)\n\
         def refused(what):\n\
         \x20   try:\n\
         \x20       what()\n\
         \x20   except (IOError, OSError) as error:\n\
         \x20       return str(error)\n\
         \x20   raise AssertionError('it was not refused')\n\
         {script}",
        key = ours.served.folder().join(partner).display(),
        port = ours.port(),
    );
    let output = Command::new(python).arg("-c").arg(program).output();
    let output = output.expect("tests/run makes .venv with paramiko");
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn scp_and_lftp_put_and_fetch() {
    let ours = Ours::start(&[ACME]);
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=4 {
        fs::write(folder.path().join(format!("{number}.edi")), confirmation(number)).unwrap();
    }
    let scp = |more: &[&str], from: &str, to: &str| {
        let mut command = Command::new("scp");
        command.args(more).args(ours.options()).args([from, to]).current_dir(folder.path());
        command.output().unwrap()
    };
    let there = format!("{ACME}@127.0.0.1:inbound/");
    let done = scp(&["-p"], "1.edi", &there);
    assert!(done.status.success(), "{}", said(&done));
    let old = scp(&["-O"], "1.edi", &there);
    assert!(!old.status.success() && said(&old).contains("speaks SFTP only"), "{}", said(&old));
    let back = scp(&[], &format!("{ACME}@127.0.0.1:inbound/1.edi"), "back");
    assert!(back.status.success(), "{}", said(&back));
    assert_eq!(fs::read_to_string(folder.path().join("back")).unwrap(), confirmation(1));
    let connect = format!("ssh -a -x {}", ours.options().join(" "));
    for (script, temporary) in
        [("mput -O inbound 2.edi 3.edi", "no"), ("put -O inbound 4.edi", "yes")]
    {
        let script = format!(
            "set sftp:connect-program '{connect}'; set net:max-retries 1; set cmd:fail-exit yes; \
             set xfer:use-temp-file {temporary}; set sftp:auto-confirm yes; \
             open -u {ACME},x sftp://127.0.0.1:{port}; {script}; cls -l inbound; bye",
            port = ours.port(),
        );
        let mut command = Command::new("lftp");
        let output = command.args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    let all = accepted(ours, ACME);
    let mut names = names(&all);
    names.sort_unstable();
    assert_eq!(names, ["1.edi", "2.edi", "3.edi", "4.edi"]);
}

#[test]
fn paramiko_does_what_programs_do() {
    let ours = Ours::start(&[ACME]);
    let (a, b) = (confirmation(1), confirmation(2));
    let script = format!(
        r"
a, b = {a:?}.encode(), {b:?}.encode()
s = connect()
assert s.listdir('/') == ['inbound', 'outbound', 'acknowledgments', 'rejected']
assert s.normalize('.') == '/' and s.normalize('inbound/../outbound/./') == '/outbound'
# Pipelined writes of a large file under a temporary name, read back before it is renamed.
large = a + b'\n' * 1000000
with s.open('/inbound/large.part', 'wb') as f:
    f.set_pipelined(True)
    for at in range(0, len(large), 32768):
        f.write(large[at:at + 32768])
assert s.stat('/inbound/large.part').st_size == len(large)
with s.open('/inbound/large.part', 'rb') as f:
    f.prefetch()
    assert f.read() == large
# Not while a handle is open.
f = s.open('/inbound/large.part', 'r+b')
refused(lambda: s.rename('/inbound/large.part', '/inbound/large.edi'))
f.close()
s.posix_rename('/inbound/large.part', '/inbound/large.edi')
refused(lambda: s.open('/inbound/large.edi', 'ab'))
assert 'changed' in refused(lambda: s.open('/inbound/large.edi', 'r+b'))
# Appended, written in two goes, out of order.
with s.open('/inbound/b.tmp', 'wb') as f: f.write(b[:10])
with s.open('/inbound/b.tmp', 'ab') as f: f.write(b[10:])
refused(lambda: s.open('/inbound/b.tmp', 'x'))
s.truncate('/inbound/b.tmp', len(b))
s.utime('/inbound/b.tmp', (1, 2)); s.chmod('/inbound/b.tmp', 0o600)
with s.open('/inbound/c.tmp', 'wb') as f:
    f.seek(10); f.write(b[10:]); f.seek(0); f.write(b[:10])
refused(lambda: s.rename('/inbound/c.tmp', '/inbound/b.tmp'))
s.posix_rename('/inbound/c.tmp', '/inbound/b.tmp')
s.rename('/inbound/b.tmp', '/inbound/b.edi')
assert s.stat('/inbound/b.edi').st_mode & 0o777 == 0o444
# A handle that was closed is closed.
f = s.open('/inbound/d.tmp', 'wb'); handle = f.handle; f.close()
refused(lambda: s._request(paramiko.sftp.CMD_CLOSE, handle))
refused(lambda: s._request(paramiko.sftp.CMD_WRITE, handle, paramiko.sftp.int64(0), b'x'))
# Whoever opens a file last writes it.
one, two = connect(), connect()
f = one.open('/inbound/e.tmp', 'wb'); f.write(b'old'); f.flush()
g = two.open('/inbound/e.tmp', 'wb'); g.write(b'new'); g.close()
refused(lambda: (f.write(b'more'), f.flush(), f.close()))
assert s.stat('/inbound/e.tmp').st_size == 3
with s.open('/inbound/e.tmp', 'rb') as f: assert f.read() == b'new'
s.remove('/inbound/e.tmp'); s.remove('/inbound/d.tmp')
# Words.
assert 'fixed' in refused(lambda: s.mkdir('/inbound/folder'))
assert 'links' in refused(lambda: s.symlink('/etc/passwd', '/inbound/link'))
assert 'inbound' in refused(lambda: s.open('/outbound/x', 'wb'))
assert 'inbound' in refused(lambda: s.open('/x', 'wb'))
# Names.
for name in [b'\xff\xfe.tmp', 'Größe.tmp'.encode(), b'%41.tmp', b'a b.tmp', b'-x.tmp', b'A.TMP', b'a.tmp']:
    with s.open(b'/inbound/' + name, 'wb') as f: f.write(name)
for name in [b'\xff\xfe.tmp', b'%41.tmp', b'A.TMP', b'a.tmp']:
    with s.open(b'/inbound/' + name, 'rb') as f: assert f.read() == name
    s.remove(b'/inbound/' + name)
for name in [b'a\0b', b'a\nb', b'x' * 251, b'..', b'.', b'a/b']:
    refused(lambda: s.open(b'/inbound/' + name, 'wb'))
for path in ['/../../etc/passwd', '/inbound/../../etc/passwd', '/etc/passwd', '/inboundx/a', '/INBOUND/a', '/inbound/../archive/a']:
    refused(lambda: s.open(path, 'rb')); refused(lambda: s.stat(path)); refused(lambda: s.listdir(path))
"
    );
    paramiko(&ours, ACME, &script);
    let all = accepted(ours, ACME);
    assert_eq!(names(&all), ["large.edi", "b.edi"]);
    assert_eq!(all[1].bytes, b.as_bytes());
    assert_eq!(all[0].bytes.len(), a.len() + 1_000_000);
}

#[test]
fn sshfs_mounts_the_mailbox() {
    let ours = Ours::start(&[ACME]);
    let mount = tempfile::tempdir().unwrap();
    let key = format!("IdentityFile={}", ours.key.display());
    let mut command = Command::new("sshfs");
    command
        .arg(format!("{ACME}@127.0.0.1:/"))
        .arg(mount.path())
        .args(["-p", &ours.port().to_string()]);
    for option in [
        &key,
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "IdentitiesOnly=yes",
        "dir_cache=no",
        "attr_timeout=0",
    ] {
        command.args(["-o", option]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let inbound = mount.path().join("inbound");
    let result = std::panic::catch_unwind(|| {
        fs::write(inbound.join("a.tmp"), confirmation(1)).unwrap();
        assert_eq!(fs::read_to_string(inbound.join("a.tmp")).unwrap(), confirmation(1));
        fs::rename(inbound.join("a.tmp"), inbound.join("a.edi")).unwrap();
        let b = inbound.join("b.edi");
        fs::write(&b, confirmation(2)).unwrap();
        // sshfs closes its handle some time after the program has closed its own.
        let end = Instant::now() + Duration::from_secs(20);
        while !fs::metadata(&b).unwrap().permissions().readonly() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        fs::write(&b, confirmation(3)).unwrap();
    });
    let unmounted = Command::new("fusermount").arg("-u").arg(mount.path()).status();
    let unmounted = unmounted.is_ok_and(|status| status.success())
        || Command::new("umount").arg("-l").arg(mount.path()).status().unwrap().success();
    assert!(unmounted);
    result.unwrap();
    let all = accepted(ours, ACME);
    assert_eq!(names(&all), ["a.edi", "b.edi", "b.edi"]);
    assert_eq!(all[2].bytes, confirmation(3).as_bytes());
}
