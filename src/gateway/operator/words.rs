//! What happened, as people who buy and sell say it.

use super::scene::{Scene, door, noun};
use crate::event::{EventKind, Hand, SetName, Trouble};
use crate::message::{Direction, MessageId};

/// What happened, in one sentence without its full stop.
pub(super) fn sentence(scene: &Scene, event: &EventKind) -> String {
    let Scene { partner, matter, .. } = scene;
    match event {
        EventKind::Received => received(scene),
        EventKind::Quarantined(trouble) => {
            format!("{} was put aside until a person decides: {}", upper(matter), why(trouble))
        }
        EventKind::Repeated { channel } => format!(
            "{} sent the same bytes again {} and got the same answer",
            upper(sender(scene)),
            door(*channel)
        ),
        EventKind::Contradicted { channel, digest } => format!(
            "{} sent other bytes under the same name {}; they were not taken (SHA-256 {digest})",
            upper(sender(scene)),
            door(*channel)
        ),
        EventKind::SetAccepted { set, findings } if findings.is_empty() => {
            format!("We accepted {}", named(set))
        }
        EventKind::SetAccepted { set, findings } => {
            format!("We accepted {}, and noted: {}", named(set), first(findings))
        }
        EventKind::SetRejected { set, findings } => {
            format!("We rejected {}: {}", named(set), first(findings))
        }
        EventKind::Translated { set, event, .. } => {
            format!("The ERP is told of {} (event {event})", named(set))
        }
        EventKind::AnswerQueued { kind, .. } => format!("We answered {partner} with a {kind}"),
        EventKind::Settled => format!("{} was read, and all that follows set going", upper(matter)),
        EventKind::Rejected(trouble) => format!("We rejected {matter}: {}", why(trouble)),
        EventKind::Duplicated { of } => {
            format!("It repeats message {of}, and was not taken a second time")
        }
        EventKind::Batched { .. } => {
            format!("{} was written into an interchange for {partner}", upper(matter))
        }
        EventKind::Queued => {
            format!("{} waits to be sent to {partner}{}", upper(matter), at(scene))
        }
        EventKind::Offered => format!("{} waits for {partner} to collect it", upper(matter)),
        EventKind::AttemptFailed(trouble) => format!(
            "Sending {matter} to {partner} failed, and will be tried again: {}",
            why(trouble)
        ),
        EventKind::Delivered { receipt, awaits_acknowledgment } => {
            let receipt = if receipt.is_empty() { String::new() } else { format!(" ({receipt})") };
            let then =
                if *awaits_acknowledgment { "; their acknowledgment is to come" } else { "" };
            format!("{partner} has {matter}{receipt}{then}")
        }
        EventKind::HandedOver { said } => {
            let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
            format!(
                "{} was handed over to {partner}{said}; their receipt is to come",
                upper(matter)
            )
        }
        EventKind::AcknowledgmentOverdue => {
            format!("{partner} has not acknowledged {matter} in time")
        }
        EventKind::Acknowledged { by, verdict } => {
            format!("{partner} accepted {matter}{}", answered(scene, *by, verdict))
        }
        EventKind::Refused { by, trouble } => {
            let answered = answered(scene, *by, "");
            format!("{partner} rejected {matter}{answered}: {}", why(trouble))
        }
        EventKind::DeadLettered(trouble) => {
            format!("{} was given up until a person acts: {}", upper(matter), why(trouble))
        }
        EventKind::Retried(hand) => acted(hand, &format!("sent {matter} on its way again")),
        EventKind::Released(hand) => acted(hand, &format!("let {matter} out of quarantine")),
        EventKind::Discarded(hand) => acted(hand, &format!("gave up {matter} for good")),
        EventKind::Replayed { hand, answers } => {
            let answers = if *answers { ", with its acknowledgment" } else { "" };
            acted(hand, &format!("had {matter} done again{answers}"))
        }
        EventKind::Noted(text) => upper(text),
    }
}

fn received(scene: &Scene) -> String {
    let Scene { partner, matter, .. } = scene;
    let file = scene.file.as_ref().map_or(String::new(), |file| format!(", as {file}"));
    let door = door(scene.channel);
    match scene.direction {
        Direction::Inbound => format!("{partner} sent {matter} {door}{file}"),
        Direction::Outbound if scene.is_ours() => {
            format!("{} handed in {matter} for {partner}{file}", upper(sender(scene)))
        }
        Direction::Outbound => format!("{} is to go to {partner}{file}", upper(matter)),
    }
}

/// Who handed the message in.
fn sender(scene: &Scene) -> &str {
    match scene.direction {
        Direction::Inbound => &scene.partner,
        Direction::Outbound => "the ERP",
    }
}

fn at(scene: &Scene) -> String {
    if scene.endpoint.is_empty() { String::new() } else { format!(" at {}", scene.endpoint) }
}

