//! A file on its way in: in memory while it is small, on the disk as soon as it is not.

use super::super::inbox::{Inbox, Refusal, RefusalKind, Staging};
use crate::message::{Body, Digest, PartnerId};
use sha2::Digest as _;
use std::io::Write as _;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Where the bytes of one file go. Dropped unfinished, it leaves nothing.
pub(in crate::transport) struct Catch {
    held: Held,
}

type Stage = Box<dyn Fn() -> Result<Box<dyn Staging>, Refusal> + Send + Sync>;

enum Held {
    Memory(Vec<u8>, Stage),
    /// Nothing but what tells the bytes from others.
    Hash(Box<sha2::Sha256>),
    Disk {
        pieces: mpsc::Sender<Piece>,
        writer: JoinHandle<Result<Body, Refusal>>,
    },
}

enum Piece {
    Bytes(Vec<u8>),
    /// That was all: a channel that closes without it is a file that broke off.
    End,
}

impl Catch {
    /// For a file of this partner's.
    pub(in crate::transport) fn new<I: Inbox>(inbox: &Arc<I>, partner: &PartnerId) -> Self {
        let (inbox, partner) = (Arc::clone(inbox), partner.clone());
        let stage = Box::new(move || inbox.stage(&partner));
        Self { held: Held::Memory(Vec::new(), stage) }
    }

    /// For a file that is only to be compared.
    pub(in crate::transport) fn only_hash() -> Self {
        Self { held: Held::Hash(Box::default()) }
    }

    /// The SHA-256 of what came, if it was only to be compared.
    pub(in crate::transport) fn digest(self) -> Option<Digest> {
        match self.held {
            Held::Hash(sha) => Some(Digest::from_bytes(sha.finalize().into())),
            Held::Memory(..) | Held::Disk { .. } => None,
        }
    }

    /// The next bytes.
    pub(in crate::transport) async fn add(&mut self, bytes: Vec<u8>) -> Result<(), Refusal> {
        match &mut self.held {
            Held::Hash(sha) => {
                sha.update(&bytes);
                Ok(())
            }
            Held::Memory(held, _) if held.len() + bytes.len() <= IN_MEMORY => {
                if held.is_empty() {
                    *held = bytes;
                } else {
                    held.extend_from_slice(&bytes);
                }
                Ok(())
            }
            Held::Memory(held, stage) => {
                let staged = stage()?;
                let held = std::mem::take(held);
                let (pieces, coming) = mpsc::channel(AHEAD);
                let writer = spawn_blocking(move || write(staged, coming));
                self.held = Held::Disk { pieces, writer };
                self.pass(Piece::Bytes(held)).await?;
                self.pass(Piece::Bytes(bytes)).await
            }
            Held::Disk { .. } => self.pass(Piece::Bytes(bytes)).await,
        }
    }

    /// All of it came: it may be handed in.
    pub(in crate::transport) async fn finish(mut self) -> Result<Body, Refusal> {
        // Why it stopped, if it did, is told by the writer.
        let _passed = self.pass(Piece::End).await;
        match self.held {
            Held::Memory(held, _) => Ok(Body::Bytes(held)),
            Held::Hash(_) => Err(broken()),
            Held::Disk { writer, .. } => writer.await.unwrap_or_else(|_| Err(broken())),
        }
    }

    async fn pass(&mut self, piece: Piece) -> Result<(), Refusal> {
        let Held::Disk { pieces, writer } = &mut self.held else { return Ok(()) };
        if pieces.send(piece).await.is_ok() {
            return Ok(());
        }
        match writer.await {
            Ok(Err(refusal)) => Err(refusal),
            Ok(Ok(_)) | Err(_) => Err(broken()),
        }
    }
}

fn write(mut staged: Box<dyn Staging>, mut coming: mpsc::Receiver<Piece>) -> Result<Body, Refusal> {
    while let Some(piece) = coming.blocking_recv() {
        match piece {
            Piece::Bytes(bytes) => staged.write_all(&bytes).map_err(|error| unkept(&error))?,
            Piece::End => return staged.finish(),
        }
    }
    Err(broken())
}

fn unkept(error: &std::io::Error) -> Refusal {
    Refusal {
        kind: RefusalKind::Full,
        code: "spool_full",
        text: format!("there is no room for it: {error}"),
        fields: Vec::new(),
    }
}

fn broken() -> Refusal {
    Refusal {
        kind: RefusalKind::Unavailable,
        code: "unavailable",
        text: "it was not kept; it is taken at another look".to_owned(),
        fields: Vec::new(),
    }
}

/// A longer file is written to the disk while it comes.
const IN_MEMORY: usize = 1 << 20;

/// So many pieces may wait for the disk.
const AHEAD: usize = 8;
