//! Behind a proxy that speaks TLS: plain HTTP.

use super::super::served::{Served, Ways};
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_every_door_speaks_plain_http_and_the_commands_know_it() {
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    let us = fs::read_to_string(served.file("us")).unwrap();
    let proxied = us.replace("\ntls = \"off\"", "\ntls = \"proxy\"");
    assert_eq!(proxied.matches("\ntls = \"proxy\"").count(), 3, "{proxied}");
    fs::write(served.file("us"), proxied).unwrap();
    served.start();
    let [partners, erp, operator] = served.addresses();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (door, path) in
        [(partners, "/v1/openapi.json"), (erp, "/v1/openapi.json"), (operator, "/v1/messages")]
    {
        let answer = client.get(format!("http://{door}{path}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{door}");
    }
    let listed = served.wharf(&["spool", "list"]);
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    served.end_in_order();
}
