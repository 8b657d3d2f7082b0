//! The feed: events in order, from any place on, waiting for the next if there is none.

use super::cloud;
use super::consumers;
use super::desk::{Desk, bad_request, spoiled};
use super::kinds::KINDS;
use crate::http::Problem;
use crate::message::PartnerId;
use crate::spool::{Cursor, Spool, SpoolError, Told};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;

/// What may stand behind the path.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    after: Option<String>,
    limit: Option<String>,
    wait: Option<String>,
    #[serde(rename = "type")]
    kinds: Option<String>,
    partner: Option<String>,
    test: Option<String>,
    consumer: Option<String>,
}

/// Some events.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    events: Vec<Entry>,
    /// Where to go on.
    next: Cursor,
}

#[derive(Debug, Serialize)]
struct Entry {
    cursor: Cursor,
    event: Box<RawValue>,
}

/// The same, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ask {
    after: Cursor,
    limit: usize,
    wait: Duration,
    wanted: Wanted,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wanted {
    /// None: all.
    kinds: Vec<String>,
    partner: Option<PartnerId>,
    test: bool,
}

/// `GET /v1/events`.
pub(super) async fn events(
    State(desk): State<Desk>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let Query(asked) = asked.map_err(|_| bad_request("query_invalid", PARAMETERS))?;
    let Ask { after, limit, wait, wanted } = understand(asked, &desk)?;
    let begin = desk.gateway.now().tick;
    let deadline = begin + wait;
    let mut tide = desk.gateway.spool().watch();
    let mut next = after;
    loop {
        tide.mark_unchanged();
        let (from, wanted) = (next, wanted.clone());
        let page = desk.ask(move |spool| read(spool, from, limit, &wanted)).await?;
        let now = desk.gateway.now().tick;
        let at_the_end = page.next == next;
        // A long way without anything of interest is answered in pieces.
        let enough =
            if at_the_end { now >= deadline } else { now >= deadline.max(begin + PATIENCE) };
        if !page.events.is_empty() || enough || desk.stop.is_cancelled() {
            return Ok(Json(page));
        }
        next = page.next;
        if at_the_end {
            tokio::select! {
                _ = tide.changed() => {}
                () = desk.stop.cancelled() => {}
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
        }
    }
}

/// The next stretch of events.
fn read(spool: &Spool, after: Cursor, limit: usize, wanted: &Wanted) -> Result<Page, Problem> {
    let stretch = spool.follow(after, limit, |told| wanted.fits(told)).map_err(|e| spoiled(&e))?;
    let (mut page, mut room) = (Page { events: Vec::new(), next: after }, LARGEST);
    for (cursor, told) in stretch.told {
        let Told::Notice { notice, data } = told else { continue };
        if !page.events.is_empty() && data.length > room {
            return Ok(page);
        }
        room = room.saturating_sub(data.length);
        let data = spool.body(&data).map_err(|error| damaged(&error, &notice.id.0, cursor))?;
        let text = String::from_utf8(cloud::event(&notice, &data, cursor)).unwrap_or_default();
        let Ok(event) = RawValue::from_string(text) else { continue };
        page.events.push(Entry { cursor, event });
        page.next = cursor;
    }
    page.next = stretch.next;
    Ok(page)
}

/// An event that cannot be told holds nobody up who knows about it.
fn damaged(error: &SpoolError, event: &str, cursor: Cursor) -> Problem {
    if !matches!(error, SpoolError::Damaged { .. }) {
        return spoiled(error);
    }
    tracing::error!(event, %error, "the data of an event is damaged");
    let text = format!(
        "the data of event `{event}` is damaged; whoever runs the gateway must look at it; to go \
         on behind it, ask with after={cursor}"
    );
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "event_damaged", text)
}

impl Wanted {
    fn fits(&self, told: &Told) -> bool {
        match told {
            Told::Notice { notice, .. } => {
                notice.test == self.test
                    && (self.kinds.is_empty() || self.kinds.contains(&notice.kind))
                    && self.partner.as_ref().is_none_or(|partner| *partner == notice.partner)
            }
            Told::Event(_) => false,
        }
    }
}

fn understand(asked: Asked, desk: &Desk) -> Result<Ask, Problem> {
    let spool = desk.gateway.spool();
    let consumer = asked.consumer.as_deref().map(consumers::cursor_name).transpose()?;
    let after = match (asked.after.as_deref(), consumer) {
        (Some("end"), _) => spool.end(),
        (Some(text), _) => cursor(text, spool)?,
        (None, Some(name)) => spool.cursor(&name).unwrap_or_default(),
        (None, None) => Cursor::default(),
    };
    let partner = asked.partner.map(|name| {
        let partners = desk.gateway.partners();
        partners.partner(&name).map(|partner| partner.name.clone()).ok_or_else(|| {
            let known: Vec<_> = partners.iter().map(|partner| partner.name.as_str()).collect();
            let text = format!("there is no such partner; there are {}", known.join(", "));
            bad_request("partner_unknown", text)
        })
    });
    Ok(Ask {
        after,
        limit: limit(asked.limit.as_deref())?,
        wait: wait(asked.wait.as_deref())?,
        wanted: Wanted {
            kinds: kinds(asked.kinds.as_deref())?,
            partner: partner.transpose()?,
            test: test(asked.test.as_deref())?,
        },
    })
}

