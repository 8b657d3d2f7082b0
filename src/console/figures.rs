//! Figures for Prometheus: what was recorded, and how much waits right now.
//!
//! # Why what waits is not recorded
//! A gauge that is recorded keeps its last value when its partner or endpoint is gone. What waits is
//! asked for when it is wanted, and what is gone is no longer told.

use super::desk::Desk;
use crate::gateway::operator::{Held, Queues};
use axum::extract::State;
use axum::http::{HeaderName, header};
use std::fmt::Write;
use std::sync::Arc;

/// Every figure.
pub(super) async fn metrics(
    State(desk): State<Arc<Desk>>,
) -> ([(HeaderName, &'static str); 1], String) {
    desk.figures.run_upkeep();
    let mut text = desk.figures.render();
    text.push_str(&waiting(
        &desk.operator.queues((desk.clock)()),
        desk.operator.stopped().is_some(),
    ));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// How much waits, as Prometheus reads it.
fn waiting(queues: &Queues, stopped: bool) -> String {
    let mut text = String::new();
    let mut family = |name: &str, help: &str, values: Vec<(String, String)>| {
        let head = format!("# HELP {name} {help}\n# TYPE {name} gauge\n");
        text.push_str(&head);
        for (labels, value) in values {
            // Writing to a text does not fail.
            let _written = writeln!(text, "{name}{labels} {value}");
        }
    };
    let lane = |queue: &crate::gateway::operator::Queue| {
        let (partner, endpoint) = (label(queue.partner.as_str()), label(&queue.endpoint));
        format!("{{partner=\"{partner}\",endpoint=\"{endpoint}\"}}")
    };
    let waiting = queues.queues.iter().map(|queue| (lane(queue), queue.waiting.to_string()));
    family(
        "wharf_queue_messages",
        "Messages that wait to be read (endpoint empty) or sent, or are being worked on.",
        waiting.collect(),
    );
    let overdue = queues.queues.iter().map(|queue| (lane(queue), queue.late_seconds.to_string()));
    family(
        "wharf_queue_late_seconds",
        "How long the oldest waiting message has been due.",
        overdue.collect(),
    );
    let open = queues
        .open
        .iter()
        .map(|(state, count)| (format!("{{state=\"{}\"}}", state.name()), count.to_string()));
    family("wharf_open_messages", "Messages on which somebody has to act.", open.collect());
    let held = |name, help, of: fn(&Held) -> u64| {
        let each = queues.held.iter();
        let each = each.map(|held| (partner(held), of(held).to_string())).collect();
        (name, help, each)
    };
    for (name, help, each) in [
        held("wharf_waiting_messages", "Messages of a partner that wait here.", |held| {
            held.waiting.messages
        }),
        held("wharf_waiting_bytes", "Their bytes.", |held| held.waiting.bytes),
        held("wharf_today_messages", "Messages of a partner since midnight UTC.", |held| {
            held.today.messages
        }),
        held("wharf_today_bytes", "Their bytes.", |held| held.today.bytes),
    ] {
        family(name, help, each);
    }
    let stopped = u8::from(stopped).to_string();
    family(
        "wharf_spool_stopped",
        "1 when the spool takes nothing more until a new start.",
        vec![(String::new(), stopped)],
    );
    text
}

fn partner(held: &Held) -> String {
    format!("{{partner=\"{}\"}}", label(held.partner.as_str()))
}

/// A value of a label, with what Prometheus reads otherwise escaped.
fn label(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::State;
    use crate::gateway::operator::Queue;
    use crate::message::PartnerId;
    use crate::spool::Amount;

    #[test]
    fn what_waits_is_told_with_its_labels_escaped() {
        let queue = Queue {
            partner: PartnerId::new("acme").unwrap(),
            endpoint: "https://a/\"\\\n".into(),
            waiting: 2,
            late_seconds: 1.5,
        };
        let waiting_of = Amount { messages: 3, bytes: 70 };
        let held = Held {
            partner: PartnerId::new("acme").unwrap(),
            waiting: waiting_of,
            today: Amount { messages: 9, bytes: 800 },
        };
        let queues = Queues { queues: vec![queue], open: vec![(State::Dead, 1)], held: vec![held] };
        let text = waiting(&queues, false);
        let line = |line: &str| assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        line(r#"wharf_queue_messages{partner="acme",endpoint="https://a/\"\\\n"} 2"#);
        line(r#"wharf_queue_late_seconds{partner="acme",endpoint="https://a/\"\\\n"} 1.5"#);
        line(r#"wharf_waiting_messages{partner="acme"} 3"#);
        line(r#"wharf_today_bytes{partner="acme"} 800"#);
        line(r#"wharf_open_messages{state="dead"} 1"#);
        line("wharf_spool_stopped 0");
        assert!(waiting(&Queues::default(), true).ends_with("wharf_spool_stopped 1\n"));
    }
}
