//! What a reload changes, in words.

use super::partner::Partner;
use super::partners::Partners;
use super::secret::Secret;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

impl Partners {
    /// What is different in `new`, a line each: `acme: limits.body is 10 MB, was 100 MB`.
    pub fn changes(&self, new: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        differences("us", &lines(self.us()), &lines(new.us()), &mut changes);
        secrets("us", &us_secrets(self), &us_secrets(new), &mut changes);
        for partner in self.iter() {
            let name = partner.name.as_str();
            match new.partner(name) {
                None => changes.push(format!("{name} is gone")),
                Some(other) => {
                    differences(name, &lines(partner), &lines(other), &mut changes);
                    secrets(name, &partner_secrets(partner), &partner_secrets(other), &mut changes);
                }
            }
        }
        let added = new.iter().filter(|partner| self.partner(partner.name.as_str()).is_none());
        changes.extend(added.map(|partner| format!("{} is new", partner.name)));
        changes
    }
}

/// Each value by the way to it.
type Lines = BTreeMap<String, String>;

fn lines(of: &impl Serialize) -> Lines {
    let mut lines = Lines::new();
    // What does not serialize has no lines; none of our types fails.
    let value = serde_json::to_value(of).unwrap_or_default();
    gather(String::new(), &value, &mut lines);
    lines
}

// Our own types nest a few levels, and so does this.
fn gather(way: String, value: &Value, lines: &mut Lines) {
    let step = |name: &str| match way.as_str() {
        "" => name.to_owned(),
        way => format!("{way}.{name}"),
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                gather(step(name), value, lines);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                gather(step(&name_of(item, index)), item, lines);
            }
        }
        Value::String(text) => drop(lines.insert(way, text.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            lines.insert(way, value.to_string());
        }
    }
}

/// What a member of a list is called: by what tells it from the others, so that lines stay the same
/// when its place changes.
fn name_of(item: &Value, index: usize) -> String {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    if let (Some(set), Some(direction), Some(release)) =
        (text("set"), text("direction"), text("release"))
    {
        return format!("{set} {direction} {release}");
    }
    let keys = ["name", "isa", "sha256"];
    let name = keys.into_iter().find_map(text).or_else(|| item.as_str());
    name.map_or_else(|| (index + 1).to_string(), str::to_owned)
}

fn differences(name: &str, old: &Lines, new: &Lines, changes: &mut Vec<String>) {
    for (way, before) in old {
        match new.get(way) {
            None => changes.push(format!("{name}: {way} is gone, was {before}")),
            Some(now) if now != before => {
                changes.push(format!("{name}: {way} is {now}, was {before}"));
            }
            Some(_) => {}
        }
    }
    let added = new.iter().filter(|(way, _)| !old.contains_key(*way));
    changes.extend(added.map(|(way, now)| format!("{name}: {way} is {now}")));
}

/// A secret that stands where it stood and is another one: it is named, never shown.
fn secrets(name: &str, old: &[&Secret], new: &[&Secret], changes: &mut Vec<String>) {
    for secret in old {
        let same = |other: &&&Secret| other.to_string() == secret.to_string();
        if new.iter().find(same).is_some_and(|other| other != secret) {
            changes.push(format!("{name}: the secret in {secret} is another one"));
        }
    }
}

fn us_secrets(partners: &Partners) -> Vec<&Secret> {
    let us = partners.us();
    let hooks = us.erp.webhooks.iter().flat_map(|hook| &hook.secrets);
    hooks.chain(us.listeners.secrets()).collect()
}

fn partner_secrets(partner: &Partner) -> Vec<&Secret> {
    partner.https.iter().filter_map(|https| https.secret()).collect()
}
