//! Keys and certificates in every form that people have them in.

use super::house::{Party, Sort};
use std::path::Path;
use std::process::Command;
use wharf::pki::{
    Certificate, DigestAlgorithm, KeyKind, KeyPair, KeyTransport, PkiError, PrivateKey,
    SignatureScheme,
};

fn openssl(folder: &Path, arguments: &str) -> Vec<u8> {
    let done = Command::new("openssl")
        .current_dir(folder)
        .args(arguments.split_whitespace())
        .output()
        .expect("openssl is there: tests/run installs it");
    assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

#[test]
fn private_keys_are_read_as_pkcs8_pkcs1_and_sec1() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("rsa"), openssl(folder, "genrsa 2048")).unwrap();
    std::fs::write(folder.join("p256"), openssl(folder, "ecparam -genkey -noout -name prime256v1"))
        .unwrap();
    std::fs::write(folder.join("p384"), openssl(folder, "ecparam -genkey -name secp384r1"))
        .unwrap();
    for (command, kind, label) in [
        ("rsa -in rsa", KeyKind::Rsa { bits: 2048 }, "-----BEGIN PRIVATE KEY"),
        ("rsa -in rsa -traditional", KeyKind::Rsa { bits: 2048 }, "-----BEGIN RSA PRIVATE KEY"),
        ("ec -in p256", KeyKind::P256, "-----BEGIN EC PRIVATE KEY"),
        ("pkcs8 -topk8 -nocrypt -in p384", KeyKind::P384, "-----BEGIN PRIVATE KEY"),
        // With its parameters in a block of their own before it.
        ("ec -in p384", KeyKind::P384, "-----BEGIN EC PRIVATE KEY"),
    ] {
        let pem = openssl(folder, command);
        assert!(String::from_utf8_lossy(&pem).contains(label), "{command}");
        let key = PrivateKey::from_pem(&pem).unwrap();
        assert_eq!(key.kind(), kind, "{command}");
        let crlf = String::from_utf8(pem).unwrap().replace('\n', "\r\n");
        assert!(PrivateKey::from_pem(format!("Bag Attributes\r\n{crlf}").as_bytes()).is_ok());
        assert_eq!(format!("{key:?}"), format!("PrivateKey({kind})"));
    }
}

#[test]
fn keys_that_cannot_be_used_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("rsa"), openssl(folder, "genrsa 2048")).unwrap();
    let said = |pem: &[u8]| PrivateKey::from_pem(pem).unwrap_err();
    for command in [
        "pkcs8 -topk8 -in rsa -passout pass:secret",
        "rsa -in rsa -aes128 -passout pass:secret -traditional",
    ] {
        assert_eq!(said(&openssl(folder, command)), PkiError::KeyEncrypted, "{command}");
    }
    assert_eq!(said(b""), PkiError::NoKey);
    assert_eq!(
        said(b"-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"),
        PkiError::KeyUnreadable
    );
    assert_eq!(
        said(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
        PkiError::KeyUnreadable
    );
    assert!(matches!(said(&openssl(folder, "genpkey -algorithm ed25519")), PkiError::KeyKind(_)));
    assert!(matches!(
        said(&openssl(folder, "genrsa 512")),
        PkiError::KeyKind(_) | PkiError::KeyUnreadable
    ));
    assert!(matches!(
        said(&openssl(folder, "ecparam -genkey -noout -name secp521r1")),
        PkiError::KeyKind(_)
    ));
}

