//! What doing a message again would change: what was told then, beside what would be told now. Pure.

use crate::event::{Event, EventKind, Notice, SetName};
use crate::message::MessageId;
use crate::spool::Step;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What doing a message again would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// How many of its sets would fare as before.
    pub sets_alike: usize,
    /// How many events would be told again word for word.
    pub events_alike: usize,
    /// What would be otherwise.
    pub differences: Vec<Difference>,
}

/// Something that would be otherwise than it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What: `message`, `set`, `event` or `answer`.
    pub of: String,
    /// Which, such as `855 0001` or the event's id.
    pub name: String,
    /// What would be otherwise, for a person.
    pub text: String,
    /// The fields of the event's data that would be otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// A field that would be otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What stood there; none: nothing.
    pub then: Option<Value>,
    /// What would stand there; none: nothing.
    pub now: Option<Value>,
}

impl Difference {
    pub(super) fn new(of: &str, name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { of: of.to_owned(), name: name.into(), text: text.into(), fields: Vec::new() }
    }
}

/// What came of the last reading: its events, and all that the ERP was ever told because of it.
pub(super) struct Then<'t> {
    pub(super) message: MessageId,
    pub(super) events: &'t [Event],
    pub(super) notices: &'t [(Notice, Vec<u8>)],
}

/// Compares what was with what `step` would write.
pub(super) fn compare(then: &Then<'_>, step: &Step) -> Comparison {
    let mut comparison = Comparison::default();
    let last = then
        .events
        .iter()
        .rposition(|event| matches!(event.kind, EventKind::Received | EventKind::Replayed { .. }));
    let before = then.events.iter().skip(last.unwrap_or(0)).map(|event| &event.kind);
    let ours = || step.events().filter(|(id, _)| *id == then.message).map(|(_, event)| event);
    sets(&fates(before.clone()), &fates(ours()), &mut comparison);
    ended(before, ours(), &mut comparison);
    events(then.notices, step, &mut comparison);
    comparison
}

/// What became of each set, and what was found.
type Fates = BTreeMap<String, (bool, Vec<String>)>;

fn fates<'e>(events: impl Iterator<Item = &'e EventKind>) -> Fates {
    let fate = |event: &EventKind| {
        if let EventKind::SetAccepted { set, findings } = event {
            Some((named(set), (true, findings.clone())))
        } else if let EventKind::SetRejected { set, findings } = event {
            Some((named(set), (false, findings.clone())))
        } else {
            None
        }
    };
    events.filter_map(fate).collect()
}

fn named(set: &SetName) -> String {
    let SetName { kind, interchange, group, control } = set;
    let parts = [kind, interchange, group, control].map(String::as_str);
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn sets(then: &Fates, now: &Fates, comparison: &mut Comparison) {
    let word = |accepted: bool| if accepted { "accepted" } else { "rejected" };
    let mut differ = |name: &String, text| {
        comparison.differences.push(Difference::new("set", name, text));
    };
    for (name, (accepted, findings)) in now {
        match then.get(name) {
            None => differ(name, format!("would be {}; it was not read before", word(*accepted))),
            Some((was, _)) if was != accepted => {
                let why = findings.first().map(|finding| format!(": {finding}"));
                let (now, was) = (word(*accepted), word(*was));
                differ(name, format!("would be {now}, and was {was}{}", why.unwrap_or_default()));
            }
            Some((_, found)) if found != findings => {
                let new = findings.iter().find(|finding| !found.contains(finding));
                let text = match new {
                    Some(finding) => format!("something else would be found in it: {finding}"),
                    None => "less would be found in it".to_owned(),
                };
                differ(name, text);
            }
            Some(_) => comparison.sets_alike += 1,
        }
    }
    for name in then.keys().filter(|name| !now.contains_key(*name)) {
        let text = "would not be read any more".to_owned();
        comparison.differences.push(Difference::new("set", name, text));
    }
}

/// What became of the message as a whole.
fn ended<'e>(
    then: impl Iterator<Item = &'e EventKind>,
    now: impl Iterator<Item = &'e EventKind>,
    comparison: &mut Comparison,
) {
    let end = |event: &'e EventKind| {
        let ends = matches!(
            event,
            EventKind::Settled
                | EventKind::Rejected(_)
                | EventKind::Quarantined(_)
                | EventKind::Duplicated { .. }
        );
        let why = event.trouble().map(|trouble| trouble.text.clone());
        ends.then(|| (event.name(), why))
    };
    let (Some((was, _)), Some((would, why))) =
        (then.filter_map(end).last(), now.filter_map(end).last())
    else {
        return;
    };
    if was != would {
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let text = format!("would be {would}, and was {was}{why}");
        comparison.differences.push(Difference::new("message", "", text));
    }
}

