//! The real program, killed again and again, and failed by its disk, while partners and the ERP hand in documents: at the
//! end every document is accounted for, once.

use super::served::{ERP, PARTNER, Receiver, Served, Ways, confirmation_of, order};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Those who hand in until they are told to stop.
struct Crowd {
    desk: Arc<Desk>,
    hands: JoinSet<()>,
}

/// What they know of each other, and what was accepted.
#[derive(Default)]
struct Desk {
    stop: AtomicBool,
    next: AtomicU32,
    inbound: Mutex<BTreeSet<u32>>,
    outbound: Mutex<BTreeSet<u32>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_nothing_is_lost_and_nothing_is_doubled() {
    let receiver = Receiver::start_moody().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let crowd = Crowd::begin(&served);
    let mut pause = 150;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        pause = 100 + (pause * 7919) % 500;
        served.kill();
        served.start();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    crowd.finish("kill -9 at random", served, &receiver).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_call_to_the_disk_nothing_is_lost_and_nothing_is_doubled() {
    let receiver = Receiver::start_moody().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let crowd = Crowd::begin(&served);
    for call in ["fdatasync", "pwrite64", "write", "fsync", "rename,renameat,renameat2"] {
        let mut reached = 0;
        for nth in [5, 2, 1] {
            served.kill();
            served.start_under(&[&format!("inject={call}:signal=KILL:when={nth}")]);
            match served.ended(Duration::from_secs(2)) {
                Some(status) => {
                    assert_eq!(status.signal(), Some(9), "{call} {nth}: {}", served.log());
                    reached += 1;
                    served.start();
                }
                None => println!("no call {nth} of {call} in two seconds"),
            }
        }
        assert!(reached > 0, "nothing calls {call}");
    }
    crowd.finish("kill -9 at each call to the disk", served, &receiver).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_fails_ends_it_and_nothing_accepted_is_missing() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let crowd = Crowd::begin(&served);
    for nth in [2, 9, 40] {
        served.kill();
        served.start_under(&[&format!("inject=fdatasync:error=EIO:when={nth}")]);
        let status = served.ended(Duration::from_secs(20));
        let log = served.log();
        assert_eq!(status.and_then(|status| status.code()), Some(1), "{nth}: {status:?} {log}");
        let why = log.lines().rfind(|line| line.contains("accepts nothing more"));
        assert!(why.is_some_and(|line| line.contains("Input/output error")), "{log}");
        std::fs::remove_file(served.folder().join("log")).unwrap();
        served.start();
    }
    crowd.finish("failed syncs", served, &receiver).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_in_the_middle_of_writes_costs_only_time() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    served.start();
    let crowd = Crowd::begin(&served);
    served.kill();
    // Only of the journal, which is still in its first file.
    let journal = served.folder().join("spool/journal/00000000000000000000.journal");
    assert!(
        served.start_under(&["inject=pwrite64:error=ENOSPC:when=5+3", journal.to_str().unwrap()])
    );
    assert_eq!(served.ended(Duration::from_secs(2)), None, "{}", served.log());
    assert!(served.log().contains("spool_full"), "{}", served.log());
    crowd.finish("a disk full now and then", served, &receiver).await;
}

impl Crowd {
    /// Six hands, who hand in all the time.
    fn begin(served: &Served) -> Self {
        let desk = Arc::new(Desk::default());
        let mut hands = JoinSet::new();
        for hand in 0..6 {
            let (desk, doors) = (Arc::clone(&desk), served.doors());
            hands.spawn(async move {
                while !desk.stop.load(Ordering::Relaxed) {
                    let number = 1 + desk.next.fetch_add(1, Ordering::Relaxed);
                    if hand < 4 {
                        let lines = if number % 5 == 0 { 1000 } else { 1 };
                        let text = confirmation_of(number, lines);
                        doors.insist(PARTNER, "/v1/edi", &text, number).await;
                        desk.inbound.lock().unwrap().insert(number);
                    } else {
                        let path = "/v1/purchase-orders?partner=acme-medical";
                        doors.insist(ERP, path, &order(number), number).await;
                        desk.outbound.lock().unwrap().insert(number);
                    }
                }
            });
        }
        Self { desk, hands }
    }

    /// Stops, starts the program once more, and counts.
    async fn finish(mut self, what: &str, mut served: Served, receiver: &Receiver) {
        self.desk.stop.store(true, Ordering::Relaxed);
        while let Some(hand) = self.hands.join_next().await {
            hand.unwrap();
        }
        served.kill();
        served.start();
        let (inbound, outbound) =
            (self.desk.inbound.lock().unwrap().clone(), self.desk.outbound.lock().unwrap().clone());
        assert!(
            inbound.len() > 20 && outbound.len() > 5,
            "{} and {}",
            inbound.len(),
            outbound.len()
        );
        let account = account(&served, receiver, &inbound, &outbound).await;
        println!(
            "{what}: {} accepted; of the events, acknowledgments and orders due {} delivered, {} \
             lost, {} doubled",
            inbound.len() + outbound.len(),
            account.delivered,
            account.lost.len(),
            account.doubled.len()
        );
        assert_eq!((account.lost, account.doubled), (Vec::new(), Vec::new()), "{what}");
        served.end_in_order();
    }
}

#[derive(Debug, Default)]
struct Account {
    delivered: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
}

/// Waits until all that was accepted has arrived, and counts.
async fn account(
    served: &Served,
    receiver: &Receiver,
    inbound: &BTreeSet<u32>,
    outbound: &BTreeSet<u32>,
) -> Account {
    let end = Instant::now() + Duration::from_secs(240);
    loop {
        let (mut events, mut orders, mut answers) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (id, subject) in receiver.told() {
            // The same id again is the same event again.
            events.entry(subject).or_insert_with(BTreeSet::new).insert(id);
        }
        for letter in served.doors().mailbox().await {
            if let Some(number) = between(&letter, "~BEG*00*SA*PO-", "*") {
                *orders.entry(number).or_insert(0) += 1;
            } else if let Some(number) = between(&letter, "~AK1*PR*", "~") {
                *answers.entry(number).or_insert(0) += 1;
            }
        }
        let mut account = Account::default();
        let mut count = |what: String, found: usize| match found {
            0 => account.lost.push(what),
            1 => account.delivered += 1,
            _ => account.doubled.push(what),
        };
        for number in inbound {
            let told = events.get(&format!("IN-{number}")).map_or(0, BTreeSet::len);
            count(format!("the event of IN-{number}"), told);
            let answered = answers.get(&number.to_string()).copied().unwrap_or(0);
            count(format!("the 997 for group {number}"), answered);
        }
        for number in outbound {
            let sent = orders.get(&number.to_string()).copied().unwrap_or(0);
            count(format!("the order PO-{number}"), sent);
        }
        if account.lost.is_empty() || Instant::now() > end {
            return account;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0.to_owned())
}
