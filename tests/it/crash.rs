//! The real program, killed again and again while partners and the ERP hand in documents: at the
//! end every document is accounted for, once.

#[allow(dead_code, reason = "tests and benches use a part each")]
mod served;

use served::{ERP, PARTNER, Receiver, Served, Ways};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What hands in until it is told to stop, and what was accepted.
struct Crowd {
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
    let crowd = Arc::new(Crowd {
        stop: AtomicBool::new(false),
        next: AtomicU32::new(1),
        inbound: Mutex::default(),
        outbound: Mutex::default(),
    });
    let mut hands = tokio::task::JoinSet::new();
    for hand in 0..6 {
        let (crowd, doors) = (Arc::clone(&crowd), served.doors());
        hands.spawn(async move {
            while !crowd.stop.load(Ordering::Relaxed) {
                let number = crowd.next.fetch_add(1, Ordering::Relaxed);
                if hand < 4 {
                    doors.insist(PARTNER, "/v1/edi", &confirmation(number), number).await;
                    crowd.inbound.lock().unwrap().insert(number);
                } else {
                    let path = "/v1/purchase-orders?partner=acme-medical";
                    doors.insist(ERP, path, &order(number), number).await;
                    crowd.outbound.lock().unwrap().insert(number);
                }
            }
        });
    }
    let mut pause = 150;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        pause = 100 + (pause * 7919) % 500;
        served.kill();
        served.start();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    crowd.stop.store(true, Ordering::Relaxed);
    while hands.join_next().await.is_some() {}
    served.kill();
    served.start();
    let (inbound, outbound) =
        (crowd.inbound.lock().unwrap().clone(), crowd.outbound.lock().unwrap().clone());
    assert!(inbound.len() > 20 && outbound.len() > 5, "{} and {}", inbound.len(), outbound.len());
    let account = account(&served, &receiver, &inbound, &outbound).await;
    println!(
        "kill -9 of the whole program: {} accepted; of the events, acknowledgments and orders due \
         {} delivered, {} lost, {} doubled",
        inbound.len() + outbound.len(),
        account.delivered,
        account.lost.len(),
        account.doubled.len()
    );
    assert_eq!((account.lost, account.doubled), (Vec::new(), Vec::new()));
    served.end_in_order();
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
    let end = Instant::now() + Duration::from_secs(60);
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

/// An 855 about an order of this number.
fn confirmation(number: u32) -> String {
    format!(
        "ISA*00*          *00*          *01*006081492      *ZZ*LAKESIDE       *261115*0930*U*00401*{number:09}*0*P*>~GS*PR*ACMEMED*LAKESIDE*20261115*0930*{number}*X*004010~ST*855*0001~BAK*00*AC*IN-{number}*20261115~PO1*1*40*BX*8.75*CT*VN*NG-7701M~ACK*IA*40*BX*067*20261118~CTT*1~SE*6*0001~GE*1*{number}~IEA*1*{number:09}~"
    )
}

fn order(number: u32) -> String {
    format!(
        r#"{{"document": "purchase-order", "number": "PO-{number}", "ordered_on": "2026-11-15", "kind": "stand_alone",
        "lines": [{{"line_number": "1", "quantity": "40", "unit": "BX", "price": "8.75",
        "item_ids": [{{"scheme": "vendor_item", "value": "NG-7701M"}}]}}]}}"#
    )
}
