//! What is due, and who is at work on it.
//!
//! Work waits in lanes, one for each partner and endpoint. Lanes take turns, and none may have more
//! than so many pieces of work out at a time, so that neither ten thousand messages for one partner
//! nor an endpoint that never answers holds up anybody else. All in memory: a lease is worth nothing
//! after a restart, and what is due follows from the states.

use crate::event::State;
use crate::message::{MessageId, PartnerId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::time::{Duration, Instant};

/// Work that waits its turn together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// From or to whom.
    pub partner: PartnerId,
    /// Where to, for what is to be sent; empty for what is to be read.
    pub endpoint: String,
}

/// A piece of work, given to one worker.
#[derive(Clone, Debug)]
pub struct Work {
    /// The lease; hand it in with what came of the work.
    pub lease: Lease,
    /// The lane that it was taken from.
    pub lane: Lane,
    /// The state, which says what is to be done.
    pub state: State,
    /// How many attempts failed.
    pub attempts: u32,
}

/// The right to say what came of a piece of work. It ends when the work is given to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The message.
    pub message: MessageId,
    pub(super) token: u64,
}

/// Limits of the queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long a lease lasts unless it is renewed.
    pub(super) lease: Duration,
    /// How many pieces of work a lane may have out.
    pub(super) out: usize,
}

/// What is due, and what is out.
#[derive(Debug)]
pub(super) struct Queue {
    limits: Limits,
    lanes: BTreeMap<Lane, Waiting>,
    items: HashMap<MessageId, Item>,
    /// Leases by their end.
    ends: BTreeSet<(Instant, MessageId)>,
    /// The lane that had its turn last.
    turn: Option<Lane>,
    token: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    due: BTreeSet<(Instant, MessageId)>,
    out: usize,
    pause: Pause,
}

#[derive(Clone, Copy, Debug, Default)]
enum Pause {
    /// Work is given out.
    #[default]
    None,
    /// None is given out before this; then one piece, to try.
    Until(Instant),
    /// The one piece is out.
    Trying,
}

#[derive(Debug)]
struct Item {
    lane: Lane,
    state: State,
    attempts: u32,
    due: Instant,
    lease: Option<Out>,
}

#[derive(Debug)]
struct Out {
    token: u64,
    /// None while its outcome is being written: that cannot be overtaken.
    end: Option<Instant>,
}

