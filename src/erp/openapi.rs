//! What may be asked at the ERP's listener, and its description (`OpenAPI` 3.1).

use super::cloud::schema_path;
use crate::document::DocumentKind;
use serde_json::{Map, Value, json};

/// One thing that may be asked.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) operation: Operation,
}

/// What is done for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// A document is handed in to be sent; none named: X12.
    HandIn(Option<DocumentKind>),
    Message,
    Raw,
    MessageEvents,
    Trace,
    Feed,
    Consumers,
    KeepConsumer,
    ForgetConsumer,
    Webhooks,
    RetryParked,
    Schemas,
    Schema,
    OpenApi,
    AsyncApi,
}

const fn route(path: &'static str, operation: Operation) -> Route {
    Route { path, operation }
}

const fn hand_in(path: &'static str, document: DocumentKind) -> Route {
    Route { path, operation: Operation::HandIn(Some(document)) }
}

/// Everything that may be asked.
pub(super) const ROUTES: [Route; 21] = [
    hand_in("/v1/purchase-orders", DocumentKind::PurchaseOrder),
    hand_in("/v1/purchase-order-changes", DocumentKind::PurchaseOrderChange),
    hand_in("/v1/acknowledgments", DocumentKind::PurchaseOrderAcknowledgment),
    hand_in("/v1/acknowledgments-of-changes", DocumentKind::PurchaseOrderChangeAcknowledgment),
    hand_in("/v1/ship-notices", DocumentKind::ShipNotice),
    hand_in("/v1/invoices", DocumentKind::Invoice),
    route("/v1/edi", Operation::HandIn(None)),
    route("/v1/messages/{id}", Operation::Message),
    route("/v1/messages/{id}/raw", Operation::Raw),
    route("/v1/messages/{id}/events", Operation::MessageEvents),
    route("/v1/trace/{reference}", Operation::Trace),
    route("/v1/events", Operation::Feed),
    route("/v1/consumers", Operation::Consumers),
    route("/v1/consumers/{name}", Operation::KeepConsumer),
    route("/v1/consumers/{name}", Operation::ForgetConsumer),
    route("/v1/webhooks", Operation::Webhooks),
    route("/v1/webhooks/parked/{event}/retry", Operation::RetryParked),
    route("/v1/schemas", Operation::Schemas),
    route("/v1/schemas/{file}", Operation::Schema),
    route("/v1/openapi.json", Operation::OpenApi),
    route("/v1/asyncapi.json", Operation::AsyncApi),
];

impl Operation {
    /// Whether anyone may ask: descriptions hold nothing of anybody's.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Schemas | Self::Schema | Self::OpenApi | Self::AsyncApi)
    }

    fn method(self) -> &'static str {
        match self {
            Self::HandIn(_) | Self::RetryParked => "post",
            Self::KeepConsumer => "put",
            Self::ForgetConsumer => "delete",
            Self::Message
            | Self::Raw
            | Self::MessageEvents
            | Self::Trace
            | Self::Feed
            | Self::Consumers
            | Self::Webhooks
            | Self::Schemas
            | Self::Schema
            | Self::OpenApi
            | Self::AsyncApi => "get",
        }
    }

    fn summary(self) -> String {
        match self {
            Self::HandIn(Some(document)) => return format!("Send a {document}."),
            Self::HandIn(None) => "Send X12 as it is; control numbers are the gateway's.",
            Self::Message => "Where a message stands.",
            Self::Raw => "The bytes of a message as they came, or went.",
            Self::MessageEvents => "What happened to a message, in order.",
            Self::Trace => "All messages that carry a reference, and what happened to them.",
            Self::Feed => "Events in order, waiting for the next if there is none.",
            Self::Consumers => "The consumers of the feed, and how far each has got.",
            Self::KeepConsumer => "Keep how far a consumer has got; durable when answered.",
            Self::ForgetConsumer => "Forget a consumer.",
            Self::Webhooks => "How the webhooks fare, and the events that they would not have.",
            Self::RetryParked => "Try a parked event again at once.",
            Self::Schemas => "The JSON Schemas of the documents.",
            Self::Schema => "The JSON Schema of a document.",
            Self::OpenApi => "This description.",
            Self::AsyncApi => "The types of events (AsyncAPI 3.0).",
        }
        .to_owned()
    }

    /// What may stand behind the path.
    fn query(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::HandIn(_) => &[
                ("partner", "To whom; required. An error lists to whom such a document may go."),
                ("file_name", "A name for the file, for people."),
            ],
            Self::Feed => &[
                (
                    "after",
                    "A cursor that the feed gave out, or `end`; left out: the start, or the consumer's place.",
                ),
                ("limit", "How many at most, from 1 to 1000; 100 if left out."),
                ("wait", "How long to wait for the next event, from 0s to 30s."),
                ("type", "Only these types, with commas between them."),
                ("partner", "Only of this partner."),
                ("test", "true: test events, and only those; false, or left out: none of them."),
                ("consumer", "Begin where this consumer has got to."),
            ],
            Self::Message
            | Self::Raw
            | Self::MessageEvents
            | Self::Trace
            | Self::Consumers
            | Self::KeepConsumer
            | Self::ForgetConsumer
            | Self::Webhooks
            | Self::RetryParked
            | Self::Schemas
            | Self::Schema
            | Self::OpenApi
            | Self::AsyncApi => &[],
        }
    }

    fn body(self) -> Option<Value> {
        let (content_type, schema) = match self {
            Self::HandIn(Some(document)) => {
                ("application/json", json!({ "$ref": schema_path(document) }))
            }
            Self::HandIn(None) => ("application/edi-x12", json!({ "type": "string" })),
            Self::KeepConsumer => (
                "application/json",
                json!({ "type": "object", "required": ["cursor"],
                    "properties": { "cursor": { "type": "string", "examples": ["1234-5"] } } }),
            ),
            Self::Message
            | Self::Raw
            | Self::MessageEvents
            | Self::Trace
            | Self::Feed
            | Self::Consumers
            | Self::ForgetConsumer
            | Self::Webhooks
            | Self::RetryParked
            | Self::Schemas
            | Self::Schema
            | Self::OpenApi
            | Self::AsyncApi => return None,
        };
        let mut content = Map::new();
        content.insert(content_type.to_owned(), json!({ "schema": schema }));
        Some(json!({ "required": true, "content": content }))
    }

    fn answer(self) -> (&'static str, &'static str) {
        match self {
            Self::HandIn(_) => (
                "202",
                "It is durable: `{\"id\", \"status_url\", \"duplicate\"}`. Only then is it sent.",
            ),
            Self::RetryParked => ("202", "It is on its way again."),
            Self::ForgetConsumer => ("204", "It is forgotten."),
            Self::Feed => (
                "200",
                "`{\"events\": [{\"cursor\", \"event\"}], \"next\"}`, each event a CloudEvent.",
            ),
            Self::Message
            | Self::Raw
            | Self::MessageEvents
            | Self::Trace
            | Self::Consumers
            | Self::KeepConsumer
            | Self::Webhooks
            | Self::Schemas
            | Self::Schema
            | Self::OpenApi
            | Self::AsyncApi => ("200", "What was asked for."),
        }
    }
}

