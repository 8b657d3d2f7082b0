//! Taking away what is older than anyone wants to keep: whole segments, from the oldest on.
//!
//! # The rule
//! A segment goes only if it is closed, every record in it is whole and older than asked, no message
//! with a record in it or before it is open, and no follower has yet to read it. Nothing goes that is
//! younger than identities are known, so that a repetition is still known as one. A body's file goes
//! when no record that stays names it. Before anything goes, what the first records said of control
//! numbers and followers is said again, and then the journal itself says what goes: so the index can
//! be built anew from what stays, `verify` knows it from damage, and a start after a crash finishes
//! what was begun.
//!
//! A message whose beginning went is not known any more, even if a late record of it stays.

use super::entry::{Entry, Fact};
use super::error::SpoolError;
use super::files::{make_file, make_folder, sync_folder};
use super::index::Key;
use super::journal::{Found, Reader};
use super::shared::Shared;
use super::step::Step;
use super::store::Spool;
use super::write::Standing;
use crate::message::{Digest, Moment};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// What is older than this, and than identities are known.
    pub older: Duration,
    /// Where it is copied before it goes, as a spool of its own; none: nowhere.
    pub archive: Option<PathBuf>,
}

/// What went, or would go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retired {
    /// The position in the journal before which nothing is kept.
    pub before: u64,
    /// How many segments went now.
    pub segments: usize,
    /// How many bytes they and the files of bodies had.
    pub bytes: u64,
    /// How many messages began in them.
    pub messages: u64,
    /// How many files of bodies went with them.
    pub bodies: u64,
    /// Why not more went.
    pub held_back: String,
}

/// Segments that go, and what is in them.
#[derive(Debug, Default)]
struct Doomed {
    /// Where each begins and ends.
    segments: Vec<(u64, u64)>,
    messages: u64,
    /// The bodies with a file of their own, with their lengths.
    bodies: Vec<(Digest, u64)>,
    held_back: String,
}

impl Spool {
    /// What would go.
    pub fn would_retire(&self, now: Moment, what: &Retirement) -> Result<Retired, SpoolError> {
        let doomed = self.shared.doomed(now.at, what.older)?;
        let bodies = self.shared.orphans(&doomed)?;
        Ok(doomed.retired(&bodies))
    }

    /// Takes away what is old. Reads whole segments: not for a thread that others wait for.
    pub async fn retire(&self, now: Moment, what: &Retirement) -> Result<Retired, SpoolError> {
        let doomed = self.shared.doomed(now.at, what.older)?;
        let Some(before) = doomed.before() else { return Ok(doomed.retired(&[])) };
        if let Some(archive) = &what.archive {
            self.shared.archive(&doomed, archive)?;
        }
        // From here on nobody finds what goes; whoever found it before is done before the next
        // record is.
        let hidden = self.shared.reader.hide(before);
        let said = self.say_again(now).await;
        let wanted = said.and_then(|()| self.shared.wanted_from());
        let wanted = wanted.map(|wanted| wanted.filter(|(from, _)| *from < before));
        if let Some(held_back) = wanted.transpose() {
            self.shared.reader.unhide(hidden);
            let (_, held_back) = held_back?;
            return Ok(Retired { held_back, ..Retired::default() });
        }
        let mut step = Step::new(now);
        let archive = what.archive.as_ref().map(|archive| archive.display().to_string());
        step.retire(before, doomed.messages, archive);
        self.advance(step).await?;
        // An index that lacks what goes could not be caught up.
        self.shared.checkpoint()?;
        let bodies = self.shared.remove(&doomed)?;
        Ok(doomed.retired(&bodies))
    }

    /// Says once more where control numbers and followers are.
    async fn say_again(&self, now: Moment) -> Result<(), SpoolError> {
        let mut step = Step::new(now);
        self.shared.standing_facts(&mut step);
        let claimed = self.shared.claim(&step.entry).await;
        // They may have moved until they were claimed; who came new since has said so itself.
        let names: HashSet<String> = step.entry.facts.iter().filter_map(follower).collect();
        let mut step = Step::new(now);
        self.shared.standing_facts(&mut step);
        step.entry.facts.retain(|fact| follower(fact).is_none_or(|name| names.contains(&name)));
        let standing = Standing { lease: None, finishes: true };
        self.shared.commit(&self.journal, step, claimed, standing).await
    }
}

