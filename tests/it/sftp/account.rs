//! What came to be of files: looked up in the spool of a program that has ended.

use super::servers::Ours;
use std::collections::BTreeMap;
use std::time::Instant;
use wharf::event::State;
use wharf::message::{Channel, Direction, MessageId, Moment, PartnerId};
use wharf::spool::{Query, Settings, Spool};

/// One accepted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) state: State,
}

/// Ends the program and tells every file that a partner put and we took, in order.
pub(super) fn accepted(ours: Ours, partner: &str) -> Vec<Accepted> {
    accepted_of_all(ours, &[partner])
}

/// The same for several partners.
pub(super) fn accepted_of_all(ours: Ours, partners: &[&str]) -> Vec<Accepted> {
    let folder = ours.served.folder().join("spool");
    let home = ours.served.end_and_keep();
    let now = Moment { at: jiff::Timestamp::now(), tick: Instant::now() };
    let (spool, _) = Spool::open(&folder, Settings::default(), now).unwrap();
    let mut all = BTreeMap::new();
    for partner in partners {
        gather(&spool, partner, &mut all);
    }
    drop(spool);
    drop(home);
    all.into_values().collect()
}

fn gather(spool: &Spool, partner: &str, all: &mut BTreeMap<MessageId, Accepted>) {
    let query = Query {
        partner: Some(PartnerId::new(partner).unwrap()),
        direction: Some(Direction::Inbound),
        ..Query::default()
    };
    let mut before = None;
    loop {
        let page = spool.list(&query, before, 1_000).unwrap();
        for summary in page.messages.iter().filter(|of| of.channel == Channel::Sftp) {
            let dossier = spool.dossier(summary.id).unwrap();
            let name = dossier.head.file_name.clone().unwrap();
            let bytes = spool.body(&dossier.body).unwrap();
            all.insert(summary.id, Accepted { name, bytes, state: summary.state });
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }
}

/// The names of them, in order.
pub(super) fn names(accepted: &[Accepted]) -> Vec<&str> {
    accepted.iter().map(|accepted| accepted.name.as_str()).collect()
}

/// An order acknowledgment of the sample supplier's that we accept, unlike all others.
pub(super) fn confirmation(number: u32) -> String {
    format!(
        "ISA*00*          *00*          *01*006081492      *ZZ*LAKESIDE       *261115*0930*U*00401*{number:09}*0*P*>~GS*PR*ACMEMED*LAKESIDE*20261115*0930*{number}*X*004010~ST*855*0001~BAK*00*AC*IN-{number}*20261115~PO1*1*40*BX*8.75*CT*VN*NG-7701M*UK*10614141007702~ACK*IA*40*BX*067*20261118~CTT*1~SE*6*0001~GE*1*{number}~IEA*1*{number:09}~"
    )
}
