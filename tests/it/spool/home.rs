//! A spool in a folder of its own, and a clock that the test turns.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wharf::event::{Hand, Trouble};
use wharf::message::{
    Body, Channel, Direction, Identity, MessageId, Moment, Parcel, PartnerId, Proof, RawMessage,
    Reference, ReferenceKind,
};
use wharf::spool::{Accepted, Recovery, Settings, Spool, Step};

/// A spool in a folder of its own.
pub(super) struct Home {
    folder: TempDir,
    start: Instant,
}

impl Home {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), start: Instant::now() }
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// So many seconds after the beginning.
    pub(super) fn now(&self, seconds: u64) -> Moment {
        now(self.start, seconds)
    }

    pub(super) fn open(&self) -> Spool {
        self.open_at(0)
    }

    pub(super) fn open_at(&self, seconds: u64) -> Spool {
        Spool::open(&self.folder(), settings(), self.now(seconds)).unwrap().0
    }

    pub(super) fn reopen(&self) -> (Spool, Recovery) {
        Spool::open(&self.folder(), settings(), self.now(0)).unwrap()
    }

    /// Accepts a message that is new.
    pub(super) fn accept(&self, spool: &Spool, key: &str, bytes: &str) -> MessageId {
        let accepted = run(spool.accept(self.now(0), message(key, bytes))).unwrap();
        let Accepted::New(id) = accepted else { panic!("{key} is not new: {accepted:?}") };
        id
    }

    /// Queues a parcel.
    pub(super) fn enqueue(&self, spool: &Spool, endpoint: &str) -> MessageId {
        let mut step = Step::new(self.now(0));
        let id = step.queue(parcel(endpoint));
        run(spool.enqueue(step)).unwrap();
        id
    }

    /// The files of the journal, in order.
    pub(super) fn segments(&self) -> Vec<PathBuf> {
        let mut files = files(&self.folder().join("journal"));
        files.sort();
        files
    }

    /// The files of bodies.
    pub(super) fn body_files(&self) -> Vec<PathBuf> {
        files(&self.folder().join("bodies"))
    }
}

/// Small files and many checkpoints, so that little work comes by every corner.
pub(super) fn settings() -> Settings {
    Settings {
        segment_bytes: 16 << 10,
        reserve_bytes: 0,
        records_per_checkpoint: 20,
        ..Settings::default()
    }
}

/// All files under `folder`.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// So many seconds after `start`, on a day when nothing happened.
pub(super) fn now(start: Instant, seconds: u64) -> Moment {
    let day: jiff::Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let passed = Duration::from_secs(seconds);
    Moment { at: day + passed, tick: start + passed }
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Two futures at once.
pub(super) async fn both<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    let (mut one, mut two) = (None, None);
    std::future::poll_fn(|context| {
        if one.is_none()
            && let Poll::Ready(done) = first.as_mut().poll(context)
        {
            one = Some(done);
        }
        if two.is_none()
            && let Poll::Ready(done) = second.as_mut().poll(context)
        {
            two = Some(done);
        }
        match (one.take(), two.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            (first, second) => {
                (one, two) = (first, second);
                Poll::Pending
            }
        }
    })
    .await
}

pub(super) fn partner() -> PartnerId {
    PartnerId::new("acme").unwrap()
}

pub(super) fn key(n: usize) -> String {
    format!("key-{n}")
}

pub(super) fn message(key: &str, bytes: &str) -> RawMessage {
    RawMessage {
        partner: partner(),
        direction: Direction::Inbound,
        channel: Channel::Https,
        proof: Proof::Token("test".into()),
        file_name: None,
        content_type: None,
        body: Body::from(bytes.as_bytes()),
        identities: vec![Identity::new("test", key)],
        references: vec![Reference::new(ReferenceKind::TransportMessage, key)],
    }
}

pub(super) fn parcel(endpoint: &str) -> Parcel {
    Parcel {
        partner: partner(),
        channel: Channel::Https,
        endpoint: endpoint.into(),
        file_name: None,
        content_type: None,
        body: Body::from(&b"ISA"[..]),
        about: None,
        test: false,
        references: Vec::new(),
    }
}

pub(super) fn trouble() -> Trouble {
    Trouble { code: "refused".into(), text: "connection refused".into(), owner: "acme".into() }
}

pub(super) fn hand() -> Hand {
    Hand { by: "ann".into(), why: "it was fixed".into() }
}
