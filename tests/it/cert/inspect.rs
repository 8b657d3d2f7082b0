//! Captured messages are taken apart, and what is wrong with them is said, without keys or contents.

use super::{Folder, pair_of};
use jiff::Timestamp;
use std::io::{self, Cursor};
use wharf::pki::{Certificate, DigestAlgorithm, KeyPair, MadePair, PrivateKey};
use wharf::transport::as2::{
    As2Name, Compress, Encrypting, Letterhead, Packing, ReceiptOptions, ReceiptRequest, Signing,
    pack,
};

fn pair(made: &MadePair) -> KeyPair {
    KeyPair::new(made.certificate.clone(), PrivateKey::from_der(&made.key.der).unwrap()).unwrap()
}

fn made() -> MadePair {
    pair_of(&Timestamp::now().to_string(), 90)
}

/// A folder in which acme is a partner with a certificate, and we have a key.
fn house(theirs: &Certificate) -> (Folder, Certificate) {
    let folder = Folder::new();
    folder.done(&["cert", "new", "as2"]);
    folder.put("certs/acme.pem", theirs.to_pem());
    let us = folder.text("partners/us.toml")
        + "[as2]\nid = 'lakeside'\n[[as2.keys]]\ncertificate = 'certs/as2.pem'\nkey = { file = 'certs/as2.key' }\n";
    folder.put("partners/us.toml", us);
    let acme = folder.text("partners/acme.toml")
        + "[as2]\nid = 'acme'\n[[as2.certificates]]\nfile = 'certs/acme.pem'\n";
    folder.put("partners/acme.toml", acme);
    let ours = Certificate::from_pem(folder.text("certs/as2.pem").as_bytes()).unwrap().remove(0);
    (folder, ours)
}

/// A request from acme to us.
fn request(signer: &KeyPair, recipient: &Certificate, from: &str, line: &str) -> Vec<u8> {
    let at = Timestamp::now();
    let letterhead = Letterhead {
        from: As2Name::new(from).unwrap(),
        to: As2Name::new("lakeside").unwrap(),
        message_id: "<1@acme>".parse().unwrap(),
        subject: Some("Order".to_owned()),
        features: Vec::new(),
        receipt: Some(ReceiptRequest {
            to: "edi@acme".to_owned(),
            deliver_to: None,
            options: ReceiptOptions::signed(DigestAlgorithm::Sha256),
        }),
    };
    let recipients = [recipient.clone()];
    let packing = Packing {
        content_type: "application/edi-x12",
        file_name: Some("order.edi"),
        sign: Some(Signing::with(signer)),
        encrypt: Some(Encrypting::to(&recipients)),
        compress: Compress::BeforeSigning,
        mic: DigestAlgorithm::Sha256,
        quirks: &[],
        at,
    };
    let packed = pack(Cursor::new(b"ISA*00*the secret order~".to_vec()), &packing).unwrap();
    let mut text = line.as_bytes().to_vec();
    for (name, value) in letterhead.write(at, &[]).iter().chain(packed.headers()) {
        text.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    text.extend(format!("Content-Length: {}\r\n\r\n", packed.length()).into_bytes());
    io::copy(&mut packed.into_reader().unwrap(), &mut text).unwrap();
    text
}

#[test]
fn each_layer_of_a_good_message_is_shown_and_its_content_only_when_asked_for() {
    let theirs = made();
    let (folder, ours) = house(&theirs.certificate);
    let signer = pair(&theirs);
    folder.put("in", request(&signer, &ours, "acme", "POST /as2 HTTP/1.1\r\n"));
    let ran = folder.done(&["as2", "inspect", "in", "--partners", "partners"]);
    for line in [
        "partner  from acme\n",
        "encrypted  aes-256-cbc, for certs/as2.pem (rsa-pkcs1); decrypted here\n",
        "signed  rsa-pkcs1 over sha-256, by certs/acme.pem; verified\n",
        "compressed  zlib\n",
        ", 24 bytes, called order.edi\n",
        "accepted  MIC ",
    ] {
        assert!(ran.out.contains(line), "{line}{}", ran.out);
    }
    let key = folder.text("certs/as2.key");
    let key = key.lines().nth(1).unwrap();
    assert!(!ran.out.contains("secret order") && !ran.out.contains(key), "{}", ran.out);
    let ran = folder.done(&["as2", "inspect", "in", "--partners", "partners", "--content"]);
    assert!(ran.out.contains("ISA*00*the secret order~"), "{}", ran.out);
    // Without our keys it is an envelope.
    let ran = folder.done(&["as2", "inspect", "in"]);
    assert!(
        ran.out.contains("for serial number ") && ran.out.contains("; not decrypted"),
        "{}",
        ran.out
    );
    assert!(!ran.out.lines().any(|line| line.starts_with("signed")), "{}", ran.out);
    // And of what we sent ourselves, the same.
    let json = folder.json(&["as2", "inspect", "in", "--partners", "partners"]);
    assert_eq!((&json["wrong"], &json["findings"]), (&false.into(), &serde_json::json!([])));
}

#[test]
fn what_is_wrong_is_named_with_what_to_do() {
    let (theirs, other) = (made(), made());
    let (folder, ours) = house(&theirs.certificate);
    let (signer, stranger) = (pair(&theirs), pair(&other));
    let good = request(&signer, &ours, "acme", "");
    let mut changed = good.clone();
    let last = changed.len() - 40;
    changed[last] ^= 1;
    for (name, bytes, code, words) in [
        (
            "rolled",
            request(&stranger, &ours, "acme", ""),
            "unknown_signer",
            "sign with another one",
        ),
        (
            "old-key",
            request(&signer, &other.certificate, "acme", ""),
            "not_for_us",
            "none of our keys",
        ),
        ("unknown", request(&signer, &ours, "Acme", ""), "parties", "compared by case"),
        ("changed", changed, "decryption_failed", "we would answer"),
        ("cut", good[..good.len() - 40].to_vec(), "capture", "cut short"),
    ] {
        folder.put(name, bytes);
        let ran = folder.wharf(&["as2", "inspect", name, "--partners", "partners"]);
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(&format!("[{code}]")), "{name}: {}", ran.out);
        assert!(ran.out.contains(words), "{name}: {}", ran.out);
    }
    folder.put("nothing", "hello");
    let ran = folder.wharf(&["as2", "inspect", "nothing"]);
    assert_eq!((ran.code, ran.err.contains("headers and an empty line")), (2, true), "{}", ran.err);
}
