//! One file taken: claimed, read, in the house, put away.

use super::super::error::TransportError;
use super::super::inbox::{Handed, Inbox, Refusal, RefusalKind, Taken};
use super::catch::Catch;
use super::errand::Errand;
use super::name::shown;
use super::place::{Place, PlaceError, Stat};
use crate::message::{Body, Digest, MessageId};
use crate::partner::After;
use std::sync::Arc;

/// A file that is complete.
#[derive(Debug)]
pub(super) struct Candidate {
    /// What its sender called it.
    pub(super) name: String,
    /// What it is called now.
    pub(super) at: String,
    pub(super) stat: Stat,
    pub(super) is_claimed: bool,
    /// Whether the house has it, and it only could not be put away.
    pub(super) is_handed: bool,
}

/// What came of taking it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The house has it, and it is put away.
    Taken { new: bool },
    /// The house has it, and it stays where it is; `new` if it was read for that.
    Stays { new: Option<bool>, at: String, why: Option<String> },
    /// The house has it, and the other side was lost before it could be put away.
    Handed { new: bool, at: String, error: TransportError },
    /// It was not as it was listed.
    Changed,
    /// Somebody else took it.
    Gone,
    /// It stays, and is looked at again.
    Left(String),
    /// The house said no.
    Refused(Refusal),
    /// The other side was lost.
    Lost(TransportError),
}

impl From<PlaceError> for Outcome {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Gone => Self::Gone,
            PlaceError::Changed => Self::Changed,
            PlaceError::Refused(why) => Self::Left(format!("it cannot be read: {why}")),
            PlaceError::House(refusal) => Self::Refused(refusal),
            PlaceError::Lost(error) => Self::Lost(error),
        }
    }
}

/// Takes one file.
pub(super) async fn take<P: Place, I: Inbox>(
    place: &P,
    inbox: &Arc<I>,
    errand: &Errand,
    candidate: &Candidate,
) -> Outcome {
    attempt(place, inbox, errand, candidate).await.unwrap_or_else(|outcome| outcome)
}

async fn attempt<P: Place, I: Inbox>(
    place: &P,
    inbox: &Arc<I>,
    errand: &Errand,
    candidate: &Candidate,
) -> Result<Outcome, Outcome> {
    let at = claim(place, errand, candidate).await?;
    let is_claimed = candidate.is_claimed || at != candidate.at;
    if candidate.is_handed {
        let handed = House { new: None, id: None };
        return Ok(put_away(place, errand, candidate, at, is_claimed, handed).await);
    }
    let key = key(errand, candidate);
    if !is_claimed {
        // Nothing keeps it from lying there after a restart: only the house remembers it then.
        let known = inbox.recall(&errand.partner, &key).map_err(Outcome::Refused)?;
        if known.is_some() {
            return Ok(Outcome::Stays { new: None, at, why: None });
        }
    }
    let mut catch = Catch::new(inbox, &errand.partner);
    place.read(&at, candidate.stat, &mut catch).await?;
    let body = catch.finish().await.map_err(Outcome::Refused)?;
    let taken = hand_in(inbox, errand, candidate, key, body).await?;
    let house = House { new: Some(matches!(taken, Taken::New(_))), id: Some(taken.id()) };
    Ok(put_away(place, errand, candidate, at, is_claimed, house).await)
}

/// What the house said.
struct House {
    /// Whether it was new; none: that was told before.
    new: Option<bool>,
    id: Option<MessageId>,
}

/// Renames it, where that is agreed and allowed; what it is called then.
async fn claim<P: Place>(
    place: &P,
    errand: &Errand,
    candidate: &Candidate,
) -> Result<String, Outcome> {
    let at = candidate.at.clone();
    let stays = errand.pickup.after == After::Keep || !errand.pickup.claim;
    if candidate.is_claimed || candidate.is_handed || stays {
        return Ok(at);
    }
    let claim = errand.owner.claim(&candidate.name);
    match place.rename(&at, &claim).await {
        Ok(()) => Ok(claim),
        Err(PlaceError::Refused(_)) => Ok(at),
        Err(error) => Err(error.into()),
    }
}

