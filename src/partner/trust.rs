//! Whom we trust to be the other side when we call, and who we are to it.

use super::fault::FaultKind;
use super::secret::{Secret, secret};
use super::source::Source;
use super::written::Table;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;

/// The certificates of one partner that we trust, in place of the authorities of this machine: of an
/// authority of theirs, or that of their server itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// The file that they lie in.
    pub file: String,
    /// What it holds, in PEM: a certificate at least.
    #[serde(skip)]
    pub pem: Vec<u8>,
}

/// The certificate that we show to a partner's server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnCertificate {
    /// The file with it and those above it, in PEM.
    pub file: String,
    /// What the file holds.
    #[serde(skip)]
    pub chain: Vec<u8>,
    /// The private key, in PEM.
    pub key: Secret,
}

/// Who is trusted under `trust`; `None` if nothing is said there.
pub(super) fn trust(table: &mut Table<'_>, source: &dyn Source) -> Option<Trust> {
    let (file, pem) = certificates(table, "trust", source)?;
    Some(Trust { file, pem })
}

/// The certificate under `certificate`, with its `key`; `None` if neither is there.
pub(super) fn own_certificate(
    table: &mut Table<'_>,
    source: &dyn Source,
) -> Option<Box<OwnCertificate>> {
    let found = certificates(table, "certificate", source);
    let item = table.item("key");
    if item.is_none() && found.is_some() {
        table.fault(table.place(), FaultKind::Missing("key"));
    }
    if item.is_some() && found.is_none() {
        table.fault(table.place(), FaultKind::Missing("certificate"));
    }
    let key = item.and_then(|item| secret(&item, source))?;
    let (file, chain) = found?;
    Some(Box::new(OwnCertificate { file, chain, key }))
}

/// The file under `key`, and the certificates in it.
fn certificates(
    table: &mut Table<'_>,
    key: &'static str,
    source: &dyn Source,
) -> Option<(String, Vec<u8>)> {
    let file = table.placed::<String>(key)?;
    let path = file.value;
    let held = source.kept(&path).map_err(|error| error.to_string()).and_then(|kept| {
        let read = CertificateDer::pem_slice_iter(&kept.bytes).collect::<Result<Vec<_>, _>>();
        match read {
            Ok(found) if !found.is_empty() => Ok(kept.bytes),
            Ok(_) | Err(_) => Err("it holds no certificate in PEM".to_owned()),
        }
    });
    match held {
        Ok(bytes) => Some((path, bytes)),
        Err(why) => {
            table.fault(file.place, FaultKind::SecretUnreadable { path, why });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::https::Delivery;
    use super::super::sample::{ACME, Folder, US};

    const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    fn folder(more: &str) -> Folder {
        let https = format!("[https]\ndeliver = {{ url = 'https://acme.example/in'{more} }}\n");
        let folder =
            Folder::of(&[("us.toml", US), ("acme.toml", &ACME.replace("[https]\n", &https))]);
        let folder = folder.keep("certs/acme.pem", PEM, 0o644).keep("certs/us.key", b"key", 0o600);
        folder.keep("certs/empty.pem", b"nothing", 0o644)
    }

    #[test]
    fn files_are_read_and_never_shown() {
        let partners = folder(
            ", trust = 'certs/acme.pem', certificate = 'certs/acme.pem', key = { file = 'certs/us.key' }",
        );
        let partners = partners.load().unwrap();
        let acme = partners.partner("acme").unwrap();
        let Delivery::Push(push) = &acme.wires.https.as_ref().unwrap().deliver else {
            panic!("posted")
        };
        assert_eq!(push.trust.as_ref().unwrap().pem, PEM);
        assert_eq!(push.certificate.as_ref().unwrap().key.expose(), b"key");
        let shown = serde_json::to_value(push).unwrap();
        assert_eq!(shown["trust"], serde_json::json!({ "file": "certs/acme.pem" }));
        assert_eq!(shown["certificate"]["key"]["from"]["file"], "certs/us.key");
    }

    #[test]
    fn a_file_without_a_certificate_and_half_a_pair_are_faults() {
        let at = "partners/acme.toml:7:";
        for (more, fault) in [
            (", trust = 'certs/x.pem'", "54: certs/x.pem cannot be read: entity not found"),
            (
                ", trust = 'certs/empty.pem'",
                "54: certs/empty.pem cannot be read: it holds no certificate in PEM",
            ),
            (", certificate = 'certs/acme.pem'", "11: `key` is missing here"),
            (", key = { file = 'certs/us.key' }", "11: `certificate` is missing here"),
        ] {
            assert_eq!(folder(more).faults(), [format!("{at}{fault}")]);
        }
    }
}
