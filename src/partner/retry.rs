//! How long we wait between attempts, and when we give up.

use super::fault::FaultKind;
use super::quantity::Length;
use super::written::Table;
use serde::Serialize;
use std::time::Duration;

/// The waits between attempts to deliver one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetrySchedule {
    /// The first waits.
    pub waits: Vec<Length>,
    /// Every wait after those.
    pub then: Length,
    /// When waiting has lasted this long altogether, the document becomes a dead letter.
    pub give_up: Length,
}

impl RetrySchedule {
    /// What holds when nobody says otherwise: quick at first, then every half hour for three days.
    pub fn usual() -> Self {
        let waits = [15, 60, 120, 300, 600, 900].map(Length::seconds).to_vec();
        Self { waits, then: Length::seconds(1_800), give_up: Length::seconds(259_200) }
    }

    /// How long to wait after so many failed attempts; `None` when it is time to give up.
    pub fn wait(&self, attempts: u32) -> Option<Duration> {
        let attempts = usize::try_from(attempts).unwrap_or(usize::MAX);
        let listed = self.waits.iter().take(attempts).map(|wait| wait.duration());
        let more = u32::try_from(attempts.saturating_sub(self.waits.len())).unwrap_or(u32::MAX);
        let waited = listed.sum::<Duration>().saturating_add(self.then.duration() * more.min(CAP));
        let wait = attempts.checked_sub(1).and_then(|last| self.waits.get(last));
        (waited <= self.give_up.duration()).then(|| wait.unwrap_or(&self.then).duration())
    }

    /// What `table` says, and `base` where it says nothing.
    pub(super) fn read(table: Option<Table<'_>>, base: &Self) -> Self {
        let Some(mut table) = table else { return base.clone() };
        let waits = table.item("waits").is_some().then(|| table.list::<Length>("waits"));
        let waits = match waits {
            Some(waits) => waits.into_iter().map(|wait| wait.value).collect(),
            None => base.waits.clone(),
        };
        let then = table.placed::<Length>("then");
        if let Some(then) = then.filter(|then| then.value == Length::ZERO) {
            let kind = FaultKind::Malformed {
                value: "0s".to_owned(),
                what: "wait between attempts",
                how: "a second or more, as in \"30m\"",
            };
            table.fault(then.place, kind);
        }
        let then = then.map_or(base.then, |then| then.value);
        let give_up = table.or("give_up", base.give_up);
        table.finish();
        Self { waits, then, give_up }
    }
}

/// More attempts than this are never made: a year of seconds.
const CAP: u32 = 32_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let schedule = RetrySchedule::usual();
        let waits = (1..=8).map(|n| schedule.wait(n).unwrap().as_secs()).collect::<Vec<_>>();
        assert_eq!(waits, [15, 60, 120, 300, 600, 900, 1_800, 1_800]);
        let last = (1..1_000).take_while(|n| schedule.wait(*n).is_some()).last().unwrap();
        // 1,995 s of listed waits, then as many half hours as fit into 72 h.
        assert_eq!(last, 6 + (259_200 - 1_995) / 1_800);
        assert_eq!(schedule.wait(u32::MAX), None);
    }
}
