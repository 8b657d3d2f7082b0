//! What an operator sees and does, with and without a server that holds the spool.

mod house;

use house::{Cast, House, Run, files, fill, run};
use insta::assert_snapshot;
use regex::Regex;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::fs;

/// A house with a story in its spool.
fn told() -> (House, Cast) {
    let house = House::new();
    let spool = house.open();
    let cast = fill(&spool);
    spool.close().unwrap();
    (house, cast)
}

/// What `run` printed, with ids replaced by what they are.
fn masked(cast: &Cast, text: &str) -> String {
    let mut text = text.to_owned();
    let mut mask = |id: &wharf::message::MessageId, name: &str| {
        text = text.replace(&id.to_string(), name);
    };
    mask(&cast.order, "<order>");
    mask(&cast.parcel, "<parcel>");
    mask(&cast.answer, "<answer>");
    mask(&cast.invoice, "<invoice>");
    cast.dead.iter().for_each(|id| mask(id, "<dead>"));
    cast.aside.iter().for_each(|id| mask(id, "<aside>"));
    let others = Regex::new("019ca[0-9a-f-]{31}").unwrap();
    let text = others.replace_all(&text, "<other>");
    Regex::new(r"bodies, \d+ bytes").unwrap().replace_all(&text, "bodies, … bytes").into_owned()
}

fn harmless(run: &Run) -> bool {
    let safe = |c: char| c == '\n' || !c.is_control() && !('\u{202A}'..='\u{202E}').contains(&c);
    run.out.chars().all(safe) && run.err.chars().all(safe)
}

#[test]
fn the_story_of_an_order_is_told_in_the_words_of_procurement() {
    let (house, cast) = told();
    let story = house.run(&["trace", "4501-77281"]);
    assert_eq!((story.code, story.err.as_str()), (0, ""));
    assert_snapshot!(masked(&cast, &story.out));
    // The same by the number of the interchange, though only the parcel carries it.
    let by_number = house.run(&["trace", "42"]);
    assert!(by_number.out.contains("Acme Medical Supply accepted the order"), "{by_number:?}");
    assert!(by_number.out.contains("The ERP handed in the order 4501-77281"), "{by_number:?}");
}

#[test]
fn a_server_that_holds_the_spool_answers_the_same() {
    let (house, cast) = told();
    let [order, invoice, aside] =
        [cast.order, cast.invoice, cast.aside[0]].map(|id| id.to_string());
    let strange = "no/such thing?#%2e";
    let asked: Vec<Vec<&str>> = vec![
        vec!["spool", "list"],
        vec!["spool", "list", "--json", "--partner", "acme-medical", "--set", "810"],
        vec!["spool", "list", "--state", "dead", "--limit", "2"],
        vec!["spool", "list", "--direction", "in", "--since", "2026-03-01T10:35:00Z"],
        vec!["spool", "list", "--reference", strange],
        vec!["spool", "show", &invoice],
        vec!["spool", "show", &invoice, "--json"],
        vec!["spool", "show", &order, "--raw"],
        vec!["spool", "show", &invoice, "--raw", "--part", "notice-1"],
        vec!["spool", "show", &invoice, "--raw", "--part", "kept-7"],
        vec!["spool", "show", "01900000-0000-7000-8000-000000000001"],
        vec!["spool", "trace", "INV-9"],
        vec!["trace", "4501-77281", "--json"],
        vec!["trace", &aside],
        vec!["trace", strange],
        vec!["spool", "numbers"],
        vec!["spool", "numbers", "--json"],
        vec!["spool", "replay", "--dry-run", "--set", "810", "--why", "to see", "--json"],
        vec!["spool", "replay", "--dry-run", "--why", "everything"],
        vec!["spool", "replay", "--dry-run", "--since", "2026-03-01T00:00:00Z", "--why", "to see"],
        vec!["spool", "retry", &order, "--why", "to see"],
        vec!["spool", "release", &order, "--why", "to see"],
        vec!["spool", "discard", &order, "--why", " "],
        vec!["spool", "verify"],
    ];
    let ask = || asked.iter().map(|arguments| house.run(arguments)).collect::<Vec<_>>();
    let alone = ask();
    let console = house.serve();
    let served = ask();
    drop(console);
    for ((arguments, alone), served) in asked.iter().zip(&alone).zip(&served) {
        assert_eq!(alone, served, "{arguments:?}");
        assert!(harmless(alone), "{arguments:?}: {alone:?}");
        assert!(alone.code == 0 || !alone.err.is_empty(), "{arguments:?}: {alone:?}");
    }
    let all = asked.iter().zip(&alone).filter(|(arguments, _)| !arguments.contains(&"--json"));
    let all = all.map(|(arguments, run)| {
        format!("$ wharf {}\n{}{}[{}]\n\n", arguments.join(" "), run.out, run.err, run.code)
    });
    assert_snapshot!(masked(&cast, &all.collect::<String>()));
}

