//! Messages that go to a partner: handed in by the ERP, put into interchanges, signed and encrypted,
//! sent, and proven by a signed receipt.

use super::hand::{Hand, Heard};
use super::of_a_core;
use super::partner::Partner;
use super::world::World;
use crate::limit::{Limit, rate};
use crate::parties::Parties;
use crate::served::ERP;
use std::thread;
use std::time::{Duration, Instant};

pub(super) fn measure(parties: &Parties, size: usize, count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let partner = Partner::start(parties, folder.path());
    let as2 = format!("url = '{}'\nplain_http = true\n", partner.url);
    let world = World::new(parties, &as2).started();
    let limit = Limit::of(parties, &order(0, size));
    let before = world.used();
    hand_in(&world.doors()[1], size, count);
    // Those of a lane that are out wait for the partner; all others are written, and wait for those.
    world.until_waiting(u64::try_from(count).unwrap());
    thread::sleep(Duration::from_millis(500));
    let written = world.used().since(before).whole;
    let alone_before = rate(|| limit.send());
    let (before, began) = (world.used(), Instant::now());
    partner.open_gate();
    while partner.answered() < count {
        thread::sleep(Duration::from_millis(2));
    }
    let took = began.elapsed();
    world.until_waiting(0);
    let used = world.used().since(before).whole;
    let alone = f64::midpoint(alone_before, rate(|| limit.send()));
    let [of_sending, of_all] = [used, used + written].map(|used| of_a_core(count, used));
    println!(
        "sent {size:>8} bytes, proven by a signed receipt: {:.0}/s beside the partner's own work; the \
         limit {alone:.0} a core",
        count as f64 / took.as_secs_f64()
    );
    println!(
        "  sending, with the receipt: {of_sending:.0} a core, ratio {:.2}; from the ERP's door on: \
         {of_all:.0} a core, ratio {:.2}",
        of_sending / alone,
        of_all / alone
    );
    let held =
        world.served.log().lines().filter(|line| line.contains("\"level\":\"ERROR\"")).count();
    assert_eq!(held, 0, "{}", world.served.log());
    world.served.end_in_order();
}

/// Hands in so many orders, as X12.
fn hand_in(door: &str, size: usize, count: usize) {
    thread::scope(|scope| {
        for first in 0..HANDS {
            scope.spawn(move || {
                let mut hand = Hand::reach(door);
                for number in (first..count).step_by(HANDS) {
                    let body = order(number, size);
                    let head = format!(
                        "POST /v1/edi?partner=acme HTTP/1.1\r\nHost: localhost\r\n\
                         Authorization: Bearer {ERP}\r\nContent-Type: application/edi-x12\r\n\
                         Idempotency-Key: {number}\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    let answer = Heard::of(&hand.give(&[head.as_bytes(), &body].concat()));
                    let text = String::from_utf8_lossy(&answer.body);
                    assert_eq!(answer.status, 202, "{text}");
                }
            });
        }
    });
}

/// An 850 of about `size` bytes.
fn order(number: usize, size: usize) -> Vec<u8> {
    let lines = size.saturating_sub(270) / 34;
    let line = |line: usize| format!("PO1*{line}*40*BX*8.75*CT*VN*NG-7701M~");
    let text = (1..=lines).map(line).collect::<String>();
    let (segments, control) = (lines + 5, number % 999_999_999 + 1);
    format!(
        "ISA*00*          *00*          *ZZ*LAKESIDE       *01*006081492      *261115*0930*U*00401*\
         {control:09}*0*P*>~GS*PO*LAKESIDE*ACMEMED*20261115*0930*{control}*X*004010~ST*850*0001~\
         BEG*00*SA*PO-{number}**20261115~N1*ST*Lakeside General*92*0001~{text}CTT*{lines}~\
         SE*{segments}*0001~GE*1*{control}~IEA*1*{control:09}~"
    )
    .into_bytes()
}

const HANDS: usize = 16;
