//! The ERP's listener, called as the ERP calls it.

use super::receiver::{Receiver, Reply};
use super::world::{World, moment, until};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use wharf::erp::{Desk, Webhooks, routes};
use wharf::gateway::{Gateway, Workers};
use wharf::grammar::Library;
use wharf::http::{Door, Limits};
use wharf::partner::{Disk, Partners, Shelf};
use wharf::transport::Carriers;
use wharf::transport::https::send::Sender;

/// The listener over a world's spool.
struct Api {
    url: String,
    client: Client,
    stop: CancellationToken,
    house: Arc<Gateway>,
    _workers: Workers,
}

/// The partners that ship.
fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("partners")
}

/// An answer: its status and its JSON.
type Answer = (u16, Value);

impl Api {
    fn start(world: &World) -> Self {
        Self::with(world, &sample())
    }

    fn with(world: &World, folder: &Path) -> Self {
        Self::with_webhooks(world, folder, Webhooks::default())
    }

    fn with_webhooks(world: &World, folder: &Path, webhooks: Webhooks) -> Self {
        let library = Arc::new(Library::shipped());
        let partners = Partners::load(&Disk::new(folder, &|_| None), &Shelf::new(&library));
        let partners = partners.unwrap_or_else(|faults| panic!("{faults}"));
        let mut listener = partners.us().listeners.operator.clone();
        listener.address.set_port(0);
        let door = Door::bind("erp", &listener, Path::new("/nonexistent")).unwrap();
        let url = format!("http://{}", door.address());
        let (spool, sender) = (Arc::clone(world.spool()), Carriers::new(Sender::new().unwrap()));
        let house = Arc::new(Gateway::new(spool, Arc::new(partners), library, sender, moment));
        let workers = Workers::start(Arc::clone(&house), 2);
        let stop = CancellationToken::new();
        let gateway = Arc::clone(&house);
        let router = routes(Desk { gateway, webhooks, stop: stop.clone() });
        tokio::spawn(door.serve(router, Limits::default(), stop.clone()));
        Self { url, client: Client::new(), stop, house, _workers: workers }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        request.bearer_auth("sample-token-of-the-erp")
    }

    async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, key: &str, body: impl Into<String>) -> Answer {
        let request = self.request(Method::POST, path).header("idempotency-key", key);
        answer(request.header("content-type", "application/json").body(body.into())).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PUT, path).body(body.to_string())).await
    }

    /// The ids of events that the feed tells, and where to go on.
    async fn events(&self, query: &str) -> (Vec<String>, String) {
        let (status, json) = self.get(&format!("/v1/events?{query}")).await;
        assert_eq!(status, 200, "{json}");
        let events = json["events"].as_array().unwrap().iter();
        let ids = events.map(|entry| entry["event"]["id"].as_str().unwrap().to_owned()).collect();
        (ids, json["next"].as_str().unwrap().to_owned())
    }
}

async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The status of a problem, its code, and what it says.
fn problem((status, json): &Answer) -> (u16, &str, &str) {
    (*status, json["code"].as_str().unwrap_or("no code"), json["detail"].as_str().unwrap_or(""))
}

const ORDER: &str = r#"{
    "document": "purchase-order", "purpose": "original", "kind": "stand_alone",
    "number": "4501-77281", "ordered_on": "2026-11-15",
    "parties": [{"role": "ship_to", "name": "Lakeside General"}],
    "lines": [{"line_number": "1", "quantity": "40", "unit": "BX", "price": "8.75",
        "item_ids": [{"scheme": "vendor_item", "value": "NG-7701M"}]}]
}"#;

