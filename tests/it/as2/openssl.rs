//! `openssl cms` as the other side: it reads what we write, and we read what it writes.

use super::house::{Party, Sort, content, lenient, letter, now, packing, read};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use wharf::pki::{Cipher, DigestAlgorithm, KeyTransport, SignatureScheme};
use wharf::transport::as2::{
    As2Error, Encrypting, Form, Naming, Opened, Packing, Quirk, Signing, Terms,
};

/// A folder with a party's certificate and key, and OpenSSL at work in it.
struct OpenSsl {
    folder: TempDir,
}

impl OpenSsl {
    fn new(party: &Party) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cert.pem"), &party.certificate_pem).unwrap();
        fs::write(folder.path().join("key.pem"), &party.key_pem).unwrap();
        Self { folder }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> &Self {
        fs::write(self.folder.path().join(name), bytes).unwrap();
        self
    }

    /// Runs `openssl cms` with blanks between the arguments; gives what it wrote to `out`.
    fn cms(&self, arguments: &str) -> Vec<u8> {
        let out = self.folder.path().join("out");
        fs::write(&out, b"").unwrap();
        let done = Command::new("openssl")
            .current_dir(self.folder.path())
            .arg("cms")
            .args(arguments.split_whitespace())
            .args(["-out", "out"])
            .output()
            .expect("openssl is there: tests/run installs it");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "openssl cms {arguments}: {said}");
        read_file(&out)
    }
}

