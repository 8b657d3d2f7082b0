//! The certificates that the files name: whose, what for, and until when they are used.

use super::as2::{As2, OwnPair, PinFor};
use super::listeners::Tls;
use super::partners::Partners;
use super::us::Us;
use super::word::words;
use crate::message::PartnerId;
use crate::pki::Certificate;
use jiff::Timestamp;
use serde::Serialize;

/// A certificate that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedCertificate {
    /// The partner whose it is, or towards whom we use it; none: we, towards everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// What it is used for.
    pub uses: Vec<CertificateUse>,
    /// Its file.
    pub file: String,
    /// It itself.
    #[serde(skip)]
    pub certificate: Certificate,
    /// From when it is used: its own validity, or the day that the file says.
    pub begins: Timestamp,
    /// Until when.
    pub ends: Timestamp,
}

words! {
    /// What a certificate is used for.
    pub enum CertificateUse {
        /// A partner's signatures are held against it.
        Verify = "verify",
        /// What goes to a partner is encrypted for it.
        Encrypt = "encrypt",
        /// We sign with its key.
        Sign = "sign",
        /// We decrypt with its key.
        Decrypt = "decrypt",
        /// A listener shows it.
        Tls = "tls",
    }
}

impl NamedCertificate {
    /// A certificate that a listener shows.
    pub fn of_listener(file: &str, certificate: Certificate) -> Self {
        let (begins, ends) = (certificate.valid_from(), certificate.valid_until());
        let uses = vec![CertificateUse::Tls];
        Self { partner: None, uses, file: file.to_owned(), certificate, begins, ends }
    }

    fn pinned(as2: &As2, partner: &PartnerId) -> Vec<Self> {
        let pinned = as2.certificates.iter().map(|pinned| {
            let use_of = |what: &PinFor| match what {
                PinFor::Verify => CertificateUse::Verify,
                PinFor::Encrypt => CertificateUse::Encrypt,
            };
            let certificate = pinned.certificate.clone();
            Self {
                partner: Some(partner.clone()),
                uses: pinned.uses.iter().map(use_of).collect(),
                file: pinned.file.clone(),
                begins: certificate.valid_from().max(pinned.span.begins()),
                ends: certificate.valid_until().min(pinned.span.ends()),
                certificate,
            }
        });
        pinned.collect()
    }

    fn own(own: &OwnPair, partner: Option<&PartnerId>) -> Self {
        let certificate = own.pair.certificate().clone();
        let all = [
            (certificate.may_sign(), CertificateUse::Sign),
            (certificate.may_encrypt(), CertificateUse::Decrypt),
        ];
        Self {
            partner: partner.cloned(),
            uses: all.into_iter().filter(|(may, _)| *may).map(|(_, what)| what).collect(),
            file: own.certificate.clone(),
            begins: certificate.valid_from().max(own.span.begins()),
            ends: certificate.valid_until().min(own.span.ends()),
            certificate,
        }
    }
}

impl Partners {
    /// Every certificate that the files name: ours, then each partner's.
    pub fn certificates(&self) -> Vec<NamedCertificate> {
        let us = self.us();
        let mut all: Vec<_> =
            us.as2.keys.iter().map(|own| NamedCertificate::own(own, None)).collect();
        all.extend(of_listeners(us));
        for partner in self.iter() {
            let Some(as2) = &partner.wires.as2 else { continue };
            all.extend(NamedCertificate::pinned(as2, &partner.name));
            // Those that hold for everyone were named above.
            let theirs_only = as2.keys.iter().filter(|own| !us.as2.keys.contains(own));
            all.extend(theirs_only.map(|own| NamedCertificate::own(own, Some(&partner.name))));
        }
        all
    }
}

/// What the listeners show; several may show the same.
fn of_listeners(us: &Us) -> Vec<NamedCertificate> {
    let doors = [&us.listeners.partners, &us.listeners.erp, &us.listeners.operator];
    let mut all: Vec<NamedCertificate> = Vec::new();
    for door in doors {
        let Tls::Certificate { file, chain, .. } = &door.tls else { continue };
        let first = Certificate::from_pem(chain).ok().and_then(|all| all.into_iter().next());
        let Some(certificate) = first else { continue };
        if !all.iter().any(|known| known.certificate == certificate) {
            all.push(NamedCertificate::of_listener(file, certificate));
        }
    }
    all
}
