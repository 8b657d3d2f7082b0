//! A gateway over a spool of its own, with the sample partners, and a clock that can be put forward.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wharf::event::State;
use wharf::gateway::{Gateway, Order, Reloaded, Workers};
use wharf::grammar::Library;
use wharf::message::{Body, Channel, MessageId, Moment, PartnerId, Proof};
use wharf::partner::{Disk, Partners, Shelf};
use wharf::spool::{Cursor, Settings, Spool, Told};
use wharf::transport::Carriers;
use wharf::transport::https::send::Sender;
use wharf::transport::{Handed, Inbox as _, Taken};

/// Our side, with a partner's way in and a look at what the ERP is told.
pub(super) struct World {
    pub(super) house: Arc<Gateway>,
    pub(super) workers: Workers,
    pub(super) folder: TempDir,
}

/// An event that the ERP is told.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) test: bool,
    pub(super) twice: bool,
    pub(super) id: String,
    pub(super) data: serde_json::Value,
}

pub(super) fn now() -> Moment {
    Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
}

impl World {
    /// With the partners that ship.
    pub(super) fn new() -> Self {
        Self::with(&Path::new(env!("CARGO_MANIFEST_DIR")).join("partners"))
    }

    /// With the partners of a folder.
    pub(super) fn with(partners: &Path) -> Self {
        Self::over(tempfile::tempdir().unwrap(), partners)
    }

    /// Over a spool that may have been used before.
    pub(super) fn over(folder: TempDir, partners: &Path) -> Self {
        let library = Arc::new(Library::shipped());
        let none = |_: &str| None;
        let loaded = Partners::load(&Disk::new(partners, &none), &Shelf::new(&library)).unwrap();
        let (spool, _) = Spool::open(folder.path(), Settings::default(), now()).unwrap();
        let sender = Carriers::new(Sender::new().unwrap());
        let house = Gateway::new(Arc::new(spool), Arc::new(loaded), library, sender, now);
        let house = Arc::new(house);
        let workers = Workers::start(Arc::clone(&house), 8);
        Self { house, workers, folder }
    }

    /// From now on the partners of this folder.
    pub(super) fn reload(&self, partners: &Path) {
        let shelf = Shelf::new(self.house.library());
        let loaded = Partners::load(&Disk::new(partners, &|_: &str| None), &shelf);
        assert!(matches!(self.house.reload(loaded), Reloaded::Now(_)));
    }

    /// Stops in order, and begins anew over the same spool.
    pub(super) async fn restart(self) -> Self {
        let Self { house, workers, folder } = self;
        workers.finish(Duration::from_secs(10)).await;
        drop(house);
        Self::over(folder, &Path::new(env!("CARGO_MANIFEST_DIR")).join("partners"))
    }

    /// Hands in X12 as a partner, and waits until it is read.
    pub(super) async fn hand_in(&self, partner: &str, x12: &str) -> MessageId {
        let taken = self.house.hand_in(handed(partner, x12)).await.unwrap();
        self.settled(taken.id()).await;
        taken.id()
    }

    /// Waits until a message is no longer waiting to be read.
    pub(super) async fn settled(&self, id: MessageId) -> State {
        self.until("it to be read", || {
            let state = self.house.spool().summary(id).unwrap().state;
            (state != State::Received).then_some(state)
        })
        .await
    }

