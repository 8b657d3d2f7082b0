//! What is named is listed, and what is wrong with it is said before it matters.

use super::{Folder, pair_of};
use jiff::{Timestamp, ToSpan};

/// One with a pair of ours and a certificate of a partner's, both named.
fn named(folder: &Folder, theirs: &str) {
    folder.done(&["cert", "new", "as2"]);
    folder.put("certs/acme.pem", theirs);
    name(folder, "", "");
}

fn name(folder: &Folder, of_us: &str, of_acme: &str) {
    let us = folder.text("partners/us.toml");
    let us = us.split("[as2]").next().unwrap();
    folder.put("partners/us.toml", format!("{us}[as2]\nid = 'lakeside'\n{OURS}{of_us}"));
    let acme = folder.text("partners/acme.toml");
    let acme = acme.split("[as2]").next().unwrap();
    folder.put("partners/acme.toml", format!("{acme}[as2]\nid = 'acme'\n{THEIRS}{of_acme}"));
}

const OURS: &str =
    "[[as2.keys]]\ncertificate = 'certs/as2.pem'\nkey = { file = 'certs/as2.key' }\n";
const THEIRS: &str = "[[as2.certificates]]\nfile = 'certs/acme.pem'\n";

/// A certificate that ends in some days, or ended before.
fn ending(days: i32) -> String {
    let from = Timestamp::now() + ((days - 100) * 24).hours();
    pair_of(&from.to_string(), 100).certificate.to_pem()
}

fn remarks(folder: &Folder) -> (i32, Vec<String>) {
    let ran = folder.wharf(&["cert", "check", "--json"]);
    let lines = ran.out.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| line[key].as_str().unwrap().to_owned();
        format!("{} {} {}", word("severity"), word("code"), word("file"))
    });
    (ran.code, lines.collect())
}

#[test]
fn what_the_files_name_is_listed_with_its_uses() {
    let folder = Folder::new();
    named(&folder, &ending(90));
    let out = folder.done(&["cert", "list"]).out;
    let lines: Vec<_> = out.lines().step_by(2).collect();
    assert!(lines[0].starts_with("us    sign decrypt    certs/as2.pem   RSA-2048  "), "{out}");
    assert!(lines[1].starts_with("acme  verify encrypt  certs/acme.pem  RSA-2048  "), "{out}");
    assert!(lines[1].ends_with("  89 days left") || lines[1].ends_with("  90 days left"), "{out}");
    assert_eq!(lines.len(), 2, "{out}");
    let json = folder.done(&["cert", "list", "--json"]).out;
    let line: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!((&line["partner"], &line["uses"][1]), (&"acme".into(), &"encrypt".into()));
}

#[test]
fn what_is_in_order_is_so() {
    let folder = Folder::new();
    named(&folder, &ending(90));
    let ran = folder.done(&["cert", "check"]);
    assert_eq!(ran.out, "in order: 2 certificates that our files name, 3 files\n");
}

