//! Where it stands, who has to move, and what to do.

use super::scene::Scene;
use super::words::upper;
use crate::event::State;
use crate::message::MessageId;
use crate::spool::Summary;
use serde::{Deserialize, Serialize};

/// Where it stands, who has to move, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Where it stands.
    pub stands: String,
    /// Who has to move; none: nobody, it is done.
    pub mover: Option<String>,
    /// What to do.
    pub next: String,
}

/// A message of a story, where it stands.
#[derive(Debug)]
pub(super) struct Standing<'s> {
    pub(super) scene: &'s Scene,
    pub(super) summary: &'s Summary,
    /// Whether its acknowledgment is overdue.
    pub(super) overdue: bool,
}

/// How a story ends for now: by what is most urgent, or else by what is newest.
pub(super) fn close(messages: &[Standing<'_>]) -> Option<Closing> {
    let urgent = messages
        .iter()
        .filter(|message| message.summary.state.is_open() && !message.can_wait())
        .min_by_key(|message| (message.rank(), std::cmp::Reverse(message.summary.id)));
    let newest = |answers: bool| {
        let those = messages.iter().filter(move |message| message.scene.answer == answers);
        those.max_by_key(|message| message.summary.id)
    };
    let last = urgent.or_else(|| newest(false)).or_else(|| newest(true))?;
    let mut closing = last.closing();
    let others = messages
        .iter()
        .filter(|message| message.summary.state.is_open() && message.summary.id != last.summary.id);
    let (mut waiting, mut troubled) = (0, 0);
    for other in others {
        if other.is_trouble() { troubled += 1 } else { waiting += 1 }
    }
    let counted = [(troubled, "in trouble"), (waiting, "on the way")].into_iter();
    let more = counted.filter(|(count, _)| *count > 0);
    let more = more.map(|(count, how)| format!("; {count} more {} {how}", are(count)));
    closing.stands.extend(more);
    Some(closing)
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

impl Standing<'_> {
    /// Whether it only acknowledges, and goes its way.
    fn can_wait(&self) -> bool {
        self.scene.answer && !self.is_trouble()
    }

    fn is_trouble(&self) -> bool {
        matches!(self.summary.state, State::Dead | State::Quarantined)
    }

    fn rank(&self) -> u8 {
        match self.summary.state {
            State::Dead => 0,
            State::Quarantined => 1,
            State::Queued if self.summary.attempts > 0 => 2,
            State::Awaiting if self.overdue => 3,
            State::Received => 4,
            State::Queued => 5,
            State::Offered => 6,
            State::Awaiting => 7,
            State::Settled
            | State::Rejected
            | State::Duplicate
            | State::Delivered
            | State::Acknowledged
            | State::Refused
            | State::Discarded => 8,
        }
    }

    /// What went wrong last, after a colon.
    fn trouble(&self) -> String {
        self.summary.trouble.as_ref().map_or(String::new(), |trouble| format!(": {}", trouble.text))
    }

    /// Who should act on the trouble, or `usual`.
    fn owner(&self, usual: &str) -> String {
        let owner = self.summary.trouble.as_ref().map(|trouble| trouble.owner.as_str());
        owner.filter(|owner| !owner.is_empty()).unwrap_or(usual).to_owned()
    }

    fn closing(&self) -> Closing {
        let Scene { partner, matter, .. } = self.scene;
        let (id, trouble) = (self.summary.id, self.trouble());
        let theirs = || Some(partner.clone());
        let (stands, mover, next) = match self.summary.state {
            State::Dead => (
                format!("{matter} was given up{trouble}"),
                Some(self.owner("an operator")),
                after_the_cause(id),
            ),
            State::Quarantined => (
                format!("{matter} is put aside{trouble}"),
                Some(self.owner("an operator")),
                format!("look at it with `wharf spool show {id}`; then release or discard it"),
            ),
            State::Received => (
                format!("{matter} waits to be read"),
                Some("Wharf".to_owned()),
                "nothing; if it stays so, see whether `wharf serve` runs".to_owned(),
            ),
            State::Queued if self.summary.attempts > 0 => (
                format!(
                    "{matter} did not reach {partner} yet (failed attempts: {}){trouble}",
                    self.summary.attempts
                ),
                Some(self.owner(partner)),
                format!("nothing here: it is tried again by itself; tell {partner} if it lasts"),
            ),
            State::Queued => (
                format!("{matter} waits to be sent to {partner}"),
                Some("Wharf".to_owned()),
                "nothing; if it stays so, see whether `wharf serve` runs".to_owned(),
            ),
            State::Offered => (
                format!("{matter} waits for {partner} to collect it"),
                theirs(),
                format!("tell {partner} if they do not come"),
            ),
            State::Awaiting if self.overdue => (
                format!("{partner} has {matter} and has not acknowledged it in time"),
                theirs(),
                format!("ask {partner} for their acknowledgment"),
            ),
            State::Awaiting => (
                format!("{partner} has {matter}; their acknowledgment is to come"),
                theirs(),
                "nothing; it is watched".to_owned(),
            ),
            State::Refused => (
                format!("{partner} rejected {matter}{trouble}"),
                Some(self.owner("the ERP")),
                "correct it in the ERP and send it again as a new document".to_owned(),
            ),
            State::Rejected => (
                format!("we rejected {matter}{trouble}"),
                Some(self.owner(partner)),
                format!(
                    "{partner} corrects it and sends it again; their answer says what is wrong"
                ),
            ),
            State::Settled
            | State::Duplicate
            | State::Delivered
            | State::Acknowledged
            | State::Discarded => (self.end(), None, "nothing".to_owned()),
        };
        Closing { stands: upper(&stands), mover, next }
    }

    /// Where a message stands that nobody has to act on.
    fn end(&self) -> String {
        let Scene { partner, matter, .. } = self.scene;
        match self.summary.state {
            State::Duplicate => format!("{matter} repeats an earlier one, which counts"),
            State::Delivered => format!("{partner} has {matter}, and no answer is to come"),
            State::Acknowledged => format!("{partner} accepted {matter}"),
            State::Discarded => format!("{matter} was given up for good by a person"),
            State::Settled
            | State::Received
            | State::Quarantined
            | State::Rejected
            | State::Queued
            | State::Offered
            | State::Awaiting
            | State::Refused
            | State::Dead => format!("{matter} was read, and what follows from it is done"),
        }
    }
}

fn after_the_cause(id: MessageId) -> String {
    format!("mend the cause, then `wharf spool retry {id} --why \"…\"`")
}

#[cfg(test)]
mod tests {
    use super::super::scene::sample::{invoice, order};
    use super::*;
    use crate::event::Trouble;
    use crate::message::{Channel, Direction, PartnerId};
    use insta::assert_snapshot;

    fn summary(state: State, n: u8) -> Summary {
        Summary {
            id: format!("01900000-0000-7000-8000-0000000000{n:02}").parse().unwrap(),
            direction: Direction::Outbound,
            partner: PartnerId::new("acme").unwrap(),
            channel: Channel::Https,
            endpoint: String::new(),
            test: false,
            length: 1,
            state,
            opened: "2026-03-01T00:00:00Z".parse().unwrap(),
            changed: "2026-03-01T00:00:00Z".parse().unwrap(),
            due: None,
            attempts: 0,
            trouble: None,
        }
    }

    fn told(standing: &Standing<'_>) -> String {
        let Closing { stands, mover, next } = close(std::slice::from_ref(standing)).unwrap();
        format!("{stands}. {}: {next}\n", mover.unwrap_or_else(|| "nobody".into()))
    }

    #[test]
    fn every_state_says_who_moves_and_what_to_do() {
        let scene = order();
        let mut all = String::new();
        for state in State::ALL {
            let mut summary = summary(state, 1);
            all += &told(&Standing { scene: &scene, summary: &summary, overdue: false });
            summary.attempts = 3;
            let (code, text, owner) = ("c".into(), "no route".into(), "network".into());
            summary.trouble = Some(Trouble { code, text, owner });
            all += &told(&Standing { scene: &scene, summary: &summary, overdue: true });
        }
        assert_snapshot!(all);
    }

    #[test]
    fn what_is_most_urgent_is_told_first_and_the_rest_is_counted() {
        let (scene, theirs) = (order(), invoice());
        let answer = Scene { answer: true, ..order() };
        let states = [State::Awaiting, State::Dead, State::Offered, State::Acknowledged];
        let summaries: Vec<_> = states.iter().zip(1..).map(|(s, n)| summary(*s, n)).collect();
        let scenes = [&scene, &theirs, &answer, &scene];
        let standings: Vec<_> = scenes
            .iter()
            .zip(&summaries)
            .map(|(scene, summary)| Standing { scene, summary, overdue: false })
            .collect();
        let closing = close(&standings).unwrap();
        assert_eq!(closing.stands, "The invoice INV-9 was given up; 2 more are on the way");
        // An acknowledgment that waits to be collected does not hide where the order stands.
        let closing = close(&standings[2..]).unwrap();
        assert_eq!(
            closing.stands,
            "Acme Medical accepted the order 4501-77281; 1 more is on the way"
        );
        assert_eq!(close(&[]), None);
    }
}
