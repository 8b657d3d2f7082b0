//! What was kept of encrypted messages is opened and verified with OpenSSL alone, by the very commands that the
//! bundle states.

use super::two::{both, exchange};
use super::world::{ACME, Keys, LAKESIDE, STRANGER};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wharf::message::MessageId;

/// Has `wharf spool export` make a bundle of a message.
fn bundle(folder: &Path, id: MessageId) -> PathBuf {
    let done = Command::new(env!("CARGO_BIN_EXE_wharf"))
        .args(["spool", "export", &id.to_string()])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    folder.join(id.to_string())
}

/// The commands of its README, as a shell takes them.
fn commands(bundle: &Path) -> Vec<String> {
    let text = fs::read_to_string(bundle.join("README.txt")).unwrap();
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| line.starts_with("    openssl"));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Runs a command in the bundle: whether it ended well, and what it said.
fn run(bundle: &Path, command: &str) -> (bool, String) {
    let output = Command::new("sh").args(["-c", command]).current_dir(bundle).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

/// Runs them all; gives the MIC that they print, and what they opened.
fn opened(bundle: &Path, receiver: usize, signer: usize) -> (String, Vec<u8>) {
    let put = |name: &str, text: &str| fs::write(bundle.join(name), text).unwrap();
    put("RECEIVER.pem", &Keys::of(receiver).certificate);
    put("RECEIVER.key", &Keys::of(receiver).key);
    put("request-signer.pem", &Keys::of(signer).certificate);
    let commands = commands(bundle);
    let about_request = commands.iter().filter(|command| command.contains("request-"));
    assert_eq!(about_request.count(), 3, "{commands:#?}");
    let mut mic = String::new();
    for command in &commands {
        let (good, said) = run(bundle, command);
        assert!(good, "{command}\n{said}");
        if command.contains("-verify") {
            assert!(said.contains("erification successful"), "{command}\n{said}");
        }
        if command.contains("dgst") && command.contains("request-content") {
            said.trim().clone_into(&mut mic);
        }
    }
    let content = fs::read(bundle.join("request-content")).unwrap();
    // Another's certificate does not do.
    put("request-signer.pem", &Keys::of(STRANGER).certificate);
    let verify = commands.iter().find(|it| it.contains("-verify") && it.contains("request-opened"));
    assert!(!run(bundle, verify.unwrap()).0);
    (mic.replace('\n', ""), content)
}

/// What stands in a note of the bundle, under a name.
fn noted(note: &[u8], name: &str) -> String {
    let note: serde_json::Value = serde_json::from_slice(note).unwrap();
    let value = note.get(name).unwrap();
    value.as_str().or_else(|| value[0].as_str()).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_message_that_was_encrypted_is_opened_and_verified_by_openssl_alone() {
    for more in ["", "send = { digest = 'sha-512', cipher = 'aes-128-cbc' }"] {
        let (lakeside, acme) = both(more, more);
        exchange(&lakeside, &acme).await;
        let came = lakeside.arrived()[0];
        let sent = *acme.arrived().first().unwrap();
        let order = lakeside.dossier(came);
        let inbound = lakeside.gateway.spool().body(&order.body).unwrap();
        let facts = lakeside.kept(came, "as2.json").unwrap();
        // The same order, as who received it kept it, tells what went out.
        let payload = acme.gateway.spool().body(&acme.dossier(sent).body).unwrap();
        let outbound = acme.dossier(sent).references[0].value.clone();
        let outbound: MessageId = outbound.split('@').next().unwrap().parse().unwrap();
        let note = lakeside.kept(outbound, "as2-sent.json").unwrap();
        let folder = lakeside.close().await;
        acme.close().await;
        let copy = tempfile::tempdir().unwrap();
        let mut cp = Command::new("cp");
        cp.arg("-r").arg(folder.path().join(".")).arg(copy.path());
        assert!(cp.status().unwrap().success());
        for (id, receiver, signer, payload, mic) in [
            (came, LAKESIDE, ACME, inbound, noted(&facts, "mic")),
            (outbound, ACME, LAKESIDE, payload, noted(&note, "mics")),
        ] {
            let bundle = bundle(copy.path(), id);
            let (printed, content) = opened(&bundle, receiver, signer);
            assert_eq!(mic.split(", ").next().unwrap(), printed, "{mic}");
            let end = content.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
            assert!(content[end..] == payload, "{id}: what was signed is what was handed over");
        }
    }
}
