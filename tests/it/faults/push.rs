//! Partners to whom we post, and who answer badly.

use super::super::served::{ERP, Served, Ways, order, until};
use super::ear::{Ear, Reply, nobody};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const RETRY: &str = "[retry]\nwaits = ['1s', '1s']\nthen = '1s'\ngive_up = '30s'\n";

/// The messages in a state, as `wharf spool list` tells them.
fn listed(served: &Served, state: &str) -> Vec<Value> {
    let run = served.wharf(&["spool", "list", "--json", "--state", state]);
    assert!(run.status.success(), "{run:?}");
    let lines = String::from_utf8(run.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_partner_has_each_order_once_in_the_end_or_it_is_put_aside() {
    let (here, away) = (nobody(), nobody());
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    for name in ["broken", "busy", "forbids", "moved", "resets"] {
        served.partner(name, &format!("{{ url = 'http://{here}/{name}' }}"), RETRY);
    }
    served.partner("away", &format!("{{ url = 'http://{away}/away' }}"), RETRY);
    let forbids = Arc::new(AtomicBool::new(true));
    let still = Arc::clone(&forbids);
    let ear = Ear::at(here, move |heard, before| match (heard.path.as_str(), before.len()) {
        ("/broken", 0 | 1) => Reply::Status(500),
        ("/busy", 0) => Reply::Busy(503, "3"),
        ("/forbids", _) if still.load(Ordering::SeqCst) => Reply::Status(403),
        ("/moved", _) => Reply::Redirect("/trap"),
        ("/resets", 0) => Reply::Reset,
        _ => Reply::Status(204),
    })
    .await;
    served.start();
    let doors = served.doors();
    for (number, name) in
        ["broken", "busy", "forbids", "moved", "resets", "away"].iter().enumerate()
    {
        let number = u32::try_from(number).unwrap();
        let path = format!("/v1/purchase-orders?partner={name}");
        doors.insist(ERP, &path, &order(number), number).await;
    }
    for (path, attempts) in [("/broken", 3), ("/busy", 2), ("/resets", 2)] {
        until(path, async || ear.of(path).last().is_some_and(|last| last.status == Some(204)))
            .await;
        let heard = ear.of(path);
        assert_eq!(heard.len(), attempts, "{heard:?}");
        assert!(heard.iter().all(|one| one.key == heard[0].key && one.body == heard[0].body));
    }
    let busy = ear.of("/busy");
    let waited = busy[1].at - busy[0].at;
    assert!(waited >= Duration::from_secs(3), "{waited:?} after they asked for three seconds");
    // Who is away comes back.
    let back = Ear::at(away, |_, _| Reply::Status(204)).await;
    until("who was away has it", async || back.taken().len() == 1).await;
    // A no is no reason to ask again.
    until("two are put aside", async || listed(&served, "dead").len() == 2).await;
    let dead = listed(&served, "dead");
    let of = |name: &str| dead.iter().find(|line| line["partner"] == name).unwrap().clone();
    let (forbidden, moved) = (of("forbids"), of("moved"));
    assert!(forbidden["trouble"]["text"].as_str().unwrap().contains("403"), "{forbidden}");
    assert!(moved["trouble"]["text"].as_str().unwrap().contains("302"), "{moved}");
    assert_eq!(
        [ear.of("/forbids").len(), ear.of("/moved").len(), ear.of("/trap").len()],
        [1, 1, 0]
    );
    forbids.store(false, Ordering::SeqCst);
    let id = forbidden["id"].as_str().unwrap();
    let retried =
        served.wharf(&["spool", "retry", id, "--why", "they let us in", "--by", "a test"]);
    assert!(retried.status.success(), "{retried:?}");
    until("they have it", async || ear.of("/forbids").len() == 2).await;
    until("one is put aside", async || listed(&served, "dead").len() == 1).await;
    assert!(ear.taken().values().all(|times| *times == 1), "{:?}", ear.taken());
    assert_eq!(ear.taken().len(), 4, "{:?}", ear.taken());
    served.end_in_order();
}
