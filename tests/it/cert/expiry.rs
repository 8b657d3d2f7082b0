//! The running gateway tells of certificates that end: in its log, in figures, to the ERP.

use super::super::served::{ERP, Receiver, Served, Ways, heard, signed, until};
use super::pair_of;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use wharf::pki::MadePair;

/// A pair that ends in some days.
fn ending(days: i64) -> MadePair {
    pair_of(&(Timestamp::now() + ((days - 100) * 24).hours()).to_string(), 100)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_threshold_is_told_once_however_often_it_starts() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    let certs = served.folder().join("certs");
    let door = ending(20);
    fs::write(certs.join("door.pem"), door.certificate.to_pem()).unwrap();
    fs::write(certs.join("door.key"), door.key.to_pem().as_bytes()).unwrap();
    fs::set_permissions(certs.join("door.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let us = fs::read_to_string(served.file("us")).unwrap();
    let tls = "tls = { certificate = \"certs/door.pem\", key = { file = \"certs/door.key\" } }";
    let plain = "127.0.0.1:0\"\ntls = \"off\"";
    let us = us.replacen(plain, &format!("127.0.0.1:0\"\n{tls}"), 1);
    fs::write(served.file("us"), us).unwrap();
    fs::write(certs.join("acme.pem"), ending(5).certificate.to_pem()).unwrap();
    let acme = fs::read_to_string(served.file("acme-medical")).unwrap();
    let as2 = "[as2]\nid = 'acme'\nwe_are = 'lakeside'\naccept.encrypted = false\n\
        [[as2.certificates]]\nfile = 'certs/acme.pem'\nfor = ['verify']\n";
    let acme = format!("deliver_by = 'https'\n{acme}\n{as2}");
    fs::write(served.file("acme-medical"), &acme).unwrap();
    served.start();
    until("both are told", async || receiver.count() == 2).await;
    let subjects: BTreeSet<_> = receiver.told().into_iter().map(|(_, subject)| subject).collect();
    assert_eq!(subjects, ["certs/acme.pem", "certs/door.pem"].map(str::to_owned).into());
    let doors = served.doors();
    let (status, feed) = heard(signed(
        doors.request("GET", false, "/v1/events?type=wharf.partner.certificate_expiring.v1"),
        ERP,
    ))
    .await;
    assert_eq!(status, 200, "{feed}");
    let event = &feed["events"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["event"]["partner"] == "acme-medical")
        .unwrap();
    let event = &event["event"];
    assert_eq!(event["type"], "wharf.partner.certificate_expiring.v1");
    assert_eq!(
        (&event["data"]["use"], &event["data"]["threshold_days"]),
        (&"verify".into(), &7.into())
    );
    assert!(event["data"]["message"].as_str().unwrap().contains("ask them for their next one"));
    let (status, ready) = doors.operator("/readyz").await;
    let note = ready["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "certificates")
        .unwrap();
    assert_eq!((status, &note["holds"]), (200, &true.into()), "{ready}");
    assert!(
        note["detail"].as_str().unwrap().contains("certs/door.pem (us, to tls) ends on"),
        "{note}"
    );
    let [.., operator] = served.addresses();
    let figures =
        reqwest::get(format!("http://{operator}/metrics")).await.unwrap().text().await.unwrap();
    let figure = |labels: &str| {
        let line = figures
            .lines()
            .find(|line| line.starts_with(&format!("wharf_certificate_days_left{labels}")));
        line.unwrap_or_else(|| panic!("{labels} {figures}"))
            .split(' ')
            .next_back()
            .unwrap()
            .to_owned()
    };
    assert!(["4", "5"].contains(&figure("{partner=\"acme-medical\",use=\"verify\"}").as_str()));
    assert!(["19", "20"].contains(&figure("{partner=\"us\",use=\"tls\"}").as_str()));
    let warned = |log: &str| log.matches("to verify) ends on").count();
    assert_eq!(warned(&served.log()), 1);
    // Another start, another look: nothing new.
    served.kill();
    served.start();
    until("it looked again", async || warned(&served.log()) == 2).await;
    // A nearer end is told when the files are read again.
    fs::write(certs.join("acme.pem"), ending(1).certificate.to_pem()).unwrap();
    fs::write(served.file("acme-medical"), format!("{acme}\n# again\n")).unwrap();
    // What was told before the kill may be told again, under its own id.
    let told = || receiver.told().into_iter().collect::<BTreeSet<_>>();
    until("the next is told", async || told().len() == 3).await;
    assert_eq!(told().iter().filter(|(_, subject)| subject == "certs/acme.pem").count(), 2);
    served.end_in_order();
}