fn read_file(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

fn entity(what: &[u8]) -> Vec<u8> {
    [b"Content-Type: application/edi-x12\r\nContent-Transfer-Encoding: binary\r\n\r\n", what]
        .concat()
}

fn headers(kind: &str) -> Vec<(String, String)> {
    vec![("Content-Type".to_owned(), kind.to_owned())]
}

fn open(
    kind: &str,
    body: &[u8],
    signer: &Party,
    reader: &Party,
) -> Result<(Opened, Vec<Vec<u8>>), As2Error> {
    let (policy, ours) = (lenient(), [reader.pair.clone()]);
    let theirs = &signer.certificates;
    let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
    read(&headers(kind), body, &terms)
}

/// What `openssl` signed, as AS2 carries it.
fn multipart(entity: &[u8], signature: &[u8]) -> Vec<u8> {
    [
        b"--b\r\n".as_slice(),
        entity,
        b"\r\n--b\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: binary\r\n\r\n",
        signature,
        b"\r\n--b--\r\n",
    ]
    .concat()
}

#[test]
fn what_openssl_signs_we_verify() {
    let what = content(5_000);
    for (sort, schemes) in [
        (
            Sort::Rsa,
            &[
                ("", SignatureScheme::RsaPkcs1),
                ("-keyopt rsa_padding_mode:pss", SignatureScheme::RsaPss),
            ][..],
        ),
        (Sort::P256, &[("", SignatureScheme::Ecdsa)]),
        (Sort::P384, &[("", SignatureScheme::Ecdsa)]),
    ] {
        let party = Party::with("signer", sort, |_| ());
        let openssl = OpenSsl::new(&party);
        openssl.put("entity", &entity(&what));
        for (options, scheme) in schemes {
            for (digest, micalg) in [
                (DigestAlgorithm::Sha1, "sha1"),
                (DigestAlgorithm::Sha256, "sha256"),
                (DigestAlgorithm::Sha384, "sha384"),
                (DigestAlgorithm::Sha512, "sha512"),
            ] {
                for more in ["", "-noattr", "-keyid", "-nocerts"] {
                    let sign = format!(
                        "-sign -binary -in entity -md {micalg} -signer cert.pem -inkey key.pem {options} {more} -outform DER"
                    );
                    let signature = openssl.cms(&sign);
                    let body = multipart(&entity(&what), &signature);
                    // The header may be wrong, or say nothing: then it is found out by reading twice.
                    for stated in [micalg, "sha-512", "md5", ""] {
                        let kind = format!("multipart/signed; micalg={stated}; boundary=b");
                        let (opened, contents) = open(&kind, &body, &party, &party).unwrap();
                        let signed = opened.signed.unwrap();
                        assert_eq!((signed.digest, signed.scheme), (digest, *scheme), "{sign}");
                        assert_eq!(signed.form, Form::AsReceived);
                        assert_eq!(signed.signed_at.is_some(), more != "-noattr");
                        assert_eq!(opened.mic.value, digest.of(&entity(&what)));
                        assert!(contents == [what.clone()]);
                    }
                    // With the content inside, in DER and in BER.
                    // OpenSSL 3.0 cannot write a stream that is signed with PSS.
                    let pss = *scheme == SignatureScheme::RsaPss;
                    for stream in ["", "-stream -indef"].into_iter().take(if pss { 1 } else { 2 }) {
                        let opaque = openssl.cms(&format!("{sign} -nodetach {stream}"));
                        let kind = "application/pkcs7-mime; smime-type=signed-data";
                        let (opened, contents) = open(kind, &opaque, &party, &party).unwrap();
                        assert_eq!(opened.signed.unwrap().digest, digest);
                        assert_eq!(opened.mic.value, digest.of(&entity(&what)));
                        assert!(contents == [what.clone()]);
                    }
                }
            }
        }
    }
}

#[test]
fn what_openssl_encrypts_we_decrypt_number_17() {
    // Several pieces of what a stream is cut into.
    let what = content(200_000);
    let party = Party::new("reader");
    let openssl = OpenSsl::new(&party);
    openssl.put("entity", &entity(&what));
    for (cipher, name) in [
        (Cipher::Aes128Cbc, "-aes-128-cbc"),
        (Cipher::Aes192Cbc, "-aes-192-cbc"),
        (Cipher::Aes256Cbc, "-aes-256-cbc"),
        (Cipher::Aes128Gcm, "-aes-128-gcm"),
        (Cipher::Aes192Gcm, "-aes-192-gcm"),
        (Cipher::Aes256Gcm, "-aes-256-gcm"),
        (Cipher::TripleDesCbc, "-des3"),
    ] {
        for (transport, options) in [
            (KeyTransport::RsaPkcs1, ""),
            (KeyTransport::RsaOaepSha1, "-keyopt rsa_padding_mode:oaep"),
            (
                KeyTransport::RsaOaepSha256,
                "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
            ),
            (
                KeyTransport::RsaOaepSha384,
                "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha384 -keyopt rsa_mgf1_md:sha1",
            ),
            (
                KeyTransport::RsaOaepSha512,
                "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha512",
            ),
        ] {
            for more in ["", "-keyid", "-stream -indef"] {
                let body = openssl.cms(&format!(
                    "-encrypt -binary -in entity {name} -recip cert.pem {options} {more} -outform DER"
                ));
                for kind in [
                    "application/pkcs7-mime; smime-type=enveloped-data",
                    "application/x-pkcs7-mime",
                ] {
                    let (opened, contents) = open(kind, &body, &party, &party)
                        .unwrap_or_else(|error| panic!("{name} {options} {more}: {error}"));
                    let sealed = opened.sealed.unwrap();
                    assert_eq!((sealed.cipher, sealed.key_transport), (cipher, transport));
                    assert!(contents == [what.clone()], "{name} {options} {more}");
                    assert_eq!(opened.mic.value, DigestAlgorithm::Sha256.of(&entity(&what)));
                }
            }
        }
    }
}

#[test]
fn what_openssl_signs_and_encrypts_in_ber_is_opened_at_every_level() {
    let what = content(150_000);
    let [us, them] = ["us", "them"].map(Party::new);
    let [signer, sealer] = [&them, &us].map(OpenSsl::new);
    signer.put("entity", &entity(&what));
    let opaque = signer.cms(
        "-sign -binary -in entity -signer cert.pem -inkey key.pem -nodetach -stream -indef -outform DER",
    );
    let inner = [
        b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n".as_slice(),
        &opaque,
    ]
    .concat();
    sealer.put("entity", &inner);
    let body = sealer.cms(
        "-encrypt -binary -in entity -aes-256-cbc -recip cert.pem -stream -indef -outform DER",
    );
    let kind = "application/pkcs7-mime; smime-type=enveloped-data";
    let (opened, contents) = open(kind, &body, &them, &us).unwrap();
    assert!(opened.signed.is_some() && opened.sealed.is_some());
    assert!(contents == [what]);
    // In base64, as some send it.
    let base64 =
        sealer.cms("-encrypt -binary -in entity -aes-256-cbc -recip cert.pem -stream -outform PEM");
    let text = String::from_utf8(base64).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('-')).collect();
    let text = lines.join("\r\n");
    let mut coded = headers(kind);
    coded.push(("Content-Transfer-Encoding".to_owned(), "base64".to_owned()));
    let (policy, ours) = (lenient(), [us.pair.clone()]);
    let theirs = &them.certificates;
    let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
    assert!(read(&coded, text.as_bytes(), &terms).is_ok());
}

