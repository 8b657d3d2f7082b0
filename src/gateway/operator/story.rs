//! Everything about an order, an invoice or any other name, in the order of time.

use super::answer::Card;
use super::closing::{Closing, Standing, close};
use super::desk::Operator;
use super::error::{OperatorError, advice};
use super::scene::{Scene, acknowledges, kinds, matter};
use super::words::sentence;
use crate::event::{EventId, EventKind, SetName, State};
use crate::message::{Direction, MessageId, PartnerId};
use crate::spool::{Dossier, SpoolError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything about a reference, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The reference.
    pub reference: String,
    /// What happened.
    pub chapters: Vec<Chapter>,
    /// Where it stands, who has to move, and what to do.
    pub closing: Option<Closing>,
    /// Whether more messages carry the reference than are told of; these are the newest.
    pub cut: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// When.
    pub at: Timestamp,
    /// To which message.
    pub message: MessageId,
    /// From or to whom that went.
    pub partner: PartnerId,
    /// Which way.
    pub direction: Direction,
    /// Where the message stands today.
    pub state: State,
    /// What happened, such as `delivered`.
    pub event: String,
    /// The same in words.
    pub text: String,
    /// The code of the trouble, if it was trouble.
    pub code: Option<String>,
}

impl Operator {
    /// Everything about an order, invoice, shipment, lot, control number, file name, Message-ID or
    /// message id, in the order of time, with what was made from it and what answered it.
    pub fn trace(&self, reference: &str) -> Result<Story, OperatorError> {
        let mut seeds = self.spool.find(reference, None)?;
        if let Ok(id) = reference.trim().parse::<MessageId>()
            && self.spool.summary(id).is_ok()
        {
            seeds.push(id);
        }
        if seeds.is_empty() {
            return Err(OperatorError::NothingFound(reference.chars().take(200).collect()));
        }
        let cut = seeds.len() > MOST;
        let seeds = seeds.split_off(seeds.len().saturating_sub(MOST));
        let mut cast = Cast::default();
        for id in seeds {
            self.meet(&mut cast, id)?;
        }
        let linked: Vec<_> =
            cast.messages.values().flat_map(|member| self.linked(member)).collect();
        for id in linked {
            self.meet(&mut cast, id)?;
        }
        let answers: Vec<_> = cast.messages.values().flat_map(answers).collect();
        for id in answers {
            self.meet(&mut cast, id)?;
        }
        Ok(self.tell(reference, &cast, cut))
    }

    /// Everything about a message but its bytes.
    pub fn show(&self, id: MessageId) -> Result<Card, OperatorError> {
        let dossier = self.spool.dossier(id)?;
        let next = advice(dossier.summary.state, id);
        let mut cast = Cast::default();
        for other in answers(&dossier) {
            self.meet(&mut cast, other)?;
        }
        let scene = self.scene(&dossier, &cast.kinds());
        let texts = dossier.events.iter().map(|event| sentence(&scene, &event.kind)).collect();
        Ok(Card::of(dossier, texts, next))
    }

