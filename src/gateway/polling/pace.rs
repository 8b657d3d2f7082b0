//! When to look next.

use crate::partner::{Looks, RetrySchedule};
use crate::transport::{Blame, Looked};
use jiff::Timestamp;
use std::time::Duration;

/// When to look again after a look that ended `now`, when so many failed in a row; none: not before
/// somebody acts.
pub(super) fn next(
    looked: &Looked,
    failed: u32,
    looks: &Looks,
    retry: &RetrySchedule,
    now: Timestamp,
) -> Option<Timestamp> {
    let planned = looks.next(now);
    match &looked.trouble {
        Some(trouble) if trouble.parks() => None,
        Some(trouble) => {
            let wait = match trouble.blame() {
                Blame::Weather => retry.wait(failed).unwrap_or(retry.then.duration()),
                // To knock again and again locks accounts.
                Blame::Partner | Blame::Us => retry.then.duration().min(SELDOM),
            };
            let wait =
                if matches!(trouble, crate::transport::LookError::House(_)) { SOON } else { wait };
            later(now, wait)
        }
        None => {
            let settled = looked.again.and_then(|wait| later(now, wait.max(BREATH)));
            planned.into_iter().chain(settled).min()
        }
    }
}

fn later(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(jiff::SignedDuration::try_from(wait).ok()?).ok()
}

/// How long we wait for a person who has to change something.
const SELDOM: Duration = Duration::from_secs(900);

/// How long we wait until the spool may have room again.
const SOON: Duration = Duration::from_secs(15);

/// Between two looks there is at least this.
const BREATH: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::{Disk, Partners, Shelf};
    use crate::transport::{LookError, TransportError};

    fn folder(schedule: &str) -> Partners {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
        write("us.toml", "title = 'Us'\nidentities = [{ isa = 'ZZ:US', gs = ['US'] }]\n");
        let acme = format!(
            "title = 'A'\nrole = 'supplier'\nmode = 'test'\nowner = 'o'\n\
             identities = [{{ isa = 'ZZ:A', gs = ['A'] }}]\n[folder]\ninbound = 'in'\n{schedule}\n"
        );
        write("acme.toml", &acme);
        let library = crate::grammar::Library::shipped();
        Partners::load(&Disk::new(home.path(), &|_| None), &Shelf::new(&library)).unwrap()
    }

    #[test]
    fn looks_follow_the_plan_settling_files_and_trouble() {
        let now: Timestamp = "2026-01-02T12:00:00Z".parse().unwrap();
        let after = |schedule: &str, looked: &Looked, failed: u32| {
            let partners = folder(schedule);
            let acme = partners.partner("acme").unwrap();
            let looks = acme.wires.springs().next().unwrap().looks().clone();
            let next = next(looked, failed, &looks, &acme.terms.retry, now)?;
            Some(next.duration_since(now).as_secs())
        };
        let well = Looked::default;
        let trouble = |error: TransportError| Looked { trouble: Some(error.into()), ..well() };
        let (endpoint, why) = ("x".to_owned(), "y".to_owned());
        let weather = TransportError::Broken { endpoint: endpoint.clone(), why: why.clone() };
        let denied = TransportError::Denied { endpoint: endpoint.clone(), why: why.clone() };
        let other = TransportError::NotTrusted { endpoint, why };
        let settling = Looked { again: Some(Duration::from_secs(3)), ..well() };
        assert_eq!(after("every = '5m'", &well(), 0), Some(300));
        assert_eq!(after("cron = '30 12 * * *'", &well(), 0), Some(1_800));
        assert_eq!(after("every = '5m'", &settling, 0), Some(3));
        assert_eq!(after("cron = '30 12 * * *'", &settling, 0), Some(3));
        assert_eq!(after("every = '1s'", &trouble(weather.clone()), 1), Some(15));
        assert_eq!(after("every = '1s'", &trouble(weather.clone()), 3), Some(120));
        assert_eq!(after("cron = '30 12 * * *'", &trouble(weather), 500), Some(1_800));
        assert_eq!(after("every = '1s'", &trouble(denied), 1), Some(900));
        assert_eq!(after("every = '1s'", &trouble(other.clone()), 1), None);
        assert!(LookError::from(other).parks());
    }
}