/// What it is known by where it cannot be put away.
fn key(errand: &Errand, candidate: &Candidate) -> String {
    let Stat { size, modified } = candidate.stat;
    format!("file:{}/{}:{size}:{modified}", errand.from, candidate.name)
}

async fn hand_in<I: Inbox>(
    inbox: &Arc<I>,
    errand: &Errand,
    candidate: &Candidate,
    key: String,
    body: Body,
) -> Result<Taken, Outcome> {
    let handed = Handed {
        partner: errand.partner.clone(),
        channel: errand.channel,
        proof: errand.proof.clone(),
        file_name: Some(shown(&candidate.name)),
        content_type: None,
        key: Some(key.clone()),
        document: None,
        body,
        answer: None,
        kept: Vec::new(),
    };
    match inbox.hand_in(handed.clone()).await {
        Err(refusal) if refusal.kind == RefusalKind::Conflict => {
            // Another file of the same name, size and second: its bytes tell it from the first.
            let digest = match &handed.body {
                Body::Bytes(bytes) => Digest::of(bytes),
                Body::Stored { digest, .. } => *digest,
            };
            let handed = Handed { key: Some(format!("{key}:{digest}")), ..handed };
            inbox.hand_in(handed).await.map_err(Outcome::Refused)
        }
        taken => taken.map_err(Outcome::Refused),
    }
}

/// Deletes it, moves it, or lets it stay, as agreed and as far as the other side allows.
async fn put_away<P: Place>(
    place: &P,
    errand: &Errand,
    candidate: &Candidate,
    at: String,
    is_claimed: bool,
    house: House,
) -> Outcome {
    let done = match &errand.pickup.after {
        After::Keep => return Outcome::Stays { new: house.new, at, why: None },
        after @ (After::Delete | After::Move(_)) => {
            match is_the_same(place, &at, candidate.stat, is_claimed).await {
                Ok(()) => put(place, after, candidate, &at, house.id).await,
                Err(error) => Err(error),
            }
        }
    };
    let new = house.new.unwrap_or(false);
    match done {
        // Whoever deleted or overwrote it has had it taken before.
        Ok(()) | Err(PlaceError::Gone | PlaceError::Changed) => Outcome::Taken { new },
        Err(PlaceError::Refused(why)) => {
            let why = format!(
                "we have it, and it cannot be put away: {why}; ask them to allow it, or say \
                 after = \"keep\""
            );
            Outcome::Stays { new: house.new, at, why: Some(why) }
        }
        Err(PlaceError::House(refusal)) => Outcome::Refused(refusal),
        Err(PlaceError::Lost(error)) => Outcome::Handed { new, at, error },
    }
}

/// Under its own name, another may have taken its place since it was read.
async fn is_the_same<P: Place>(
    place: &P,
    at: &str,
    stat: Stat,
    is_claimed: bool,
) -> Result<(), PlaceError> {
    if is_claimed || place.stat(at).await? == stat { Ok(()) } else { Err(PlaceError::Changed) }
}

async fn put<P: Place>(
    place: &P,
    after: &After,
    candidate: &Candidate,
    at: &str,
    id: Option<MessageId>,
) -> Result<(), PlaceError> {
    let name = &candidate.name;
    match after {
        After::Keep => Ok(()),
        After::Delete => place.remove(at).await,
        After::Move(folder) => match place.rename(at, &format!("{folder}/{name}")).await {
            Err(PlaceError::Refused(why)) => {
                // An earlier one of its name may lie there.
                let Some(id) = id else { return Err(PlaceError::Refused(why)) };
                place.rename(at, &format!("{folder}/{id}-{name}")).await
            }
            moved => moved,
        },
    }
}