#[test]
fn each_fault_has_its_name() {
    let folder = Folder::new();
    named(&folder, &ending(20));
    let expiring = "expiring certs/acme.pem";
    // To verify and to encrypt.
    let (code, told) = remarks(&folder);
    assert_eq!((code, told), (0, vec![format!("warning {expiring}"); 2]));
    folder.put("certs/acme.pem", ending(3));
    assert_eq!(remarks(&folder), (1, vec![format!("error {expiring}"); 2]));
    folder.put("certs/acme.pem", ending(-3));
    let (code, told) = remarks(&folder);
    assert_eq!(code, 1);
    assert_eq!(told[..2], ["note expired certs/acme.pem", "error nothing_valid certs/acme.pem"]);
    // Another takes over: nothing is to be done.
    folder.put("certs/next.pem", ending(90));
    name(&folder, "", &THEIRS.replace("acme.pem", "next.pem"));
    assert_eq!(remarks(&folder), (0, vec!["note expired certs/acme.pem".to_owned()]));
    // A day that the file says ends it sooner.
    name(&folder, "", &THEIRS.replace("acme.pem'", "next.pem'\nuntil = 2026-01-01"));
    assert_eq!(remarks(&folder).0, 1);
    folder.put("certs/acme.pem", ending(90));
    name(&folder, "", "");
    folder.put("certs/other.pem", ending(90));
    folder.put("certs/lost.key", pair_of("2026-01-01T00:00:00Z", 9).key.to_pem().as_bytes());
    folder.set_mode("certs/lost.key", 0o600);
    let (code, told) = remarks(&folder);
    assert_eq!(code, 0);
    assert_eq!(
        told,
        [
            "note no_certificate certs/lost.key",
            "note not_named certs/next.pem",
            "note not_named certs/other.pem"
        ]
    );
    folder.set_mode("certs/lost.key", 0o640);
    folder.put("certs/lost.pem", ending(90));
    let (code, told) = remarks(&folder);
    assert_eq!(code, 1);
    assert_eq!(told[..2], ["error open_key certs/lost.key", "error not_a_pair certs/lost.key"]);
    folder.put("certs/bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert!(remarks(&folder).1.contains(&"error unreadable certs/bad.pem".to_owned()));
    // What keeps the files from being read at all is told too.
    folder.set_mode("certs/as2.key", 0o644);
    assert!(remarks(&folder).1.contains(&"error configuration partners/us.toml".to_owned()));
}

#[test]
fn a_certificate_that_may_not_do_what_it_is_named_for_is_told() {
    let folder = Folder::new();
    folder.done(&["cert", "new", "theirs", "--for", "sign"]);
    named(&folder, &folder.text("certs/theirs.pem"));
    let both = THEIRS.to_owned() + "for = ['verify', 'encrypt']\n";
    let acme = folder.text("partners/acme.toml").replace(THEIRS, &both);
    folder.put("partners/acme.toml", acme);
    let ran = folder.wharf(&["cert", "check"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("certs/acme.pem is named to encrypt, and its key usage"),
        "{}",
        ran.out
    );
}

#[test]
fn a_pair_is_rolled_without_a_day_on_which_anything_fails() {
    let folder = Folder::new();
    named(&folder, &ending(90));
    let old = folder.json(&["cert", "export", "as2", "--out", "old.pem"]);
    let rolled = folder.json(&["cert", "roll", "as2", "--name", "as2-next", "--sign-in", "14"]);
    assert_eq!(rolled["replaces"], old["sha256"]);
    assert_eq!(rolled["partners"], serde_json::json!(["acme"]));
    assert_eq!((&rolled["subject"], &rolled["key"]), (&"CN=as2".into(), &"RSA-2048".into()));
    let signs = rolled["signs_from"].as_str().unwrap();
    let wanted = (Timestamp::now() + (14 * 24).hours()).strftime("%Y-%m-%d").to_string();
    assert_eq!(signs, wanted);
    let letter = rolled["letter"].as_str().unwrap();
    assert!(letter.contains("New AS2 certificate of Lakeside Health"), "{letter}");
    assert!(letter.contains(&folder.text("certs/as2-next.pem")), "{letter}");
    assert!(!letter.contains("PRIVATE"), "{letter}");
    // The lines that it says are those that our file takes.
    let lines: Vec<_> = rolled["name_in"]["us.toml"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    name(&folder, &lines.join("\n"), "");
    folder.done(&["config", "check"]);
    let listed = folder.done(&["cert", "list"]).out;
    assert!(
        listed.contains("certs/as2-next.pem") && listed.contains(&format!("from {signs}")),
        "{listed}"
    );
    let ran = folder.wharf(&["cert", "roll", "acme"]);
    assert_eq!((ran.code, ran.err.contains("so `acme` is not ours")), (2, true), "{}", ran.err);
    // And the text is what a person would paste.
    let text = folder.done(&["cert", "roll", "as2"]).out;
    assert!(text.contains("send the text below to acme"), "{text}");
}