    /// Takes a message into the cast. One that has left the spool is left out.
    fn meet(&self, cast: &mut Cast, id: MessageId) -> Result<(), OperatorError> {
        if cast.messages.contains_key(&id) {
            return Ok(());
        }
        match self.spool.dossier(id) {
            Ok(dossier) => {
                cast.messages.insert(id, dossier);
                Ok(())
            }
            Err(SpoolError::Unknown(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The messages that one was made from, that were made from it, and that answer it.
    fn linked(&self, dossier: &Dossier) -> Vec<MessageId> {
        let mut linked: Vec<_> = dossier.head.about.into_iter().collect();
        linked.extend(self.manifest(dossier));
        linked.extend(answers(dossier));
        let made = dossier.events.iter().filter_map(|event| {
            let (EventKind::Batched { into: other } | EventKind::Duplicated { of: other }) =
                event.kind
            else {
                return None;
            };
            Some(other)
        });
        linked.extend(made);
        linked
    }

    /// The messages that an interchange was put together from.
    fn manifest(&self, dossier: &Dossier) -> Vec<MessageId> {
        #[derive(Deserialize)]
        struct Made {
            #[serde(default)]
            message: Option<MessageId>,
        }
        let kept = dossier.kept.iter().find(|(label, _)| label == MANIFEST);
        // A list of thousands says nothing about one order.
        let bytes = kept.filter(|(_, body)| body.length < LARGEST_MANIFEST);
        let bytes = bytes.and_then(|(_, body)| self.spool.body(body).ok()).unwrap_or_default();
        let made: Vec<Made> = serde_json::from_slice(&bytes).unwrap_or_default();
        made.into_iter().filter_map(|made| made.message).collect()
    }

    fn tell(&self, reference: &str, cast: &Cast, cut: bool) -> Story {
        let kinds = cast.kinds();
        let mut chapters = Vec::new();
        let mut scenes = Vec::new();
        for (id, dossier) in &cast.messages {
            let scene = self.scene(dossier, &kinds);
            let asked = Asked::of(reference, dossier);
            for event in dossier.events.iter().filter(|event| asked.wants(&event.kind)) {
                chapters.push(Chapter {
                    at: event.at,
                    message: *id,
                    partner: dossier.head.partner.clone(),
                    direction: dossier.head.direction,
                    state: dossier.summary.state,
                    event: event.kind.name().to_owned(),
                    text: sentence(&scene, &event.kind),
                    code: event.kind.trouble().map(|trouble| trouble.code.clone()),
                });
            }
            let overdue = |event: &EventKind| matches!(event, EventKind::AcknowledgmentOverdue);
            let overdue = dossier.events.iter().any(|event| overdue(&event.kind));
            scenes.push((scene, &dossier.summary, overdue));
        }
        // Where two have one time, what came in goes before what followed from it; and the events of
        // one message stay in their order.
        let begins = |chapter: &Chapter| chapter.event == EventKind::Received.name();
        chapters.sort_by_key(|chapter| (chapter.at, !begins(chapter)));
        let standings = scenes.iter().map(|(scene, summary, overdue)| Standing {
            scene,
            summary,
            overdue: *overdue,
        });
        let closing = close(&standings.collect::<Vec<_>>());
        Story { reference: reference.to_owned(), chapters, closing, cut }
    }

    fn scene(&self, dossier: &Dossier, others: &BTreeMap<MessageId, String>) -> Scene {
        let head = &dossier.head;
        let told = others.get(&dossier.summary.id).map(String::as_str);
        let sets = kinds(&dossier.references, told);
        Scene {
            partner: (self.names)(&head.partner).unwrap_or_else(|| head.partner.to_string()),
            direction: head.direction,
            channel: head.channel,
            endpoint: head.endpoint.clone(),
            file: head.file_name.clone(),
            matter: matter(&sets, &dossier.references),
            answer: acknowledges(&sets),
            kinds: others.clone(),
        }
    }
}

/// The messages of a story.
#[derive(Default)]
struct Cast {
    messages: BTreeMap<MessageId, Dossier>,
}

impl Cast {
    /// What the messages are that carry one kind of set, or that another says are of a kind.
    fn kinds(&self) -> BTreeMap<MessageId, String> {
        let mut known = BTreeMap::new();
        for (id, dossier) in &self.messages {
            let sets = kinds(&dossier.references, None);
            if !sets.is_empty() {
                known.insert(*id, sets.into_iter().collect::<Vec<_>>().join(", "));
            }
            for event in &dossier.events {
                if let EventKind::AnswerQueued { answer, kind } = &event.kind {
                    known.entry(*answer).or_insert_with(|| kind.clone());
                }
            }
        }
        known
    }
}

/// The messages that answer one, either way.
fn answers(dossier: &Dossier) -> Vec<MessageId> {
    let answer = |event: &EventKind| {
        if let EventKind::AnswerQueued { answer, .. } = event {
            Some(*answer)
        } else if let EventKind::Acknowledged { by, .. } | EventKind::Refused { by, .. } = event {
            *by
        } else {
            None
        }
    };
    dossier.events.iter().filter_map(|event| answer(&event.kind)).collect()
}

/// Which of the sets of a message are asked for: of a file with hundreds of orders, one.
struct Asked {
    /// None: all.
    sets: Option<Vec<SetName>>,
}

impl Asked {
    fn of(reference: &str, dossier: &Dossier) -> Self {
        let told = dossier.notices.iter().map(|(notice, _)| notice);
        let events: BTreeSet<&EventId> =
            told.filter(|notice| is_same(&notice.subject, reference)).map(|n| &n.id).collect();
        let translated = dossier.events.iter().filter_map(|event| {
            let EventKind::Translated { set, event, .. } = &event.kind else { return None };
            Some((set, event))
        });
        let mine = translated.filter(|(_, event)| events.contains(event));
        let sets: Vec<_> = mine.map(|(set, _)| set.clone()).collect();
        Self { sets: (!sets.is_empty()).then_some(sets) }
    }

    fn wants(&self, event: &EventKind) -> bool {
        let (EventKind::SetAccepted { set, .. }
        | EventKind::SetRejected { set, .. }
        | EventKind::Translated { set, .. }) = event
        else {
            return true;
        };
        self.sets.as_ref().is_none_or(|sets| sets.contains(set))
    }
}

fn is_same(subject: &str, reference: &str) -> bool {
    subject.trim().eq_ignore_ascii_case(reference.trim())
}

/// Where a parcel says what it was put together from.
const MANIFEST: &str = "manifest.json";
const LARGEST_MANIFEST: u64 = 1 << 20;

/// The most messages that a story begins with.
const MOST: usize = 200;