/// By what the partner said it, as far as it is known.
fn answered(scene: &Scene, by: Option<MessageId>, verdict: &str) -> String {
    let kind = scene.kind(by);
    let verdict = Some(verdict).filter(|verdict| !matches!(*verdict, "" | "A" | "accepted"));
    match (kind, verdict) {
        (Some(kind), Some(verdict)) => format!(" ({kind}: {verdict})"),
        (Some(word), None) | (None, Some(word)) => format!(" ({word})"),
        (None, None) => String::new(),
    }
}

fn why(trouble: &Trouble) -> String {
    if trouble.text.is_empty() { trouble.code.clone() } else { trouble.text.clone() }
}

fn acted(hand: &Hand, what: &str) -> String {
    format!("{} {what}: {}", hand.by, hand.why)
}

fn named(set: &SetName) -> String {
    let noun = noun(&set.kind);
    if set.control.is_empty() {
        format!("the {noun}")
    } else if noun == set.kind {
        format!("the {noun} {}", set.control)
    } else {
        format!("the {noun} ({} {})", set.kind, set.control)
    }
}

/// The first of the findings, and how many more there are.
fn first(findings: &[String]) -> String {
    match findings {
        [] => "no reason was kept".to_owned(),
        [one] => one.clone(),
        [first, more @ ..] => format!("{first} (and {} more)", more.len()),
    }
}

/// `text` as it begins a sentence.
pub(super) fn upper(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

#[cfg(test)]
mod tests {
    use super::super::scene::sample::{invoice, order};
    use super::*;
    use crate::event::EventId;
    use crate::message::{Channel, Digest};
    use insta::assert_snapshot;

    fn trouble(text: &str) -> Trouble {
        Trouble { code: "refused_by_partner".into(), text: text.into(), owner: "acme".into() }
    }

    fn hand() -> Hand {
        Hand { by: "ann".into(), why: "they mended it".into() }
    }

    fn id() -> MessageId {
        "01900000-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn set(kind: &str) -> SetName {
        let [kind, interchange, group, control] = [kind, "1", "2", "0003"].map(str::to_owned);
        SetName { kind, interchange, group, control }
    }

    fn lines(scene: &Scene, events: &[EventKind]) -> String {
        let line = |event: &EventKind| format!("{}: {}", event.name(), sentence(scene, event));
        events.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_life_of_an_order_reads_like_a_story() {
        let mut scene = order();
        scene.kinds.insert(id(), "997".into());
        let delivered = |awaits_acknowledgment, receipt: &str| EventKind::Delivered {
            receipt: receipt.into(),
            awaits_acknowledgment,
        };
        assert_snapshot!(lines(
            &scene,
            &[
                EventKind::Queued,
                EventKind::Offered,
                EventKind::AttemptFailed(trouble("connection refused")),
                delivered(true, "202 Accepted"),
                delivered(false, ""),
                EventKind::HandedOver { said: "200".into() },
                EventKind::AcknowledgmentOverdue,
                EventKind::Acknowledged { by: Some(id()), verdict: "A".into() },
                EventKind::Acknowledged { by: Some(id()), verdict: "accepted with errors".into() },
                EventKind::Acknowledged { by: None, verdict: String::new() },
                EventKind::Refused { by: Some(id()), trouble: trouble("BEG03 is missing") },
                EventKind::DeadLettered(trouble("")),
                EventKind::Retried(hand()),
                EventKind::Discarded(hand()),
                EventKind::Replayed { hand: hand(), answers: false },
                EventKind::Noted("the circuit to acme opened".into()),
            ]
        ));
    }

    #[test]
    fn the_life_of_an_invoice_reads_like_a_story() {
        let findings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (channel, digest) = (Channel::Sftp, Digest::of(b""));
        assert_snapshot!(lines(
            &invoice(),
            &[
                EventKind::Received,
                EventKind::Quarantined(trouble("ISA06 is OTHER, who is not acme")),
                EventKind::Released(hand()),
                EventKind::Repeated { channel },
                EventKind::Contradicted { channel, digest },
                EventKind::SetAccepted { set: set("810"), findings: vec![] },
                EventKind::SetAccepted { set: set("810"), findings: findings(&["IT103 is odd"]) },
                EventKind::SetRejected { set: set("810"), findings: findings(&["a", "b", "c"]) },
                EventKind::SetRejected { set: set("832"), findings: vec![] },
                EventKind::Translated {
                    set: set("810"),
                    document: "invoice".into(),
                    event: EventId("evt_1".into()),
                },
                EventKind::AnswerQueued { answer: id(), kind: "997".into() },
                EventKind::Settled,
                EventKind::Rejected(trouble("this is no X12")),
                EventKind::Duplicated { of: id() },
                EventKind::Replayed { hand: hand(), answers: true },
            ]
        ));
        let handed = Scene { channel: Channel::Erp, ..order() };
        assert_snapshot!(lines(
            &handed,
            &[
                EventKind::Received,
                EventKind::Batched { into: id() },
                EventKind::Repeated { channel: Channel::Erp }
            ]
        ));
    }
}
