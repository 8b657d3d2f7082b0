//! How far the spool was, as this machine remembers it beside the spool: what tells a spool that was
//! restored from an older copy.
//!
//! # Why a file outside of the spool
//! A copy of yesterday is whole in itself: nothing within it knows of today. It must not go on as if
//! today had not been, or it gives out control numbers that partners have seen on other
//! interchanges. So how far the spool is, and its control numbers, are noted now and then in a file
//! beside its folder, which is not part of the copy. The journal only ever grows, so a spool that
//! ends before what was noted is an older one.

use super::control::LARGEST;
use super::entry::{Cursor, Fact, NumberKey, NumberKind};
use super::error::SpoolError;
use super::files::{make_file, sync_folder};
use super::row::Summary;
use super::step::Step;
use super::store::Spool;
use crate::event::State;
use crate::message::{Direction, Moment, PartnerId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How far a spool was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Horizon {
    /// Behind all that happened.
    pub end: Cursor,
    /// When that was noted.
    pub at: Timestamp,
    /// The last number of each sequence of control numbers.
    pub numbers: Vec<(PartnerId, NumberKind, u32)>,
}

/// What was done to make a spool safe that was restored from an older copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// When the copy ends: the last that it knows of.
    pub from: Option<Timestamp>,
    /// Until when more happened than the copy knows of, as far as that was noted.
    pub until: Option<Timestamp>,
    /// The sequences of control numbers: the last that the copy knows of, and the next.
    pub numbers: Vec<(PartnerId, NumberKind, u32, u32)>,
    /// What is to be sent and may have been sent already.
    pub unsure: Vec<Summary>,
}

impl Horizon {
    /// What was noted of the spool in `folder`, if anything was.
    pub fn of(folder: &Path) -> Result<Option<Self>, SpoolError> {
        let path = beside(folder);
        match fs::read(&path) {
            // What cannot be read was never finished.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SpoolError::io("read", &path)(error)),
        }
    }

    /// Notes it beside the spool in `folder`.
    pub fn note(&self, folder: &Path) -> Result<(), SpoolError> {
        let path = beside(folder);
        let new = path.with_extension("horizon.new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(SpoolError::io("remove", &new)(error));
            }
            _ => {}
        }
        let text = serde_json::to_vec(self)
            .map_err(|error| SpoolError::Unavailable { reason: error.to_string() })?;
        let mut file = make_file(&new).map_err(SpoolError::io("create", &new))?;
        file.write_all(&text)
            .and_then(|()| file.sync_all())
            .map_err(SpoolError::io("write", &new))?;
        fs::rename(&new, &path).map_err(SpoolError::io("rename", &path))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        sync_folder(parent).map_err(SpoolError::io("sync", parent))
    }
}

/// Where it is noted: `spool.horizon` beside `spool`.
fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".horizon");
    folder.with_file_name(name)
}

impl Spool {
    /// How far it is now.
    pub fn horizon(&self, now: Timestamp) -> Horizon {
        Horizon { end: self.end(), at: now, numbers: self.numbers() }
    }

    /// Whether it ends before what was noted of it.
    pub fn is_behind(&self, noted: &Horizon) -> bool {
        self.end() < noted.end
    }

    /// Makes a spool safe that was restored from an older copy: each sequence of control numbers goes
    /// on `margin` behind the last that is known of, in one write. Says what else is to be done.
    pub async fn restored(
        &self,
        now: Moment,
        noted: Option<&Horizon>,
        margin: u32,
    ) -> Result<Restored, SpoolError> {
        let mut last: BTreeMap<_, u32> = BTreeMap::new();
        let mut step = Step::new(now);
        let known = self.numbers();
        for (partner, kind, number) in
            known.iter().chain(noted.into_iter().flat_map(|noted| &noted.numbers))
        {
            let furthest = last.entry((partner.clone(), *kind)).or_default();
            *furthest = further(*furthest, *number);
        }
        let mut numbers = Vec::new();
        for ((partner, kind), furthest) in last {
            let before = known.iter().find(|(of, what, _)| *of == partner && *what == kind);
            let before = before.map_or(0, |(_, _, number)| *number);
            let next = round(furthest, margin);
            numbers.push((partner.clone(), kind, before, next));
            let value = if next <= 1 { LARGEST } else { next - 1 };
            step.entry.facts.push(Fact::Took { number: NumberKey { partner, kind }, value });
        }
        let from = self.last_at()?;
        self.advance(step).await?;
        let unsure = self.open_messages().into_iter().filter(|summary| {
            summary.direction == Direction::Outbound
                && matches!(summary.state, State::Received | State::Queued)
        });
        Ok(Restored { from, until: noted.map(|noted| noted.at), numbers, unsure: unsure.collect() })
    }

    /// When the last record was written.
    fn last_at(&self) -> Result<Option<Timestamp>, SpoolError> {
        let reach = self.shared.desk().memory.reach();
        if reach.next == 0 {
            return Ok(None);
        }
        self.shared.entry(reach.last).map(|(_, entry)| Some(entry.at))
    }
}

/// The one of two numbers of a sequence that is ahead, given that they are not half of all apart.
fn further(one: u32, other: u32) -> u32 {
    let ahead = (u64::from(other) + u64::from(LARGEST) - u64::from(one)) % u64::from(LARGEST);
    if one == 0 || ahead < u64::from(LARGEST / 2) { other } else { one }
}

/// The number behind `last` by so much; the largest is followed by one.
fn round(last: u32, margin: u32) -> u32 {
    let next = (u64::from(last) + u64::from(margin)) % u64::from(LARGEST) + 1;
    u32::try_from(next).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_goes_on_behind_the_furthest_and_round() {
        assert_eq!((further(0, 5), further(5, 9), further(9, 5)), (5, 9, 9));
        assert_eq!(further(LARGEST - 3, 4), 4, "it went round");
        assert_eq!(further(4, LARGEST - 3), 4);
        assert_eq!((round(10, 5), round(LARGEST - 1, 0), round(LARGEST, 0)), (16, LARGEST, 1));
        assert_eq!(round(LARGEST - 2, 5), 4);
    }

    #[test]
    fn it_is_noted_beside_the_spool() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("spool");
        assert_eq!(Horizon::of(&folder).unwrap(), None);
        let partner = PartnerId::new("acme").unwrap();
        let horizon = Horizon {
            end: Cursor { position: 7, done: 0 },
            at: Timestamp::UNIX_EPOCH,
            numbers: vec![(partner, NumberKind::Group, 3)],
        };
        horizon.note(&folder).unwrap();
        horizon.note(&folder).unwrap();
        assert_eq!(Horizon::of(&folder).unwrap(), Some(horizon));
        fs::write(home.path().join("spool.horizon"), "{").unwrap();
        assert_eq!(Horizon::of(&folder).unwrap(), None);
    }
}
