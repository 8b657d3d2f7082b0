//! What is put on a partner's server.

use super::house::{House, outgoing};
use super::sshd::{Options, Sshd};
use std::fs;
use std::process::Command;
use wharf::transport::sftp::client::send::Sender;
use wharf::transport::{Blame, TransportError};

fn house(sshd: &Sshd) -> House {
    House::new(&format!("{}push = 'in'\n", sshd.remote(sshd.port, &sshd.pin())))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_appears_whole_under_its_name_and_once_however_often_it_is_sent() {
    let sshd = Sshd::start();
    let (remote, sender) = (house(&sshd).remote(), Sender::default());
    for length in [0, 1, 32_768, 261_121, 5_000_000] {
        let bytes = vec![b'x'; length];
        let out = outgoing(&format!("{length}.edi"), bytes.clone());
        for said in ["it lies in", "it lay in"] {
            let receipt = sender.send(&remote, &out).await.unwrap();
            assert!(receipt.starts_with(said), "{receipt}");
        }
        assert!(fs::read(sshd.file(&format!("in/{length}.edi"))).unwrap() == bytes);
    }
    assert_eq!(sshd.names("in").len(), 5);
    assert_eq!(sshd.entered(), 1, "one session is enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_of_the_same_name_is_not_written_over() {
    let sshd = Sshd::start();
    let (remote, sender) = (house(&sshd).remote(), Sender::default());
    sshd.put("in/a.edi", "their own");
    let out = outgoing("a.edi", "ours");
    for _ in 0..2 {
        sender.send(&remote, &out).await.unwrap();
    }
    let second = format!("a-{}.edi", out.id);
    assert_eq!(sshd.names("in"), [second.as_str(), "a.edi"]);
    assert_eq!(fs::read_to_string(sshd.file("in/a.edi")).unwrap(), "their own");
    assert_eq!(fs::read_to_string(sshd.file(&format!("in/{second}"))).unwrap(), "ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_was_cut_off_is_healed_by_the_next() {
    let mut sshd = Sshd::with(Options { sftp: "-P rename".to_owned(), ..Options::default() });
    let (remote, sender) = (house(&sshd).remote(), Sender::default());
    let out = outgoing("a.edi", vec![b'y'; 300_000]);
    let error = sender.send(&remote, &out).await.unwrap_err();
    assert_eq!((error.blame(), error.code()), (Blame::Partner, "refused_by_partner"), "{error}");
    assert!(sshd.names("in")[0].strip_suffix(".part").is_some());
    // As if the next one broke off in the middle, too.
    let left = sshd.names("in").remove(0);
    sshd.put(&format!("in/{left}"), "half");
    sshd.again(Options::default());
    sender.send(&remote, &out).await.unwrap();
    assert_eq!(sshd.names("in"), ["a.edi"]);
    assert_eq!(fs::metadata(sshd.file("in/a.edi")).unwrap().len(), 300_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_act_is_told_from_what_the_server_says() {
    let read_only = Sshd::with(Options { sftp: "-R".to_owned(), ..Options::default() });
    let sender = Sender::default();
    let out = outgoing("a.edi", "x");
    let error = sender.send(&house(&read_only).remote(), &out).await.unwrap_err();
    assert_eq!(error.blame(), Blame::Partner, "{error}");

    let mut sshd = Sshd::start();
    let remote = house(&sshd).remote();
    fs::remove_dir(sshd.file("in")).unwrap();
    let error = sender.send(&remote, &out).await.unwrap_err();
    assert_eq!(error.blame(), Blame::Partner, "{error}");

    fs::write(sshd.path("authorized"), "").unwrap();
    let error = Sender::default().send(&remote, &out).await.unwrap_err();
    assert_eq!(error.code(), "access_denied", "{error}");

    sshd.stop();
    let error = sender.send(&remote, &out).await.unwrap_err();
    assert_eq!((error.blame(), error.code()), (Blame::Weather, "unreachable"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_is_weather_and_leaves_nothing_half() {
    let sshd = Sshd::start();
    let folder = sshd.file("in");
    let mount = |arguments: &[&str]| {
        let done = Command::new(arguments[0]).args(&arguments[1..]).arg(&folder).status();
        assert!(done.unwrap().success(), "a small disk must be mounted: run the tests as root");
    };
    mount(&["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs"]);
    let (remote, sender) = (house(&sshd).remote(), Sender::default());
    let sent = sender.send(&remote, &outgoing("large.edi", vec![b'x'; 4_000_000])).await;
    let names = sshd.names("in");
    let small = sender.send(&remote, &outgoing("small.edi", "x")).await;
    mount(&["umount", "-l"]);
    let error = sent.unwrap_err();
    assert!(matches!(error, TransportError::Busy { .. }), "{error}");
    assert_eq!(error.blame(), Blame::Weather);
    assert_eq!(names, [""; 0]);
    small.unwrap();
}