    /// Waits until something is there.
    pub(super) async fn until<T>(&self, what: &str, found: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(found) = found() {
                return found;
            }
            assert!(Instant::now() < end, "waited too long for {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Hands in a document as the ERP.
    pub(super) async fn send(&self, partner: &str, document: &str, json: &str) -> MessageId {
        let order = order(partner, document, json);
        let taken = self.house.send(order).await.unwrap_or_else(|error| panic!("{error:?}"));
        let Taken::New(id) = taken else { panic!("it came before") };
        id
    }

    /// What waits for a partner, as text.
    pub(super) fn outbox(&self, partner: &str) -> Vec<(MessageId, String)> {
        let partner = PartnerId::new(partner).unwrap();
        let letters = self.house.outbox(&partner, None, 100).unwrap();
        let text = |id| {
            String::from_utf8(
                self.house
                    .collect(&partner, id)
                    .unwrap()
                    .content
                    .check()
                    .unwrap()
                    .bytes()
                    .unwrap()
                    .to_vec(),
            )
            .unwrap()
        };
        letters.into_iter().map(|letter| (letter.id, text(letter.id))).collect()
    }

    /// Waits for the first thing that waits for a partner and holds `what`.
    pub(super) async fn letter(&self, partner: &str, what: &str) -> (MessageId, String) {
        let wanted = |(_, text): &(MessageId, String)| text.contains(what);
        self.until(what, || self.outbox(partner).into_iter().find(wanted)).await
    }

    pub(super) async fn sign_off(&self, partner: &str, id: MessageId) {
        self.house.sign_off(&PartnerId::new(partner).unwrap(), id).await.unwrap();
    }

    pub(super) fn state(&self, id: MessageId) -> State {
        self.house.spool().summary(id).unwrap().state
    }

    /// Everything that the ERP was told so far.
    pub(super) fn events(&self) -> Vec<Event> {
        let spool = self.house.spool();
        let is_notice = |told: &Told| matches!(told, Told::Notice { .. });
        let told = spool.follow(Cursor::default(), 10_000, is_notice).unwrap().told;
        let event = |(_, told)| {
            let Told::Notice { notice, data } = told else { panic!("only notices were wanted") };
            Event {
                kind: notice.kind,
                subject: notice.subject,
                test: notice.test,
                twice: notice.possible_duplicate_of.is_some(),
                id: notice.id.0,
                data: serde_json::from_slice(&spool.body(&data).unwrap()).unwrap(),
            }
        };
        told.into_iter().map(event).collect()
    }

    pub(super) fn kinds(&self) -> Vec<String> {
        self.events().into_iter().map(|event| event.kind).collect()
    }
}

/// The partners that ship, with another file of Acme's.
pub(super) fn partners(acme: impl Fn(String) -> String) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("partners"), folder.path());
    let file = folder.path().join("acme-medical.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, acme(text)).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// X12 as a partner hands it in.
pub(super) fn handed(partner: &str, x12: &str) -> Handed {
    Handed {
        partner: PartnerId::new(partner).unwrap(),
        channel: Channel::Https,
        proof: Proof::Token("a test".to_owned()),
        file_name: None,
        content_type: None,
        key: None,
        document: None,
        body: Body::Bytes(x12.as_bytes().to_vec()),
        answer: None,
        kept: Vec::new(),
    }
}

/// A document as the ERP hands it in.
pub(super) fn order(partner: &str, document: &str, json: &str) -> Order {
    Order {
        partner: PartnerId::new(partner).unwrap(),
        proof: Proof::Person("a test".to_owned()),
        key: None,
        document: Some(document.parse().unwrap()),
        file_name: None,
        body: json.as_bytes().to_vec(),
    }
}

/// An interchange of Acme's with these sets, each from ST to SE without both.
pub(super) fn from_acme(control: u32, functional: &str, sets: &[(&str, &[&str])]) -> String {
    let mut x12 = format!(
        "ISA*00*          *00*          *01*006081492      *ZZ*LAKESIDE       *261115*0930*U*00401*{control:09}*0*P*>~GS*{functional}*ACMEMED*LAKESIDE*20261115*0930*{control}*X*004010~"
    );
    for (number, (set, segments)) in (1..).zip(sets) {
        let (count, body) = (segments.len() + 2, segments.join("~"));
        let set = format!("ST*{set}*{number:04}~{body}~SE*{count}*{number:04}~");
        x12.push_str(&set);
    }
    x12 + &format!("GE*{}*{control}~IEA*1*{control:09}~", sets.len())
}

/// An 855 that accepts an order whole.
pub(super) const CONFIRMED: (&str, &[&str]) = (
    "855",
    &[
        "BAK*00*AC*4501-77281*20261115****SO-99120",
        "N1*SE*Acme Medical*1*925411000",
        "PO1*1*40*BX*8.75*CT*VN*NG-7701M",
        "ACK*IA*40*BX*067*20261118",
        "CTT*1",
    ],
);

/// An order.
pub(super) const ORDER: &str = r#"{
    "document": "purchase-order", "purpose": "original", "kind": "stand_alone",
    "number": "4501-77281", "ordered_on": "2026-11-15",
    "parties": [{"role": "ship_to", "name": "Lakeside General"}],
    "lines": [{"line_number": "1", "quantity": "40", "unit": "BX", "price": "8.75",
        "item_ids": [{"scheme": "vendor_item", "value": "NG-7701M"}]}]
}"#;
