//! HTTPS with partners, over real sockets: what they may do, and what they may not.

mod door;
mod house;
mod inbox;
mod known;
mod sender;

use house::{ACME, BETA, House, Identity};
use std::fs;
use std::sync::Arc;
use wharf::message::{Body, Channel, Digest, PartnerId, Proof};
use wharf::partner::token_hash;

const INTERCHANGE: &str = "ISA*00*~";

#[test]
fn what_curl_posts_is_handed_in_with_its_proof_and_its_name() {
    let house = House::open();
    let bearer = format!("Authorization: Bearer {ACME}");
    let name = "Content-Disposition: attachment; filename=\"../po.edi\"";
    let curl = house.curl(
        "/v1/edi",
        &["-H", &bearer, "-H", name, "-H", "Idempotency-Key: k1", "--data-binary", INTERCHANGE],
    );
    assert_eq!(String::from_utf8_lossy(&curl.stderr), "202");
    let answer: serde_json::Value = serde_json::from_slice(&curl.stdout).unwrap();
    let id = house.inbox.handed.lock().unwrap()[0].0;
    assert_eq!(
        answer,
        serde_json::json!({
            "id": id, "status_url": format!("/v1/receipts/{id}"), "duplicate": false
        })
    );
    let handed = house.inbox.last();
    assert_eq!(handed.partner, PartnerId::new("acme").unwrap());
    assert_eq!(handed.channel, Channel::Https);
    assert_eq!(handed.proof, Proof::Token(token_hash(ACME).to_string()[..16].to_owned()));
    assert_eq!(handed.file_name.as_deref(), Some("../po.edi"));
    assert_eq!(handed.key.as_deref(), Some("k1"));
    assert_eq!(handed.document, None);
    assert_eq!(handed.body, Body::from(INTERCHANGE.as_bytes()));
    let named = house.ask("POST", "/v1/edi?file_name=other.edi", ACME, INTERCHANGE);
    assert_eq!(named.status, 202);
    assert_eq!(house.inbox.last().file_name.as_deref(), Some("other.edi"));
}

#[test]
fn the_same_request_again_is_the_same_message() {
    let house = House::open();
    let post = |body: &'static str| {
        house.send("POST", "/v1/edi", |request| {
            request.bearer_auth(ACME).header("idempotency-key", "k").body(body)
        })
    };
    let (first, again, other) = (post("a"), post("a"), post("b"));
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!(first.json()["duplicate"], false);
    assert_eq!(again.json()["duplicate"], true);
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!((other.status, other.code()), (409, "key_used".to_owned()));
    let receipt = house.ask("GET", first.json()["status_url"].as_str().unwrap(), ACME, "");
    assert_eq!(receipt.status, 200);
    assert_eq!(receipt.json()["state"], "received");
}

#[test]
fn nobody_gets_in_without_a_credential_and_every_stranger_hears_the_same() {
    let house = House::open();
    let description = house.send("GET", "/v1/openapi.json", |request| request);
    assert_eq!(description.status, 200);
    let mut asked = 0;
    for (path, operations) in description.json()["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys().filter(|key| *key != "parameters");
        for method in methods.filter(|_| path != "/v1/openapi.json") {
            let path = path.replace("{id}", "0190b7a0-0000-7000-8000-000000000000");
            let method = method.to_uppercase();
            let heard = house.send(&method, &path, |request| request.body("x"));
            assert_eq!((heard.status, heard.code()), (401, "not_signed_in".to_owned()), "{path}");
            assert_eq!(heard.headers["www-authenticate"], "Bearer realm=\"wharf\"");
            asked += 1;
        }
    }
    assert_eq!(asked, 11);
    let stranger = |value: &str| {
        house.send("GET", "/v1/outbox", |request| request.header("authorization", value)).body
    };
    let nobody = house.send("GET", "/v1/outbox", |request| request).body;
    for value in [
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        &format!("Basic {ACME}"),
        ACME,
        &format!("Bearer {}", token_hash(ACME)),
        &format!("Bearer {ACME}x"),
        &format!("Bearer {ACME}, Bearer {ACME}"),
    ] {
        assert_eq!(stranger(value), nobody, "{value}");
    }
    let twice = house.send("GET", "/v1/outbox", |request| {
        let token = format!("Bearer {ACME}");
        request.header("authorization", &token).header("authorization", &token)
    });
    assert_eq!(twice.status, 401);
    assert_eq!(house.inbox.count(), 0);
    assert_eq!(house.ask("GET", "/v1/outbox", ACME, "").status, 200);
}

