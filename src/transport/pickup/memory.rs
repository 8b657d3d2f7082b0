//! What one look remembers for the next. Lost with the process, it costs time and nothing else.

use super::place::{Entry, Stat};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// What earlier looks at a partner's folders saw.
#[derive(Debug, Default)]
pub struct Memory(HashMap<String, Shelf>);

impl Memory {
    /// What they saw in one of them.
    pub(in crate::transport) fn shelf(&mut self, folder: &str) -> &mut Shelf {
        self.0.entry(folder.to_owned()).or_default()
    }
}

/// What earlier looks at one folder saw.
#[derive(Debug, Default)]
pub(in crate::transport) struct Shelf {
    /// By name: how it was, and since when.
    seen: HashMap<String, (Stat, Instant)>,
    /// What we have and what still lies there, as it was when we took it.
    done: HashMap<String, Stat>,
    /// The same, where nothing yet says that it must stay.
    handed: HashMap<String, Stat>,
}

impl Shelf {
    /// Forgets what is not there any more.
    pub(super) fn keep_only(&mut self, listed: &[Entry]) {
        let names: HashSet<&str> = listed.iter().map(|entry| entry.name.as_str()).collect();
        self.seen.retain(|name, _| names.contains(name.as_str()));
        self.done.retain(|name, _| names.contains(name.as_str()));
        self.handed.retain(|name, _| names.contains(name.as_str()));
    }

    /// How much longer a file must stay as it is; none: long enough.
    pub(super) fn settles(
        &mut self,
        entry: &Entry,
        now: Instant,
        stable: Duration,
    ) -> Option<Duration> {
        let seen = self.seen.entry(entry.name.clone()).or_insert((entry.stat, now));
        if seen.0 != entry.stat {
            *seen = (entry.stat, now);
        }
        let left = stable.saturating_sub(now.saturating_duration_since(seen.1));
        (!left.is_zero()).then_some(left)
    }

    /// For how long it has been as it is.
    pub(super) fn since(&self, name: &str, now: Instant) -> Duration {
        self.seen.get(name).map_or(Duration::ZERO, |(_, at)| now.saturating_duration_since(*at))
    }

    /// It was not as it was listed: it has to settle anew.
    pub(super) fn changed(&mut self, name: &str) {
        self.seen.remove(name);
    }

    pub(super) fn is_done(&self, entry: &Entry) -> bool {
        self.done.get(&entry.name) == Some(&entry.stat)
    }

    /// The house has it, and it stays there.
    pub(super) fn done(&mut self, name: String, stat: Stat) {
        self.handed.remove(&name);
        self.done.insert(name, stat);
    }

    pub(super) fn is_handed(&self, entry: &Entry) -> bool {
        self.handed.get(&entry.name) == Some(&entry.stat)
    }

    /// The house has it, and it is still to be put away.
    pub(super) fn handed(&mut self, name: String, stat: Stat) {
        self.handed.insert(name, stat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_settles_once_it_stayed_the_same_for_long_enough() {
        let (mut shelf, begin) = (Shelf::default(), Instant::now());
        let stable = Duration::from_secs(10);
        let mut at = |seconds: u64, size: u64| {
            let stat = Stat { size, modified: 1 };
            let entry = Entry { name: "a".to_owned(), stat };
            let left = shelf.settles(&entry, begin + Duration::from_secs(seconds), stable);
            left.map(|left| left.as_secs())
        };
        assert_eq!(
            [at(0, 5), at(4, 5), at(9, 6), at(18, 6), at(19, 6)],
            [Some(10), Some(6), Some(10), Some(1), None]
        );
        shelf.keep_only(&[]);
        assert!(shelf.seen.is_empty());
    }
}
