//! Keys and certificates are made so that everybody can use them, and only we can read them.

use super::{Folder, openssl};
use serde_json::json;

#[test]
fn a_new_pair_is_ours_alone_and_openssl_finds_it_in_order() {
    let folder = Folder::new();
    for (sort, name, says) in [
        ("rsa-2048", "a", "RSA-2048"),
        ("rsa-3072", "b", "RSA-3072"),
        ("ec-p256", "c", "EC P-256"),
        ("ec-p384", "d", "EC P-384"),
    ] {
        let new = ["cert", "new", name, "--key", sort, "--days", "365", "--subject"];
        let made =
            folder.json(&[&new[..], &["CN=edi.lakeside.example,O=Lakeside\\, Inc.,C=US"]].concat());
        assert_eq!(made["key"], says);
        assert_eq!(made["file"], format!("certs/{name}.pem"));
        assert!([364, 365].contains(&made["days_left"].as_i64().unwrap()), "{made}");
        assert_eq!(folder.mode(&format!("certs/{name}.key")), 0o600);
        let own = openssl(&folder, &format!("x509 -in certs/{name}.pem -noout -pubkey")).out;
        let key = openssl(&folder, &format!("pkey -in certs/{name}.key -pubout")).out;
        assert_eq!(own, key);
        let text = openssl(
            &folder,
            &format!("x509 -in certs/{name}.pem -noout -text -fingerprint -sha256"),
        );
        assert!(text.out.contains("C = US"), "{}", text.out);
        assert!(text.out.contains("Digital Signature"));
        assert_eq!(text.out.contains("Key Encipherment"), sort.starts_with("rsa"));
        let sha256 = text.out.lines().last().unwrap().split('=').next_back().unwrap();
        assert_eq!(json!(sha256.replace(':', "").to_lowercase()), made["sha256"]);
        openssl(
            &folder,
            &format!("verify -check_ss_sig -CAfile certs/{name}.pem certs/{name}.pem"),
        );
    }
}

#[test]
fn what_is_there_is_never_overwritten() {
    let folder = Folder::new();
    folder.done(&["cert", "new", "as2", "--key", "ec-p256"]);
    let (key, certificate) = (folder.text("certs/as2.key"), folder.text("certs/as2.pem"));
    for again in [&["cert", "new", "as2"][..], &["cert", "new", "as2", "--csr"]] {
        let ran = folder.wharf(again);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains("is there already and is not overwritten"), "{}", ran.err);
    }
    assert_eq!((folder.text("certs/as2.key"), folder.text("certs/as2.pem")), (key, certificate));
    assert!(!folder.path("certs/as2.csr").exists());
}

#[test]
fn an_authority_makes_a_certificate_of_our_request() {
    let folder = Folder::new();
    folder.done(&["cert", "new", "authority", "--key", "ec-p256"]);
    let asked = folder.json(&["cert", "new", "as2", "--csr"]);
    assert_eq!(asked["request"], "certs/as2.csr");
    openssl(&folder, "req -in certs/as2.csr -noout -verify");
    openssl(
        &folder,
        "x509 -req -in certs/as2.csr -CA certs/authority.pem -CAkey certs/authority.key -days 9 -out signed.pem",
    );
    // It is known by the key that waits for it, whatever the file is called.
    let taken = folder.json(&["cert", "import", "signed.pem"]);
    assert_eq!(taken["file"], "certs/as2.pem");
    assert_eq!(taken["key_file"], "certs/as2.key");
    assert_eq!(taken["issuer"], "CN=authority");
    assert!(taken["name_in"]["us.toml"][1] == "certificate = \"certs/as2.pem\"", "{taken}");
}

#[test]
fn tls_is_for_the_names_of_the_host() {
    let folder = Folder::new();
    let ran = folder.wharf(&["cert", "new", "door", "--for", "tls"]);
    assert_eq!((ran.code, ran.err.contains("add --host")), (2, true), "{}", ran.err);
    let made =
        ["cert", "new", "door", "--for", "tls", "--host", "edi.example", "--host", "10.0.0.1"];
    let made = folder.json(&made);
    assert_eq!(made["subject"], "CN=edi.example");
    let text = openssl(&folder, "x509 -in certs/door.pem -noout -text").out;
    assert!(text.contains("DNS:edi.example, IP Address:10.0.0.1"), "{text}");
    assert!(text.contains("TLS Web Server Authentication"), "{text}");
}

#[test]
fn what_makes_no_sense_is_said_before_anything_is_made() {
    let folder = Folder::new();
    for (arguments, why) in [
        (&["--key", "ec-p256", "--for", "encrypt"][..], "only RSA can be encrypted to"),
        (&["--subject", "acme"], "is no part of a name"),
        (&["--days", "0"], "--days"),
        (&["--key", "rsa-1024"], "rsa-2048"),
    ] {
        let ran = folder.wharf(&[&["cert", "new", "x"], arguments].concat());
        assert_eq!((ran.code, ran.err.contains(why)), (2, true), "{}", ran.err);
    }
    let ran = folder.wharf(&["cert", "new", "../x"]);
    assert_eq!((ran.code, ran.err.contains("cannot name a file")), (2, true), "{}", ran.err);
    assert!(!folder.path("certs").exists());
}