#[test]
fn a_client_certificate_signs_in_by_its_hash() {
    let house = House::open();
    let folder = house.folder.path();
    let post = |name: &str, more: &[&str]| {
        let (chain, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
        let arguments = ["--cert", chain.to_str().unwrap(), "--key", key.to_str().unwrap()];
        let arguments = [&arguments[..], more, &["--data-binary", "x"]].concat();
        String::from_utf8(house.curl("/v1/edi", &arguments).stderr).unwrap()
    };
    assert_eq!(post("acme", &[]), "202");
    let pem = fs::read(folder.join("acme.pem")).unwrap();
    let der = <rustls::pki_types::CertificateDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(&pem);
    let hash = Digest::of(&der.unwrap()).to_string();
    assert_eq!(house.inbox.last().proof, Proof::Certificate(hash));
    assert_eq!(post("acme", &["--tls-max", "1.2"]), "202");
    let stranger = Identity::make(folder, "stranger");
    assert_eq!(post("stranger", &[]), "401");
    let [acme, beta, nobody] =
        [ACME, BETA, "nobody"].map(|token| format!("Authorization: Bearer {token}"));
    assert_eq!(post("stranger", &["-H", &acme]), "202", "the token is enough");
    assert_eq!(post("acme", &["-H", &acme]), "202");
    assert_eq!(post("acme", &["-H", &beta]), "401", "two partners at once are nobody");
    assert_eq!(post("acme", &["-H", &nobody]), "401", "a wrong token is no better for it");
    let client = house.client().identity(stranger.reqwest()).build().unwrap();
    let heard = house.runtime.block_on(client.get(house.url("/v1/outbox")).send()).unwrap();
    assert_eq!(heard.status().as_u16(), 401);
}

#[test]
fn what_is_anothers_is_as_unknown_as_what_is_nobodys() {
    let house = House::open();
    let id = house.inbox.put("beta", b"for beta");
    let nobodys = wharf::message::MessageId::mint(jiff::Timestamp::now());
    for (method, of) in
        [("GET", "/v1/outbox/"), ("DELETE", "/v1/outbox/"), ("GET", "/v1/receipts/")]
    {
        let ask = |id: &str| house.ask(method, &format!("{of}{id}"), ACME, "");
        let (theirs, nobodys) = (ask(&id.to_string()), ask(&nobodys.to_string()));
        assert_eq!(theirs.status, 404);
        assert_eq!((theirs.status, &theirs.body), (nobodys.status, &nobodys.body));
        assert_eq!(ask("..%2f..%2fetc%2fpasswd").code(), "unknown_message");
    }
    assert_eq!(house.ask("GET", "/v1/outbox", ACME, "").json()["messages"], serde_json::json!([]));
    assert_eq!(house.ask("GET", &format!("/v1/outbox/{id}"), BETA, "").body, b"for beta");
    let posted = house.ask("POST", "/v1/edi", ACME, "x").json();
    let receipt = posted["status_url"].as_str().unwrap();
    assert_eq!(house.ask("GET", receipt, BETA, "").status, 404);
}

#[test]
fn what_waits_is_listed_in_pages_collected_and_signed_off() {
    let house = House::open();
    let ids = ["one", "two", "three"].map(|text| house.inbox.put("acme", text.as_bytes()));
    let mut sorted = ids.map(|id| id.to_string());
    sorted.sort();
    let first = house.ask("GET", "/v1/outbox?limit=2", ACME, "").json();
    let next = first["next"].as_str().unwrap();
    let second = house.ask("GET", next, ACME, "").json();
    assert_eq!(second.get("next"), None);
    let listed = [&first, &second].map(|page| page["messages"].as_array().unwrap().clone());
    let listed = listed.concat().iter().map(|letter| letter["id"].clone()).collect::<Vec<_>>();
    assert_eq!(listed, sorted);
    let path = format!("/v1/outbox/{}", ids[2]);
    let collected = house.ask("GET", &path, ACME, "");
    assert_eq!(collected.body, b"three");
    assert_eq!(collected.headers["content-type"], "application/edi-x12");
    let name = format!("attachment; filename=\"{}.edi\"", ids[2]);
    assert_eq!(collected.headers["content-disposition"], name);
    assert_eq!(collected.headers["x-content-type-options"], "nosniff");
    let tag = collected.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", Digest::of(b"three")));
    let unchanged = house.send("GET", &path, |request| {
        request.bearer_auth(ACME).header("if-none-match", format!("\"x\", W/{tag}"))
    });
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(house.ask("DELETE", &path, ACME, "").status, 204);
    assert_eq!(house.ask("DELETE", &path, ACME, "").status, 204);
    for query in ["limit=x", "after=x", "more=1", "limit=1&limit=2"] {
        let heard = house.ask("GET", &format!("/v1/outbox?{query}"), ACME, "");
        assert_eq!((heard.status, heard.code()), (400, "query_invalid".to_owned()), "{query}");
    }
}

#[test]
fn documents_are_json_and_what_is_wrong_is_named_by_field() {
    let house = House::open();
    let post = |path: &str, kind: &str, body: &'static str| {
        house.send("POST", path, |request| {
            request.bearer_auth(ACME).header("content-type", kind).body(body)
        })
    };
    for (path, name) in [
        ("/v1/acknowledgments", "purchase-order-acknowledgment"),
        ("/v1/ship-notices", "ship-notice"),
        ("/v1/invoices", "invoice"),
        ("/v1/purchase-orders", "purchase-order"),
        ("/v1/purchase-order-changes", "purchase-order-change"),
    ] {
        assert_eq!(post(path, "application/json; charset=utf-8", "{}").status, 202);
        assert_eq!(house.inbox.last().document, Some(name));
    }
    let wrong = post("/v1/invoices", "application/json", "[]");
    assert_eq!((wrong.status, wrong.code()), (422, "document_invalid".to_owned()));
    assert_eq!(
        wrong.json()["errors"],
        serde_json::json!([
            { "pointer": "/number", "code": "missing", "detail": "the number is missing" }
        ])
    );
    let text = post("/v1/invoices", "text/plain", "{}");
    assert_eq!((text.status, text.code()), (415, "content_type_unsupported".to_owned()));
    assert_eq!(post("/v1/edi", "multipart/form-data; boundary=x", "{}").status, 415);
    let full = house.ask("POST", "/v1/edi", ACME, "full");
    assert_eq!((full.status, full.code()), (507, "spool_full".to_owned()));
    assert_eq!(full.headers["retry-after"], "60");
}

