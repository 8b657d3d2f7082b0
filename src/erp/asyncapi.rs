//! The types of events, for those who write receivers (`AsyncAPI` 3.0).

use super::cloud::{CONTENT_TYPE, schema_path};
use super::kinds::{KINDS, Kind};
use serde_json::{Map, Value, json};

/// The description.
pub(super) fn describe() -> Value {
    let (mut messages, mut named) = (Map::new(), Map::new());
    for kind in &KINDS {
        named.insert(kind.name.to_owned(), message(kind));
        let reference = format!("#/components/messages/{}", kind.name);
        messages.insert(kind.name.to_owned(), json!({ "$ref": reference }));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Wharf, events for the ERP",
            "version": "1",
            "description": "Each event is told at least once and always with the same id: by webhook \
                (Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature; any 2xx is a \
                yes) or by the feed (GET /v1/events). Events about one subject of one partner keep \
                their order. New members may be added; a type whose meaning changes gets a new name.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "events": {
                "address": "/v1/events",
                "description": "The feed, and every webhook.",
                "messages": messages,
            },
        },
        "operations": {
            "tell": {
                "action": "send",
                "channel": { "$ref": "#/channels/events" },
                "summary": "The gateway tells the ERP what happened.",
            },
        },
        "components": { "messages": named, "schemas": { "CloudEvent": cloud_event() } },
    })
}

fn message(kind: &Kind) -> Value {
    let data = match kind.document {
        Some(document) => json!({ "$ref": schema_path(document) }),
        None => json!({ "type": "object" }),
    };
    json!({
        "name": kind.name,
        "title": kind.tells,
        "contentType": CONTENT_TYPE,
        "payload": { "allOf": [
            { "$ref": "#/components/schemas/CloudEvent" },
            { "properties": { "type": { "const": kind.name }, "data": data } },
        ] },
    })
}

/// What stands around the data of every event.
fn cloud_event() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "required": [
            "specversion", "id", "source", "type", "subject", "time", "partner", "wireref",
            "lineageid", "sequence"
        ],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": text("The same on every attempt: whoever has seen it has seen the event."),
            "source": text("/partners/NAME"),
            "type": text("What happened."),
            "subject": text("What it is about, such as an order number."),
            "time": { "type": "string", "format": "date-time" },
            "datacontenttype": text("application/json"),
            "dataschema": text("Where the schema of the data is served, if it is a document."),
            "partner": text("From or to which partner."),
            "wireref": text("The message, and from and to which byte of it: ID#FROM-TO."),
            "lineageid": text("The same for all that is about one order with one partner."),
            "sequence": text("The feed's cursor behind this event."),
            "test": { "const": true, "description": "Only in test events." },
            "possibleduplicateof": text("The message that told the same before, by its number."),
            "data": { "description": "The document, or what happened." },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_described_and_every_reference_within_leads_somewhere() {
        let description = describe();
        for kind in &KINDS {
            let message = &description["components"]["messages"][kind.name];
            assert_eq!(message["payload"]["allOf"][1]["properties"]["type"]["const"], kind.name);
        }
        let mut open = vec![&description];
        while let Some(value) = open.pop() {
            if let Some(target) = value.get("$ref").and_then(Value::as_str)
                && let Some(pointer) = target.strip_prefix('#')
            {
                assert!(description.pointer(pointer).is_some(), "{target}");
            }
            match value {
                Value::Object(members) => open.extend(members.values()),
                Value::Array(items) => open.extend(items),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }
}
