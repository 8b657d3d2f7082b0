//! Having messages done again.

use super::answer::set_kinds;
use super::ask::{Ask, MOST};
use super::compare::{Comparison, Difference, Then, compare};
use super::desk::{Operator, Reread, said};
use super::error::OperatorError;
use super::scene::{acknowledges, kinds};
use crate::event::{EventKind, Hand, Life, State};
use crate::gateway::inbound::NOT_ANSWERED;
use crate::message::{Channel, Direction, MessageId, Moment, PartnerId};
use crate::spool::Summary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which messages are to be done again, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Those that are asked for.
    #[serde(default)]
    pub which: Ask,
    /// And these.
    #[serde(default)]
    pub ids: Vec<MessageId>,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// Send acknowledgments again too.
    #[serde(default)]
    pub answers: bool,
    /// Who asks.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What was done again, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// How many messages were done again, or would be.
    pub taken: usize,
    /// Every message that was asked for, oldest first.
    pub messages: Vec<Take>,
}

/// A message that was to be done again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Take {
    /// The message.
    pub id: MessageId,
    /// From or to whom.
    pub partner: PartnerId,
    /// Where it stood before.
    pub state: State,
    /// Whether it is done again, or would be.
    pub taken: bool,
    /// What that means, or why not.
    pub meaning: String,
    /// What it would change; only if nothing is done, and where that can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Comparison>,
}

impl Operator {
    /// Has messages done again, oldest first: what was read is read again, what was sent is sent
    /// again. The ids of events follow from what they are about, so that the ERP knows them again.
    pub async fn replay(&self, now: Moment, replay: &Replay) -> Result<Replayed, OperatorError> {
        let hand = said(Hand { by: replay.by.clone(), why: replay.why.clone() })?;
        let event = EventKind::Replayed { hand, answers: replay.answers };
        let mut messages = Vec::new();
        for summary in self.wanted(replay)? {
            let named = replay.ids.contains(&summary.id);
            let mut take = self.judged(&summary, &event, replay.answers, named)?;
            if take.taken && replay.dry_run && course(&summary) == State::Received {
                take.compared = self.compared(summary.id, replay.answers)?;
            }
            if take.taken && !replay.dry_run {
                match self.act(now, summary.id, event.clone()).await {
                    Ok(_) => {}
                    // It moved meanwhile: somebody else was quicker, or it goes its way already.
                    Err(error @ OperatorError::NotNow { .. }) => {
                        (take.taken, take.meaning) = (false, error.to_string());
                    }
                    Err(error) => return Err(error),
                }
            }
            messages.push(take);
        }
        let taken = messages.iter().filter(|take| take.taken).count();
        Ok(Replayed { dry_run: replay.dry_run, taken, messages })
    }

    /// Every message that is meant, oldest first.
    fn wanted(&self, replay: &Replay) -> Result<Vec<Summary>, OperatorError> {
        let mut wanted = BTreeMap::new();
        for id in &replay.ids {
            wanted.insert(*id, self.spool.summary(*id)?);
        }
        if !replay.which.says_which() {
            if replay.ids.is_empty() {
                return Err(OperatorError::NotNarrowed);
            }
            return Ok(wanted.into_values().collect());
        }
        let query = replay.which.query();
        let mut before = replay.which.before;
        loop {
            let page = self.spool.list(&query, before, MOST)?;
            for summary in page.messages {
                let set = replay.which.set.as_deref();
                if set.is_none_or(|set| self.carries(summary.id, set)) {
                    wanted.insert(summary.id, summary);
                }
            }
            if wanted.len() > AT_ONCE {
                return Err(OperatorError::TooMany(AT_ONCE));
            }
            before = page.next;
            if before.is_none() {
                return Ok(wanted.into_values().collect());
            }
        }
    }

    fn carries(&self, id: MessageId, set: &str) -> bool {
        let references = self.spool.dossier(id).map(|dossier| dossier.references);
        references.is_ok_and(|references| set_kinds(&references).any(|kind| kind == set))
    }

