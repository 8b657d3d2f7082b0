//! What came of the last looks, for whoever asks.

use crate::message::PartnerId;
use crate::partner::Wire;
use crate::transport::Looked;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What came of the last looks at each place; a clone is the same board.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<BTreeMap<Place, Polled>>>);

type Place = (PartnerId, Wire);

/// What came of the last looks at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    /// The place, for people.
    pub place: String,
    /// What it is set up with: with the same settings a parked place stays parked.
    pub(super) settings: String,
    /// When the last look ended.
    pub last: Option<Timestamp>,
    /// When the last look ended that failed in nothing.
    pub last_good: Option<Timestamp>,
    /// How many looks failed since.
    pub failed: u32,
    /// Why the last look failed, if it did.
    pub trouble: Option<String>,
    /// Whether it is not looked at before a person has acted.
    pub parked: bool,
    /// What was left there, and why, each as a line.
    pub left: Vec<String>,
}

impl Board {
    /// Every place, in the order of partners.
    pub fn all(&self) -> Vec<(PartnerId, Wire, Polled)> {
        let all = self.lock();
        all.iter().map(|((name, wire), polled)| (name.clone(), *wire, polled.clone())).collect()
    }

    /// Keeps only these places, each with its settings; what was set up anew is as if never looked at.
    pub(super) fn keep(&self, places: BTreeMap<Place, (String, String)>) {
        let mut all = self.lock();
        let before = std::mem::take(&mut *all);
        for (key, (place, settings)) in places {
            let same = before.get(&key).filter(|polled| polled.settings == settings);
            let new = || Polled { place, settings, ..Polled::default() };
            all.insert(key, same.cloned().unwrap_or_else(new));
        }
    }

    pub(super) fn is_parked(&self, name: &PartnerId, wire: Wire) -> bool {
        self.lock().get(&(name.clone(), wire)).is_some_and(|polled| polled.parked)
    }

    /// What came of a look: how many failed in a row, and whether something is left that was not
    /// left before.
    pub(super) fn note(
        &self,
        name: &PartnerId,
        wire: Wire,
        at: Timestamp,
        looked: &Looked,
    ) -> (u32, Vec<String>) {
        let mut all = self.lock();
        let polled = all.entry((name.clone(), wire)).or_default();
        polled.last = Some(at);
        polled.trouble = looked.trouble.as_ref().map(ToString::to_string);
        polled.parked = looked.trouble.as_ref().is_some_and(crate::transport::LookError::parks);
        if looked.trouble.is_none() {
            polled.last_good = Some(at);
            polled.failed = 0;
        } else {
            polled.failed = polled.failed.saturating_add(1);
        }
        let left = looked.left.iter().map(|left| format!("{}: {}", left.name, left.why));
        let left: Vec<String> = left.take(MOST_LEFT).collect();
        let new = left.iter().filter(|line| !polled.left.contains(line)).cloned().collect();
        if looked.trouble.is_none() || !left.is_empty() {
            polled.left = left;
        }
        (polled.failed, new)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, Polled>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many files that were left are told of one place.
const MOST_LEFT: usize = 20;