fn follower(fact: &Fact) -> Option<String> {
    if let Fact::Followed { name, .. } = fact { Some(name.clone()) } else { None }
}

impl Doomed {
    /// The position before which nothing is kept.
    fn before(&self) -> Option<u64> {
        self.segments.last().map(|(_, end)| *end)
    }

    fn retired(self, bodies: &[(Digest, u64)]) -> Retired {
        let journal: u64 = self.segments.iter().map(|(start, end)| end - start).sum();
        Retired {
            before: self.before().unwrap_or(0),
            segments: self.segments.len(),
            bytes: journal + bodies.iter().map(|(_, length)| length).sum::<u64>(),
            messages: self.messages,
            bodies: u64::try_from(bodies.len()).unwrap_or(u64::MAX),
            held_back: self.held_back,
        }
    }

    /// Takes in a segment; says why it must stay, if it must.
    fn take(&mut self, reader: &Reader, start: u64, end: u64, limit: Timestamp) -> Taking {
        let (mut messages, mut bodies) = (0, Vec::new());
        for found in reader.scan(start) {
            let record = match found? {
                Found::Record(record) if record.position >= end => break,
                Found::Record(record) => record,
                Found::Gap(from, _) if from >= end => break,
                Found::Gap(from, _) => {
                    let text = format!("position {from} of the journal is damaged; see `verify`");
                    return Ok(Some(text));
                }
            };
            let entry = Entry::read(&record)?;
            if entry.at >= limit {
                return Ok(Some(format!("what follows is of {} or later", day(entry.at))));
            }
            for fact in &entry.facts {
                messages += u64::from(matches!(fact, Fact::Opened { .. }));
                let filed = fact.held().filter(|held| held.offset.is_none());
                bodies.extend(filed.map(|held| (held.digest, held.length)));
            }
        }
        self.segments.push((start, end));
        self.messages += messages;
        self.bodies.extend(bodies);
        Ok(None)
    }
}

/// Why a segment must stay, if it must.
type Taking = Result<Option<String>, SpoolError>;

impl Shared {
    /// What can go.
    fn doomed(&self, now: Timestamp, older: Duration) -> Result<Doomed, SpoolError> {
        let older = older.max(self.settings.identities_known);
        let older = SignedDuration::try_from(older).unwrap_or(SignedDuration::MAX);
        let limit = now.checked_sub(older).unwrap_or(Timestamp::MIN);
        let wanted = self.wanted_from()?;
        let starts = self.reader.starts();
        let mut doomed = Doomed::default();
        for (start, end) in starts.iter().zip(starts.iter().skip(1)) {
            let why = match &wanted {
                Some((from, why)) if from < end => Some(why.clone()),
                _ => doomed.take(&self.reader, *start, *end, limit)?,
            };
            if let Some(why) = why {
                doomed.held_back = why;
                return Ok(doomed);
            }
        }
        "what follows is still being written to".clone_into(&mut doomed.held_back);
        Ok(doomed)
    }

    /// From where on the journal is still wanted, and by whom.
    fn wanted_from(&self) -> Result<Option<(u64, String)>, SpoolError> {
        let (follower, open) = {
            let desk = self.desk();
            let cursors = desk.memory.cursors();
            let follower = cursors.map(|(name, cursor)| (cursor.position, name)).min();
            let follower =
                follower.map(|(at, name)| (at, format!("`{name}` has yet to read what follows")));
            (follower, desk.memory.rows().map(|(id, _)| *id).collect::<Vec<_>>())
        };
        let mut wanted = follower;
        for id in open {
            if let Some(first) = self.every_position(Key::message(id), false)?.first()
                && wanted.as_ref().is_none_or(|(from, _)| first < from)
            {
                wanted = Some((*first, format!("message {id}, which follows, is open")));
            }
        }
        Ok(wanted)
    }

    /// Where control numbers and followers are.
    fn standing_facts(&self, step: &mut Step) {
        let desk = self.desk();
        for (key, sequence) in desk.memory.numbers.all() {
            let took = Fact::Took { number: key.clone(), value: sequence.last };
            step.entry.facts.push(took);
        }
        for (name, cursor) in desk.memory.cursors() {
            step.follow(name, *cursor);
        }
    }

