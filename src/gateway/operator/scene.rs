//! Who and what a message is about, in the words of procurement.

use crate::message::{Channel, Direction, MessageId, Reference, ReferenceKind};
use std::collections::{BTreeMap, BTreeSet};

/// Who and what a message is about, for sentences.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The partner, as people call them.
    pub(super) partner: String,
    /// Which way the message goes.
    pub(super) direction: Direction,
    /// The door.
    pub(super) channel: Channel,
    /// Where it goes, if we send it.
    pub(super) endpoint: String,
    /// What the sender called the file.
    pub(super) file: Option<String>,
    /// What it is, such as `the order 4501-77281`.
    pub(super) matter: String,
    /// Whether it only acknowledges.
    pub(super) answer: bool,
    /// What other messages are, as far as they were seen, such as `997`.
    pub(super) kinds: BTreeMap<MessageId, String>,
}

impl Scene {
    /// Whether the ERP, or a person, handed it in.
    pub(super) fn is_ours(&self) -> bool {
        self.direction == Direction::Outbound
            && matches!(self.channel, Channel::Erp | Channel::File)
    }

    /// The kind of another message, if it is known.
    pub(super) fn kind(&self, id: Option<MessageId>) -> Option<&str> {
        id.and_then(|id| self.kinds.get(&id)).map(String::as_str)
    }
}

/// The kinds of sets that a message carries; `told` is what others say of it.
pub(super) fn kinds<'r>(references: &'r [Reference], told: Option<&'r str>) -> BTreeSet<&'r str> {
    let kinds = references.iter().filter(|reference| reference.kind == ReferenceKind::SetKind);
    let kinds: BTreeSet<&str> = kinds.map(|reference| reference.value.as_str()).collect();
    if kinds.is_empty() { told.into_iter().collect() } else { kinds }
}

/// Whether all of `kinds` only acknowledge.
pub(super) fn acknowledges(kinds: &BTreeSet<&str>) -> bool {
    !kinds.is_empty() && kinds.iter().all(|kind| matches!(*kind, "997" | "999" | "TA1"))
}

/// What a message is, such as `the order 4501-77281`, by the sets in it and its references.
pub(super) fn matter(kinds: &BTreeSet<&str>, references: &[Reference]) -> String {
    let each: Vec<String> = kinds.iter().map(|kind| set(kind, references)).collect();
    match each.as_slice() {
        [] => "the message".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if each.len() <= 3 => format!("{} and {last}", first.join(", ")),
        many => format!("{} kinds of documents", many.len()),
    }
}

fn set(kind: &str, references: &[Reference]) -> String {
    let (named, between) = match kind {
        "850" | "860" => (ReferenceKind::Order, " "),
        "855" | "865" => (ReferenceKind::Order, " for "),
        "856" => (ReferenceKind::Shipment, " "),
        "810" => (ReferenceKind::Invoice, " "),
        _ => return format!("the {}", noun(kind)),
    };
    let values = references.iter().filter(|reference| reference.kind == named);
    let values: BTreeSet<&str> = values.map(|reference| reference.value.as_str()).collect();
    let mut values = values.into_iter();
    match (values.next(), values.count()) {
        (None, _) => format!("the {}", noun(kind)),
        (Some(value), 0) => format!("the {}{between}{value}", noun(kind)),
        (Some(_), more) => format!("the {} and {more} more", noun(kind)),
    }
}

/// The word that buyers and suppliers use for a transaction set.
pub(super) fn noun(kind: &str) -> String {
    let word = match kind {
        "850" => "order",
        "855" => "order acknowledgment",
        "856" => "ship notice",
        "810" => "invoice",
        "860" => "order change",
        "865" => "answer to the order change",
        _ => return kind.to_owned(),
    };
    word.to_owned()
}

/// By which door.
pub(super) fn door(channel: Channel) -> &'static str {
    match channel {
        Channel::As2 => "over AS2",
        Channel::Sftp => "over SFTP",
        Channel::Https => "over HTTPS",
        Channel::Folder => "in a folder",
        Channel::Erp => "through the ERP's interface",
        Channel::File => "as a file",
        Channel::Gateway => "by the gateway itself",
    }
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;

    /// An order of ours to Acme Medical.
    pub(in super::super) fn order() -> Scene {
        let references = [Reference::new(ReferenceKind::Order, "4501-77281")];
        Scene {
            partner: "Acme Medical".into(),
            direction: Direction::Outbound,
            channel: Channel::Https,
            endpoint: "https://acme.example/edi".into(),
            file: None,
            matter: matter(&["850"].into(), &references),
            answer: false,
            kinds: BTreeMap::new(),
        }
    }

    /// An invoice of theirs.
    pub(in super::super) fn invoice() -> Scene {
        let references = [Reference::new(ReferenceKind::Invoice, "INV-9")];
        Scene {
            direction: Direction::Inbound,
            endpoint: String::new(),
            file: Some("inv.edi".into()),
            matter: matter(&["810"].into(), &references),
            ..order()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matter_is_named_by_what_it_is_and_by_its_number_if_it_has_one() {
        let order = |value: &str| Reference::new(ReferenceKind::Order, value);
        let invoice = Reference::new(ReferenceKind::Invoice, "9");
        let said = |kinds: &[&str], references: &[Reference]| {
            matter(&kinds.iter().copied().collect(), references)
        };
        assert_eq!(said(&["850"], &[order("1")]), "the order 1");
        assert_eq!(said(&["850"], &[order("1"), order("2"), order("2")]), "the order and 1 more");
        assert_eq!(said(&["855"], &[order("1")]), "the order acknowledgment for 1");
        assert_eq!(said(&["810", "850"], &[invoice, order("1")]), "the invoice 9 and the order 1");
        assert_eq!(said(&["832"], &[]), "the 832");
        assert_eq!(said(&[], &[order("1")]), "the message");
        assert_eq!(said(&["810", "820", "850", "855"], &[]), "4 kinds of documents");
    }

    #[test]
    fn only_what_carries_nothing_else_acknowledges() {
        assert!(acknowledges(&["997", "TA1"].into()));
        assert!(!acknowledges(&["997", "850"].into()));
        assert!(!acknowledges(&BTreeSet::new()));
    }
}