#[test]
fn a_body_larger_than_agreed_is_refused_in_words() {
    let house = House::open();
    let heard = house.ask("POST", "/v1/edi", BETA, &"x".repeat(1_001));
    assert_eq!((heard.status, heard.code()), (413, "body_too_large".to_owned()));
    assert!(heard.json()["detail"].as_str().unwrap().contains("1000 bytes"));
    assert_eq!(house.ask("POST", "/v1/edi", BETA, &"x".repeat(1_000)).status, 202);
    // Without a length, and much more than the connection holds.
    let large = house.folder.path().join("large");
    fs::write(&large, vec![b'x'; 30_000_000]).unwrap();
    let data = format!("@{}", large.display());
    let bearer = format!("Authorization: Bearer {ACME}");
    for more in [&["-H", "Transfer-Encoding: chunked"][..], &["-H", "Expect:"], &["--http1.1"]] {
        for version in ["--http1.1", "--http2"] {
            let arguments = [&["-H", &bearer, "--data-binary", &data, version][..], more].concat();
            let heard = house.curl("/v1/edi", &arguments);
            assert_eq!(String::from_utf8_lossy(&heard.stderr), "413", "{more:?} {version}");
        }
    }
    let packed = house.send("POST", "/v1/edi", |request| {
        request.bearer_auth(ACME).header("content-encoding", "gzip").body("x")
    });
    assert_eq!((packed.status, packed.code()), (415, "content_encoding_unsupported".to_owned()));
    assert_eq!(house.inbox.count(), 1);
}

#[test]
fn a_large_body_within_the_limit_arrives_whole() {
    let house = House::open();
    let large = "0123456789".repeat(999_999);
    assert_eq!(house.ask("POST", "/v1/edi", ACME, &large).status, 202);
    assert_eq!(house.inbox.last().body, Body::from(large.into_bytes()));
}

