//! Whether a subscriber as a whole can be called, as far as the last calls say.
//!
//! One event that fails says little about the endpoint; several different ones that fail with no
//! success between them say that it is down, and several that are refused say that it wants nothing
//! from us. Then one call at a time is tried, ever more slowly, until one goes well.

use super::pace::Pace;
use std::collections::HashSet;
use std::time::Instant;

/// What may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Whatever is due.
    Open,
    /// One event, to see how it goes.
    Probe,
    /// Nothing, before this time if one is named.
    Closed(Option<Instant>),
}

/// How a subscriber fares.
#[derive(Debug)]
pub(super) struct Health {
    pace: Pace,
    /// Events that failed since the last success, and those that were refused.
    failed: HashSet<u64>,
    refused: HashSet<u64>,
    /// They asked not to be called before.
    paused: Option<Instant>,
    /// How often in a row they asked so.
    pauses: u32,
    down: Option<Down>,
    /// How many events went well.
    pub(super) successes: u64,
}

#[derive(Debug)]
struct Down {
    probes: u32,
    until: Instant,
    /// The event that is on its way to see.
    probe: Option<u64>,
}

impl Health {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            pace,
            failed: HashSet::new(),
            refused: HashSet::new(),
            paused: None,
            pauses: 0,
            down: None,
            successes: 0,
        }
    }

    pub(super) fn gate(&self, now: Instant) -> Gate {
        if let Some(until) = self.paused.filter(|until| *until > now) {
            return Gate::Closed(Some(until));
        }
        match &self.down {
            None => Gate::Open,
            Some(Down { probe: Some(_), .. }) => Gate::Closed(None),
            Some(down) if down.until > now => Gate::Closed(Some(down.until)),
            Some(_) => Gate::Probe,
        }
    }

    /// Whether it is taken to be down, or asked for a pause.
    pub(super) fn is_well(&self, now: Instant) -> bool {
        self.gate(now) == Gate::Open
    }

    /// An event goes out to see whether things are better.
    pub(super) fn probing(&mut self, event: u64) {
        if let Some(down) = &mut self.down {
            down.probe = Some(event);
        }
    }

    pub(super) fn delivered(&mut self, now: Instant) {
        self.failed.clear();
        self.refused.clear();
        if self.paused.is_none_or(|until| until <= now) {
            self.down = None;
        }
        self.pauses = 0;
        self.successes += 1;
    }

    /// A call failed in a way that may pass.
    pub(super) fn failed(&mut self, event: u64, now: Instant) {
        self.failed.insert(event);
        let many = self.failed.len() >= MANY_FAILED;
        self.worse(event, many, now);
    }

    /// A call was refused; says whether that is the event's own fault, as far as one can tell.
    pub(super) fn refused(&mut self, event: u64, now: Instant) -> bool {
        self.refused.insert(event);
        let wall = self.refused.len() >= MANY_REFUSED;
        if wall {
            self.worse(event, true, now);
        } else {
            // They answer, so they are there.
            self.failed.clear();
            self.down = None;
        }
        !wall
    }

    /// It turned out that there was no call.
    pub(super) fn not_sent(&mut self, event: u64) {
        if let Some(down) = self.down.as_mut().filter(|down| down.probe == Some(event)) {
            down.probe = None;
        }
    }

    /// They asked not to be called before `until`, or for a while.
    pub(super) fn pause(&mut self, event: u64, until: Option<Instant>, now: Instant) {
        self.pauses = self.pauses.saturating_add(1);
        let until = until.unwrap_or_else(|| now + self.pace.wait(self.pauses, event));
        self.paused = self.paused.max(Some(until));
        // Behind the pause stands one probe, not a crowd.
        self.down = Some(Down { probes: 0, until, probe: None });
    }

    fn worse(&mut self, event: u64, many: bool, now: Instant) {
        let pace = self.pace;
        match &mut self.down {
            None if many => {
                let until = now + pace.wait(1, event);
                self.down = Some(Down { probes: 1, until, probe: None });
            }
            Some(down) if down.probe == Some(event) => {
                down.probes = down.probes.saturating_add(1);
                down.until = now + pace.wait(down.probes, event);
                down.probe = None;
            }
            // What was on its way before it was seen to be down says nothing new.
            None | Some(_) => {}
        }
    }
}

/// So many different events that fail in a row say that the endpoint is down.
const MANY_FAILED: usize = 5;

/// So many different events that are refused in a row say that it wants none at all: a wrong URL,
/// a changed secret.
const MANY_REFUSED: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn health() -> (Health, Instant) {
        (Health::new(Pace::default()), Instant::now())
    }

    #[test]
    fn one_event_that_keeps_failing_does_not_close_the_gate() {
        let (mut health, now) = health();
        for _ in 0..100 {
            health.failed(1, now);
        }
        assert_eq!(health.gate(now), Gate::Open);
    }

    #[test]
    fn many_that_fail_let_one_probe_through_at_a_time_ever_more_slowly() {
        let (mut health, mut now) = health();
        for event in 0..20 {
            health.failed(event, now);
        }
        let mut waits = Vec::new();
        for _ in 0..12 {
            let Gate::Closed(Some(until)) = health.gate(now) else { panic!("it is down") };
            waits.push(until - now);
            now = until;
            assert_eq!(health.gate(now), Gate::Probe);
            health.probing(7);
            assert_eq!(health.gate(now), Gate::Closed(None), "one at a time");
            health.failed(3, now);
            assert_eq!(health.gate(now), Gate::Closed(None), "another's failure is old news");
            health.failed(7, now);
        }
        let seconds = |n| Duration::from_secs(n);
        assert!(waits[0] <= seconds(1) && waits[4] >= seconds(8), "{waits:?}");
        assert!((seconds(150)..=seconds(300)).contains(&waits[11]), "{waits:?}");
        health.delivered(now);
        assert_eq!(health.gate(now), Gate::Open);
    }

    #[test]
    fn a_refusal_is_the_events_fault_until_everything_is_refused() {
        let (mut health, now) = health();
        for event in 0..9 {
            assert!(health.refused(event, now));
            assert_eq!(health.gate(now), Gate::Open);
        }
        assert!(!health.refused(9, now));
        assert!(matches!(health.gate(now), Gate::Closed(Some(_))));
        health.delivered(now);
        assert!(health.refused(9, now));
    }

    #[test]
    fn a_pause_holds_even_if_something_on_its_way_goes_well() {
        let (mut health, now) = health();
        let until = now + Duration::from_secs(60);
        health.pause(1, Some(until), now);
        health.delivered(now);
        health.pause(2, Some(now + Duration::from_secs(1)), now);
        assert_eq!(health.gate(now), Gate::Closed(Some(until)));
        assert!(!health.is_well(now));
        assert_eq!(health.gate(until), Gate::Probe);
    }
}