fn events(then: &[(Notice, Vec<u8>)], step: &Step, comparison: &mut Comparison) {
    let told: BTreeMap<&str, &(Notice, Vec<u8>)> =
        then.iter().map(|told| (told.0.id.0.as_str(), told)).collect();
    let mut again = Vec::new();
    for (notice, data) in step.notices() {
        let id = notice.id.0.as_str();
        again.push(id);
        let Some((before, then)) = told.get(id) else {
            let text = format!("{} about {} would be new", notice.kind, notice.subject);
            comparison.differences.push(Difference::new("event", id, text));
            continue;
        };
        let fields = changes(then, data);
        let other = before.test != notice.test || before.subject != notice.subject;
        if fields.is_empty() && !other {
            comparison.events_alike += 1;
            continue;
        }
        let mut text = format!("{} about {} would say otherwise", notice.kind, notice.subject);
        if before.test != notice.test {
            text.push_str(if notice.test { ", as a test" } else { ", and not as a test" });
        }
        let difference = Difference::new("event", id, text);
        comparison.differences.push(Difference { fields, ..difference });
    }
    for (id, (notice, _)) in told.into_iter().filter(|(id, _)| !again.contains(id)) {
        let text = format!("{} about {} would not be told again", notice.kind, notice.subject);
        comparison.differences.push(Difference::new("event", id, text));
    }
}

/// The fields that differ between two texts of JSON.
fn changes(then: &[u8], now: &[u8]) -> Vec<FieldChange> {
    if then == now {
        return Vec::new();
    }
    let read = |text| serde_json::from_slice::<Value>(text).unwrap_or(Value::Null);
    let mut found = Vec::new();
    differ(&read(then), &read(now), &mut String::new(), &mut found);
    found
}

fn differ(then: &Value, now: &Value, pointer: &mut String, found: &mut Vec<FieldChange>) {
    if then == now || found.len() >= MOST {
        return;
    }
    let keys: Vec<String> = match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            let new = now.keys().filter(|key| !then.contains_key(*key));
            then.keys().chain(new).cloned().collect()
        }
        (Value::Array(then), Value::Array(now)) => {
            (0..then.len().max(now.len())).map(|n| n.to_string()).collect()
        }
        _ => {
            let (then, now) = (Some(then.clone()), Some(now.clone()));
            found.push(FieldChange { pointer: pointer.clone(), then, now });
            return;
        }
    };
    for key in keys {
        let own = pointer.len();
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        match (member(then, &key), member(now, &key)) {
            (Some(then), Some(now)) => differ(then, now, pointer, found),
            (then, now) => {
                let (then, now) = (then.cloned(), now.cloned());
                found.push(FieldChange { pointer: pointer.clone(), then, now });
            }
        }
        pointer.truncate(own);
    }
}

fn member<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value.as_array() {
        Some(items) => items.get(key.parse::<usize>().ok()?),
        None => value.get(key),
    }
}

/// The most fields of one document that are told.
const MOST: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_fields_that_differ_are_named_with_what_stood_and_would_stand_there() {
        let then = json!({ "number": "1", "lines": [{ "unit": "BX", "a/b": 1 }, 2], "gone": null });
        let now = json!({ "number": "1", "lines": [{ "unit": "CA", "a/b": 2 }], "new": [] });
        let found = changes(then.to_string().as_bytes(), now.to_string().as_bytes());
        let told = |change: &FieldChange| {
            (change.pointer.clone(), change.then.clone(), change.now.clone())
        };
        let wanted = |pointer: &str, then: Option<Value>, now: Option<Value>| {
            (pointer.to_owned(), then, now)
        };
        assert_eq!(
            found.iter().map(told).collect::<Vec<_>>(),
            [
                wanted("/lines/0/unit", Some(json!("BX")), Some(json!("CA"))),
                wanted("/lines/0/a~1b", Some(json!(1)), Some(json!(2))),
                wanted("/lines/1", Some(json!(2)), None),
                wanted("/gone", Some(Value::Null), None),
                wanted("/new", None, Some(json!([]))),
            ]
        );
        assert!(changes(b"{ \"a\": 1 }", b"{\"a\":1}").is_empty(), "only written otherwise");
        let (many, more) = (vec![1; 500], vec![2; 500]);
        assert_eq!(
            changes(json!(many).to_string().as_bytes(), json!(more).to_string().as_bytes()).len(),
            MOST
        );
    }
}
