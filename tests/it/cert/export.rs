//! What we give out can be used by others, and a key leaves under a password only.

use super::{Folder, openssl};

#[test]
fn a_certificate_is_given_out_as_pem_and_der() {
    let folder = Folder::new();
    folder.done(&["cert", "new", "as2"]);
    let pem = folder.done(&["cert", "export", "as2"]).out;
    assert_eq!(pem, folder.text("certs/as2.pem"));
    folder.done(&["cert", "export", "certs/as2.pem", "--der", "--out", "as2.cer"]);
    assert_eq!(openssl(&folder, "x509 -inform DER -in as2.cer").out, pem);
    let ran = folder.wharf(&["cert", "export", "as2", "--out", "as2.cer"]);
    assert_eq!((ran.code, ran.err.contains("is not overwritten")), (2, true), "{}", ran.err);
    let ran = folder.wharf(&["cert", "export", "as3"]);
    assert_eq!((ran.code, ran.err.contains("there is: as2")), (2, true), "{}", ran.err);
    let ran = folder.wharf(&["cert", "export", "certs/as2.key"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("only a key"), "{}", ran.err);
}

#[test]
fn a_pair_is_opened_by_openssl_and_java_with_its_password() {
    let folder = Folder::new();
    for (name, sort) in [("rsa", "rsa-2048"), ("ec", "ec-p384")] {
        folder.done(&["cert", "new", name, "--key", sort]);
        let file = format!("{name}.p12");
        let export =
            ["cert", "export", name, "--pkcs12", "--password-env", "SECRET", "--out", &file];
        folder.done(&export);
        assert_eq!(folder.mode(&file), 0o600);
        let open = ["openssl", "pkcs12", "-in", &file, "-passin", "pass:open sesame", "-nodes"];
        let info = folder.run("env", &[&open[..], &["-info"]].concat());
        assert!(info.err.contains("MAC: sha256"), "{}", info.err);
        assert_eq!(info.err.matches("PBES2, PBKDF2, AES-256-CBC").count(), 2, "{}", info.err);
        folder.put("opened.pem", info.out);
        let key = openssl(&folder, "pkey -in opened.pem").out;
        assert_eq!(key, openssl(&folder, &format!("pkey -in certs/{name}.key")).out);
        let own = openssl(&folder, "x509 -in opened.pem").out;
        assert_eq!(own, folder.text(&format!("certs/{name}.pem")));
        let list = ["-list", "-v", "-storetype", "PKCS12", "-keystore", &file];
        let listed = folder.run("keytool", &[&list[..], &["-storepass", "open sesame"]].concat());
        assert!(listed.out.contains("Entry type: PrivateKeyEntry"), "{}", listed.out);
        assert!(listed.out.contains(&format!("Alias name: {name}")), "{}", listed.out);
        let wrong =
            folder.try_run("keytool", &[&list[..], &["-storepass", "open barley"]].concat());
        assert_ne!(wrong.code, 0);
        // And by ourselves.
        let taken = ["cert", "import", &file, "--password-env", "SECRET", "--name", "again"];
        folder.done(&taken);
        assert_eq!(folder.text("certs/again.pem"), folder.text(&format!("certs/{name}.pem")));
        std::fs::remove_file(folder.path("certs/again.key")).unwrap();
        std::fs::remove_file(folder.path("certs/again.pem")).unwrap();
    }
}

#[test]
fn no_key_leaves_without_a_password_or_beside_another_certificate() {
    let folder = Folder::new();
    folder.done(&["cert", "new", "a", "--key", "ec-p256"]);
    folder.done(&["cert", "new", "b", "--key", "ec-p256"]);
    let to = |name| ["cert", "export", name, "--pkcs12", "--out", "x.p12"];
    // Nobody is there to be asked.
    folder.put("empty", "\n");
    folder.set_mode("empty", 0o600);
    let ran = folder.wharf(&[&to("a")[..], &["--password-file", "empty"]].concat());
    assert_eq!((ran.code, ran.err.contains("under a password only")), (2, true), "{}", ran.err);
    folder.put("certs/a.key", folder.text("certs/b.key"));
    let ran = folder.wharf(&[&to("a")[..], &["--password-env", "SECRET"]].concat());
    assert_eq!((ran.code, ran.err.contains("does not belong to")), (2, true), "{}", ran.err);
    let ran = folder.wharf(&["cert", "export", "a", "--pkcs12"]);
    assert_eq!((ran.code, ran.err.contains("--out")), (2, true), "{}", ran.err);
    assert!(!folder.path("x.p12").exists());
}
