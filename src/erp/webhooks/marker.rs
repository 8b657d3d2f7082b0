//! The names under which the spool keeps where a subscriber is, and what it has parked.
//!
//! A parked event is kept as a cursor of its own: the place before it, from which it can be read
//! again. So it does not hold back the subscriber's cursor, and a restart finds it.

use crate::event::EventId;
use jiff::Timestamp;

/// The name of a subscriber's cursor.
pub(super) fn cursor(webhook: &str) -> String {
    format!("webhook:{webhook}")
}

/// The name of the cursor of a parked event, with the second in which it was parked.
pub(super) fn marker(webhook: &str, event: &EventId, since: Timestamp) -> String {
    format!("{}{event}@{}", prefix(webhook), since.as_second())
}

/// The event that a cursor's name says is parked for this subscriber, and since when.
pub(super) fn read(webhook: &str, name: &str) -> Option<(EventId, Timestamp)> {
    let (event, since) = name.strip_prefix(&prefix(webhook))?.rsplit_once('@')?;
    let since = since.parse().ok().and_then(|since| Timestamp::from_second(since).ok())?;
    Some((EventId(event.to_owned()), since))
}

fn prefix(webhook: &str) -> String {
    format!("{}/parked/", cursor(webhook))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_names_the_event_and_since_when_it_is_parked() {
        let (event, since) = (EventId("evt_a@b".into()), Timestamp::from_second(1700).unwrap());
        let name = marker("orders", &event, since);
        assert_eq!(name, "webhook:orders/parked/evt_a@b@1700");
        assert_eq!(read("orders", &name), Some((event, since)));
        for (webhook, name) in [
            ("order", name.as_str()),
            ("orders", "webhook:orders"),
            ("orders", "webhook:orders/parked/x"),
            ("orders", "webhook:orders/parked/x@y"),
        ] {
            assert_eq!(read(webhook, name), None, "{name}");
        }
    }
}
