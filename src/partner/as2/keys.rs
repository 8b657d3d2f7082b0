//! Our own key pairs: we sign with the newest, and decrypt with any.

use super::super::fault::FaultKind;
use super::super::secret::{Secret, secret};
use super::super::source::Source;
use super::super::written::Table;
use super::certificates::fingerprint;
use super::span::Span;
use crate::pki::{Certificate, KeyPair, PrivateKey};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A key pair of ours.
#[derive(Clone, Debug, Serialize)]
pub struct OwnPair {
    /// The file of its certificate.
    pub certificate: String,
    /// Where its key stands.
    pub key: Secret,
    /// The pair itself.
    #[serde(serialize_with = "shown")]
    pub pair: KeyPair,
    /// When we sign with it, within its own validity.
    #[serde(flatten)]
    pub span: Span,
}

/// The same file with the same key.
impl PartialEq for OwnPair {
    fn eq(&self, other: &Self) -> bool {
        (&self.certificate, &self.key, self.span) == (&other.certificate, &other.key, other.span)
            && self.pair.certificate() == other.pair.certificate()
    }
}

impl Eq for OwnPair {}

impl OwnPair {
    /// Whether we may sign with it at a time.
    pub fn signs_at(&self, at: Timestamp) -> bool {
        let certificate = self.pair.certificate();
        certificate.may_sign() && self.span.holds(at) && certificate.is_valid_at(at)
    }
}

/// The pair that is signed with: the one that became valid last.
pub(super) fn newest(pairs: &[OwnPair], at: Timestamp) -> Option<&OwnPair> {
    let valid = pairs.iter().filter(|own| own.signs_at(at));
    valid.max_by_key(|own| (own.span.from, own.pair.certificate().valid_from()))
}

/// Reads `[[as2.keys]]`.
pub(super) fn keys(table: &mut Table<'_>, source: &dyn Source) -> Vec<OwnPair> {
    let tables = table.tables("keys");
    tables.into_iter().filter_map(|table| own(table, source)).collect()
}

fn own(mut table: Table<'_>, source: &dyn Source) -> Option<OwnPair> {
    let file = table.need::<String>("certificate");
    let item = table.item("key");
    if item.is_none() {
        table.fault(table.place(), FaultKind::Missing("key"));
    }
    let key = item.and_then(|item| Some((item.place, secret(&item, source)?)));
    let span = Span::read(&mut table);
    let certificates = file.as_ref().and_then(|file| {
        let read = source
            .kept(&file.value)
            .map_err(|error| error.to_string())
            .and_then(|kept| Certificate::from_bytes(&kept.bytes).map_err(|e| e.to_string()));
        let fault = |why| {
            let path = file.value.clone();
            table.fault(file.place, FaultKind::CertificateUnusable { path, why });
        };
        read.map_err(fault).ok()
    });
    let private = key.and_then(|(place, secret)| {
        // What is wrong is told without a byte of it.
        let read = private(secret.expose()).map_err(|why| {
            let path = secret.to_string();
            table.fault(place, FaultKind::CertificateUnusable { path, why });
        });
        Some((place, secret, read.ok()?))
    });
    let (place, key, private) = private?;
    let certificates = certificates?;
    // A chain may follow; ours is the one that the key belongs to.
    let ours = certificates.iter().find(|certificate| private.belongs_to(certificate));
    let pair = ours.or(certificates.first()).and_then(|certificate| {
        let pair = KeyPair::new(certificate.clone(), private).map_err(|error| error.to_string());
        let fault = |why| {
            let path = key.to_string();
            table.fault(place, FaultKind::CertificateUnusable { path, why });
        };
        pair.map_err(fault).ok()
    });
    table.finish();
    Some(OwnPair { certificate: file?.value, key, pair: pair?, span })
}

fn private(bytes: &[u8]) -> Result<PrivateKey, String> {
    let read = if bytes.starts_with(&[0x30]) {
        PrivateKey::from_der(bytes)
    } else {
        PrivateKey::from_pem(bytes)
    };
    read.map_err(|error| error.to_string())
}

fn shown<S: Serializer>(pair: &KeyPair, serializer: S) -> Result<S::Ok, S::Error> {
    fingerprint(pair.certificate(), serializer)
}
