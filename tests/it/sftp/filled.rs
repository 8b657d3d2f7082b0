//! A mailbox with much in it, written into the spool of a program that does not run.

use super::servers::Ours;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use wharf::message::{Channel, Moment, Parcel, PartnerId, Reference, ReferenceKind};
use wharf::spool::{Settings, Spool, Step};

/// Puts `hundreds` hundred letters where `partner` finds them.
pub(super) fn fill(ours: &Ours, partner: &str, hundreds: u32) {
    let partner = PartnerId::new(partner).unwrap();
    let now = Moment { at: jiff::Timestamp::now(), tick: Instant::now() };
    let folder = ours.served.folder().join("spool");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (spool, _) = Spool::open(&folder, Settings::default(), now).unwrap();
    let spool = Arc::new(spool);
    // One after the other, as orders are written: a hundred at a time share what is made durable.
    let offering = async {
        for hundred in 0..hundreds {
            let mut offers = JoinSet::new();
            for number in 0..100 {
                let (spool, partner) = (Arc::clone(&spool), partner.clone());
                offers.spawn(async move {
                    let step = || offer(&partner, now, hundred * 100 + number);
                    while let Err(error) = spool.enqueue(step()).await {
                        // The index may be behind, on a machine that does much else.
                        assert_eq!(error.code(), "spool_unavailable", "{error}");
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                });
            }
            offers.join_all().await;
        }
    };
    runtime.block_on(offering);
    Arc::into_inner(spool).unwrap().close().unwrap();
}

/// What the letter of a number is called.
pub(super) fn name(number: u32) -> String {
    format!("850-{number:09}.edi")
}

fn offer(partner: &PartnerId, now: Moment, number: u32) -> Step {
    let mut step = Step::new(now);
    step.offer(Parcel {
        partner: partner.clone(),
        channel: Channel::Gateway,
        endpoint: String::new(),
        file_name: Some(name(number)),
        content_type: None,
        body: vec![b'x'; 600].into(),
        about: None,
        test: false,
        references: vec![Reference::new(ReferenceKind::SetKind, "850")],
    });
    step
}
