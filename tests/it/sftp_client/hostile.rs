//! Servers that change their key, are slow, or go away in the middle.

use super::super::served::{ERP, Receiver, Served, Ways, confirmation, order, until};
use super::house::{House, outgoing};
use super::sshd::Sshd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wharf::transport::LookError;
use wharf::transport::sftp::client::send::Sender;

const WIRES: &str = "push = 'in'\n[[sftp.remote.fetch]]\nfolder = 'out'\nstable = '0s'\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_host_key_parks_the_partner_until_its_file_says_otherwise() {
    let mut sshd = Sshd::start();
    let wires = |sshd: &Sshd, pin: &str| format!("{}{WIRES}", sshd.remote(sshd.port, pin));
    let old = sshd.pin();
    let mut house = House::new(&wires(&sshd, &old));
    sshd.put("out/a.edi", "one");
    assert_eq!(house.took().await, 1);
    sshd.stop();
    for sort in ["ed25519", "rsa"] {
        sshd.keygen("host", sort);
        sshd.stop();
        sshd.run();
        let entered = sshd.entered();
        sshd.put("out/b.edi", "two");
        let looked = house.look().await;
        let trouble = looked.trouble.unwrap();
        assert!(trouble.parks(), "{trouble}");
        let text = trouble.to_string();
        assert!(text.contains(&sshd.pin()) && text.contains("change the partner's file"), "{text}");
        let sent = Sender::default().send(&house.remote(), &outgoing("x.edi", "x")).await;
        assert_eq!(sent.unwrap_err().code(), "not_trusted");
        assert_eq!((house.names().len(), sshd.names("in").len()), (1, 0));
        assert_eq!(sshd.entered(), entered, "we signed in to somebody whom we do not know");
    }
    // The old and the new one, while one takes over from the other.
    let both = format!("{old}', '{}", sshd.pin());
    let mut house = house.restart(&wires(&sshd, &both));
    assert_eq!(house.took().await, 1);
    Sender::default().send(&house.remote(), &outgoing("x.edi", "x")).await.unwrap();
}

