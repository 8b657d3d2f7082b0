//! Where an operator asks and acts.

use super::answer::{Done, Line, Listing, Part, Sequence, done, parts};
use super::ask::Ask;
use super::error::OperatorError;
use crate::event::{EventKind, Hand, State};
use crate::message::{MessageId, Moment, PartnerId};
use crate::spool::{BodyReader, NumberKind, Spool, SpoolError, Step, Summary};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a partner is called by people; none: there is no such partner.
pub type Names = Arc<dyn Fn(&PartnerId) -> Option<String> + Send + Sync>;

/// Where an operator asks and acts.
#[derive(Clone)]
pub struct Operator {
    pub(super) spool: Arc<Spool>,
    pub(super) names: Names,
    pub(super) rereads: Option<Arc<dyn Rereads>>,
}

/// Who can say what would come of a message if it were done again now, and writes nothing.
pub trait Rereads: Send + Sync {
    /// What would come of it.
    fn reread(&self, message: MessageId) -> Result<Reread, SpoolError>;
}

/// What would come of a message if it were done again now.
#[derive(Debug)]
pub enum Reread {
    /// It came from a partner, and this would be written.
    Read(Box<Step>),
    /// It goes to a partner, and could still be written.
    Writable,
    /// It goes to a partner, and could not be written any more, for this reason.
    Refused(String),
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator").field("spool", &self.spool).finish_non_exhaustive()
    }
}

impl Operator {
    /// An operator of `spool`, who calls partners by `names`.
    pub fn new(spool: Arc<Spool>, names: Names) -> Self {
        Self { spool, names, rereads: None }
    }

    /// The same, who can also say what doing a message again would change.
    #[must_use]
    pub fn comparing(mut self, rereads: Arc<dyn Rereads>) -> Self {
        self.rereads = Some(rereads);
        self
    }

    /// The messages that are asked for, newest first.
    pub fn list(&self, ask: &Ask) -> Result<Listing, OperatorError> {
        let (query, page) = (ask.query(), ask.page());
        let mut listing = Listing { messages: Vec::new(), next: ask.before };
        for _ in 0..PAGES {
            let found = self.spool.list(&query, listing.next, page)?;
            listing.next = found.next;
            for summary in found.messages {
                let line = self.line(summary)?;
                if ask.set.as_deref().is_none_or(|set| line.sets().any(|kind| kind == set)) {
                    listing.messages.push(line);
                }
            }
            if listing.next.is_none() || listing.messages.len() >= page {
                break;
            }
        }
        for line in &mut listing.messages {
            line.references.truncate(SHOWN);
        }
        Ok(listing)
    }

    /// Every dead letter, newest first: what was given up until a person acts.
    pub fn dead_letters(&self) -> Result<Vec<Line>, OperatorError> {
        let mut ask =
            Ask { state: Some(State::Dead), most: Some(super::ask::MOST), ..Ask::default() };
        let mut dead = Vec::new();
        loop {
            let listing = self.list(&ask)?;
            dead.extend(listing.messages);
            ask.before = listing.next;
            if ask.before.is_none() {
                return Ok(dead);
            }
        }
    }

    /// The bytes of a message, to be read piece by piece.
    pub fn body(&self, id: MessageId) -> Result<(Part, BodyReader), OperatorError> {
        self.part(id, "body")
    }

    /// One of the parts of a message, to be read piece by piece.
    pub fn part(&self, id: MessageId, name: &str) -> Result<(Part, BodyReader), OperatorError> {
        let dossier = self.spool.dossier(id)?;
        let (part, body) = parts(&dossier)
            .into_iter()
            .find(|(part, _)| part.name == name)
            .ok_or_else(|| OperatorError::NoPart { message: id, part: limited(name) })?;
        Ok((part, self.spool.read_body(&body)?))
    }

    /// Writes a message and all its parts into a new folder within `folder`.
    pub fn export(&self, id: MessageId, folder: &Path) -> Result<PathBuf, OperatorError> {
        Ok(self.spool.export(id, folder)?)
    }

    /// Sends a dead letter on its way again.
    pub async fn retry(
        &self,
        now: Moment,
        id: MessageId,
        hand: Hand,
    ) -> Result<Done, OperatorError> {
        self.act(now, id, EventKind::Retried(said(hand)?)).await
    }

    /// Lets a message out of quarantine.
    pub async fn release(
        &self,
        now: Moment,
        id: MessageId,
        hand: Hand,
    ) -> Result<Done, OperatorError> {
        self.act(now, id, EventKind::Released(said(hand)?)).await
    }

    /// Gives a message up for good.
    pub async fn discard(
        &self,
        now: Moment,
        id: MessageId,
        hand: Hand,
    ) -> Result<Done, OperatorError> {
        self.act(now, id, EventKind::Discarded(said(hand)?)).await
    }

    /// All sequences of control numbers.
    pub fn numbers(&self) -> Vec<Sequence> {
        let numbers = self.spool.numbers().into_iter();
        numbers.map(|(partner, kind, last)| Sequence { partner, kind, last }).collect()
    }

    /// Says which control number a partner gets next, where another system began to count.
    pub async fn start_numbers(
        &self,
        now: Moment,
        partner: &PartnerId,
        kind: NumberKind,
        next: u32,
    ) -> Result<Sequence, OperatorError> {
        if (self.names)(partner).is_none() {
            return Err(OperatorError::NoPartner(partner.to_string()));
        }
        self.spool.start_numbers(now, partner, kind, next).await?;
        let sequence = |last| Sequence { partner: partner.clone(), kind, last };
        let all = self.numbers();
        let set = all.into_iter().find(|one| one.partner == *partner && one.kind == kind);
        Ok(set.unwrap_or_else(|| sequence(next.saturating_sub(1))))
    }

    /// Why the spool takes nothing more, if so.
    pub fn stopped(&self) -> Option<String> {
        let tide = self.spool.watch();
        let stopped = tide.borrow().stopped.clone();
        stopped.map(|stopped| stopped.reason)
    }

    pub(super) fn line(&self, summary: Summary) -> Result<Line, OperatorError> {
        let references = self.spool.dossier(summary.id)?.references;
        Ok(Line { summary, references })
    }

    pub(super) async fn act(
        &self,
        now: Moment,
        id: MessageId,
        event: EventKind,
    ) -> Result<Done, OperatorError> {
        let name = event.name();
        let written = self.spool.advance(Step::of(now, id, event.clone())).await;
        match written {
            Ok(()) => Ok(done(id, &event, self.spool.summary(id)?.state)),
            Err(SpoolError::NotNow { message, why }) => match why.state {
                Some(state) => Err(OperatorError::NotNow { message, state, event: name }),
                None => Err(SpoolError::NotNow { message, why }.into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// A hand that says who and why, without what a terminal would obey.
pub(super) fn said(hand: Hand) -> Result<Hand, OperatorError> {
    let Hand { by, why } = hand;
    let plain = |what: &'static str, text: &str, most: usize| {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 {
            Err(OperatorError::Unsaid(what))
        } else if length > most {
            Err(OperatorError::Lengthy { what, length, most })
        } else {
            Ok(text.to_owned())
        }
    };
    Ok(Hand { by: plain("by", &by, LONGEST_NAME)?, why: plain("why", &why, LONGEST_WHY)? })
}

fn limited(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}

/// How many pages of a list are looked through for those of a set before it is answered.
const PAGES: usize = 100;

/// How many references of a message a list shows.
const SHOWN: usize = 20;

const LONGEST_NAME: usize = 200;
const LONGEST_WHY: usize = 2000;
