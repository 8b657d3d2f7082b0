//! Who may do what at the doors of the running program, route by route as they describe themselves.

use super::super::served::{Doors, ERP, PARTNER, Served, Ways, heard, order, signed, until};
use serde_json::Value;
use std::fs;
use wharf::message::Digest;

const OTHER: &str = "the token of the other partner";

/// Every method and path of a door but its description.
async fn routes(doors: &Doors, partners: bool) -> Vec<(String, String)> {
    let request = doors.request("GET", partners, "/v1/openapi.json");
    let (status, described) = heard(request).await;
    assert_eq!(status, 200);
    let mut routes = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            if method != "parameters" && !open {
                routes.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    assert!(routes.len() > 8, "{routes:?}");
    routes
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_but_the_descriptions_is_open_to_strangers() {
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    served.start();
    let doors = served.doors();
    for partners in [true, false] {
        for (method, path) in routes(&doors, partners).await {
            let path = path.replace(['{', '}'], "");
            let wrong = if partners { ERP } else { PARTNER };
            for token in [None, Some("wrong"), Some(""), Some(wrong)] {
                let request = doors.request(&method, partners, &path).body("{}");
                let request = token.into_iter().fold(request, signed);
                let (status, problem) = heard(request).await;
                assert_eq!(status, 401, "{method} {path} with {token:?}: {problem}");
            }
        }
    }
    served.end_in_order();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_one_partner_is_open_to_another() {
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    let token =
        format!("[[https.tokens]]\nsha256 = '{}'\nnote = 'theirs'\n", Digest::of(OTHER.as_bytes()));
    served.partner("other", "'mailbox'", &token);
    let text = fs::read_to_string(served.file("other")).unwrap();
    let text = text + "[[agreements]]\nset = '855'\ndirection = 'in'\n";
    fs::write(served.file("other"), text).unwrap();
    served.start();
    let doors = served.doors();
    // One message of each sort that the other has: what waits, and what they handed in.
    doors.insist(ERP, "/v1/purchase-orders?partner=other", &order(1), 1).await;
    let theirs =
        super::super::served::confirmation(1).replace("01*006081492      ", "ZZ*OTHER          ");
    let theirs = theirs.replace("*ACMEMED*", "*OTHER*");
    let (status, receipt) = doors.post(OTHER, "/v1/edi", &theirs, 1).await;
    assert_eq!(status, 202, "{receipt}");
    let as_of = async |token: &str, method: &str, path: &str| {
        heard(signed(doors.request(method, true, path), token)).await
    };
    let mut ids: Vec<Value> = vec![receipt["id"].clone()];
    until("the order and the 997 wait", async || {
        let (_, outbox) = as_of(OTHER, "GET", "/v1/outbox").await;
        let waits = outbox["messages"].as_array().unwrap().clone();
        ids.truncate(1);
        ids.extend(waits.iter().map(|message| message["id"].clone()));
        ids.len() == 3
    })
    .await;
    let mut tried = 0;
    for (method, path) in routes(&doors, true).await {
        if !path.contains("{id}") {
            continue;
        }
        for id in &ids {
            let path = path.replace("{id}", id.as_str().unwrap());
            let (status, problem) = as_of(PARTNER, &method, &path).await;
            assert_eq!(status, 404, "{method} {path}: {problem}");
            tried += 1;
        }
    }
    assert!(tried >= 9, "only {tried} were tried");
    let (_, outbox) = as_of(PARTNER, "GET", "/v1/outbox").await;
    assert_eq!(outbox["messages"].as_array().unwrap().len(), 0, "{outbox}");
    // And who speaks for another is not believed.
    let forged = theirs.replace("IN-1*", "IN-2*").replace("000000001", "000000002");
    let (status, receipt) = doors.post(PARTNER, "/v1/edi", &forged, 2).await;
    assert_eq!(status, 202, "{receipt}");
    until("it is put aside", async || {
        let (_, listing) = doors.operator("/v1/messages?state=quarantined").await;
        listing["messages"].as_array().unwrap().len() == 1
    })
    .await;
    // The owner still has all of it.
    let (_, outbox) = as_of(OTHER, "GET", "/v1/outbox").await;
    assert_eq!(outbox["messages"].as_array().unwrap().len(), 2, "{outbox}");
    served.end_in_order();
}