/// The parts of a multipart/signed of ours: what is signed, and the signature.
fn apart(headers: &[(String, String)], body: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let boundary = headers[0].1.split("boundary=\"").nth(1).unwrap().trim_end_matches('"');
    let delimiter = format!("--{boundary}\r\n");
    let between = format!("\r\n--{boundary}\r\n");
    let find = |what: &str, from: usize| {
        let what = what.as_bytes();
        from + body[from..].windows(what.len()).position(|window| window == what).unwrap()
    };
    assert!(body.starts_with(delimiter.as_bytes()));
    let middle = find(&between, 0);
    let signature = find("\r\n\r\n", middle) + 4;
    let end = find(&format!("--{boundary}--"), signature);
    let text: Vec<u8> =
        body[signature..end].iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap();
    (body[delimiter.len()..middle].to_vec(), der)
}

#[test]
fn what_we_sign_openssl_verifies() {
    let what = content(5_000);
    for (sort, schemes) in [
        (Sort::Rsa, &[SignatureScheme::RsaPkcs1, SignatureScheme::RsaPss][..]),
        (Sort::P256, &[SignatureScheme::Ecdsa]),
        (Sort::P384, &[SignatureScheme::Ecdsa]),
    ] {
        let party = Party::with("signer", sort, |_| ());
        let openssl = OpenSsl::new(&party);
        for scheme in schemes {
            for digest in DigestAlgorithm::ALL {
                for (attributes, naming, with_certificate) in [
                    (true, Naming::IssuerAndSerial, true),
                    (false, Naming::IssuerAndSerial, false),
                    (true, Naming::SubjectKeyId, false),
                ] {
                    let sign = Signing {
                        pair: &party.pair,
                        digest,
                        scheme: *scheme,
                        attributes,
                        naming,
                        with_certificate,
                    };
                    let letter = letter(&what, &packing(Some(sign), None));
                    let (signed, signature) = apart(&letter.headers, &letter.body);
                    openssl.put("content", &signed).put("signature", &signature);
                    let verified = openssl.cms(
                        "-verify -binary -inform DER -in signature -content content -certfile cert.pem -nointern -noverify",
                    );
                    assert!(verified == signed);
                    // And as a whole, by its own reading of MIME.
                    let whole = [
                        format!(
                            "MIME-Version: 1.0\r\nContent-Type: {}\r\n\r\n",
                            letter.headers[0].1
                        )
                        .into_bytes(),
                        letter.body.clone(),
                    ]
                    .concat();
                    openssl.put("whole", &whole);
                    let verified = openssl.cms(
                        "-verify -inform SMIME -in whole -certfile cert.pem -nointern -noverify",
                    );
                    assert!(same_lines(&verified, &signed));
                }
            }
        }
    }
}

/// Whether texts are the same but for the ends of their lines, which OpenSSL changes.
fn same_lines(one: &[u8], other: &[u8]) -> bool {
    let plain =
        |text: &[u8]| text.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<_>>();
    plain(one) == plain(other)
}

#[test]
fn what_we_encrypt_openssl_decrypts() {
    let what = content(200_000);
    let party = Party::new("reader");
    let openssl = OpenSsl::new(&party);
    for cipher in Cipher::ALL {
        for key_transport in KeyTransport::ALL {
            for naming in [Naming::IssuerAndSerial, Naming::SubjectKeyId] {
                let encrypt =
                    Encrypting { recipients: &party.certificates, cipher, key_transport, naming };
                let letter = letter(&what, &packing(None, Some(encrypt)));
                openssl.put("body", &letter.body);
                let plain = openssl
                    .cms("-decrypt -binary -inform DER -in body -recip cert.pem -inkey key.pem");
                assert_eq!(
                    DigestAlgorithm::Sha256.of(&plain),
                    letter.mic.value,
                    "{cipher} {key_transport}"
                );
                assert!(plain.ends_with(&what));
            }
        }
    }
}

#[test]
fn what_we_sign_and_encrypt_openssl_opens_by_itself() {
    let what = content(20_000);
    let [us, them] = ["us", "them"].map(Party::new);
    let openssl = OpenSsl::new(&them);
    openssl.put("us.pem", us.certificate_pem.as_bytes());
    for quirks in [&[][..], &[Quirk::OldTypeNames, Quirk::OldDigestNames, Quirk::Base64Content]] {
        let packing = Packing {
            quirks,
            ..packing(Some(Signing::with(&us.pair)), Some(Encrypting::to(&them.certificates)))
        };
        let letter = letter(&what, &packing);
        openssl.put("body", &letter.body);
        let inner =
            openssl.cms("-decrypt -binary -inform DER -in body -recip cert.pem -inkey key.pem");
        openssl.put("inner", &[b"MIME-Version: 1.0\r\n".as_slice(), &inner].concat());
        let verified =
            openssl.cms("-verify -inform SMIME -in inner -certfile us.pem -nointern -noverify");
        assert!(verified.starts_with(b"Content-Type: application/edi-x12"));
    }
}
