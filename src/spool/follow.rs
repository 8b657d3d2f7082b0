//! Following what happens, in order, from a place that is remembered.

use super::entry::{BodyRef, Cursor, Entry, Fact};
use super::error::SpoolError;
use super::journal::Found;
use super::step::Step;
use super::store::Spool;
use crate::event::{Event, Notice};
use crate::message::Moment;

/// Something that a follower comes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Something happened to a message.
    Event(Event),
    /// The ERP is to be told of something.
    Notice {
        /// The event to tell.
        notice: Notice,
        /// Its data.
        data: BodyRef,
    },
}

/// A stretch of what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// What happened, each with the place behind it.
    pub told: Vec<(Cursor, Told)>,
    /// Where to go on. It moves even if nothing in the stretch was of interest.
    pub next: Cursor,
}

/// How much of the journal is read at once: a follower far behind asks again.
const FAR: u64 = 16 << 20;

impl Spool {
    /// What happened after `after`, as far as it is `wanted`, at most `most`.
    pub fn follow(
        &self,
        after: Cursor,
        most: usize,
        wanted: impl Fn(&Told) -> bool,
    ) -> Result<Stretch, SpoolError> {
        let mut stretch = Stretch { told: Vec::new(), next: after };
        let start = after.position.max(self.shared.reader.start());
        let mut done = if start == after.position { after.done } else { 0 };
        for found in self.shared.reader.scan(start) {
            let record = match found? {
                Found::Record(record) => record,
                Found::Gap(_, to) => {
                    stretch.next = Cursor { position: to, done: 0 };
                    done = 0;
                    continue;
                }
            };
            let facts = Entry::read(&record).map_or(Vec::new(), |entry| {
                entry.facts.into_iter().map(|fact| (entry.at, fact)).collect()
            });
            for (n, (at, fact)) in
                (1..).zip(facts).skip(usize::try_from(done).unwrap_or(usize::MAX))
            {
                let told = match fact {
                    Fact::Happened { id, event, .. } => {
                        Told::Event(Event { message: id, at, kind: *event })
                    }
                    Fact::Noticed { notice, data } => {
                        Told::Notice { notice: *notice, data: data.within(&record) }
                    }
                    Fact::Opened { .. }
                    | Fact::Kept { .. }
                    | Fact::Claimed { .. }
                    | Fact::Referred { .. }
                    | Fact::Took { .. }
                    | Fact::Started { .. }
                    | Fact::Followed { .. }
                    | Fact::Forgot { .. }
                    | Fact::Retired { .. } => continue,
                };
                if !wanted(&told) {
                    continue;
                }
                if stretch.told.len() >= most {
                    return Ok(stretch);
                }
                stretch.next = Cursor { position: record.position, done: n };
                stretch.told.push((stretch.next, told));
            }
            stretch.next = Cursor { position: record.next, done: 0 };
            done = 0;
            if record.next.saturating_sub(start) > FAR {
                break;
            }
        }
        Ok(stretch)
    }

    /// Remembers that a follower has done with all up to `to`.
    pub async fn keep_cursor(&self, now: Moment, name: &str, to: Cursor) -> Result<(), SpoolError> {
        let mut step = Step::new(now);
        step.follow(name, to);
        self.advance(step).await
    }

    /// Forgets a follower, as if it had never said where it got to.
    pub async fn forget_cursor(&self, now: Moment, name: &str) -> Result<(), SpoolError> {
        self.move_cursors(now, &[], &[name.to_owned()]).await
    }

    /// Remembers some followers' places and forgets others, in one write.
    pub async fn move_cursors(
        &self,
        now: Moment,
        keep: &[(String, Cursor)],
        forget: &[String],
    ) -> Result<(), SpoolError> {
        let mut step = Step::new(now);
        for (name, to) in keep {
            step.follow(name, *to);
        }
        for name in forget {
            step.forget(name);
        }
        self.advance(step).await
    }

    /// Where a follower has got to, if it ever said so.
    pub fn cursor(&self, name: &str) -> Option<Cursor> {
        self.shared.desk().memory.cursor(name)
    }

    /// Every follower, and where it has got to.
    pub fn cursors(&self) -> Vec<(String, Cursor)> {
        let desk = self.shared.desk();
        desk.memory.cursors().map(|(name, cursor)| (name.clone(), *cursor)).collect()
    }
}
