//! What a reload changes, in words.

use super::as2::As2;
use super::https::{Delivery, Https};
use super::partners::Partners;
use super::profile::Partner;
use super::remote::Remote;
use super::secret::Secret;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
                    files(name, partner, other, &mut changes);
                }
            }
        }
        let added = new.iter().filter(|partner| self.partner(partner.name.as_str()).is_none());
        changes.extend(added.map(|partner| format!("{} is new", partner.name)));
        changes
    }
}

/// Each value by the way to it, and the ways to the members of lists.
#[derive(Default)]
struct Lines {
    values: BTreeMap<String, String>,
    members: BTreeSet<String>,
}

fn lines(of: &impl Serialize) -> Lines {
    let mut lines = Lines::default();
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
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (index, item) in items.iter().enumerate() {
                let way = step(&name_of(item, index));
                lines.members.insert(way.clone());
                gather(way, item, lines);
            }
        }
        Value::Array(items) => {
            let items = items.iter().map(plain).collect::<Vec<_>>();
            lines.values.insert(way, items.join(", "));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            lines.values.insert(way, plain(value));
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
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
    let name = ["name", "isa", "sha256", "file", "certificate", "allow"].into_iter().find_map(text);
    name.map_or_else(|| (index + 1).to_string(), str::to_owned)
}

fn differences(name: &str, old: &Lines, new: &Lines, changes: &mut Vec<String>) {
    let gone = old.members.difference(&new.members).collect::<Vec<_>>();
    let added = new.members.difference(&old.members).collect::<Vec<_>>();
    let within = |members: &[&String], way: &str| {
        members.iter().any(|member| {
            way.strip_prefix(member.as_str()).is_some_and(|rest| rest.starts_with('.'))
        })
    };
    changes.extend(gone.iter().map(|way| format!("{name}: {way} is gone")));
    for (way, before) in old.values.iter().filter(|(way, _)| !within(&gone, way)) {
        match new.values.get(way) {
            None => changes.push(format!("{name}: {way} is gone, was {before}")),
            Some(now) if now != before => {
                changes.push(format!("{name}: {way} is {now}, was {before}"));
            }
            Some(_) => {}
        }
    }
    changes.extend(added.iter().map(|way| format!("{name}: {way} is new")));
    let values = new.values.iter().filter(|(way, _)| !old.values.contains_key(*way));
    let values = values.filter(|(way, _)| !within(&added, way));
    changes.extend(values.map(|(way, now)| format!("{name}: {way} is {now}")));
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

/// A file of certificates that is named as before and holds others.
fn files(name: &str, old: &Partner, new: &Partner, changes: &mut Vec<String>) {
    let (old, new) = (held(old), held(new));
    for (file, bytes) in old {
        if new.iter().any(|(other, now)| *other == file && *now != bytes) {
            changes.push(format!("{name}: the certificates in {file} are others"));
        }
    }
}

/// The files of certificates that a partner's file names, and what they hold.
fn held(partner: &Partner) -> Vec<(&str, &[u8])> {
    let Some(Delivery::Push(push)) = partner.wires.https.as_ref().map(|https| &https.deliver)
    else {
        return Vec::new();
    };
    let trust = push.trust.iter().map(|trust| (trust.file.as_str(), trust.pem.as_slice()));
    let own = push.certificate.iter();
    trust.chain(own.map(|own| (own.file.as_str(), own.chain.as_slice()))).collect()
}

fn us_secrets(partners: &Partners) -> Vec<&Secret> {
    let us = partners.us();
    let hooks = us.erp.webhooks.iter().flat_map(|hook| &hook.secrets);
    let keys = us.as2.keys.iter().map(|own| &own.key);
    hooks.chain(us.listeners.secrets()).chain(keys).collect()
}

fn partner_secrets(partner: &Partner) -> Vec<&Secret> {
    let https = partner.wires.https.iter().flat_map(Https::secrets);
    let remote = partner.wires.sftp.iter().filter_map(|sftp| sftp.remote.as_ref());
    let as2 = partner.wires.as2.iter().flat_map(As2::secrets);
    https.chain(remote.flat_map(Remote::secrets)).chain(as2).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US};

    #[test]
    fn what_a_reload_changes_is_told_in_words() {
        let hook = "[[erp.webhooks]]\nname = 'a'\nurl = 'https://erp.example/'\nsecrets = [{ env = 'S' }]\n";
        let us = format!("{US}{hook}");
        let old =
            Folder::of(&[("us.toml", &us), ("acme.toml", ACME)]).set("S", "old").load().unwrap();
        let acme = ACME
            .replace("'850'\ndirection = 'out'", "'850'\ndirection = 'out'\nrelease = '005010'")
            .replace("title = 'Acme'", "title = 'Acme Medical'")
            .replace("[https]", "limits.body = '5MB'\n[https]");
        let other = ACME.replace("01:006081492", "ZZ:OTHER").replace("'ACME'", "'OTHER'");
        let files = [("us.toml", us.as_str()), ("acme.toml", &acme), ("other.toml", &other)];
        let new = Folder::of(&files).set("S", "new").load().unwrap();
        assert_eq!(
            old.changes(&new),
            [
                "us: the secret in env S is another one",
                "acme: agreements.850 out 004010 is gone",
                "acme: terms.limits.body is 5 MB, was 100 MB",
                "acme: title is Acme Medical, was Acme",
                "acme: agreements.850 out 005010 is new",
                "other is new",
            ]
        );
        assert_eq!(new.changes(&old).last().unwrap(), "other is gone");
        assert_eq!(new.changes(&new), [""; 0]);
    }

    #[test]
    fn another_guide_under_the_same_name_is_a_change() {
        let guide =
            ".VER 1.6\n.INI\nACME,,004 010,X,X12-4010,Acme\n.SETS\n855=[ST,M][BAK,M][SE,M]\n";
        let acme = format!("{ACME}guide = '855.sef'\n");
        let load = |guide: &str| {
            let files = [("us.toml", US), ("acme.toml", &acme), ("acme/855.sef", guide)];
            Folder::of(&files).load().unwrap()
        };
        let changes = load(guide).changes(&load(&guide.replace("Acme", "Acme 2")));
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert!(
            changes[0].starts_with("acme: agreements.855 in 004010.guide.sha256 is "),
            "{changes:?}"
        );
    }
}
