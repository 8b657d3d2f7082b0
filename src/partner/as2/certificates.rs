//! The certificates of a partner, each in a file of its own.

use super::super::fault::FaultKind;
use super::super::source::Source;
use super::super::word::words;
use super::super::written::Table;
use super::exception::{Exception, Weakness, is_excepted};
use super::span::Span;
use crate::pki::{Certificate, KeyKind};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A certificate that we trust because it stands in the partner's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pinned {
    /// Its file.
    pub file: String,
    /// It itself.
    #[serde(serialize_with = "fingerprint")]
    pub certificate: Certificate,
    /// When it is used, within its own validity.
    #[serde(flatten)]
    pub span: Span,
    /// What for.
    #[serde(rename = "for")]
    pub uses: Vec<PinFor>,
}

words! {
    /// What a certificate of a partner is used for.
    pub enum PinFor {
        /// Their signatures are held against it.
        Verify = "verify",
        /// What goes to them is encrypted for it.
        Encrypt = "encrypt",
    }
}

impl Pinned {
    /// Whether it may be used for something at a time.
    pub fn is_for(&self, what: PinFor, at: Timestamp) -> bool {
        self.uses.contains(&what) && self.span.holds(at) && self.certificate.is_valid_at(at)
    }
}

/// Reads `[[as2.certificates]]`.
pub(super) fn certificates(
    table: &mut Table<'_>,
    source: &dyn Source,
    exceptions: &[Exception],
) -> Vec<Pinned> {
    let tables = table.tables("certificates");
    tables.into_iter().filter_map(|table| pinned(table, source, exceptions)).collect()
}

fn pinned(mut table: Table<'_>, source: &dyn Source, exceptions: &[Exception]) -> Option<Pinned> {
    let file = table.need::<String>("file");
    let span = Span::read(&mut table);
    let mut uses: Vec<PinFor> =
        table.list::<PinFor>("for").into_iter().map(|what| what.value).collect();
    let stated = !uses.is_empty();
    if !stated {
        uses = vec![PinFor::Verify, PinFor::Encrypt];
    }
    let read = file.as_ref().and_then(|file| {
        let unusable = |why: String| {
            let path = file.value.clone();
            table.fault(file.place, FaultKind::CertificateUnusable { path, why });
        };
        let kept = source.kept(&file.value).map_err(|error| unusable(error.to_string())).ok()?;
        let all = Certificate::from_bytes(&kept.bytes).map_err(|error| unusable(error.to_string()));
        let all = all.ok()?;
        let [only] = all.as_slice() else {
            unusable(format!(
                "it holds {} certificates; keep the one that the partner uses, alone: those above it \
                 are not asked",
                all.len()
            ));
            return None;
        };
        if matches!(only.key_kind(), KeyKind::Rsa { bits } if bits < STRONG)
            && !is_excepted(exceptions, Weakness::Rsa1024)
        {
            unusable(format!(
                "its key is {}, too short to be trusted; ask for a new certificate, or name rsa-1024 \
                 in [[as2.legacy]]",
                only.key_kind()
            ));
        }
        Some(only.clone())
    });
    table.finish();
    let certificate = read?;
    // EC signs, and nobody encrypts to it here.
    if !stated && !certificate.may_encrypt() {
        uses.retain(|what| *what != PinFor::Encrypt);
    }
    if !stated && !certificate.may_sign() {
        uses.retain(|what| *what != PinFor::Verify);
    }
    Some(Pinned { file: file?.value, certificate, span, uses })
}

/// A certificate as it is shown: whose it is, until when, and its fingerprint.
pub(super) fn fingerprint<S: Serializer>(
    certificate: &Certificate,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!(
        "{} until {}, sha256 {}",
        certificate.subject(),
        certificate.valid_until(),
        certificate.fingerprint()
    ))
}

/// The bits of RSA that are enough.
const STRONG: u32 = 2_048;