/// Reads a cursor that may lie in this spool.
pub(super) fn cursor(text: &str, spool: &Spool) -> Result<Cursor, Problem> {
    let cursor: Cursor = text.parse().map_err(|_| {
        let text = "a cursor is written as this feed gave it out, such as 1234-5; `after=end` \
                    begins with what happens from now on, and without it you begin at the start";
        bad_request("cursor_invalid", text)
    })?;
    if cursor > spool.end() {
        let text = format!(
            "this cursor is ahead of all that happened here, so it is of another gateway, or this \
             one was restored from a backup; the end is {}",
            spool.end()
        );
        return Err(bad_request("cursor_ahead", text));
    }
    Ok(cursor)
}

fn limit(text: Option<&str>) -> Result<usize, Problem> {
    let Some(text) = text else { return Ok(USUAL) };
    let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| {
        bad_request("limit_invalid", format!("limit is a whole number from 1 to {MOST}"))
    })
}

fn wait(text: Option<&str>) -> Result<Duration, Problem> {
    let Some(text) = text else { return Ok(Duration::ZERO) };
    let seconds = text.strip_suffix('s').unwrap_or(text).parse().ok();
    let seconds = seconds.filter(|seconds| *seconds <= LONGEST);
    seconds.map(Duration::from_secs).ok_or_else(|| {
        bad_request("wait_invalid", format!("wait is a number of seconds from 0s to {LONGEST}s"))
    })
}

fn kinds(text: Option<&str>) -> Result<Vec<String>, Problem> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let known = |name: &str| KINDS.iter().any(|kind| kind.name == name);
    let names: Vec<_> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().all(|name| known(name)) {
        return Ok(names);
    }
    let all: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    let text = format!("type is one or more, with commas, of {}", all.join(", "));
    Err(bad_request("type_unknown", text))
}

fn test(text: Option<&str>) -> Result<bool, Problem> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => {
            let text = "test is true (test events, and only those) or false (none of them)";
            Err(bad_request("test_invalid", text))
        }
    }
}

const PARAMETERS: &str = "behind the path may stand, each once: after, limit, wait, type, partner, \
                          test, consumer";

/// As many events as are given out at a time if nobody says, and at most.
const USUAL: usize = 100;
const MOST: usize = 1000;

/// The longest wait in seconds: open requests are ended so long after the gateway is told to stop.
const LONGEST: u64 = 30;

/// How long one request reads on without coming by anything.
const PATIENCE: Duration = Duration::from_secs(5);

/// About how many bytes of data one answer holds.
const LARGEST: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> String {
        let json = serde_json::to_value(result.unwrap_err()).unwrap();
        assert_eq!(json["status"], 400);
        format!("{}: {}", json["code"].as_str().unwrap(), json["detail"].as_str().unwrap())
    }

    #[test]
    fn what_is_asked_is_understood_or_told_what_may_be_asked() {
        assert_eq!(limit(None).unwrap(), 100);
        assert_eq!(limit(Some("1000")).unwrap(), 1000);
        for bad in ["0", "1001", "-1", "x", ""] {
            let said = code(limit(Some(bad)));
            assert_eq!(said, "limit_invalid: limit is a whole number from 1 to 1000");
        }
        assert_eq!(wait(None).unwrap(), Duration::ZERO);
        assert_eq!(wait(Some("30s")).unwrap(), Duration::from_secs(30));
        assert_eq!(wait(Some("5")).unwrap(), Duration::from_secs(5));
        for bad in ["31s", "1m", "-1s", "s", ""] {
            let said = code(wait(Some(bad)));
            assert_eq!(said, "wait_invalid: wait is a number of seconds from 0s to 30s");
        }
        assert_eq!(kinds(None).unwrap(), [""; 0]);
        let two = "wharf.invoice.received.v1, wharf.shipment.notified.v1";
        assert_eq!(kinds(Some(two)).unwrap().len(), 2);
        assert!(code(kinds(Some("wharf.invoice"))).contains("wharf.invoice.received.v1"));
        assert_eq!([test(None).unwrap(), test(Some("true")).unwrap()], [false, true]);
        assert!(code(test(Some("yes"))).starts_with("test_invalid"));
    }
}