    /// Whether a message would be done again, and what that means. `named`: it was asked for by its
    /// id, and not only because it fits.
    fn judged(
        &self,
        summary: &Summary,
        event: &EventKind,
        answers: bool,
        named: bool,
    ) -> Result<Take, OperatorError> {
        let course = course(summary);
        let life = Life { state: summary.state, course };
        let Summary { id, partner, state, .. } = summary;
        let mut taken = life.after(event).is_ok();
        let mut why = if taken { meaning(summary, course, answers) } else { why_not(*state) };
        let ours = summary.direction == Direction::Outbound;
        if taken && ours && !named && *state == State::Settled {
            // To write it anew besides would send it twice, under two numbers.
            (taken, why) =
                (false, "its interchange stands for it; name it by --id to write it anew");
        } else if taken && ours && !named && !answers && self.is_answer(*id)? {
            (taken, why) = (false, "it only acknowledges; ask for --answers to send it again");
        }
        let (id, partner, meaning) = (*id, partner.clone(), why.into());
        Ok(Take { id, partner, state: *state, taken, meaning, compared: None })
    }

    /// What doing a message again would change.
    fn compared(&self, id: MessageId, answers: bool) -> Result<Option<Comparison>, OperatorError> {
        let Some(rereads) = &self.rereads else { return Ok(None) };
        let step = match rereads.reread(id)? {
            Reread::Read(step) => step,
            Reread::Writable => return Ok(Some(Comparison::default())),
            Reread::Refused(why) => {
                let text = format!("could not be written any more: {why}");
                let differences = vec![Difference::new("message", "", text)];
                return Ok(Some(Comparison { differences, ..Comparison::default() }));
            }
        };
        let dossier = self.spool.dossier(id)?;
        let told = dossier.notices.iter();
        let told = told.map(|(notice, data)| Ok((notice.clone(), self.spool.body(data)?)));
        let notices = told.collect::<Result<Vec<_>, OperatorError>>()?;
        let mut comparison =
            compare(&Then { message: id, events: &dossier.events, notices: &notices }, &step);
        let unanswered =
            |event: &EventKind| matches!(event, EventKind::Noted(text) if text == NOT_ANSWERED);
        if answers && step.events().any(|(_, event)| unanswered(event)) {
            let mut kinds = dossier.events.iter().filter_map(|event| {
                let EventKind::AnswerQueued { kind, .. } = &event.kind else { return None };
                Some(kind.clone())
            });
            let kind = kinds.next_back().unwrap_or_else(|| "acknowledgment".to_owned());
            comparison.differences.push(Difference::new("answer", kind, "would be sent again"));
        }
        Ok(Some(comparison))
    }

    /// Whether what we send only acknowledges.
    fn is_answer(&self, id: MessageId) -> Result<bool, OperatorError> {
        let dossier = self.spool.dossier(id)?;
        let of = dossier.head.about.and_then(|about| self.spool.summary(about).ok());
        let answers = of.is_some_and(|about| about.direction == Direction::Inbound);
        Ok(answers || acknowledges(&kinds(&dossier.references, None)))
    }
}

/// The state in which we act on a message, as far as its summary says: what came in is read, what we
/// made ourselves is sent.
fn course(summary: &Summary) -> State {
    match (summary.direction, summary.channel) {
        (Direction::Inbound, _) | (Direction::Outbound, Channel::Erp | Channel::File) => {
            State::Received
        }
        (
            Direction::Outbound,
            Channel::As2 | Channel::Sftp | Channel::Https | Channel::Folder | Channel::Gateway,
        ) => {
            if summary.state == State::Offered {
                State::Offered
            } else {
                State::Queued
            }
        }
    }
}

fn meaning(summary: &Summary, course: State, answers: bool) -> &'static str {
    match (summary.direction, course == State::Received) {
        (Direction::Inbound, _) if answers => {
            "it is read again: the same events go to the ERP, and the partner gets the \
             acknowledgment again"
        }
        (Direction::Inbound, _) => {
            "it is read again: the same events go to the ERP, and no acknowledgment to the partner"
        }
        (Direction::Outbound, true) => {
            "it is written again into an interchange of its own: the partner gets it under new \
             control numbers"
        }
        (Direction::Outbound, false) => {
            "the partner gets the same bytes again, under the same control numbers"
        }
    }
}

fn why_not(state: State) -> &'static str {
    match state {
        State::Quarantined => "it is in quarantine: release it first",
        State::Received => "it waits to be read already",
        State::Queued => "it waits to be sent already",
        State::Offered => "it waits to be collected already",
        State::Settled
        | State::Rejected
        | State::Duplicate
        | State::Awaiting
        | State::Delivered
        | State::Acknowledged
        | State::Refused
        | State::Dead
        | State::Discarded => "it cannot be done again from where it stands",
    }
}

/// The most messages of one replay.
const AT_ONCE: usize = 10_000;
