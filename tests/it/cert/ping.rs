//! A test message to another Wharf, and what is said when something is not as it should be.

use super::super::served::{Served, Ways};
use super::Folder;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn as2(id: &str, key: &str) -> String {
    format!(
        "[as2]\nid = '{id}'\n[[as2.keys]]\ncertificate = 'certs/{key}.pem'\nkey = {{ file = 'certs/{key}.key' }}\n"
    )
}

fn give(from: &Folder, name: &str, to: &Path, mode: u32) {
    fs::copy(from.path(name), to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).unwrap();
}

fn states(folder: &Folder, code: i32) -> Vec<serde_json::Value> {
    let ran = folder.wharf(&["as2", "ping", "acme", "--json"]);
    assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_of_a_test_message_is_told_and_whose_move_a_fault_is() {
    // We, and the keys of both.
    let folder = Folder::new();
    for name in ["ours", "theirs", "other"] {
        folder.done(&["cert", "new", name]);
    }
    // They, another Wharf.
    let mut served = Served::new("http://127.0.0.1:9/", Ways::Plain);
    let certs = served.folder().join("certs");
    give(&folder, "certs/theirs.pem", &certs.join("theirs.pem"), 0o644);
    give(&folder, "certs/theirs.key", &certs.join("theirs.key"), 0o600);
    give(&folder, "certs/ours.pem", &certs.join("ours.pem"), 0o644);
    let us = fs::read_to_string(served.file("us")).unwrap();
    fs::write(served.file("us"), us + &as2("acme", "theirs")).unwrap();
    let partner = "title = 'Lakeside'\nrole = 'customer'\nmode = 'test'\nowner = 'edi'\n\
        identities = [{ isa = 'ZZ:LAKE', gs = ['LAKE'] }]\n[as2]\nid = 'lakeside'\n\
        [[as2.certificates]]\nfile = 'certs/ours.pem'\n";
    fs::write(served.folder().join("partners/lakeside.toml"), partner).unwrap();
    served.start();
    let [partners, ..] = served.addresses();
    let us = folder.text("partners/us.toml") + &as2("lakeside", "ours");
    folder.put("partners/us.toml", us);
    let acme = folder.text("partners/acme.toml");
    let set = |address: &str, pinned: &str, ours: &str| {
        let as2 = format!(
            "[as2]\nid = 'acme'\nwe_are = '{ours}'\nurl = 'http://{address}/as2'\n\
             [[as2.certificates]]\nfile = 'certs/{pinned}.pem'\n"
        );
        folder.put("partners/acme.toml", format!("{acme}{as2}"));
    };
    set(&partners, "theirs", "lakeside");
    let steps = states(&folder, 0);
    let names: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "profile",
            "our certificate",
            "their certificate",
            "name",
            "connection",
            "message",
            "signature",
            "encryption",
            "our MIC",
            "call",
            "receipt"
        ]
    );
    let receipt = steps.last().unwrap()["text"].as_str().unwrap();
    assert!(receipt.contains("processed") && receipt.contains("signed by"), "{receipt}");
    // Their signature is not by whom we think.
    set(&partners, "other", "lakeside");
    let steps = states(&folder, 1);
    let last = steps.last().unwrap();
    // They could not even decrypt it, and say so under a signature that we do not know.
    assert_eq!((&last["step"], &last["code"]), (&"receipt".into(), &"mdn_bad_signature".into()));
    assert_eq!(last["who"], "we or the partner must change it");
    // Nobody is there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    set(&free.to_string(), "theirs", "lakeside");
    let steps = states(&folder, 1);
    assert_eq!(steps.last().unwrap()["code"], "unreachable");
    let ran = folder.wharf(&["as2", "ping", "nobody"]);
    assert_eq!((ran.code, ran.err.contains("there is no partner")), (2, true), "{}", ran.err);
    served.end_in_order();
}