/// Stands between, and cuts what comes from the server after so many bytes.
async fn between(port: u16, cut: Arc<AtomicU64>, pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let cut = Arc::clone(&cut);
            tokio::spawn(async move {
                let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let ((mut near_in, mut near_out), (mut far_in, mut far_out)) =
                    (near.into_split(), far.into_split());
                let up = tokio::spawn(async move {
                    let mut buffer = vec![0; 16_384];
                    while let Ok(read @ 1..) = near_in.read(&mut buffer).await {
                        tokio::time::sleep(pause).await;
                        if far_out.write_all(&buffer[..read]).await.is_err() {
                            break;
                        }
                    }
                });
                let (mut buffer, mut left) = (vec![0; 16_384], cut.load(Ordering::Relaxed));
                while let Ok(read @ 1..) = far_in.read(&mut buffer).await {
                    let read64 = u64::try_from(read).unwrap();
                    if read64 > left {
                        break;
                    }
                    left -= read64;
                    tokio::time::sleep(pause).await;
                    if near_out.write_all(&buffer[..read]).await.is_err() {
                        break;
                    }
                }
                up.abort();
            });
        }
    });
    own
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_anywhere_costs_another_look_and_nothing_else() {
    let sshd = Sshd::start();
    let cut = Arc::new(AtomicU64::new(0));
    let port = between(sshd.port, Arc::clone(&cut), Duration::ZERO).await;
    let mut house = House::new(&format!("{}{WIRES}", sshd.remote(port, &sshd.pin())));
    let big = (0..3_000_000_u32).map(|n| u8::try_from(n % 253).unwrap()).collect::<Vec<_>>();
    let mut broke = 0;
    for (round, after) in
        [100, 1_500, 2_500, 3_200, 4_000, 5_000, 100_000, 1_000_000, 2_900_000, 3_003_000]
            .into_iter()
            .enumerate()
    {
        sshd.put(&format!("out/{round}.edi"), &big[round..]);
        cut.store(after, Ordering::Relaxed);
        let looked = house.look().await;
        if let Some(trouble) = looked.trouble {
            assert!(!trouble.parks() && matches!(trouble, LookError::Transport(_)), "{trouble}");
            broke += 1;
        }
    }
    assert!(broke >= 8, "{broke}");
    cut.store(u64::MAX, Ordering::Relaxed);
    while !sshd.names("out").is_empty() {
        let looked = house.look().await;
        assert!(looked.trouble.is_none(), "{looked:?}");
    }
    let files = house.files();
    assert_eq!(files.len(), 10);
    for (round, (name, bytes)) in files.iter().enumerate() {
        assert!(*name == format!("{round}.edi") && *bytes == big[round..], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_through_breaking_connections_lies_there_once() {
    let sshd = Sshd::start();
    let cut = Arc::new(AtomicU64::new(0));
    let port = between(sshd.port, Arc::clone(&cut), Duration::ZERO).await;
    let remote = House::new(&format!("{}{WIRES}", sshd.remote(port, &sshd.pin()))).remote();
    let sender = Sender::default();
    let out = outgoing("a.edi", vec![b'x'; 1_000_000]);
    let mut failed = 0;
    for after in (1_000..8_000).step_by(250) {
        cut.store(after, Ordering::Relaxed);
        failed += usize::from(sender.send(&remote, &out).await.is_err());
        let names = sshd.names("in");
        assert!(
            names.iter().filter(|name| name.strip_suffix(".part").is_none()).count() <= 1,
            "{names:?}"
        );
    }
    assert!(failed > 5, "{failed}");
    cut.store(u64::MAX, Ordering::Relaxed);
    Sender::default().send(&remote, &out).await.unwrap();
    assert_eq!(sshd.names("in"), ["a.edi"]);
    assert_eq!(std::fs::metadata(sshd.file("in/a.edi")).unwrap().len(), 1_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_waited_for() {
    let sshd = Sshd::start();
    let cut = Arc::new(AtomicU64::new(u64::MAX));
    let port = between(sshd.port, cut, Duration::from_millis(40)).await;
    let mut house = House::new(&format!("{}{WIRES}", sshd.remote(port, &sshd.pin())));
    sshd.put("out/a.edi", vec![b'x'; 300_000]);
    assert_eq!(house.took().await, 1);
    let out = outgoing("b.edi", vec![b'y'; 300_000]);
    Sender::default().send(&house.remote(), &out).await.unwrap();
    assert!(std::fs::read(sshd.file("in/b.edi")).unwrap() == vec![b'y'; 300_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_deleted_between_the_list_and_the_reading_is_no_trouble() {
    let sshd = Sshd::start();
    let mut house = House::new(&format!("{}{WIRES}", sshd.remote(sshd.port, &sshd.pin())));
    for number in 0..400 {
        sshd.put(&format!("out/{number:03}.edi"), format!("file {number}"));
    }
    let folder = sshd.file("out");
    let deleting = tokio::task::spawn_blocking(move || {
        (0..400)
            .rev()
            .filter(|number| std::fs::remove_file(folder.join(format!("{number:03}.edi"))).is_ok())
            .count()
    });
    let looked = house.look().await;
    assert!(looked.trouble.is_none(), "{looked:?}");
    let deleted = deleting.await.unwrap();
    house.took().await;
    assert_eq!(house.names().len() + deleted, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_behind_another_is_reached_through_it() {
    let (sshd, hop) = (Sshd::start(), Sshd::start());
    let hop_wires =
        hop.remote(hop.port, &hop.pin()).replace("[sftp.remote]", "[[sftp.remote.jump]]");
    let remote = sshd.remote(sshd.port, &sshd.pin());
    let mut house = House::new(&format!("{remote}{WIRES}{hop_wires}"));
    sshd.put("out/a.edi", "one");
    assert_eq!(house.took().await, 1);
    assert_eq!((hop.entered(), sshd.entered()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_partner_is_seen_by_the_operator_and_goes_on_once_its_file_is_changed() {
    let mut sshd = Sshd::start();
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    let acme = std::fs::read_to_string(served.file("acme-medical")).unwrap();
    let path = served.file("acme-medical");
    let write = |sshd: &Sshd, pin: &str| {
        let wires = WIRES.replace("push = 'in'", "every = '1s'");
        let remote = sshd.remote(sshd.port, pin);
        let text = format!("deliver_by = 'https'\n{acme}\n{remote}{wires}");
        std::fs::write(&path, text).unwrap();
    };
    let old = sshd.pin();
    write(&sshd, &old);
    sshd.stop();
    sshd.keygen("host", "ed25519");
    sshd.run();
    sshd.put("out/a.edi", confirmation(1));
    served.start();
    let doors = served.doors();
    let looks = async || {
        let (status, ready) = doors.operator("/readyz").await;
        assert_eq!(status, 200);
        let checks = ready["checks"].as_array().unwrap().clone();
        let looks = checks.iter().find(|one| one["name"] == "looks").unwrap();
        looks["detail"].as_str().unwrap().to_owned()
    };
    until("it to be parked", async || looks().await.contains("PARKED")).await;
    assert!(looks().await.contains(&sshd.pin()));
    let shown = sshd.log().matches("Connection from").count();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(sshd.log().matches("Connection from").count(), shown, "it is asked again and again");
    let figures = doors.figures().await;
    let gauge = "wharf_partner_parked{partner=\"acme-medical\",wire=\"sftp\"}";
    assert!(figures.contains(&format!("{gauge} 1")), "{figures}");
    assert!(served.log().contains("parked: nothing is fetched"));
    write(&sshd, &sshd.pin());
    until("it to be fetched", async || receiver.told().iter().any(|(_, of)| of == "IN-1")).await;
    let figures = doors.figures().await;
    assert!(figures.contains(&format!("{gauge} 0")), "{figures}");
    assert!(!looks().await.contains("PARKED"));
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_a_parked_partner_waits_and_goes_at_once_when_its_file_is_changed() {
    let mut sshd = Sshd::start();
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    let acme = std::fs::read_to_string(served.file("acme-medical")).unwrap();
    let path = served.file("acme-medical");
    let write = |sshd: &Sshd, pin: &str| {
        let remote = sshd.remote(sshd.port, pin);
        let retry = "[retry]\nwaits = ['1s', '1h']\nthen = '1h'\n";
        let text = format!("deliver_by = 'sftp'\n{acme}\n{retry}{remote}push = 'in'\n");
        std::fs::write(&path, text).unwrap();
    };
    let old = sshd.pin();
    write(&sshd, &old);
    sshd.stop();
    sshd.keygen("host", "ed25519");
    sshd.run();
    served.start();
    served.doors().insist(ERP, "/v1/purchase-orders?partner=acme-medical", &order(1), 1).await;
    let parked = || served.log().matches("parked: nothing is sent").count();
    until("it to be tried again", async || parked() >= 2).await;
    assert!(served.log().contains(&sshd.pin()), "{}", served.log());
    assert_eq!((sshd.entered(), sshd.names("in").len()), (0, 0));
    write(&sshd, &sshd.pin());
    until("it to be put", async || {
        sshd.names("in").iter().any(|name| name.strip_suffix(".part").is_none())
    })
    .await;
    let told = receiver.told();
    served.end_in_order();
    assert_eq!((sshd.names("in").len(), told.len()), (1, 0), "nothing was given up: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_cannot_be_asked_for_are_told_and_keep_nobody_else_waiting() {
    use std::os::unix::ffi::OsStrExt as _;
    let sshd = Sshd::start();
    let mut house = House::new(&format!("{}{WIRES}", sshd.remote(sshd.port, &sshd.pin())));
    let long = "x".repeat(230) + ".edi";
    for name in [
        &b"a\xFF.edi"[..],
        b"A.edi",
        b"a.edi",
        b"-rf.edi",
        b"..b.edi",
        b"c\nd.edi",
        long.as_bytes(),
    ] {
        let path = sshd.file("out").join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(path, name).unwrap();
    }
    let looked = house.look().await;
    assert!(looked.trouble.is_none(), "{looked:?}");
    let left = looked.left.iter().map(|left| left.why.as_str()).collect::<Vec<_>>();
    // With our claim before it, the long one is too long for them: it is taken as it is called.
    assert!(left.len() == 1 && left[0].contains("no UTF-8"), "{looked:?}");
    assert_eq!(looked.taken, 5, "{looked:?}");
    let files = house.files();
    for (name, bytes) in [("A.edi", &b"A.edi"[..]), ("a.edi", b"a.edi"), ("-rf.edi", b"-rf.edi")] {
        assert!(files.contains(&(name.to_owned(), bytes.to_vec())), "{files:?}");
    }
    assert!(house.names().contains(&"cd.edi".to_owned()), "shown without what breaks a line");
    // Hidden ones are nobody's, and what has no name stays.
    assert_eq!(sshd.names("out"), ["..b.edi", "a\u{FFFD}.edi"]);
}