#[test]
fn the_erp_sends_an_order_once_and_can_ask_what_became_of_it() {
    World::run(async |world| {
        let api = Api::start(&world);
        let path = "/v1/purchase-orders?partner=acme-medical";
        let (status, first) = api.post(path, "po-1", ORDER).await;
        assert_eq!((status, &first["duplicate"]), (202, &json!(false)), "{first}");
        let (status, again) = api.post(path, "po-1", ORDER).await;
        assert_eq!((status, &again["duplicate"]), (202, &json!(true)));
        assert_eq!(again["id"], first["id"]);
        let other = api.post(path, "po-1", ORDER.replace("40", "41")).await;
        assert_eq!(problem(&other).0, 409, "{other:?}");

        let url = first["status_url"].as_str().unwrap();
        let spool = world.spool();
        let id = first["id"].as_str().unwrap().parse().unwrap();
        until("it is written", || spool.dossier(id).unwrap().events.len() > 1).await;
        let (_, card) = api.get(url).await;
        assert_eq!((&card["partner"], &card["state"]), (&json!("acme-medical"), &json!("settled")));
        let (_, sent) =
            api.get(&format!("/v1/messages/{}", card["sent_in"].as_str().unwrap())).await;
        assert_eq!(sent["state"], "offered");
        let raw = api.request(Method::GET, sent["raw_url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(raw.headers()["content-type"], "application/octet-stream");
        assert!(raw.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert!(raw.text().await.unwrap().starts_with("ISA*"));
        let (_, events) = api.get(card["events_url"].as_str().unwrap()).await;
        assert_eq!(events["events"][0]["what"], "received");
        assert_eq!(events["events"][1]["what"], "batched");
        assert_eq!(events["events"][1]["detail"]["into"], card["sent_in"]);

        let (_, trace) = api.get("/v1/trace/4501-77281").await;
        let chapters = trace["chapters"].as_array().unwrap();
        assert!(chapters.is_sorted_by_key(|chapter| chapter["at"].as_str().unwrap()), "{trace}");
        for id in [&first["id"], &card["sent_in"]] {
            assert!(chapters.iter().any(|chapter| chapter["message"] == *id), "{trace}");
        }
        assert!(chapters.iter().all(|chapter| !chapter["text"].as_str().unwrap().is_empty()));
        assert_eq!(problem(&api.get("/v1/trace/nothing").await).1, "reference_unknown");
        let gone = "/v1/messages/01920000-0000-7000-8000-000000000001";
        assert_eq!(problem(&api.get(gone).await).0, 404);
        assert_eq!(problem(&api.get("/v1/messages/x").await).1, "id_invalid");
    });
}

#[test]
fn what_cannot_be_sent_is_refused_with_the_field_or_the_partners_that_it_may_go_to() {
    World::run(async |world| {
        let api = Api::start(&world);
        let end = world.spool().end();
        let missing = api.post("/v1/purchase-orders", "a", ORDER).await;
        let (status, code, text) = problem(&missing);
        assert_eq!((status, code), (400, "partner_missing"));
        assert!(
            text.ends_with("purchase-order may go to: acme-medical, northwind-devices"),
            "{text}"
        );
        let unknown = api.post("/v1/invoices?partner=nobody", "a", "{}").await;
        assert_eq!(problem(&unknown).1, "partner_unknown");
        assert_eq!(problem(&unknown).0, 404);
        let twice = api.post("/v1/invoices?partner=a&partner=b", "a", "{}").await;
        assert_eq!(problem(&twice).1, "query_invalid");

        let path = "/v1/purchase-orders?partner=acme-medical";
        let wrong = ORDER.replace("\"40\"", "40");
        let (status, json) = api.post(path, "a", wrong).await;
        assert_eq!(status, 422, "{json}");
        assert_eq!(json["errors"].as_array().map(Vec::len), Some(1), "{json}");
        let invoice = include_str!("../../documents/invoice.json");
        let answer = api.post("/v1/invoices?partner=acme-medical", "a", invoice).await;
        assert_eq!(problem(&answer).0, 403, "{answer:?}");
        let text = api.request(Method::POST, path).header("content-type", "text/plain").body("x");
        assert_eq!(self::answer(text).await.0, 415);
        let packed = api.request(Method::POST, path).header("content-encoding", "gzip");
        let packed = packed.header("content-type", "application/json").body("x");
        assert_eq!(self::answer(packed).await.0, 415);
        let large = api.request(Method::POST, path).header("content-type", "application/json");
        let large = self::answer(large.header("content-length", 100_000_001).body("x"));
        // The body that was named never comes; the no does, before it.
        let large = tokio::time::timeout(Duration::from_secs(10), large).await.unwrap();
        assert_eq!(large.0, 413, "{large:?}");
        assert_eq!(world.spool().end(), end, "nothing of this was kept");
    });
}

#[test]
fn nobody_gets_in_without_the_token_but_to_the_descriptions() {
    World::run(async |world| {
        let api = Api::start(&world);
        let (status, description) = api.get("/v1/openapi.json").await;
        assert_eq!((status, &description["openapi"]), (200, &json!("3.1.0")));
        let mut guarded = 0;
        for (path, methods) in description["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let url = format!("{}{}", api.url, path.replace("{file}", "invoice.json"));
                let url = url.replace(['{', '}'], "");
                let method: Method = method.to_uppercase().parse().unwrap();
                let bare = api.client.request(method.clone(), &url).send().await.unwrap();
                if operation["security"] == json!([]) {
                    assert_eq!(bare.status(), 200, "{url}");
                    continue;
                }
                assert_eq!(bare.status(), 401, "{method} {url}");
                assert!(bare.headers()["www-authenticate"].to_str().unwrap().contains("Bearer"));
                let theirs = api.client.request(method.clone(), &url);
                let theirs = theirs.bearer_auth("sample-token-of-acme-medical").send().await;
                assert_eq!(theirs.unwrap().status(), 401, "{method} {url}");
                let ours = api.client.request(method.clone(), &url);
                let ours = answer(ours.bearer_auth("sample-token-of-the-erp")).await;
                let missing = ours.1["code"] == "unknown_path" || ours.0 == 405;
                assert!(ours.0 != 401 && !missing, "{method} {url}: {ours:?}");
                guarded += 1;
            }
        }
        assert_eq!(guarded, 17);
        let (_, schemas) = api.get("/v1/schemas").await;
        for schema in schemas["schemas"].as_array().unwrap() {
            let (status, json) = api.get(schema["url"].as_str().unwrap()).await;
            assert_eq!((status, json["type"].as_str()), (200, Some("object")));
        }
        assert_eq!(problem(&api.get("/v1/schemas/poem.json").await).1, "schema_unknown");
        assert_eq!(api.get("/v1/asyncapi.json").await.1["asyncapi"], "3.0.0");
    });
}

#[test]
fn what_a_webhook_would_not_have_is_listed_and_tried_again_by_hand() {
    World::run(async |world| {
        let receiver = Receiver::start(|_| Reply::Status(422)).await;
        let hooks = world.webhook(&receiver, "");
        hooks.ready().await;
        let api = Api::with_webhooks(&world, &sample(), hooks.webhooks());
        let event = world.tell("PO-1", "{}").await;
        until("it is parked", || hooks.parked().len() == 1).await;
        let (_, fare) = api.get("/v1/webhooks").await;
        assert_eq!(
            (&fare["webhooks"][0]["parked"], &fare["webhooks"][0]["well"]),
            (&json!(1), &json!(true))
        );
        assert_eq!(fare["parked"][0]["event"], json!(event));
        let receiver = receiver.now(|_| Reply::Status(200));
        let again = |event: &str| format!("/v1/webhooks/parked/{event}/retry");
        assert_eq!(api.post(&again(&event), "a", "").await.0, 202);
        until("it has arrived", || receiver.delivered().len() == 1).await;
        let (_, fare) = api.get("/v1/webhooks").await;
        assert_eq!(fare["parked"], json!([]));
        assert_eq!(problem(&api.post(&again(&event), "a", "").await).1, "event_not_parked");
    });
}

#[test]
fn without_tokens_only_programs_on_this_machine_are_the_erp() {
    World::run(async |world| {
        let folder = tempfile::tempdir().unwrap();
        let us = "title = 'x'\nidentities = [{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }]\n\
            [listeners.operator]\naddress = '127.0.0.1:8445'\ntls = 'off'\n";
        std::fs::write(folder.path().join("us.toml"), us).unwrap();
        let api = Api::with(&world, folder.path());
        let url = format!("{}/v1/events", api.url);
        assert_eq!(api.client.get(&url).send().await.unwrap().status(), 200);
        let page = api.client.get(&url).header("origin", "https://evil.example");
        assert_eq!(problem(&answer(page).await).1, "not_from_here");
    });
}

#[test]
fn the_feed_tells_everything_once_in_order_page_by_page() {
    World::run(async |world| {
        let api = Api::start(&world);
        let mut told = Vec::new();
        for n in 0..25 {
            told.push(world.tell(&format!("PO-{}", n % 3), &format!("{{\"n\":{n}}}")).await);
        }
        let (mut read, mut after) = (Vec::new(), String::new());
        loop {
            let (ids, next) = api.events(&format!("limit=7&{after}")).await;
            assert!(ids.len() <= 7);
            if ids.is_empty() {
                break;
            }
            read.extend(ids);
            after = format!("after={next}");
        }
        assert_eq!(read, told);
        let (_, page) = api.get("/v1/events?limit=1").await;
        let entry = &page["events"][0];
        assert_eq!(entry["event"]["sequence"], entry["cursor"]);
        assert_eq!(entry["event"]["data"], json!({ "n": 0 }));
        let (behind, _) = api.events(&format!("after={}", entry["cursor"].as_str().unwrap())).await;
        assert_eq!(behind, told[1..]);
    });
}

#[test]
fn whoever_waits_for_the_feed_is_told_at_once_or_after_the_wait_that_nothing_came() {
    World::run(async |world| {
        let api = Api::start(&world);
        let (_, next) = api.events("after=end").await;
        let since = Instant::now();
        assert!(api.events(&format!("after={next}&wait=1s")).await.0.is_empty());
        assert!(since.elapsed() >= Duration::from_millis(990));
        let (waited, told) = tokio::join!(api.events("after=end&wait=30s"), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            (world.tell("PO-1", "{}").await, Instant::now())
        });
        assert_eq!(waited.0, [told.0]);
        assert!(told.1.elapsed() < Duration::from_secs(1), "it woke at once");
        let since = Instant::now();
        let (stopped, ()) = tokio::join!(api.events("after=end&wait=30s"), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            api.stop.cancel();
        });
        assert!(stopped.0.is_empty() && since.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn the_feed_tells_what_is_wanted_and_tests_only_to_those_who_ask_for_tests() {
    World::run(async |world| {
        let api = Api::start(&world);
        let [order, test, invoice] = [
            world.tell_as("wharf.purchase_order.received.v1", "1", false, "{}").await,
            world.tell_as("wharf.invoice.received.v1", "2", true, "{}").await,
            world.tell_as("wharf.invoice.received.v1", "3", false, "{}").await,
        ];
        let invoices = "type=wharf.invoice.received.v1";
        for (query, wanted) in [
            ("", vec![&order, &invoice]),
            ("test=false", vec![&order, &invoice]),
            ("test=true", vec![&test]),
            (invoices, vec![&invoice]),
            ("type=wharf.shipment.notified.v1,wharf.purchase_order.received.v1", vec![&order]),
            ("partner=acme-medical", vec![&order, &invoice]),
            ("partner=northwind-devices", vec![]),
        ] {
            assert_eq!(api.events(query).await.0.iter().collect::<Vec<_>>(), wanted, "{query}");
        }
        for (query, code) in [
            ("after=x", "cursor_invalid"),
            ("after=99999999-0", "cursor_ahead"),
            ("limit=0", "limit_invalid"),
            ("wait=1h", "wait_invalid"),
            ("type=invoice", "type_unknown"),
            ("partner=nobody", "partner_unknown"),
            ("test=1", "test_invalid"),
            ("consumer=a%20b", "consumer_invalid"),
            ("afer=1-0", "query_invalid"),
            ("limit=1&limit=2", "query_invalid"),
        ] {
            let answer = api.get(&format!("/v1/events?{query}")).await;
            let (status, found, text) = problem(&answer);
            assert_eq!((status, found), (400, code), "{query}");
            assert!(text.len() > 20, "{text}");
        }
    });
}

#[test]
fn a_consumer_goes_on_where_it_said_that_it_was() {
    World::run(async |world| {
        let api = Api::start(&world);
        let first = world.tell("PO-1", "{}").await;
        let second = world.tell("PO-2", "{}").await;
        let (ids, next) = api.events("consumer=sap&limit=1").await;
        assert_eq!(ids, [first], "a new one begins at the start");
        assert_eq!(api.events("consumer=sap").await.0.len(), 2, "to read is not to keep");
        let (status, kept) = api.put("/v1/consumers/sap", json!({ "cursor": next })).await;
        assert_eq!((status, &kept["cursor"]), (200, &json!(next)));
        assert_eq!(api.events("consumer=sap").await.0, [second]);
        let spool = api.house.spool();
        assert_eq!(spool.cursor("consumer:sap").unwrap().to_string(), next);
        let (_, list) = api.get("/v1/consumers").await;
        assert_eq!(list["consumers"], json!([{ "name": "sap", "cursor": next }]));
        for (body, code) in [
            (json!({ "cursor": "x" }), "cursor_invalid"),
            (json!({ "cursor": "99999999-1" }), "cursor_ahead"),
            (json!({}), "body_invalid"),
            (json!({ "cursor": "0-0", "more": 1 }), "body_invalid"),
        ] {
            assert_eq!(problem(&api.put("/v1/consumers/sap", body).await).1, code);
        }
        let forget = answer(api.request(Method::DELETE, "/v1/consumers/sap")).await;
        assert_eq!(forget.0, 204);
        assert_eq!(api.get("/v1/consumers").await.1["consumers"], json!([]));
    });
}