#[test]
fn what_a_person_decides_is_done_once_and_kept_with_their_name() {
    let (house, cast) = told();
    let console = house.serve();
    let mut console = Some(console);
    let mut said = Vec::new();
    for n in [0, 1] {
        let [dead, other, aside] = [cast.dead[n], cast.dead[n + 2], cast.aside[n]];
        let [dead, other, aside] = [dead, other, aside].map(|id| id.to_string());
        let act = |what: &str, id: &str| house.run(&["spool", what, id, "--why", "it was mended"]);
        let runs = [
            act("retry", &dead),
            act("retry", &dead),
            act("discard", &other),
            act("discard", &other),
            act("release", &aside),
            act("release", &aside),
            house.run(&["spool", "show", &dead, "--json"]),
        ];
        assert_eq!(runs.each_ref().map(|run| run.code), [0, 2, 0, 2, 0, 2, 0], "{runs:?}");
        let hand = &runs[6].value()["events"][2]["kind"]["retried"];
        assert_eq!(*hand, json!({ "by": "ann", "why": "it was mended" }));
        let text =
            runs[..6].iter().flat_map(|run| [run.out.as_str(), &run.err]).collect::<String>();
        said.push(masked(&cast, &text));
        // The second time without a server.
        drop(console.take());
    }
    assert_eq!(said[0], said[1]);
    assert_snapshot!(said[0]);
}