impl Queue {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            lanes: BTreeMap::new(),
            items: HashMap::new(),
            ends: BTreeSet::new(),
            turn: None,
            token: 0,
        }
    }

    /// A message is due at `due`. A lease on it goes on.
    pub(super) fn put(
        &mut self,
        id: MessageId,
        lane: Lane,
        state: State,
        attempts: u32,
        due: Instant,
    ) {
        let lease = self.items.get_mut(&id).and_then(|item| item.lease.take());
        let waits = lease.is_none();
        if waits {
            self.remove(id);
        } else if let Some(old) = self.items.get(&id).map(|item| item.lane.clone())
            && old != lane
        {
            self.count(&old, false);
            self.count(&lane, true);
        }
        if waits {
            self.lanes.entry(lane.clone()).or_default().due.insert((due, id));
        }
        self.items.insert(id, Item { lane, state, attempts, due, lease });
    }

    /// A message is not due any more, and whoever works on it does so in vain.
    pub(super) fn remove(&mut self, id: MessageId) {
        self.end(id);
        if let Some(item) = self.items.remove(&id)
            && let Some(lane) = self.lanes.get_mut(&item.lane)
        {
            lane.due.remove(&(item.due, id));
            self.forget(&item.lane);
        }
    }

    /// The next piece of work that is due, if any is.
    pub(super) fn next(&mut self, now: Instant) -> Option<Work> {
        self.expire(now);
        let after = self.turn.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let lane = self
            .lanes
            .range((after, Bound::Unbounded))
            .chain(&self.lanes)
            .find(|(_, waiting)| waiting.is_ready(now, self.limits.out))
            .map(|(lane, _)| lane.clone())?;
        let waiting = self.lanes.get_mut(&lane)?;
        let (_, message) = waiting.due.pop_first()?;
        waiting.out += 1;
        if let Pause::Until(_) = waiting.pause {
            waiting.pause = Pause::Trying;
        }
        self.token += 1;
        let token = self.token;
        let end = now + self.limits.lease;
        self.ends.insert((end, message));
        let item = self.items.get_mut(&message)?;
        item.lease = Some(Out { token, end: Some(end) });
        let (state, attempts) = (item.state, item.attempts);
        self.turn = Some(lane.clone());
        Some(Work { lease: Lease { message, token }, lane, state, attempts })
    }

    /// When `next` may have something, if nothing else happens.
    pub(super) fn next_at(&self, now: Instant) -> Option<Instant> {
        let lanes = self.lanes.values().filter_map(|waiting| {
            let (due, _) = waiting.due.first()?;
            match waiting.pause {
                _ if waiting.out >= self.limits.out => None,
                Pause::None => Some(*due),
                Pause::Until(until) => Some(until.max(*due)),
                Pause::Trying => None,
            }
        });
        let ends = self.ends.first().map(|(end, _)| *end);
        lanes.chain(ends).min().map(|at| at.max(now))
    }

    /// Whether the lease still holds; if so it lasts from `now` again.
    pub(super) fn renew(&mut self, lease: &Lease, now: Instant) -> bool {
        self.expire(now);
        let Some(out) = self.lease(lease) else { return false };
        let Some(old) = out.end else { return true };
        let end = now + self.limits.lease;
        if let Some(item) = self.items.get_mut(&lease.message) {
            item.lease = Some(Out { token: lease.token, end: Some(end) });
        }
        self.ends.remove(&(old, lease.message));
        self.ends.insert((end, lease.message));
        true
    }

    /// Whether the lease still holds.
    pub(super) fn holds(&self, lease: &Lease) -> bool {
        self.lease(lease).is_some()
    }

    /// Whether the lease still holds; if so it cannot end before `end` is called.
    pub(super) fn hold(&mut self, lease: &Lease) -> bool {
        let Some(out) = self.lease(lease) else { return false };
        let end = out.end;
        if let Some(item) = self.items.get_mut(&lease.message) {
            item.lease = Some(Out { token: lease.token, end: None });
        }
        if let Some(end) = end {
            self.ends.remove(&(end, lease.message));
        }
        true
    }

    /// The opposite of `hold`: what came of the work could not be written.
    pub(super) fn let_go(&mut self, lease: &Lease, now: Instant) {
        if self.lease(lease).is_some_and(|out| out.end.is_none())
            && let Some(item) = self.items.get_mut(&lease.message)
        {
            let end = now + self.limits.lease;
            item.lease = Some(Out { token: lease.token, end: Some(end) });
            self.ends.insert((end, lease.message));
        }
    }

    /// Ends the lease of a message, if there is one: it waits again.
    pub(super) fn end(&mut self, id: MessageId) {
        let Some(item) = self.items.get_mut(&id) else { return };
        let Some(out) = item.lease.take() else { return };
        if let Some(end) = out.end {
            self.ends.remove(&(end, id));
        }
        let (lane, due) = (item.lane.clone(), item.due);
        self.count(&lane, false);
        self.lanes.entry(lane).or_default().due.insert((due, id));
    }

    /// Gives work back that was not done.
    pub(super) fn give_back(&mut self, lease: &Lease) {
        if self.lease(lease).is_some() {
            self.end(lease.message);
        }
    }

    /// Gives out no work of a lane before `until`, and then one piece, until `resume`.
    pub(super) fn pause(&mut self, lane: &Lane, until: Instant) {
        self.lanes.entry(lane.clone()).or_default().pause = Pause::Until(until);
    }

    /// Gives out work of a lane again.
    pub(super) fn resume(&mut self, lane: &Lane) {
        if let Some(waiting) = self.lanes.get_mut(lane) {
            waiting.pause = Pause::None;
            self.forget(lane);
        }
    }

    /// How many wait or are out, in each lane, and since when the oldest is due.
    pub(super) fn depths(&self) -> impl Iterator<Item = (&Lane, usize, Option<Instant>)> {
        self.lanes.iter().map(|(lane, waiting)| {
            let oldest = waiting.due.first().map(|(due, _)| *due);
            (lane, waiting.due.len() + waiting.out, oldest)
        })
    }

    /// Ends the leases that have lasted too long.
    fn expire(&mut self, now: Instant) {
        while let Some((end, id)) = self.ends.first().copied()
            && end <= now
        {
            self.ends.remove(&(end, id));
            self.end(id);
        }
    }

    fn lease(&self, lease: &Lease) -> Option<&Out> {
        self.items.get(&lease.message)?.lease.as_ref().filter(|out| out.token == lease.token)
    }

    fn count(&mut self, lane: &Lane, out: bool) {
        let waiting = self.lanes.entry(lane.clone()).or_default();
        if out {
            waiting.out += 1;
            return;
        }
        waiting.out = waiting.out.saturating_sub(1);
        if let Pause::Trying = waiting.pause
            && waiting.out == 0
        {
            // The one that tried told us nothing, so another may try.
            waiting.pause = Pause::None;
        }
    }

    /// Drops a lane that nothing is known of.
    fn forget(&mut self, lane: &Lane) {
        if self.lanes.get(lane).is_some_and(|waiting| {
            waiting.due.is_empty() && waiting.out == 0 && matches!(waiting.pause, Pause::None)
        }) {
            self.lanes.remove(lane);
        }
    }
}