    /// The bodies of what goes that nothing names that stays.
    fn orphans(&self, doomed: &Doomed) -> Result<Vec<(Digest, u64)>, SpoolError> {
        let mut orphans: HashSet<(Digest, u64)> = doomed.bodies.iter().copied().collect();
        let Some(before) = doomed.before().filter(|_| !orphans.is_empty()) else {
            return Ok(Vec::new());
        };
        for found in self.reader.scan(before) {
            // What cannot be read may name any of them.
            let Found::Record(record) = found? else { return Ok(Vec::new()) };
            for held in Entry::read(&record)?.facts.iter().filter_map(Fact::held) {
                orphans.remove(&(held.digest, held.length));
            }
        }
        Ok(orphans.into_iter().collect())
    }

    /// Removes what goes: bodies first, so that whoever is interrupted finds them again.
    fn remove(&self, doomed: &Doomed) -> Result<Vec<(Digest, u64)>, SpoolError> {
        let mut removed = Vec::new();
        for (digest, length) in self.orphans(doomed)? {
            if self.bodies.remove(&digest)? {
                removed.push((digest, length));
            }
        }
        for (start, _) in &doomed.segments {
            let path = self.reader.path(*start);
            fs::remove_file(&path).map_err(SpoolError::io("remove", &path))?;
        }
        sync_folder(self.reader.folder()).map_err(SpoolError::io("sync", self.reader.folder()))?;
        Ok(removed)
    }

    /// Finishes what a crash interrupted: removes what the journal says is gone. Says from where to
    /// where something is missing that it does not say so of.
    pub(super) fn finish_retiring(&self) -> Result<Option<(u64, u64)>, SpoolError> {
        let retired = self.desk().memory.retired;
        let starts = self.reader.starts();
        if let Some(first) = starts.first().filter(|first| **first > retired) {
            return Ok(Some((retired, *first)));
        }
        let mut doomed = Doomed::default();
        for (start, end) in starts.iter().zip(starts.iter().skip(1)) {
            if *end <= retired {
                doomed.take(&self.reader, *start, *end, Timestamp::MAX)?;
            }
        }
        if !doomed.segments.is_empty() {
            self.checkpoint()?;
            self.reader.hide(retired);
            self.remove(&doomed)?;
        }
        Ok(None)
    }

    /// Copies what goes to a folder that is a spool of its own.
    fn archive(&self, doomed: &Doomed, archive: &Path) -> Result<(), SpoolError> {
        let journal = archive.join("journal");
        let bodies = archive.join("bodies");
        for folder in [archive, &journal, &bodies] {
            make_folder(folder)?;
        }
        for (start, _) in &doomed.segments {
            let from = self.reader.path(*start);
            copy(&from, &journal.join(from.file_name().unwrap_or_default()))?;
        }
        sync_folder(&journal).map_err(SpoolError::io("sync", &journal))?;
        for (digest, _) in &doomed.bodies {
            let from = self.bodies.path(digest);
            let place = bodies.join(from.parent().and_then(Path::file_name).unwrap_or_default());
            make_folder(&place)?;
            copy(&from, &place.join(from.file_name().unwrap_or_default()))?;
            sync_folder(&place).map_err(SpoolError::io("sync", &place))?;
        }
        sync_folder(&bodies).map_err(SpoolError::io("sync", &bodies))
    }
}

/// Copies a file durably. One that is there and as long was copied before.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), SpoolError> {
    let length = |path: &Path| fs::metadata(path).map(|file| file.len());
    if length(to).is_ok_and(|there| length(from).is_ok_and(|here| here == there)) {
        return Ok(());
    }
    let new = to.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(SpoolError::io("remove", &new)(error));
        }
        _ => {}
    }
    let mut source = File::open(from).map_err(SpoolError::io("open", from))?;
    let mut target = make_file(&new).map_err(SpoolError::io("create", &new))?;
    io::copy(&mut source, &mut target)
        .and_then(|_| target.sync_all())
        .map_err(SpoolError::io("write", &new))?;
    fs::rename(&new, to).map_err(SpoolError::io("rename", to))
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