#[test]
fn a_partner_who_asks_too_often_waits_and_the_others_do_not() {
    let house = House::open();
    for _ in 0..30 {
        assert_eq!(house.ask("GET", "/v1/outbox", BETA, "").status, 200);
    }
    let heard = house.ask("GET", "/v1/outbox", BETA, "");
    // One comes back every two seconds.
    if heard.status == 429 {
        assert_eq!(heard.code(), "too_many_requests");
        let wait: u64 = heard.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3).contains(&wait), "{wait}");
    }
    let refused = (0..30).filter(|_| house.ask("GET", "/v1/outbox", BETA, "").status == 429);
    assert!(refused.count() > 0);
    assert_eq!(house.ask("GET", "/v1/outbox", ACME, "").status, 200);
}

#[test]
fn only_so_many_requests_of_one_partner_are_open_at_once() {
    let house = House::open();
    let client = house.client().build().unwrap();
    let url = house.url("/v1/edi");
    let post = |body: &'static str| client.post(&url).bearer_auth(BETA).body(body).send();
    let waiting = [post("wait"), post("wait")].map(|sent| house.runtime.spawn(sent));
    house::until("both are open", || house.ask("GET", "/v1/outbox", BETA, "").status == 429);
    let heard = house.ask("GET", "/v1/outbox", BETA, "");
    assert_eq!(heard.code(), "too_many_at_once");
    assert_eq!(house.ask("GET", "/v1/outbox", ACME, "").status, 200);
    house::until("both were let go", || {
        house.inbox.go.notify_waiters();
        house.inbox.count() == 2
    });
    for sent in waiting {
        assert_eq!(house.runtime.block_on(sent).unwrap().unwrap().status().as_u16(), 202);
    }
    assert_eq!(Arc::strong_count(&house.inbox), 2);
}

#[test]
fn what_is_not_there_and_what_goes_wrong_are_problems() {
    let house = House::open();
    for path in ["/", "/v1", "/v1/edi/", "/v1//edi", "/v1/../v1/edi/x", "/V1/edi", "/admin"] {
        let heard = house.ask("GET", path, ACME, "");
        assert_eq!((heard.status, heard.code()), (404, "unknown_path".to_owned()), "{path}");
        assert_eq!(heard.headers["x-content-type-options"], "nosniff");
        assert_eq!(heard.headers["cache-control"], "no-store");
    }
    let heard = house.ask("PUT", "/v1/outbox", ACME, "");
    assert_eq!((heard.status, heard.code()), (405, "method_not_allowed".to_owned()));
    assert_eq!(heard.headers["allow"], "GET,HEAD");
    let heard = house.ask("POST", "/v1/edi", ACME, "panic");
    assert_eq!((heard.status, heard.code()), (500, "internal".to_owned()));
    assert!(!String::from_utf8_lossy(&heard.body).contains("as asked"));
    assert_eq!(house.ask("GET", "/v1/outbox", ACME, "").status, 200, "it goes on");
}

#[test]
fn both_versions_of_http_are_spoken() {
    let house = House::open();
    let two = house.ask("GET", "/v1/outbox", ACME, "");
    assert_eq!(two.version, reqwest::Version::HTTP_2);
    let bearer = format!("Authorization: Bearer {ACME}");
    for version in ["--http1.1", "--http2", "--http1.0"] {
        let heard = house.curl("/v1/outbox", &["-H", &bearer, version]);
        assert_eq!(String::from_utf8_lossy(&heard.stderr), "200", "{version}");
    }
}

#[test]
fn whoever_is_answered_while_they_send_hears_it_in_both_versions() {
    let house = House::open();
    let large = house.folder.path().join("large");
    fs::write(&large, vec![b'x'; 30_000_000]).unwrap();
    let large = format!("@{}", large.display());
    for version in ["--http1.1", "--http2"] {
        // Which of the two is faster is chance: ask often.
        for data in ["x"; 20].into_iter().chain([large.as_str(); 5]) {
            let chunked = "Transfer-Encoding: chunked";
            let heard = house.curl("/v1/edi", &[version, "-H", chunked, "--data-binary", data]);
            assert_eq!(String::from_utf8_lossy(&heard.stderr), "401", "{version}");
        }
    }
}
