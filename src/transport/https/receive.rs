//! The routes of the partners' listener.

use super::super::allowance::Allowances;
use super::super::inbox::Inbox;
use super::access::{Desk, admit};
use super::{hand_in, mailbox};
use axum::Router;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, delete, get, post};
use std::sync::Arc;

/// The partners' routes over `inbox`.
pub fn routes<I: Inbox>(inbox: Arc<I>) -> Router {
    let desk = Arc::new(Desk { inbox, allowances: Allowances::default() });
    let guarded = ROUTES.iter().fold(Router::new(), |router, route| {
        router.route(route.path, route.operation.method_router::<I>())
    });
    guarded
        .route_layer(from_fn_with_state(Arc::clone(&desk), admit::<I>))
        .with_state(desk)
        .route(DESCRIPTION_PATH, get(description))
}

/// One thing that a partner may ask.
struct Route {
    path: &'static str,
    operation: Operation,
}

/// What is done for it.
enum Operation {
    /// X12 is taken in.
    X12,
    /// A canonical document of this name is taken in.
    Document(&'static str),
    /// It is told what became of a message.
    Receipt,
    /// It is told what waits.
    Outbox,
    /// A message is given out.
    Collect,
    /// A message waits no longer.
    SignOff,
}

/// Everything that wants a credential.
const ROUTES: [Route; 11] = [
    Route { path: "/v1/edi", operation: Operation::X12 },
    document("/v1/acknowledgments", "purchase-order-acknowledgment"),
    document("/v1/ship-notices", "ship-notice"),
    document("/v1/invoices", "invoice"),
    document("/v1/purchase-orders", "purchase-order"),
    document("/v1/purchase-order-changes", "purchase-order-change"),
    document("/v1/purchase-order-change-acknowledgments", "purchase-order-change-acknowledgment"),
    Route { path: "/v1/receipts/{id}", operation: Operation::Receipt },
    Route { path: "/v1/outbox", operation: Operation::Outbox },
    Route { path: "/v1/outbox/{id}", operation: Operation::Collect },
    Route { path: "/v1/outbox/{id}", operation: Operation::SignOff },
];

const fn document(path: &'static str, name: &'static str) -> Route {
    Route { path, operation: Operation::Document(name) }
}

impl Operation {
    fn method_router<I: Inbox>(&self) -> MethodRouter<Arc<Desk<I>>> {
        match *self {
            Self::X12 => post(hand_in::x12::<I>),
            Self::Document(name) => post(move |desk, visitor, named, headers, body| {
                hand_in::document::<I>(desk, visitor, name, named, headers, body)
            }),
            Self::Receipt => get(mailbox::receipt::<I>),
            Self::Outbox => get(mailbox::outbox::<I>),
            Self::Collect => get(mailbox::collect::<I>),
            Self::SignOff => delete(mailbox::sign_off::<I>),
        }
    }

    #[cfg(test)]
    fn method(&self) -> &'static str {
        match self {
            Self::X12 | Self::Document(_) => "post",
            Self::Receipt | Self::Outbox | Self::Collect => "get",
            Self::SignOff => "delete",
        }
    }
}

async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

/// All this as `OpenAPI` 3.1.
const DESCRIPTION: &str = include_str!("openapi.json");

/// Where it is told: the one thing that needs no credential.
const DESCRIPTION_PATH: &str = "/v1/openapi.json";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn described() -> Value {
        serde_json::from_str(DESCRIPTION).unwrap()
    }

    #[test]
    fn the_description_names_every_route_and_no_other() {
        let described = described();
        let mut told = BTreeSet::new();
        for (path, operations) in described["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys().filter(|key| *key != "parameters")
            {
                told.insert((path.clone(), method.clone()));
            }
        }
        let ours = ROUTES.iter().map(|route| (route.path, route.operation.method()));
        let ours = ours.chain([(DESCRIPTION_PATH, "get")]);
        let ours = ours.map(|(path, method)| (path.to_owned(), method.to_owned()));
        assert_eq!(told, ours.collect());
    }

    #[test]
    fn each_document_refers_to_its_schema_by_its_address() {
        let described = described();
        for route in &ROUTES {
            let Operation::Document(name) = route.operation else { continue };
            let content = &described["paths"][route.path]["post"]["requestBody"]["content"];
            let schema = &content["application/json"]["schema"]["$ref"];
            assert_eq!(schema, &Value::from(format!("/v1/schemas/{name}.json")), "{}", route.path);
        }
    }

    #[test]
    fn every_reference_in_the_description_leads_somewhere() {
        fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str));
                    fields.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        let described = described();
        let mut found = Vec::new();
        references(&described, &mut found);
        let within = found.iter().filter_map(|reference| reference.strip_prefix('#'));
        let within = within.collect::<Vec<_>>();
        assert!(within.len() > 20, "{within:?}");
        for pointer in within {
            assert!(described.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
