//! What is fetched, when, and what becomes of it.

use super::super::served::{Receiver, Served, Ways, until};
use super::house::House;
use super::sshd::{Options, Sshd, is_root};
use std::fs;
use std::time::Duration;

const AT_ONCE: &str = "[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '0s'\n";

fn house(sshd: &Sshd, fetch: &str) -> House {
    House::new(&format!("{}{fetch}", sshd.remote(sshd.port, &sshd.pin())))
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_every_size_come_whole_and_are_deleted() {
    let sshd = Sshd::start();
    let mut house = house(&sshd, AT_ONCE);
    let mut sent = Vec::new();
    for length in [1, 100, 32_767, 32_768, 32_769, 261_120, 1 << 20, (1 << 20) + 1, 9_000_001] {
        let name = format!("{length:08}.edi");
        sshd.put(&format!("out/{name}"), bytes(length));
        sent.push((name, bytes(length)));
    }
    assert_eq!(house.took().await, 9);
    assert!(house.files() == sent, "other bytes came");
    assert_eq!(sshd.names("out"), [""; 0]);
    assert_eq!(house.took().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_meant_is_taken_and_never_what_is_being_written() {
    let sshd = Sshd::start();
    let mut house = house(&sshd, &format!("{AT_ONCE}match = ['*.edi', 'INV*']\n"));
    for name in
        ["a.edi", "B.EDI", "inv7", "c.txt", "d.edi.part", "e.edi.filepart", ".f.edi", "INV8.tmp"]
    {
        sshd.put(&format!("out/{name}"), name);
    }
    fs::create_dir(sshd.file("out/folder.edi")).unwrap();
    std::os::unix::fs::symlink(sshd.path("client"), sshd.file("out/link.edi")).unwrap();
    sshd.put("out/empty.edi", "");
    let looked = house.look().await;
    assert_eq!((looked.taken, looked.left.len()), (3, 1), "{looked:?}");
    assert_eq!(looked.left[0].name, "empty.edi");
    assert_eq!(house.names(), ["B.EDI", "a.edi", "inv7"]);
    fs::rename(sshd.file("out/d.edi.part"), sshd.file("out/d.edi")).unwrap();
    sshd.put("out/empty.edi", "not any more");
    assert_eq!(house.took().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_still_grows_is_not_taken_before_it_has_stayed_the_same() {
    let sshd = Sshd::start();
    let mut house = house(&sshd, "[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '1s'\n");
    for length in 1..5 {
        sshd.put("out/a.edi", bytes(length * 1_000));
        let looked = house.look().await;
        assert_eq!((looked.taken, looked.settling), (0, 1), "{looked:?}");
        assert!(looked.again.unwrap() <= Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(house.took().await, 1);
    assert_eq!(house.files(), [("a.edi".to_owned(), bytes(4_000))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_name_again_is_another_file_and_the_same_bytes_are_not() {
    let sshd = Sshd::start();
    let mut house = house(&sshd, &format!("{AT_ONCE}after = {{ move = 'done' }}\n"));
    fs::create_dir(sshd.file("out/done")).unwrap();
    for text in ["one", "two", "one"] {
        sshd.put("out/a.edi", text);
        let looked = house.look().await;
        assert!(looked.trouble.is_none() && looked.left.is_empty(), "{looked:?}");
    }
    let texts = house.files().into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap());
    assert_eq!(texts.collect::<Vec<_>>(), ["one", "two"]);
    // All three are there, each under a name of its own.
    assert_eq!(sshd.names("out/done").len(), 3, "{:?}", sshd.names("out/done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_neither_be_renamed_nor_deleted_is_fetched_once_and_remembered_over_restarts() {
    let forbids =
        Options { sftp: "-P rename,posix-rename,remove".to_owned(), ..Options::default() };
    let sshd = Sshd::with(forbids);
    let wires = format!("{}{AT_ONCE}", sshd.remote(sshd.port, &sshd.pin()));
    let mut house = House::new(&wires);
    sshd.put("out/a.edi", "one");
    sshd.put("out/b.edi", "two");
    let looked = house.look().await;
    assert_eq!((looked.taken, looked.left.len()), (2, 2), "{looked:?}");
    assert!(looked.left[0].why.contains("after = \"keep\""), "{looked:?}");
    for _ in 0..3 {
        let looked = house.look().await;
        assert_eq!((looked.taken, looked.repeats), (0, 0), "{looked:?}");
    }
    let mut house = house.restart(&wires);
    // What is read again would be a repeat.
    let looked = house.look().await;
    assert_eq!((looked.taken, looked.repeats), (0, 0), "{looked:?}");
    sshd.put("out/a.edi", "three");
    assert_eq!(house.took().await, 1);
    assert_eq!(house.names(), ["a.edi", "a.edi", "b.edi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_for_reading_only_is_read() {
    let sshd = Sshd::with(Options { sftp: "-R".to_owned(), ..Options::default() });
    let wires = format!("{}{AT_ONCE}after = 'keep'\n", sshd.remote(sshd.port, &sshd.pin()));
    let mut house = House::new(&wires);
    sshd.put("out/a.edi", "one");
    let looked = house.look().await;
    assert_eq!((looked.taken, looked.left.len()), (1, 0), "{looked:?}");
    assert_eq!(house.took().await, 0);
    let mut house = house.restart(&wires);
    assert_eq!(house.took().await, 0);
    assert_eq!(house.names(), ["a.edi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_at_one_mailbox_fetch_each_file_once() {
    let sshd = Sshd::start();
    let mut houses = [house(&sshd, AT_ONCE), house(&sshd, AT_ONCE)];
    for number in 0..200 {
        sshd.put(&format!("out/{number:03}.edi"), format!("file {number}"));
    }
    let [one, two] = &mut houses;
    let (first, second) = tokio::join!(one.look(), two.look());
    assert!(first.trouble.is_none() && second.trouble.is_none(), "{first:?} {second:?}");
    let mut names = [houses[0].names(), houses[1].names()].concat();
    names.sort();
    let wanted = (0..200).map(|number| format!("{number:03}.edi")).collect::<Vec<_>>();
    assert_eq!(names, wanted);
    assert!(first.taken > 0 && second.taken > 0, "one of them did nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_gateway_claimed_is_left_to_it() {
    let sshd = Sshd::start();
    let mut house = house(&sshd, AT_ONCE);
    sshd.put("out/a.edi", "one");
    sshd.put("out/.wharf-0123456789ab-b.edi", "another's");
    let looked = house.look().await;
    assert_eq!(looked.taken, 1, "{looked:?}");
    assert_eq!((looked.left[0].name.as_str(), looked.left.len()), ("b.edi", 1));
    assert_eq!(sshd.names("out"), [".wharf-0123456789ab-b.edi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_without_its_reading_is_taken_at_the_next_look() {
    let mut sshd = Sshd::with(Options { sftp: "-P open".to_owned(), ..Options::default() });
    let mut house = house(&sshd, AT_ONCE);
    sshd.put("out/a.edi", "one");
    let looked = house.look().await;
    assert_eq!((looked.taken, looked.left.len()), (0, 1), "{looked:?}");
    assert!(sshd.names("out")[0].ends_with("-a.edi"), "{:?}", sshd.names("out"));
    // The partner sends another of the same name meanwhile.
    sshd.put("out/a.edi", "two");
    sshd.again(Options::default());
    assert_eq!(house.took().await, 1);
    assert_eq!(house.took().await, 1);
    assert_eq!(house.names(), ["a.edi", "a.edi"]);
    assert_eq!(sshd.names("out"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_files_are_taken_in_the_locked_folder_of_a_server() {
    if !is_root() {
        println!("only root can lock users into a folder; without that");
    }
    let sshd = Sshd::with(Options { chroot: is_root(), ..Options::default() });
    let mut house = house(&sshd, AT_ONCE);
    for number in 0..10_000 {
        sshd.put(&format!("out/{number:05}.edi"), format!("file {number}"));
    }
    let begin = std::time::Instant::now();
    assert_eq!(house.took().await, 10_000);
    println!("10,000 files in {:?}", begin.elapsed());
    assert_eq!(sshd.names("out"), [""; 0]);
    assert_eq!(house.names().len(), 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_do_not_grow_the_program() {
    let sshd = Sshd::start();
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    let acme = fs::read_to_string(served.file("acme-medical")).unwrap();
    let remote = sshd.remote(sshd.port, &sshd.pin());
    let text = format!("deliver_by = 'https'\n{acme}\n{remote}every = '1s'\n{AT_ONCE}");
    fs::write(served.file("acme-medical"), text).unwrap();
    for number in 0_u8..4 {
        // No X12, so that nobody reads further.
        sshd.put(&format!("out/{number}.edi"), vec![b'0' + number; 90_000_000]);
    }
    served.start();
    until("all to be taken", async || sshd.names("out").is_empty()).await;
    let status = fs::read_to_string(format!("/proc/{}/status", served.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    println!("4 files of 90 MB at once: {} MB at the peak", peak >> 10);
    assert!(peak < 250 << 10, "{peak} kB");
    served.end_in_order();
}
