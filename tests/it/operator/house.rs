//! A spool with a story in it, partners' files beside it, and a console that can hold it.

use jiff::Timestamp;
use std::fs;
use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use wharf::console::{Check, Desk, routes};
use wharf::event::{EventId, EventKind, Hand, Notice, SetName, Trouble};
use wharf::gateway::Gateway;
use wharf::gateway::operator::{Names, Operator};
use wharf::grammar::Library;
use wharf::message::{
    Body, Channel, Direction, MessageId, Moment, Parcel, PartnerId, Proof, RawMessage, Reference,
    ReferenceKind,
};
use wharf::partner::{Disk, Partners, Shelf};
use wharf::spool::{Accepted, Arrival, NumberKind, Settings, Spool, Step};
use wharf::transport::Carriers;
use wharf::transport::https::send::Sender;

/// The folder of an installation, and the address of its operator's listener.
pub(super) struct House {
    folder: TempDir,
    pub(super) port: u16,
}

/// What a run of `wharf` printed, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: i32,
}

impl Run {
    /// Standard output as one JSON value.
    pub(super) fn value(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// The messages of the story.
pub(super) struct Cast {
    /// The order, as the ERP handed it in.
    pub(super) order: MessageId,
    /// The interchange with the order.
    pub(super) parcel: MessageId,
    /// The partner's 997 for it.
    pub(super) answer: MessageId,
    /// The partner's invoice.
    pub(super) invoice: MessageId,
    /// Dead letters.
    pub(super) dead: [MessageId; 4],
    /// In quarantine.
    pub(super) aside: [MessageId; 2],
}

impl House {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The port is free again at once, and nobody else is told of it.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let house = Self { folder, port };
        let partners = house.path("partners");
        fs::create_dir(&partners).unwrap();
        let us = fs::read_to_string("partners/us.toml").unwrap();
        let us = us.replace("127.0.0.1:8445", &format!("127.0.0.1:{port}"));
        fs::write(partners.join("us.toml"), us).unwrap();
        fs::copy("partners/acme-medical.toml", partners.join("acme-medical.toml")).unwrap();
        house
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn open(&self) -> Spool {
        Spool::open(&self.path("spool"), settings(), now()).unwrap().0
    }

    /// Runs `wharf` in the folder.
    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
        command.args(arguments).current_dir(self.folder.path());
        for name in ["WHARF_GRAMMARS", "WHARF_PARTNERS", "NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
            command.env_remove(name);
        }
        // A proxy of this machine is none of ours.
        let proxy = "http://127.0.0.1:1";
        command.env("http_proxy", proxy).env("HTTP_PROXY", proxy).env("TZ", "UTC");
        let ended = command.env("USER", "ann").stdin(Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = ended.status.code().expect("no signal ended it");
        Run { out: text(ended.stdout), err: text(ended.stderr), code }
    }

    /// A gateway over the spool, with the partners of the folder.
    fn gateway(&self, spool: Arc<Spool>) -> Arc<Gateway> {
        let library = Arc::new(Library::shipped());
        let shelf = Shelf::new(&library);
        let partners = Partners::load(&Disk::new(&self.path("partners"), &|_| None), &shelf);
        let carriers = Carriers::new(Sender::new().unwrap());
        let partners = Arc::new(partners.unwrap());
        Arc::new(Gateway::new(spool, partners, library, carriers, moment))
    }

    /// Starts a console that holds the spool.
    pub(super) fn serve(&self) -> Console {
        let spool = Arc::new(self.open());
        let names: Names = Arc::new(|partner| {
            (partner.as_str() == "acme-medical").then(|| "Acme Medical Supply".to_owned())
        });
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let up = || Check { name: "listeners".into(), holds: true, detail: "they are up".into() };
        let desk = Desk {
            operator: Operator::new(Arc::clone(&spool), names).comparing(self.gateway(spool)),
            clock: moment,
            spool: self.path("spool"),
            reserve: 1,
            checks: vec![Arc::new(up)],
            figures: recorder.handle(),
            reload: Arc::new(|| Err("partners/us.toml:1:1: `title` is missing here".into())),
        };
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let thread = std::thread::spawn(move || {
            run(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let served = axum::serve(listener, routes(desk));
                served.with_graceful_shutdown(stopping.cancelled_owned()).await.unwrap();
            });
        });
        Console { stop, thread: Some(thread) }
    }
}

/// A console that holds the spool until it is dropped.
pub(super) struct Console {
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Console {
    fn drop(&mut self) {
        self.stop.cancel();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Now, as the machine says.
fn moment() -> Moment {
    Moment { at: Timestamp::now(), tick: Instant::now() }
}

fn settings() -> Settings {
    Settings { reserve_bytes: 0, ..Settings::default() }
}

fn now() -> Moment {
    at(0)
}

/// So many minutes after the story begins.
fn at(minutes: u64) -> Moment {
    let day: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
    Moment { at: day + Duration::from_secs(60 * minutes), tick: Instant::now() }
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn partner() -> PartnerId {
    PartnerId::new("acme-medical").unwrap()
}

fn refer(references: &[(ReferenceKind, &str)]) -> Vec<Reference> {
    references.iter().map(|(kind, value)| Reference::new(*kind, *value)).collect()
}

fn raw(direction: Direction, channel: Channel, references: &[(ReferenceKind, &str)]) -> RawMessage {
    RawMessage {
        partner: partner(),
        direction,
        channel,
        proof: Proof::Token("test".into()),
        file_name: None,
        content_type: None,
        body: Body::from(&b"ISA*00*"[..]),
        identities: vec![],
        references: refer(references),
    }
}

fn parcel(about: Option<MessageId>, references: &[(ReferenceKind, &str)]) -> Parcel {
    Parcel {
        partner: partner(),
        channel: Channel::Https,
        endpoint: "https://acme.example/edi".into(),
        file_name: None,
        content_type: None,
        body: Body::from(&b"ISA*01*"[..]),
        about,
        test: false,
        references: refer(references),
    }
}

fn accept(spool: &Spool, minutes: u64, arrival: impl Into<Arrival>) -> MessageId {
    let accepted = run(spool.accept(at(minutes), arrival)).unwrap();
    let Accepted::New(id) = accepted else { panic!("{accepted:?} is not new") };
    id
}

/// Settles the work on `id` at a time with what `fill` puts into the step.
fn settle(spool: &Spool, minutes: u64, id: MessageId, fill: impl FnOnce(&mut Step)) {
    let work = spool.next_due(at(minutes)).expect("work is due");
    assert_eq!(work.lease.message, id);
    let mut step = Step::new(at(minutes));
    fill(&mut step);
    run(spool.settle(&work.lease, step)).unwrap();
}

fn advance(spool: &Spool, minutes: u64, id: MessageId, event: EventKind) {
    run(spool.advance(Step::of(at(minutes), id, event))).unwrap();
}

fn trouble(text: &str) -> Trouble {
    Trouble { code: "unreachable".into(), text: text.into(), owner: "network".into() }
}

fn set(kind: &str) -> SetName {
    let [kind, interchange, group, control] = [kind, "905", "1", "0001"].map(str::to_owned);
    SetName { kind, interchange, group, control }
}

/// An order that was sent, acknowledged and invoiced, and what did not go so well.
pub(super) fn fill(spool: &Spool) -> Cast {
    use ReferenceKind::{FileName, Interchange, Invoice, Order, SetKind};
    let named = [(SetKind, "850"), (Order, "4501-77281")];
    let order = accept(spool, 0, raw(Direction::Outbound, Channel::Erp, &named));
    let mut sent = None;
    settle(spool, 1, order, |step| {
        let about = [(SetKind, "850"), (Interchange, "000000042")];
        let id = step.queue(parcel(Some(order), &about));
        step.event(order, EventKind::Batched { into: id });
        step.number(spool.take_number(&partner(), NumberKind::Interchange));
        sent = Some(id);
    });
    let parcel_of_order = sent.unwrap();
    settle(spool, 2, parcel_of_order, |step| {
        let receipt = "202 Accepted".into();
        let delivered = EventKind::Delivered { receipt, awaits_acknowledgment: true };
        step.event(parcel_of_order, delivered);
    });
    let named = [(SetKind, "997"), (Interchange, "000000900")];
    let answer = accept(spool, 31, raw(Direction::Inbound, Channel::Https, &named));
    settle(spool, 31, answer, |step| {
        let (by, verdict) = (Some(answer), "accepted".to_owned());
        step.event(parcel_of_order, EventKind::Acknowledged { by, verdict });
        step.event(answer, EventKind::Settled);
    });
    let invoice = invoiced(spool);
    let dead = [1, 2, 3, 4].map(|n| {
        let mut step = Step::new(at(50 + n));
        let name = format!("\u{1b}[31mPO-{n}\u{202e}");
        let id = step.offer(parcel(None, &[(SetKind, "850"), (Order, &name)]));
        run(spool.enqueue(step)).unwrap();
        advance(spool, 60, id, EventKind::DeadLettered(trouble("no route \u{1b}]0;x\u{7}to host")));
        id
    });
    let aside = [1, 2].map(|n| {
        let named = [(SetKind, "810"), (Invoice, "INV-8"), (FileName, "odd.edi")];
        let raw = raw(Direction::Inbound, Channel::Sftp, &named);
        let why = Trouble { code: "not_theirs".into(), ..trouble("ISA06 is somebody else's") };
        accept(
            spool,
            70 + n,
            Arrival { raw, answer: None, kept: Vec::new(), quarantine: Some(why) },
        )
    });
    Cast { order, parcel: parcel_of_order, answer, invoice, dead, aside }
}

/// An invoice for the order, that the ERP was told of and that was answered.
fn invoiced(spool: &Spool) -> MessageId {
    use ReferenceKind::{Invoice, Order, SetKind};
    let named = [(SetKind, "810"), (Invoice, "INV-9"), (Order, "4501-77281")];
    let mut raw = raw(Direction::Inbound, Channel::Https, &named);
    raw.file_name = Some("inv-9.edi".into());
    let invoice = accept(spool, 40, raw);
    let mut answered = None;
    settle(spool, 41, invoice, |step| {
        let event = EventId("evt_9".into());
        let answer = step.offer(parcel(Some(invoice), &[(SetKind, "997")]));
        answered = Some(answer);
        step.event(invoice, EventKind::SetAccepted { set: set("810"), findings: vec![] });
        let document = "invoice".to_owned();
        step.event(
            invoice,
            EventKind::Translated { set: set("810"), document, event: event.clone() },
        );
        step.event(invoice, EventKind::AnswerQueued { answer, kind: "997".into() });
        step.event(invoice, EventKind::Settled);
        let notice = Notice {
            id: event,
            kind: "wharf.invoice.received.v1".into(),
            subject: "INV-9".into(),
            message: invoice,
            wire: Some((0, 7)),
            at: at(41).at,
            test: false,
            partner: partner(),
            possible_duplicate_of: None,
        };
        step.keep(invoice, "findings.json", &b"[]"[..]);
        step.notice(notice, &b"{\"number\":\"INV-9\"}"[..]);
    });
    let hand = Hand { by: "ann".into(), why: "the ERP asked".into() };
    let replayed = EventKind::Replayed { hand, answers: false };
    advance(spool, 42, invoice, replayed);
    settle(spool, 43, invoice, |step| {
        step.event(invoice, EventKind::Settled);
    });
    let receipt = "collected".into();
    let delivered = EventKind::Delivered { receipt, awaits_acknowledgment: false };
    advance(spool, 44, answered.unwrap(), delivered);
    invoice
}

/// All files under a folder by name, with what they hold.
pub(super) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}
