//! Our client at our own server, signed in by a password.

use super::super::sftp_client::{House, outgoing};
use super::account::{accepted, confirmation, names};
use super::servers::Ours;
use std::fs;
use wharf::partner::PasswordHash;
use wharf::transport::sftp::HostKeys;
use wharf::transport::sftp::client::send::Sender;

const ACME: &str = "acme-medical";

#[tokio::test(flavor = "multi_thread")]
async fn a_password_lets_our_client_in_and_a_wrong_one_does_not() {
    let ours = {
        let mut ours = Ours::new(&[ACME], "");
        let hash = PasswordHash::of(b"open sesame", [3; 16]).unwrap();
        let file = ours.served.file(ACME);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n[[sftp.passwords]]\nhash = '{hash}'\n")).unwrap();
        ours.served.start();
        ours
    };
    let folder = ours.served.folder().to_owned();
    let pin = HostKeys::open(&folder.join("certs")).unwrap().shown().remove(0);
    let password = folder.join("password");
    let wires = format!(
        "[sftp.remote]\nhost = '127.0.0.1'\nport = {port}\nuser = '{ACME}'\n\
         password = {{ file = '{file}' }}\nhost_keys = ['{pin}']\npush = 'inbound'\n\
         [[sftp.remote.fetch]]\nfolder = 'acknowledgments'\nstable = '0s'\n",
        port = ours.port(),
        file = password.display(),
    );
    write_secret(&password, "open sesamE");
    let sent = Sender::default();
    let out = outgoing("a.edi", confirmation(1));
    let refused = sent.send(&House::new(&wires).remote(), &out).await.unwrap_err();
    assert_eq!(refused.code(), "access_denied", "{refused}");
    assert!(refused.to_string().contains("it does not take our password"), "{refused}");

    write_secret(&password, "open sesame");
    let mut house = House::new(&wires);
    for said in ["it lies in", "it lay in"] {
        let receipt = sent.send(&house.remote(), &out).await.unwrap();
        assert!(receipt.starts_with(said), "{receipt}");
    }
    super::served::until("the acknowledgment to be fetched", async || house.took().await == 1)
        .await;
    let (_, bytes) = house.files().remove(0);
    assert!(String::from_utf8(bytes).unwrap().contains("~AK1*PR*1~"));
    assert_eq!(house.took().await, 0, "a complete fetch is the receipt");
    let all = tokio::task::spawn_blocking(move || accepted(ours, ACME)).await.unwrap();
    assert_eq!(names(&all), ["a.edi"]);
}

fn write_secret(path: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
