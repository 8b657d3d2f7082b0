//! What other programs write is taken in, whatever form it has.

use super::{Folder, openssl, pair_of};

/// A key and a certificate of somebody else's, made by OpenSSL.
fn theirs(folder: &Folder) {
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout their.key -out their.pem -days 99 -subj /CN=acme",
    );
}

#[test]
fn a_partners_certificate_is_kept_and_its_place_is_told() {
    let folder = Folder::new();
    theirs(&folder);
    openssl(&folder, "x509 -in their.pem -outform DER -out their.cer");
    let taken = folder.json(&["cert", "import", "their.cer", "--partner", "acme"]);
    assert_eq!(taken["file"], "certs/acme.pem");
    assert_eq!(taken["name_in"]["partners/acme.toml"][1], "file = \"certs/acme.pem\"");
    assert!(taken["key_file"].is_null());
    assert_eq!(folder.text("certs/acme.pem"), openssl(&folder, "x509 -in their.pem").out);
    // The same once more is no second file, in another form neither.
    let again = folder.json(&["cert", "import", "their.pem", "--partner", "acme"]);
    assert_eq!(again["file"], "certs/acme.pem");
    // Their next one stands beside it.
    theirs(&folder);
    let next = folder.json(&["cert", "import", "their.pem", "--partner", "acme"]);
    let file = next["file"].as_str().unwrap();
    let stem = file.strip_suffix(".pem");
    assert!(stem.is_some_and(|stem| stem.starts_with("certs/acme-20")), "{file}");
    let ran = folder.wharf(&["cert", "import", "their.pem", "--partner", "acne"]);
    assert_eq!(
        (ran.code, ran.err.contains("there is no partner `acne`")),
        (2, true),
        "{}",
        ran.err
    );
}

#[test]
fn of_a_chain_a_partners_own_certificate_is_kept_alone() {
    let folder = Folder::new();
    folder.done(&["cert", "new", "authority", "--key", "ec-p256"]);
    openssl(&folder, "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf");
    openssl(
        &folder,
        "x509 -req -in leaf.csr -CA certs/authority.pem -CAkey certs/authority.key -days 9 -out leaf.pem",
    );
    let chain = folder.text("certs/authority.pem") + &folder.text("leaf.pem");
    folder.put("chain.pem", chain);
    let taken = folder.done(&["cert", "import", "chain.pem", "--partner", "acme", "--json"]);
    assert!(taken.out.contains("\"subject\":\"CN=leaf\""), "{}", taken.out);
    assert!(taken.err.contains("1 more in the file left out"), "{}", taken.err);
    assert_eq!(folder.text("certs/acme.pem").matches("BEGIN").count(), 1);
}

#[test]
fn a_pair_is_taken_from_every_file_that_openssl_writes() {
    let folder = Folder::new();
    theirs(&folder);
    for (name, how) in [
        ("new", ""),
        ("sha512", "-macalg sha512"),
        ("old", "-legacy"),
        ("triple", "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1"),
    ] {
        let line = format!(
            "pkcs12 -export -inkey their.key -in their.pem -name ours -passout env:SECRET -out {name}.p12 {how}"
        );
        let words: Vec<&str> = line.split_whitespace().collect();
        folder.run("env", &[&["SECRET=open sesame", "openssl"], &words[..]].concat());
        let file = format!("{name}.p12");
        let taken = folder.json(&["cert", "import", &file, "--password-env", "SECRET"]);
        assert_eq!(taken["key_file"], format!("certs/{name}.key"), "{how}");
        assert_eq!(folder.mode(&format!("certs/{name}.key")), 0o600);
        let key = openssl(&folder, &format!("pkey -in certs/{name}.key")).out;
        assert_eq!(key, openssl(&folder, "pkey -in their.key").out);
    }
    folder.put("wrong", "open barley\n");
    folder.set_mode("wrong", 0o600);
    let ran =
        folder.wharf(&["cert", "import", "new.p12", "--name", "x", "--password-file", "wrong"]);
    assert_eq!((ran.code, ran.err.contains("not the one of this file")), (2, true), "{}", ran.err);
    folder.set_mode("wrong", 0o644);
    let ran =
        folder.wharf(&["cert", "import", "new.p12", "--name", "x", "--password-file", "wrong"]);
    assert_eq!((ran.code, ran.err.contains("chmod 600 wrong")), (2, true), "{}", ran.err);
    assert!(!folder.path("certs/x.key").exists());
}

#[test]
fn a_key_under_a_password_is_taken_with_it() {
    let folder = Folder::new();
    theirs(&folder);
    openssl(&folder, "pkcs8 -topk8 -in their.key -out locked.pem -v2 aes-256-cbc -passout pass:x");
    openssl(&folder, "pkcs8 -topk8 -in their.key -out locked.der -outform DER -passout pass:x");
    folder.put("password", "x\n");
    folder.set_mode("password", 0o600);
    for (file, name) in [("locked.pem", "a"), ("locked.der", "b")] {
        let taken = ["cert", "import", file, "--name", name, "--password-file", "password"];
        assert_eq!(folder.json(&taken)["key"], "RSA-2048");
        let key = openssl(&folder, &format!("pkey -in certs/{name}.key")).out;
        assert_eq!(key, openssl(&folder, "pkey -in their.key").out);
    }
    openssl(&folder, "rsa -traditional -aes128 -passout pass:x -in their.key -out old.pem");
    let ran = folder.wharf(&["cert", "import", "old.pem"]);
    assert_eq!((ran.code, ran.err.contains("openssl pkey")), (2, true), "{}", ran.err);
}

#[test]
fn a_store_of_javas_is_taken() {
    let folder = Folder::new();
    let line = "-genkeypair -alias as2 -keyalg RSA -keysize 2048 -dname CN=java -validity 9 \
        -storetype PKCS12 -keystore java.p12 -storepass sesame";
    folder.run("keytool", &line.split_whitespace().collect::<Vec<_>>());
    folder.put("password", "sesame");
    folder.set_mode("password", 0o600);
    let taken = folder.json(&["cert", "import", "java.p12", "--password-file", "password"]);
    assert_eq!(
        (&taken["subject"], &taken["key_file"]),
        (&"CN=java".into(), &"certs/java.key".into())
    );
}

#[test]
fn what_is_doubtful_is_said_and_what_is_nothing_is_refused() {
    let folder = Folder::new();
    openssl(
        &folder,
        "req -x509 -newkey rsa:1024 -nodes -keyout w.key -out weak.pem -days 9 -subj /CN=weak",
    );
    let ran = folder.done(&["cert", "import", "weak.pem", "--name", "weak"]);
    assert!(ran.err.contains("RSA-1024, which is too short"), "{}", ran.err);
    folder.put("old.pem", pair_of("2020-01-01T00:00:00Z", 30).certificate.to_pem());
    let ran = folder.done(&["cert", "import", "old.pem", "--name", "old"]);
    assert!(ran.err.contains("it verifies nothing"), "{}", ran.err);
    folder.put("nothing.pem", "hello");
    let ran = folder.wharf(&["cert", "import", "nothing.pem"]);
    assert_eq!(
        (ran.code, ran.err.contains("no certificate and no key in it")),
        (2, true),
        "{}",
        ran.err
    );
    // A key that is not the certificate's.
    folder.put("both.pem", folder.text("w.key") + &folder.text("old.pem"));
    let ran = folder.wharf(&["cert", "import", "both.pem"]);
    assert_eq!((ran.code, ran.err.contains("does not belong")), (2, true), "{}", ran.err);
}
