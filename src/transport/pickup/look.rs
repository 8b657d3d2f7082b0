//! One look into a folder: what is there is sorted, and what is complete is taken.

use super::super::error::TransportError;
use super::super::inbox::Inbox;
use super::errand::Errand;
use super::memory::Shelf;
use super::place::{Entry, Place, PlaceError};
use super::rules::{Sort, sort};
use super::take::{Candidate, Outcome, take};
use super::told::{LookError, Looked, is_passing};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Looks once, and takes what is complete.
pub(in crate::transport) async fn look<P: Place, I: Inbox>(
    place: &Arc<P>,
    inbox: &Arc<I>,
    errand: &Arc<Errand>,
    shelf: &mut Shelf,
) -> Looked {
    let mut looked = Looked::default();
    let mut listed = match place.list().await {
        Ok(listed) => listed,
        Err(error) => return Looked::failed(unlisted(error, &errand.from)),
    };
    listed.sort_by(|one, two| (one.stat.modified, &one.name).cmp(&(two.stat.modified, &two.name)));
    shelf.keep_only(&listed);
    let now = inbox.now().tick;
    let mut candidates = Vec::new();
    for entry in &listed {
        candidates.extend(candidate(entry, errand, shelf, now, &mut looked));
    }
    // What is claimed still has to be taken before another of its name can be.
    let claimed: HashSet<String> = candidates
        .iter()
        .filter(|candidate| candidate.is_claimed)
        .map(|candidate| candidate.name.clone())
        .collect();
    candidates.retain(|candidate| candidate.is_claimed || !claimed.contains(&candidate.name));
    all(place, inbox, errand, shelf, candidates, &mut looked).await;
    looked
}

/// What is to be taken now; nothing for what is not ours, not complete, or has been taken.
fn candidate(
    entry: &Entry,
    errand: &Errand,
    shelf: &mut Shelf,
    now: Instant,
    looked: &mut Looked,
) -> Option<Candidate> {
    let Entry { name, stat } = entry;
    let pickup = &errand.pickup;
    let (before, is_claimed, patience) = match sort(name, &errand.owner) {
        Sort::Plain if pickup.wants(name) => (name.as_str(), false, pickup.stable.duration()),
        Sort::Ours(before) => (before, true, pickup.stable.duration()),
        Sort::Theirs(before) => {
            shelf.settles(entry, now, PATIENCE);
            if shelf.since(name, now) < PATIENCE {
                let why = format!(
                    "another gateway has claimed {before}; if it is gone, we take it in an hour"
                );
                looked.left(before, why);
                return None;
            }
            (before, false, PATIENCE)
        }
        Sort::Plain | Sort::Unfinished => return None,
        Sort::Unnameable => {
            looked.left(name, "its name is no UTF-8 text; ask them to name it in plain letters");
            return None;
        }
    };
    if shelf.is_done(entry) {
        return None;
    }
    if stat.size == 0 {
        looked.left(before, "it is empty; it is taken once there is something in it");
        return None;
    }
    if stat.size > errand.limit {
        let why = format!(
            "it has {} bytes, and limits.body in the partner's file allows {}",
            stat.size, errand.limit
        );
        looked.left(before, why);
        return None;
    }
    if let Some(wait) = shelf.settles(entry, now, patience) {
        looked.settling += 1;
        looked.again = looked.again.into_iter().chain([wait]).min();
        return None;
    }
    let is_handed = shelf.is_handed(entry);
    Some(Candidate {
        name: before.to_owned(),
        at: name.clone(),
        stat: *stat,
        is_claimed,
        is_handed,
    })
}

/// Takes all of them, a few at a time, until one shows that it is of no use to go on.
async fn all<P: Place, I: Inbox>(
    place: &Arc<P>,
    inbox: &Arc<I>,
    errand: &Arc<Errand>,
    shelf: &mut Shelf,
    candidates: Vec<Candidate>,
    looked: &mut Looked,
) {
    let (mut waiting, mut busy) = (candidates.into_iter(), JoinSet::new());
    loop {
        while busy.len() < AT_ONCE && looked.trouble.is_none() {
            let Some(candidate) = waiting.next() else { break };
            let (place, inbox) = (Arc::clone(place), Arc::clone(inbox));
            let errand = Arc::clone(errand);
            busy.spawn(async move {
                let outcome = take(&*place, &inbox, &errand, &candidate).await;
                (candidate, outcome)
            });
        }
        match busy.join_next().await {
            None => break,
            Some(Ok((candidate, outcome))) => note(candidate, outcome, shelf, looked),
            Some(Err(error)) => {
                tracing::error!(%error, "a file was not taken");
                looked.left("?", "it was not taken by a fault of ours; it is tried again");
            }
        }
    }
}

fn note(candidate: Candidate, outcome: Outcome, shelf: &mut Shelf, looked: &mut Looked) {
    let Candidate { name, at: listed_as, stat, .. } = candidate;
    let mut count = |new: bool| {
        if new {
            looked.taken += 1;
        } else {
            looked.repeats += 1;
        }
    };
    match outcome {
        Outcome::Taken { new } => count(new),
        Outcome::Stays { new, at, why } => {
            if let Some(new) = new {
                count(new);
            }
            shelf.done(at, stat);
            if let Some(why) = why {
                looked.left(&name, why);
            }
        }
        Outcome::Handed { new, at, error } => {
            count(new);
            shelf.handed(at, stat);
            looked.trouble = Some(LookError::Transport(error));
        }
        Outcome::Changed => {
            shelf.changed(&listed_as);
            looked.settling += 1;
        }
        Outcome::Gone => {}
        Outcome::Left(why) => looked.left(&name, why),
        Outcome::Refused(refusal) if is_passing(&refusal) => {
            looked.trouble = Some(LookError::House(refusal));
        }
        Outcome::Refused(refusal) => looked.left(&name, refusal.text),
        Outcome::Lost(error) => looked.trouble = Some(LookError::Transport(error)),
    }
}

fn unlisted(error: PlaceError, from: &str) -> LookError {
    let not_set_up = |why: String| TransportError::NotSetUp { endpoint: from.to_owned(), why };
    match error {
        PlaceError::Gone | PlaceError::Changed => {
            not_set_up("there is no such folder; make it, or name another".to_owned()).into()
        }
        PlaceError::Refused(why) => not_set_up(format!("its files cannot be listed: {why}")).into(),
        PlaceError::House(refusal) => refusal.into(),
        PlaceError::Lost(error) => error.into(),
    }
}

/// So many files are taken at the same time: each waits for the network and the disk.
const AT_ONCE: usize = 8;

/// What another gateway claimed is left to it for so long.
const PATIENCE: Duration = Duration::from_secs(3_600);