impl Waiting {
    fn is_ready(&self, now: Instant, most: usize) -> bool {
        let paused = match self.pause {
            Pause::None => false,
            Pause::Until(until) => now < until || self.out > 0,
            Pause::Trying => true,
        };
        !paused && self.out < most && self.due.first().is_some_and(|(due, _)| *due <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    struct Desk {
        queue: Queue,
        start: Instant,
    }

    impl Desk {
        fn new() -> Self {
            let limits = Limits { lease: Duration::from_secs(60), out: 2 };
            Self { queue: Queue::new(limits), start: Instant::now() }
        }

        fn at(&self, seconds: u64) -> Instant {
            self.start + Duration::from_secs(seconds)
        }

        fn put(&mut self, partner: &str, due: u64) -> MessageId {
            let id = MessageId::mint(Timestamp::UNIX_EPOCH);
            self.queue.put(id, lane(partner), State::Queued, 0, self.at(due));
            id
        }

        fn next(&mut self, seconds: u64) -> Option<(String, Lease)> {
            let now = self.at(seconds);
            let work = self.queue.next(now)?;
            Some((work.lane.partner.to_string(), work.lease))
        }

        fn partners(&mut self, seconds: u64) -> Vec<String> {
            std::iter::from_fn(|| self.next(seconds)).map(|(partner, _)| partner).collect()
        }
    }

    fn lane(partner: &str) -> Lane {
        Lane { partner: PartnerId::new(partner).unwrap(), endpoint: "out".into() }
    }

    #[test]
    fn nothing_is_given_out_before_it_is_due() {
        let mut desk = Desk::new();
        desk.put("a", 10);
        assert!(desk.next(9).is_none());
        assert_eq!(desk.queue.next_at(desk.at(0)), Some(desk.at(10)));
        assert!(desk.next(10).is_some());
        assert!(desk.next(10).is_none());
    }

    #[test]
    fn partners_take_turns_and_none_has_more_than_its_share_out() {
        let mut desk = Desk::new();
        for _ in 0..100 {
            desk.put("a", 0);
        }
        desk.put("b", 5);
        desk.put("c", 6);
        assert_eq!(desk.partners(10), ["a", "b", "c", "a"]);
        assert_eq!(desk.queue.next_at(desk.at(10)), Some(desk.at(70)), "until a lease ends");
    }

    #[test]
    fn a_lease_that_ended_is_given_to_another_and_the_first_is_refused() {
        let mut desk = Desk::new();
        let id = desk.put("a", 0);
        let (_, first) = desk.next(0).unwrap();
        assert!(desk.next(59).is_none());
        let (_, second) = desk.next(60).unwrap();
        assert_eq!([first.message, second.message], [id, id]);
        assert!(!desk.queue.hold(&first));
        assert!(!desk.queue.renew(&first, desk.at(61)));
        assert!(desk.queue.hold(&second));
        assert!(desk.next(500).is_none(), "its outcome is being written");
        desk.queue.let_go(&second, desk.at(500));
        assert!(desk.next(560).is_some());
    }

    #[test]
    fn a_lease_may_be_renewed_until_it_ended() {
        let mut desk = Desk::new();
        desk.put("a", 0);
        let (_, lease) = desk.next(0).unwrap();
        assert!(desk.queue.renew(&lease, desk.at(50)));
        assert!(desk.next(109).is_none());
        assert!(!desk.queue.renew(&lease, desk.at(110)));
    }

    #[test]
    fn a_message_that_is_put_again_keeps_its_lease_and_one_removed_loses_it() {
        let mut desk = Desk::new();
        let id = desk.put("a", 0);
        let (_, lease) = desk.next(0).unwrap();
        let due = desk.at(3);
        desk.queue.put(id, lane("a"), State::Queued, 1, due);
        assert!(desk.next(5).is_none());
        assert!(desk.queue.renew(&lease, desk.at(5)));
        desk.queue.remove(id);
        assert!(!desk.queue.hold(&lease));
        assert!(desk.queue.depths().next().is_none(), "nothing is left of the lane");
    }

    #[test]
    fn a_paused_lane_tries_with_one_and_goes_on_when_that_went_well() {
        let mut desk = Desk::new();
        for _ in 0..3 {
            desk.put("a", 0);
        }
        desk.queue.pause(&lane("a"), desk.at(30));
        assert!(desk.next(29).is_none());
        let (_, lease) = desk.next(30).unwrap();
        assert!(desk.next(30).is_none());
        desk.queue.resume(&lane("a"));
        assert!(desk.next(30).is_some());
        desk.queue.give_back(&lease);
        assert!(desk.next(30).is_some());
    }
}
