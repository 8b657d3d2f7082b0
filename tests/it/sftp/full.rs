//! Our disk without room: who puts a file is told so, and with room the same file is taken, once.

use super::super::small_disk::Disk;
use super::account::{accepted, confirmation, names};
use super::peers::paramiko;
use super::servers::{Ours, Server as _, said};
use std::fs;

const ACME: &str = "acme-medical";

/// What is left of the disk when a file is put: less than is held back, or next to nothing.
const LEFT: [usize; 2] = [250 << 20, 200 << 10];

#[test]
fn without_room_a_put_fails_and_with_room_the_same_is_taken_once() {
    for left in LEFT {
        let (disk, ours) = on_a_small_disk();
        let folder = tempfile::tempdir().unwrap();
        // One travels in the journal, and one has a file of its own.
        let texts = [confirmation(1), confirmation(2) + &"\n".repeat(900_000)];
        for (text, name) in texts.iter().zip(["small.edi", "large.edi"]) {
            fs::write(folder.path().join(name), text).unwrap();
        }
        ours.batch(ACME, folder.path(), "ls inbound\n");
        let ballast = disk.ballast(disk.free() - left);
        let ways = [
            "put {}.edi inbound/\n",
            "put {}.edi inbound/{}.part\nrename inbound/{}.part inbound/{}.edi\n",
        ];
        for name in ["small", "large"] {
            for way in ways {
                let refused = ours.sftp(ACME, folder.path(), &way.replace("{}", name));
                let text = said(&refused);
                assert!(!refused.status.success(), "{left} bytes are left: {text}");
                assert!(text.contains(name) && text.contains("Failure"), "{text}");
            }
            // OpenSSH's client shows words of its own; paramiko shows ours.
            let words = format!(
                "s = connect()\n\
                 def put():\n\
                 \x20   f = s.open('/inbound/{name}.edi', 'wb')\n\
                 \x20   f.write(open('{}/{name}.edi', 'rb').read())\n\
                 \x20   f.flush()\n\
                 \x20   s._request(paramiko.sftp.CMD_CLOSE, f.handle)\n\
                 why = refused(put)\n\
                 assert 'again later' in why, why\n",
                folder.path().display()
            );
            paramiko(&ours, ACME, &words);
        }
        // What lies there is unfinished, and looks like it.
        let listed = said(&ours.sftp(ACME, folder.path(), "ls -ln inbound\n"));
        assert!(!listed.contains("-r--r--r--"), "{listed}");
        fs::remove_file(ballast).unwrap();
        for name in ["small", "large"] {
            ours.batch(ACME, folder.path(), &ways[0].replace("{}", name));
        }
        let all = accepted(ours, ACME);
        assert_eq!(names(&all), ["small.edi", "large.edi"], "{left} bytes were left");
        for (file, text) in all.iter().zip(&texts) {
            assert!(file.bytes == text.as_bytes(), "{}", file.name);
        }
    }
}

/// The program with its spool on a disk of its own.
fn on_a_small_disk() -> (Disk, Ours) {
    let disk = Disk::of_megabytes(290);
    let mut ours = Ours::new(&[ACME], "");
    fs::create_dir(disk.spool()).unwrap();
    std::os::unix::fs::symlink(disk.spool(), ours.served.folder().join("spool")).unwrap();
    ours.served.start();
    (disk, ours)
}
