//! Every route of the operator's listener.

use super::desk::Desk;
use super::{act, figures, guard, health, see};
use crate::http::Problem;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post, put};
use axum::{Router, response::Response};
use std::sync::Arc;

/// The routes of the operator's listener.
pub fn routes(desk: Desk) -> Router {
    let mut router = Router::new();
    for (path, _, method) in table() {
        router = router.route(path, method);
    }
    router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(guard::guard))
        .with_state(Arc::new(desk))
}

/// Every path with its method, as the description names it.
fn table() -> [(&'static str, &'static str, MethodRouter<Arc<Desk>>); 16] {
    [
        ("/healthz", "get", get(health::healthz)),
        ("/readyz", "get", get(health::readyz)),
        ("/metrics", "get", get(figures::metrics)),
        ("/v1/openapi.json", "get", get(description)),
        ("/v1/messages", "get", get(see::list)),
        ("/v1/messages/{id}", "get", get(see::show)),
        ("/v1/messages/{id}/raw", "get", get(see::raw)),
        ("/v1/messages/{id}/retry", "post", post(act::retry)),
        ("/v1/messages/{id}/release", "post", post(act::release)),
        ("/v1/messages/{id}/discard", "post", post(act::discard)),
        ("/v1/trace/{reference}", "get", get(see::trace)),
        ("/v1/replay", "post", post(act::replay)),
        ("/v1/queues", "get", get(see::queues)),
        ("/v1/numbers", "get", get(see::numbers)),
        ("/v1/numbers/{partner}/{kind}", "put", put(act::start_numbers)),
        ("/v1/reload", "post", post(act::reload)),
    ]
}

async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

async fn unknown() -> Problem {
    let text = "there is nothing here; GET /v1/openapi.json says what there is";
    Problem::new(StatusCode::NOT_FOUND, "route_unknown", text)
}

async fn wrong_method() -> Problem {
    let text = "this cannot be done here; GET /v1/openapi.json says what can";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
}

/// What the listener offers.
const OPENAPI: &str = include_str!("openapi.json");

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    #[test]
    fn the_description_names_every_route_and_no_other() {
        let description: Value = serde_json::from_str(OPENAPI).unwrap();
        let named: BTreeSet<(String, String)> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
                methods.map(|method| (path.clone(), method.clone()))
            })
            .collect();
        let table = table().map(|(path, method, _)| (path.to_owned(), method.to_owned()));
        assert_eq!(named, BTreeSet::from(table));
    }

    #[test]
    fn whatever_the_description_refers_to_is_there() {
        let description: Value = serde_json::from_str(OPENAPI).unwrap();
        let mut refers = Vec::new();
        let mut waiting = vec![&description];
        while let Some(value) = waiting.pop() {
            if let Some(Value::String(to)) = value.get("$ref") {
                refers.push(to.clone());
            }
            waiting.extend(value.as_object().into_iter().flat_map(|object| object.values()));
            waiting.extend(value.as_array().into_iter().flatten());
        }
        assert!(refers.len() > 20);
        for to in refers {
            assert!(description.pointer(to.trim_start_matches('#')).is_some(), "{to}");
        }
    }
}