#[test]
fn a_replay_takes_what_was_done_before_and_only_once() {
    let (house, cast) = told();
    let replay = |more: &[&str]| {
        let asked = ["spool", "replay", "--set", "810", "--why", "the ERP was restored", "--json"];
        house.run(&[&asked[..], more].concat()).value()
    };
    let dry = replay(&["--dry-run"]);
    assert_eq!((&dry["dry_run"], &dry["taken"]), (&json!(true), &json!(1)));
    let taken = |value: &Value| {
        let messages = value["messages"].as_array().unwrap().iter();
        let taken = messages.filter(|take| take["taken"] == true);
        taken.map(|take| take["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(taken(&dry), [cast.invoice.to_string()]);
    let done = replay(&[]);
    assert_eq!(taken(&done), taken(&dry));
    let console = house.serve();
    let again = replay(&["--id", &cast.parcel.to_string(), "--answers"]);
    assert_eq!(taken(&again), [cast.parcel.to_string()]);
    // What only acknowledges, and what an interchange stands for, is not sent twice by the way.
    let all = ["spool", "replay", "--since", "2026-03-01", "--why", "all", "--dry-run", "--json"];
    let all = house.run(&all).value();
    assert!(!taken(&all).contains(&cast.order.to_string()), "{all}");
    let text = all.to_string();
    assert!(text.contains("it only acknowledges") && text.contains("its interchange stands"));
    let why = |value: &Value, id: String| {
        let mut messages = value["messages"].as_array().unwrap().iter();
        messages.find(|take| take["id"] == id.as_str()).unwrap()["meaning"].clone()
    };
    assert_eq!(why(&again, cast.invoice.to_string()), "it waits to be read already");
    assert_eq!(why(&again, cast.aside[0].to_string()), "it is in quarantine: release it first");
    drop(console);
}

#[test]
fn control_numbers_are_set_forward_for_partners_that_there_are() {
    let (house, _) = told();
    let set = |partner: &str, next: &str| {
        house.run(&["spool", "numbers", partner, "--kind", "interchange", "--next", next])
    };
    let behind = set("acme-medical", "1");
    assert!(behind.err.contains("control number 1 cannot be the next"), "{behind:?}");
    let unknown = set("acme-medcal", "9");
    assert!(unknown.err.contains("there is no partner `acme-medcal`"), "{unknown:?}");
    let console = house.serve();
    assert_eq!([set("acme-medical", "1"), set("acme-medcal", "9")], [behind, unknown]);
    let forward = set("acme-medical", "5001");
    assert_eq!(forward.out, "acme-medical  interchange (ISA13)  last 000005000\n");
    drop(console);
    assert_eq!(house.run(&["spool", "numbers"]), forward);
}

#[test]
fn an_export_is_the_same_whoever_holds_the_spool() {
    let (house, cast) = told();
    let id = cast.invoice.to_string();
    let export = |folder: &str| {
        fs::create_dir(house.path(folder)).unwrap();
        let run = house.run(&["spool", "export", &id, folder]);
        assert_eq!(run.code, 0, "{run:?}");
        files(&house.path(folder).join(&id))
    };
    let alone = export("alone");
    let console = house.serve();
    assert_eq!(export("served"), alone);
    let twice = house.run(&["spool", "export", &id, "served"]);
    assert_eq!(twice.code, 2, "{twice:?}");
    drop(console);
    let names: Vec<_> = alone.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["body", "kept-1", "message.json", "notice-1"]);
    assert_eq!(alone[0].1, b"ISA*00*");
}

#[test]
fn without_a_spool_or_anything_in_it_it_is_said_in_words() {
    let house = House::new();
    let none = house.run(&["spool", "list"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("there is no spool in spool; `wharf serve` begins one"), "{none:?}");
    assert!(!house.path("spool").exists(), "to look must not begin a spool");
    house.open().close().unwrap();
    let empty = house.run(&["spool", "list"]);
    assert_eq!((empty.code, empty.err.as_str()), (0, "note: there are no such messages\n"));
    assert_eq!(house.run(&["spool", "list", "--json"]).out, "");
    assert_eq!(house.run(&["trace", "4711"]).code, 2);
    assert_eq!(house.run(&["spool", "rebuild"]).code, 0);
    assert_eq!(house.run(&["spool", "verify"]).code, 0);
    // Somebody else holds it, and nobody answers.
    let held = house.open();
    let run = house.run(&["spool", "list"]);
    assert_eq!(run.code, 2);
    let words = ["is in use by process", "nobody answers for it at http://127.0.0.1:"];
    assert!(words.iter().all(|words| run.err.contains(words)), "{run:?}");
    assert_eq!(house.run(&["spool", "verify"]).code, 0);
    assert_eq!(house.run(&["spool", "rebuild"]).code, 2);
    drop(held);
}

#[test]
fn help_has_examples_for_every_command() {
    let house = House::new();
    let names = ["list", "show", "trace", "retry", "release", "discard", "replay", "verify"];
    let names = names.into_iter().chain(["rebuild", "export", "numbers"]);
    let commands = names.map(|name| vec!["spool", name]).chain([vec!["spool"], vec!["trace"]]);
    for command in commands {
        let run = house.run(&[&command[..], &["--help"]].concat());
        assert_eq!(run.code, 0);
        assert!(run.out.contains("Example") && run.out.contains("--json"), "{command:?}");
    }
}

#[test]
fn whoever_acts_says_why() {
    let (house, cast) = told();
    let run = house.run(&["spool", "retry", &cast.dead[0].to_string()]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--why"), "{run:?}");
    let wrong = house.run(&["spool", "show", "4711"]);
    assert!(wrong.err.contains("this is no message id: `4711`; copy it from"), "{wrong:?}");
}

/// Asks the console, and gives the status with the answer.
async fn ask(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[test]
fn no_web_page_can_act_as_an_operator() {
    let (house, cast) = told();
    let console = house.serve();
    let base = format!("http://127.0.0.1:{}", house.port);
    let client = Client::builder().no_proxy().build().unwrap();
    let act = format!("{base}/v1/messages/{}/discard", cast.dead[0]);
    run(async {
        let because = || client.post(&act).body(r#"{"by":"x","why":"y"}"#);
        let json = || because().header("content-type", "application/json");
        let (status, problem) = ask(json().header("origin", "https://evil.example")).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("origin_refused")));
        let (status, _) = ask(json().header("origin", &base)).await;
        assert_eq!(status.as_u16(), 403);
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"] {
            let (status, problem) = ask(client.get(&base).header("host", host)).await;
            assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("host_refused")));
        }
        let (status, problem) = ask(because().header("content-type", "text/plain")).await;
        assert_eq!((status.as_u16(), &problem["code"]), (415, &json!("media_type_unsupported")));
        let (status, message) = ask(client.get(act.replace("/discard", ""))).await;
        assert_eq!((status.as_u16(), &message["message"]["state"]), (200, &json!("dead")));
        let local = base.replace("127.0.0.1", "localhost");
        assert_eq!(ask(json().header("host", local.replace("http://", ""))).await.0.as_u16(), 200);
    });
    drop(console);
}

#[test]
fn the_console_tells_its_health_its_figures_and_every_error_as_a_problem() {
    let (house, cast) = told();
    let console = house.serve();
    let base = format!("http://127.0.0.1:{}", house.port);
    let client = Client::builder().no_proxy().build().unwrap();
    run(async {
        let get = async |path: &str| ask(client.get(format!("{base}{path}"))).await;
        assert_eq!(get("/healthz").await.1, json!({ "alive": true }));
        let (status, ready) = get("/readyz").await;
        assert_eq!((status.as_u16(), &ready["ready"]), (200, &json!(true)), "{ready}");
        assert_eq!(ready["checks"][2]["name"], "listeners");
        let (_, figures) = get("/metrics").await;
        let figures = figures.as_str().unwrap();
        assert!(figures.contains("wharf_open_messages{state=\"dead\"} 4\n"), "{figures}");
        assert!(figures.contains("wharf_open_messages{state=\"quarantined\"} 2\n"), "{figures}");
        assert_eq!(get("/v1/openapi.json").await.1["openapi"], "3.1.0");
        let (_, queues) = get("/v1/queues").await;
        assert_eq!(queues["open"].as_array().unwrap().len(), 6);
        let id = cast.order;
        for (path, status, code) in [
            ("/nothing", 404, "route_unknown"),
            ("/v1/messages/x", 422, "not_a_message_id"),
            ("/v1/messages/01900000-0000-7000-8000-000000000001", 404, "message_unknown"),
            ("/v1/messages?state=odd", 400, "query_invalid"),
            ("/v1/messages?odd=1", 400, "query_invalid"),
            ("/v1/trace/nothing", 404, "reference_unknown"),
            ("/v1/trace/%FF", 400, "path_invalid"),
            ("/v1/reload", 405, "method_not_allowed"),
        ] {
            let (found, problem) = get(path).await;
            assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{path}");
        }
        let post = async |path: &str, body: &str| {
            let kind = "application/json";
            let request = client.post(format!("{base}{path}")).header("content-type", kind);
            ask(request.body(body.to_owned())).await
        };
        let long = format!(r#"{{"by":"ann","why":"{}"}}"#, "y".repeat(2001));
        let big = " ".repeat(600 << 10);
        for (path, body, status, code) in [
            (format!("/v1/messages/{id}/retry"), r#"{"by":"ann","why":"y"}"#, 409, "not_now"),
            (format!("/v1/messages/{id}/retry"), r#"{"by":"ann"}"#, 400, "body_invalid"),
            (format!("/v1/messages/{id}/retry"), r#"{"by":"","why":"y"}"#, 422, "unsaid"),
            (format!("/v1/messages/{id}/retry"), &long, 422, "too_long"),
            (format!("/v1/messages/{id}/retry"), &big, 413, "body_too_large"),
            ("/v1/replay".to_owned(), r#"{"by":"ann","why":"y"}"#, 422, "not_narrowed"),
            ("/v1/reload".to_owned(), "", 422, "configuration_faulty"),
        ] {
            let (found, problem) = post(&path, body).await;
            assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{path}");
        }
    });
    drop(console);
}
