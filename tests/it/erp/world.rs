//! A spool in a folder of its own, subscribers, and notices to tell them.

use super::receiver::Receiver;
use std::cell::Cell;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wharf::erp::{Pace, Webhooks};
use wharf::event::{EventId, Notice, Trouble};
use wharf::grammar::Library;
use wharf::message::{Body, Channel, Direction, MessageId, Moment, PartnerId, Proof, RawMessage};
use wharf::partner::{Disk, Partners, Shelf, Webhook};
use wharf::spool::{Accepted, Arrival, Settings, Spool, Step};

/// The newer of the two secrets; the other is `old`.
pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(super) struct World {
    folder: TempDir,
    spool: Arc<Spool>,
    message: MessageId,
    told: Cell<usize>,
}

/// Subscribers at work.
pub(super) struct Hooks {
    webhooks: Webhooks,
    count: usize,
    task: JoinHandle<()>,
}

impl Deref for Hooks {
    type Target = Webhooks;

    fn deref(&self) -> &Webhooks {
        &self.webhooks
    }
}

impl Hooks {
    /// Waits until every subscriber has begun.
    pub(super) async fn ready(&self) {
        until("they have begun", || self.standing(moment()).len() == self.count).await;
    }

    /// The handle that those have who look after them.
    pub(super) fn webhooks(&self) -> Webhooks {
        self.webhooks.clone()
    }

    pub(super) fn waiting(&self) -> usize {
        self.standing(moment()).iter().map(|standing| standing.waiting).sum()
    }

    /// As good as killed: whatever it is at is dropped where it stands.
    pub(super) fn kill(self) {
        self.task.abort();
    }
}

impl World {
    pub(super) fn run(test: impl AsyncFnOnce(World)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let spool = open(&folder);
            let raw = RawMessage {
                partner: PartnerId::new("acme-medical").unwrap(),
                direction: Direction::Inbound,
                channel: Channel::Https,
                proof: Proof::Ourselves,
                file_name: None,
                content_type: None,
                body: Body::from(&b"ISA"[..]),
                identities: Vec::new(),
                references: Vec::new(),
            };
            // Put aside, so that nobody reads it.
            let quarantine = Some(Trouble {
                code: "test".into(),
                text: "a test".into(),
                owner: "nobody".into(),
            });
            let arrival = Arrival { raw, answer: None, kept: Vec::new(), quarantine };
            let Accepted::New(message) = spool.accept(moment(), arrival).await.unwrap() else {
                panic!("it is new");
            };
            test(World { folder, spool, message, told: Cell::new(0) }).await;
        });
    }

    pub(super) fn spool(&self) -> &Arc<Spool> {
        &self.spool
    }

    /// Tells the ERP of an invoice; says the id of the event.
    pub(super) async fn tell(&self, subject: &str, data: &str) -> String {
        self.tell_as("wharf.invoice.received.v1", subject, false, data).await
    }

    pub(super) async fn tell_as(
        &self,
        kind: &str,
        subject: &str,
        test: bool,
        data: &str,
    ) -> String {
        self.told.set(self.told.get() + 1);
        let id = format!("evt_{:032x}", self.told.get());
        let now = moment();
        let mut step = Step::new(now);
        let notice = Notice {
            id: EventId(id.clone()),
            kind: kind.into(),
            subject: subject.into(),
            message: self.message,
            wire: Some((106, 400)),
            at: now.at,
            test,
            partner: PartnerId::new("acme-medical").unwrap(),
            possible_duplicate_of: None,
        };
        step.notice(notice, Body::from(data.as_bytes()));
        self.spool.advance(step).await.unwrap();
        id
    }

    /// A subscriber called `w`, at work with little patience.
    pub(super) fn webhook(&self, receiver: &Receiver, settings: &str) -> Hooks {
        self.webhook_at(&receiver.url(), settings)
    }

    pub(super) fn webhook_at(&self, url: &str, settings: &str) -> Hooks {
        let pace = Pace {
            deadline: Duration::from_secs(2),
            first_wait: Duration::from_millis(50),
            longest_wait: Duration::from_secs(1),
        };
        self.run_webhooks(Webhooks::new(pace), subscriber("w", url, settings))
    }

    pub(super) fn run_webhooks(&self, webhooks: Webhooks, list: Vec<Webhook>) -> Hooks {
        let (stop, count) = (CancellationToken::new(), list.len());
        let run = webhooks.run(&self.spool, list, moment, &stop).unwrap();
        Hooks { webhooks, count, task: tokio::spawn(run) }
    }

    /// The same after everything was killed and begun anew.
    pub(super) async fn restart(self, hooks: Hooks) -> World {
        hooks.task.abort();
        let Self { folder, spool, message, told } = self;
        until("the spool is let go", || Arc::strong_count(&spool) == 1).await;
        drop(spool);
        let spool = open(&folder);
        World { folder, spool, message, told }
    }
}

/// A subscriber as a file describes it.
pub(super) fn subscriber(name: &str, url: &str, settings: &str) -> Vec<Webhook> {
    let us = format!(
        "title = 'Lakeside'\nidentities = [{{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }}]\n\
        [[erp.webhooks]]\nname = '{name}'\nurl = '{url}'\n\
        secrets = [{{ env = 'NEW' }}, {{ env = 'OLD' }}]\n{settings}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("us.toml"), us).unwrap();
    let library = Library::shipped();
    let secret = |name: &str| Some(if name == "NEW" { SECRET } else { "old" }.to_owned());
    let partners = Partners::load(&Disk::new(folder.path(), &secret), &Shelf::new(&library));
    partners.unwrap_or_else(|faults| panic!("{faults}")).us().erp.webhooks.clone()
}

fn open(folder: &TempDir) -> Arc<Spool> {
    let settings = Settings { reserve_bytes: 0, ..Settings::default() };
    Arc::new(Spool::open(&folder.path().join("spool"), settings, moment()).unwrap().0)
}

/// Now, by the clocks of this machine.
pub(super) fn moment() -> Moment {
    Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
}

/// Waits until something is so, or fails.
pub(super) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
