//! What the letters that wait in a mailbox are called: each as it likes, unless another is called so.
//!
//! # Why names are not kept
//! A mailbox may hold a hundred thousand letters, and every letter knows its own name. So nothing is
//! kept of a name but a number of 64 bits that leads to the letter, while somebody looks at the
//! mailbox. Whether the letter is called so is asked of the letter: two names of the same number
//! cost one of them its plain name, and nothing else.

use super::name::{FileName, Folder};
use crate::message::MessageId;
use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::time::{Duration, Instant};

/// The names of one mailbox.
#[derive(Debug, Default)]
pub(super) struct Names {
    keys: RandomState,
    /// Letters by the number that stands for folder and name.
    plain: HashMap<u64, MessageId>,
    /// Letters whose id stands in their name, because another had it first. It stays so while they
    /// wait, or a name would come to mean another letter.
    apart: HashSet<MessageId>,
    /// The last letter that was asked for its name, and when all were asked last.
    known: Option<MessageId>,
    all_known: Option<Instant>,
    /// How many names there may be before those are given up of letters that wait no longer.
    most: usize,
}

impl Names {
    /// What a letter is called that would like to be called `wanted`.
    pub(super) fn name(&mut self, folder: Folder, id: MessageId, wanted: &str) -> FileName {
        let name = FileName::ours(wanted);
        if self.apart.contains(&id) {
            return name.with(&id.to_string());
        }
        match self.plain.entry(key(&self.keys, folder, &name)) {
            Entry::Vacant(free) => {
                free.insert(id);
                name
            }
            Entry::Occupied(taken) if *taken.get() == id => name,
            Entry::Occupied(_) => {
                self.apart.insert(id);
                name.with(&id.to_string())
            }
        }
    }

    /// The letters that may be called so; each knows whether it is.
    pub(super) fn find(&self, folder: Folder, name: &FileName) -> Vec<MessageId> {
        let plain = self.plain.get(&key(&self.keys, folder, name)).copied();
        plain.into_iter().chain(name.id()).collect()
    }

    /// A letter waits no longer.
    pub(super) fn forget(&mut self, folder: Folder, name: &FileName, id: MessageId) {
        if let Entry::Occupied(taken) = self.plain.entry(key(&self.keys, folder, name))
            && *taken.get() == id
        {
            taken.remove();
        }
        self.apart.remove(&id);
    }

    /// The last letter that was asked: of those that come after it nothing is known.
    pub(super) fn known(&self) -> Option<MessageId> {
        self.known
    }

    /// All letters up to this one were asked.
    pub(super) fn know(&mut self, last: MessageId) {
        self.known = self.known.max(Some(last));
    }

    /// Whether it is time to ask all again; whoever is told so does, where it finds nothing.
    pub(super) fn is_old(&mut self, now: Instant) -> bool {
        let old = |since: Instant| now.saturating_duration_since(since) > OLD;
        let is_old = self.all_known.is_none_or(old);
        if is_old {
            self.all_known = Some(now);
        }
        is_old
    }

    /// Gives up names of letters that wait no longer, once they may be half of all.
    pub(super) fn tidy(&mut self, waits: impl Fn(MessageId) -> bool) {
        if self.plain.len() <= self.most.max(FEW) {
            return;
        }
        self.plain.retain(|_, id| waits(*id));
        self.apart.retain(|id| waits(*id));
        self.plain.shrink_to_fit();
        self.most = self.plain.len() * 2;
    }

    /// Nobody looks at them.
    pub(super) fn clear(&mut self, waits: impl Fn(MessageId) -> bool) {
        self.apart.retain(|id| waits(*id));
        *self = Self { apart: std::mem::take(&mut self.apart), ..Self::default() };
    }
}

fn key(keys: &RandomState, folder: Folder, name: &FileName) -> u64 {
    keys.hash_one((folder, name))
}

/// A letter that came in between others is found by its name after this long at the latest.
const OLD: Duration = Duration::from_secs(1);

const FEW: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn id() -> MessageId {
        MessageId::mint(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn whoever_comes_second_keeps_its_id_in_its_name_while_it_waits() {
        let (mut names, first, second) = (Names::default(), id(), id());
        let plain = names.name(Folder::Outbound, first, "a.edi");
        assert_eq!(plain.as_bytes(), b"a.edi");
        let apart = names.name(Folder::Outbound, second, "a.edi");
        assert_eq!(apart.text(), format!("a-{second}.edi"));
        assert_eq!(names.find(Folder::Outbound, &apart), [second]);
        assert_eq!(names.find(Folder::Outbound, &plain), [first]);
        assert_eq!(
            names.name(Folder::Acknowledgments, second, "b.edi").text(),
            format!("b-{second}.edi")
        );
        names.forget(Folder::Outbound, &plain, first);
        assert!(names.find(Folder::Outbound, &plain).is_empty());
        names.clear(|id| id == second);
        assert_eq!(names.name(Folder::Outbound, second, "a.edi"), apart, "it is no other file now");
    }

    #[test]
    fn names_of_letters_that_went_are_given_up() {
        let mut names = Names::default();
        for number in 0..10 * FEW {
            names.name(Folder::Outbound, id(), &format!("{number}.edi"));
            names.tidy(|_| false);
            assert!(names.plain.len() <= FEW);
        }
        names.clear(|_| false);
        assert_eq!(names.plain.capacity(), 0);
    }
}
