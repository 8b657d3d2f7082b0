//! What is wrong in `[as2]` is told with its place, and what is right is used when it should be.

use super::super::sample::{ACME, Folder, US};
use super::certificates::PinFor;
use super::profile::As2;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize};

/// A certificate and its key, in PEM, valid for some years.
fn made(name: &str, from: i32, until: i32) -> (String, String) {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

const OURS: &str = "[as2]\nid = 'LAKESIDE AS2'\nmdn_url = 'https://edi.lakeside.example/as2/mdn'\n\
    [[as2.keys]]\ncertificate = 'certs/us.pem'\nkey = { file = 'certs/us.key' }\n";

const THEIRS: &str = "[as2]\nid = 'ACME'\nurl = 'https://edi.acme.example/as2'\n\
    [[as2.certificates]]\nfile = 'certs/acme.pem'\n";

fn folder(ours: &str, theirs: &str) -> Folder {
    let (us, key) = made("us", 2020, 2049);
    let (acme, _) = made("acme", 2020, 2049);
    let text = ACME.replace("[https]\n", "");
    Folder::of(&[("us.toml", &format!("{US}{ours}")), ("acme.toml", &format!("{text}{theirs}"))])
        .keep("certs/us.pem", us.as_bytes(), 0o644)
        .keep("certs/us.key", key.as_bytes(), 0o600)
        .keep("certs/acme.pem", acme.as_bytes(), 0o644)
}

fn acme(folder: &Folder) -> As2 {
    let partners = folder.load().unwrap_or_else(|faults| panic!("{faults:?}"));
    let acme = partners.by_as2("ACME").unwrap();
    assert_eq!(acme.name.as_str(), "acme");
    assert!(partners.by_as2("acme").is_none());
    acme.wires.as2.clone().unwrap()
}

#[test]
fn little_has_to_be_said_and_it_is_safe() {
    let as2 = acme(&folder(OURS, THEIRS));
    assert_eq!(as2.we_are.as_str(), "LAKESIDE AS2");
    assert!(as2.accept.signed && as2.accept.encrypted && as2.mdn.signed);
    let now = "2026-07-01T00:00:00Z".parse().unwrap();
    assert_eq!(as2.signer(now).unwrap().certificate, "certs/us.pem");
    assert_eq!(as2.theirs(PinFor::Verify, now).len(), 1);
    assert_eq!(as2.recipient(now).unwrap().subject(), "CN=acme");
    let shown = serde_json::to_string(&as2).unwrap();
    assert!(shown.contains("CN=us until 2049") && !shown.contains("PRIVATE"), "{shown}");
    assert!(!format!("{as2:?}").contains("PRIVATE"));
}

#[test]
fn every_fault_is_told_at_once() {
    let theirs = "[as2]\nid = '  x'\nurl = 'http://edi.acme.example/as2'\nquirks = ['chunky']\n\
        basic = { user = 'a:b', password = 'open' }\n\
        send = { digest = 'sha1', cipher = '3des-cbc', compress = 'always' }\n\
        mdn = { ask = 'async', within = 'soon' }\n\
        [[as2.legacy]]\nallow = 'md5'\n\
        [[as2.certificates]]\nfile = 'certs/none.pem'\nfrom = 2026-02-01\nuntil = 2026-01-01\n\
        [[as2.certificates]]\nfile = 'certs/us.key'\nfrom = 'soon'\n";
    let faults = folder("", theirs).faults();
    for fault in [
        "no AS2 id",
        "nothing says who we are to them",
        "no URL that we may call",
        "`chunky` is not known here; did you mean `chunked`?",
        "no user's name",
        "a secret never stands in a file",
        "`sha1` is too weak",
        "`3des-cbc` is too weak",
        "`always` is not known here",
        "nothing says where such receipts come to",
        "no length of time",
        "`md5` is not known here",
        "`until` is missing here",
        "`why` is missing here",
        "certs/none.pem cannot be used: entity not found",
        "no last day",
        "certs/us.key cannot be used: there is no certificate in it",
        "no day; write it as 2027-03-31",
    ] {
        assert!(faults.iter().any(|told| told.contains(fault)), "{fault}: {faults:#?}");
    }
    assert!(faults.iter().all(|told| told.starts_with("partners/acme.toml:")), "{faults:#?}");
}

#[test]
fn what_is_missing_for_what_is_asked_is_named() {
    let faults = folder("[as2]\nid = 'US'\n", "[as2]\nid = 'ACME'\nurl = 'https://a.example/'\n");
    let faults = faults.faults();
    for lacks in ["to verify what they sign", "to encrypt for", "to sign and decrypt with"] {
        assert!(faults.iter().any(|told| told.contains(lacks)), "{lacks}: {faults:#?}");
    }
    let only_in = THEIRS.replace("url = 'https://edi.acme.example/as2'\n", "");
    let faults = folder(OURS, &only_in).faults();
    assert!(faults[0].contains("nothing says how"), "{faults:?}");
}

#[test]
fn a_key_that_others_can_read_or_that_is_of_another_certificate_is_refused() {
    let (other, _) = made("other", 2020, 2049);
    let open = folder(OURS, THEIRS);
    let mut open_key = open.clone();
    open_key.kept.get_mut("certs/us.key").unwrap().mode = Some(0o640);
    assert!(open_key.faults()[0].contains("can be read by others (mode 0640)"));
    let wrong = open.keep("certs/us.pem", other.as_bytes(), 0o644);
    let faults = wrong.faults();
    assert!(faults[0].contains("does not belong to the certificate of CN=other"), "{faults:?}");
    assert!(!faults[0].contains("PRIVATE"));
}

#[test]
fn certificates_and_keys_roll_over_by_their_days() {
    let (next, key) = made("next", 2020, 2049);
    let (their_next, _) = made("acme2", 2020, 2049);
    let ours = format!(
        "{OURS}[[as2.keys]]\ncertificate = 'certs/next.pem'\nkey = {{ file = 'certs/next.key' }}\n\
         from = 2026-06-01\n"
    );
    let theirs = format!(
        "{THEIRS}until = 2026-06-30\n[[as2.certificates]]\nfile = 'certs/acme2.pem'\nfrom = 2026-06-01\n"
    );
    let folder = folder(&ours, &theirs)
        .keep("certs/next.pem", next.as_bytes(), 0o644)
        .keep("certs/next.key", key.as_bytes(), 0o600)
        .keep("certs/acme2.pem", their_next.as_bytes(), 0o644);
    let as2 = acme(&folder);
    for (day, signer, recipient, verify) in [
        ("2026-05-31T12:00:00Z", "certs/us.pem", "CN=acme", 1),
        ("2026-06-15T12:00:00Z", "certs/next.pem", "CN=acme2", 2),
        ("2026-07-01T00:00:00Z", "certs/next.pem", "CN=acme2", 1),
    ] {
        let day = day.parse().unwrap();
        assert_eq!(as2.signer(day).unwrap().certificate, signer);
        assert_eq!(as2.recipient(day).unwrap().subject(), recipient);
        assert_eq!(as2.theirs(PinFor::Verify, day).len(), verify);
    }
    assert_eq!(as2.keys.len(), 2, "both decrypt");
}

#[test]
fn an_as2_id_is_one_partners() {
    let mut folder = folder(OURS, THEIRS);
    let acme = String::from_utf8(folder.files["acme.toml"].clone()).unwrap();
    let other = acme.replace("01:006081492", "ZZ:OTHER").replace("gs = ['ACME']", "gs = ['OTHER']");
    folder.files.insert("other.toml".to_owned(), other.into_bytes());
    let faults = folder.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("the AS2 id `ACME` is taken by partners/acme.toml:"), "{faults:?}");
}

#[test]
fn receipts_go_only_below_the_address_that_was_agreed() {
    let theirs = format!("{THEIRS}[as2.mdn]\ntheirs = 'https://edi.acme.example/mdn'\n");
    let as2 = acme(&folder(OURS, &theirs));
    assert!(as2.mdn.may_go_to("https://edi.acme.example/mdn/7"));
    assert!(!as2.mdn.may_go_to("https://edi.acme.example/other"));
    assert!(!acme(&folder(OURS, THEIRS)).mdn.may_go_to("https://edi.acme.example/mdn"));
}