/// The description.
pub(super) fn describe() -> Value {
    let mut paths = Map::new();
    for route in &ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.operation.method().to_owned(), operation(route));
        }
    }
    let problem = json!({
        "description": "A problem (RFC 9457) with a stable `code` and, in `detail`, what to do.",
        "content": { "application/problem+json": { "schema": {
            "type": "object",
            "required": ["status", "title", "code", "detail"],
            "properties": {
                "status": { "type": "integer" },
                "title": { "type": "string" },
                "code": { "type": "string" },
                "detail": { "type": "string" },
                "errors": { "type": "array", "items": { "type": "object", "properties": {
                    "pointer": { "type": "string" },
                    "code": { "type": "string" },
                    "detail": { "type": "string" },
                } } },
            },
        } } },
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wharf, for the ERP",
            "version": "1",
            "description": "How the ERP hands in documents and hears of what happens.",
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": { "Problem": problem },
        },
    })
}

fn operation(route: &Route) -> Value {
    let of = route.operation;
    let names = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')));
    let mut parameters: Vec<Value> = names
        .map(|name| {
            let schema = json!({ "type": "string" });
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    let is_intake = matches!(of, Operation::HandIn(_));
    parameters.extend(of.query().iter().map(|(name, text)| {
        json!({ "name": name, "in": "query", "required": is_intake && *name == "partner",
            "description": text, "schema": { "type": "string" } })
    }));
    if is_intake {
        parameters.push(json!({ "name": "Idempotency-Key", "in": "header",
            "description": "What you call this request: the same again is sent once.",
            "schema": { "type": "string", "maxLength": 255 } }));
    }
    let (status, text) = of.answer();
    let mut answers = Map::new();
    answers.insert(status.to_owned(), json!({ "description": text }));
    answers.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    let mut described = Map::new();
    described.insert("summary".to_owned(), json!(of.summary()));
    described.insert("parameters".to_owned(), json!(parameters));
    described.extend(of.body().map(|body| ("requestBody".to_owned(), body)));
    described.insert("responses".to_owned(), Value::Object(answers));
    if of.is_open() {
        described.insert("security".to_owned(), json!([]));
    }
    Value::Object(described)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_once() {
        let description = describe();
        let mut count = 0;
        for route in &ROUTES {
            let described = &description["paths"][route.path][route.operation.method()];
            assert!(described["summary"].as_str().is_some_and(|text| text.ends_with('.')));
            let names = described["parameters"].as_array().unwrap();
            let in_path = names.iter().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(in_path, route.path.matches('{').count(), "{}", route.path);
            count += 1;
        }
        let paths = description["paths"].as_object().unwrap().values();
        let all: usize = paths.map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(all, count, "no two routes are the same");
    }

    #[test]
    fn all_but_descriptions_want_a_token() {
        let open: Vec<_> =
            ROUTES.iter().filter(|route| route.operation.is_open()).map(|r| r.path).collect();
        assert_eq!(
            open,
            ["/v1/schemas", "/v1/schemas/{file}", "/v1/openapi.json", "/v1/asyncapi.json"]
        );
    }
}
