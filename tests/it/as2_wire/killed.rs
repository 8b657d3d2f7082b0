//! The real program, killed when it has taken a message and before its receipt is out.

use super::super::served::{Receiver, Served, Ways};
use super::world::{Keys, LAKESIDE, Make, Packet, confirmation, post};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;
use wharf::message::MessageId;

fn furnish(served: &Served) {
    let certs = served.folder().join("certs");
    let (us, acme) = (Keys::of(LAKESIDE), Keys::of(super::world::ACME));
    fs::write(certs.join("us.pem"), &us.certificate).unwrap();
    fs::write(certs.join("us.key"), &us.key).unwrap();
    fs::set_permissions(certs.join("us.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(certs.join("acme.pem"), &acme.certificate).unwrap();
    let ours = "\n[as2]\nid = 'LAKESIDE AS2'\n[[as2.keys]]\ncertificate = 'certs/us.pem'\n\
                key = { file = 'certs/us.key' }\n";
    let theirs = "\n[as2]\nid = 'ACME'\n[[as2.certificates]]\nfile = 'certs/acme.pem'\n";
    let file = served.file("us");
    fs::write(&file, fs::read_to_string(&file).unwrap() + ours).unwrap();
    let file = served.file("acme-medical");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("deliver_by = 'https'\n{text}{theirs}")).unwrap();
}

async fn send(served: &Served, packet: Packet) -> Option<Vec<u8>> {
    let url = format!("http://{}/as2", served.addresses()[0]);
    let heard = tokio::spawn(async move { post(&url, &packet).await }).await.ok()?;
    assert_eq!(heard.disposition(), "processed");
    let mut bytes = heard.headers.value("Message-ID").unwrap().as_bytes().to_vec();
    bytes.extend_from_slice(&heard.body);
    Some(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_acceptance_and_the_receipt_a_message_happens_once() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    furnish(&served);
    let make = Make::new("<1@acme>", confirmation(1));
    assert!(served.start_under(&["inject=sendto,writev:signal=KILL:when=1"]), "{}", served.log());
    assert_eq!(send(&served, make.packet()).await, None, "no receipt gets out");
    let ended = served.ended(Duration::from_secs(20));
    assert_eq!(ended.and_then(|status| status.signal()), Some(9), "{}", served.log());
    let killed = jiff::Timestamp::now();
    served.start();
    let first = send(&served, make.packet()).await.unwrap();
    let second = send(&served, make.packet()).await.unwrap();
    assert_eq!(first, second, "byte for byte");
    // It is the receipt that was written before the end.
    let name = String::from_utf8_lossy(&first[1..37]).into_owned();
    let minted = name.parse::<MessageId>().unwrap().minted_at();
    assert!(minted < killed, "{minted} {killed}");
    super::world::until("the event", || (!receiver.told().is_empty()).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut told = receiver.told();
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    served.end_in_order();
}