#[test]
fn a_certificate_says_whose_it_is_until_when_and_what_for() {
    let party = Party::with("acme", Sort::Rsa, |params| {
        // Twenty bytes, the first of which has its highest bit set.
        params.serial_number = Some(vec![0x81; 20].into());
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    });
    let certificate = &party.certificates[0];
    assert_eq!((certificate.subject(), certificate.issuer()), ("CN=acme", "CN=acme"));
    assert!(certificate.serial_hex().trim_start_matches("00").starts_with("818181"));
    assert!(certificate.may_sign() && !certificate.may_encrypt());
    assert_eq!(certificate.key_kind(), KeyKind::Rsa { bits: 2048 });
    assert_eq!(certificate.valid_from().to_string(), "2020-01-01T00:00:00Z");
    for (at, valid) in [
        ("2019-12-31T23:59:59Z", false),
        ("2020-01-01T00:00:00Z", true),
        ("2049-01-01T00:00:00Z", true),
        ("2049-01-01T00:00:01Z", false),
    ] {
        assert_eq!(certificate.is_valid_at(at.parse().unwrap()), valid, "{at}");
    }
    // The same as OpenSSL says.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c"), &party.certificate_pem).unwrap();
    let said = openssl(folder.path(), "x509 -in c -noout -fingerprint -sha256 -serial");
    let said = String::from_utf8(said).unwrap().replace(':', "").to_lowercase();
    assert!(said.contains(&certificate.fingerprint().to_string()), "{said}");
    assert!(said.contains(certificate.serial_hex().trim_start_matches("00")), "{said}");
    // All of a chain, with words around; as DER; and back.
    let chain = format!("subject=x\n{0}\nissuer=y\n{0}", party.certificate_pem);
    assert_eq!(Certificate::from_bytes(chain.as_bytes()).unwrap().len(), 2);
    assert_eq!(Certificate::from_bytes(certificate.der()).unwrap(), party.certificates);
    assert_eq!(Certificate::from_pem(certificate.to_pem().as_bytes()).unwrap(), party.certificates);
    assert_eq!(Certificate::from_pem(b"nothing"), Err(PkiError::NoCertificate));
    let broken = b"-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----";
    assert!(matches!(Certificate::from_pem(broken), Err(PkiError::CertificateUnreadable(_))));
}

#[test]
fn a_pair_is_a_pair_only_if_it_belongs_together() {
    for sort in [Sort::Rsa, Sort::P256, Sort::P384] {
        let [one, other] = [(); 2].map(|()| Party::with("x", sort, |_| ()));
        let key = other.pair.key().clone();
        assert!(!key.belongs_to(&one.certificates[0]));
        let refused = KeyPair::new(one.certificates[0].clone(), key).unwrap_err();
        assert_eq!(refused, PkiError::NotAPair("CN=x".to_owned()));
    }
}

#[test]
fn what_a_key_cannot_do_is_refused() {
    let curve = Party::with("curve", Sort::P256, |_| ());
    let rsa = Party::new("rsa");
    let digest = DigestAlgorithm::Sha256.of(b"x");
    let sign =
        |party: &Party, scheme| party.pair.key().sign(scheme, DigestAlgorithm::Sha256, &digest);
    assert!(matches!(sign(&curve, SignatureScheme::RsaPss), Err(PkiError::Unfit { .. })));
    assert!(matches!(sign(&rsa, SignatureScheme::Ecdsa), Err(PkiError::Unfit { .. })));
    assert!(curve.certificates[0].wrap_key(KeyTransport::RsaPkcs1, &[0; 16]).is_err());
    assert!(curve.pair.key().unwrap_key(KeyTransport::RsaPkcs1, None, &[0; 64], 16).is_err());
    assert!(!curve.certificates[0].may_encrypt());
}

#[test]
fn unwrapping_never_fails_by_what_was_wrapped() {
    let party = Party::new("x");
    let key = [7; 32];
    for transport in KeyTransport::ALL {
        let wrapped = party.certificates[0].wrap_key(transport, &key).unwrap();
        let unwrap = |wrapped: &[u8], length| {
            party.pair.key().unwrap_key(transport, None, wrapped, length).unwrap()
        };
        assert_eq!(*unwrap(&wrapped, 32), key, "{transport}");
        let mut damaged = wrapped.clone();
        damaged[9] ^= 1;
        for (bytes, length) in [
            (damaged.as_slice(), 32),
            (&wrapped, 16),
            (&wrapped[..wrapped.len() - 1], 32),
            (&[], 32),
            (&[0xff; 256], 32),
            (&[0xff; 300], 32),
            (&[0; 256], 32),
        ] {
            let [first, second] = [unwrap(bytes, length), unwrap(bytes, length)];
            assert_eq!(first.len(), length);
            assert_ne!(*first, *second, "{transport}: a random key each time");
        }
    }
}
