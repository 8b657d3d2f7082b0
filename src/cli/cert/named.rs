//! What our files name, and what the listeners show.

use super::super::config;
use super::super::terms::{CommandError, Common};
use super::files::{Cabinet, read};
use crate::partner::{Faults, NamedCertificate, Partners, Tls, Us};
use crate::pki::Certificate;
use std::path::Path;

/// Everyone we trade with, or what is wrong with their files.
pub(super) fn partners(
    common: &Common,
    cabinet: &Cabinet,
) -> Result<Result<Partners, Faults>, CommandError> {
    config::load(common, &cabinet.partners)
}

/// Every certificate that the files name, and the one that was made for trying things out.
pub(super) fn certificates(cabinet: &Cabinet, partners: &Partners) -> Vec<NamedCertificate> {
    let mut named = partners.certificates();
    named.extend(development(partners.us(), &cabinet.certs));
    named
}

/// The certificate that a listener made for itself, if one shows it.
pub(in crate::cli) fn development(us: &Us, certs: &Path) -> Option<NamedCertificate> {
    let doors = [&us.listeners.partners, &us.listeners.erp, &us.listeners.operator];
    if !doors.iter().any(|door| door.tls == Tls::Development) {
        return None;
    }
    let path = certs.join("development.pem");
    let certificate = Certificate::from_pem(&read(&path).ok()?).ok()?.into_iter().next()?;
    Some(NamedCertificate::of_listener(&path.display().to_string(), certificate))
}
