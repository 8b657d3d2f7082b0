//! Where contents go while a message is opened: memory, or the disk for what is large.

use super::super::super::inbox::{Refusal, Staging};
use super::super::super::mail::Mail;
use super::super::opened::{Attachment, Sinks};
use super::letter::IN_MEMORY;
use crate::message::{Body, PartnerId};
use std::io::{self, Write};
use std::sync::Arc;

/// The contents of one message.
#[derive(Debug)]
pub(super) struct Shelf<M> {
    mail: Arc<M>,
    partner: PartnerId,
    /// How long a content is likely to be at most.
    likely: usize,
    pub(super) bodies: Vec<Body>,
    /// Why the house took no more, if so.
    pub(super) refused: Option<Refusal>,
}

/// One content.
pub(super) struct Content<M> {
    mail: Arc<M>,
    partner: PartnerId,
    held: Vec<u8>,
    stage: Option<Box<dyn Staging>>,
}

impl<M: Mail> Shelf<M> {
    /// For a message of `length` bytes.
    pub(super) fn new(mail: Arc<M>, partner: PartnerId, length: u64) -> Self {
        let likely = usize::try_from(length.min(IN_MEMORY)).unwrap_or(0);
        Self { mail, partner, likely, bodies: Vec::new(), refused: None }
    }
}

impl<M: Mail> Sinks for Shelf<M> {
    type Sink = Content<M>;

    fn begin(&mut self) -> io::Result<()> {
        self.bodies.clear();
        Ok(())
    }

    fn open(&mut self, _: &Attachment) -> io::Result<Content<M>> {
        let (mail, partner) = (Arc::clone(&self.mail), self.partner.clone());
        // Several contents share the length of the message.
        let likely = if self.bodies.is_empty() { self.likely } else { 0 };
        Ok(Content { mail, partner, held: Vec::with_capacity(likely), stage: None })
    }

    fn close(&mut self, sink: Content<M>) -> io::Result<()> {
        let body = match sink.stage {
            None => Body::from(sink.held),
            Some(mut stage) => {
                stage.write_all(&sink.held)?;
                stage.finish().map_err(|refusal| {
                    self.refused = Some(refusal.clone());
                    io::Error::other(refusal)
                })?
            }
        };
        self.bodies.push(body);
        Ok(())
    }
}

impl<M: Mail> Write for Content<M> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if u64::try_from(self.held.len()).is_ok_and(|held| held <= IN_MEMORY) {
            return Ok(bytes.len());
        }
        let stage = match &mut self.stage {
            Some(stage) => stage,
            none => none.insert(self.mail.stage(&self.partner).map_err(io::Error::other)?),
        };
        stage.write_all(&self.held)?;
        self.held.clear();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
