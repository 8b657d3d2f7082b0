//! `wharf cert check`: everything that is kept and named, and what is wrong with it.

use super::super::paint::{self, styled, visible};
use super::super::terms::{CommandError, Common, Outcome};
use super::about::day;
use super::files::{Cabinet, open_to_others, read};
use super::held::{KINDS, has_kind};
use super::named::{certificates, partners};
use crate::gateway::lasting;
use crate::partner::{CertificateUse, NamedCertificate};
use crate::pki::{Certificate, Holding, HoldingError, KeyKind, Nearness};
use anstyle::Style;
use jiff::Timestamp;
use serde_json::json;
use std::io::{self, Write};
use std::path::Path;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Worth knowing.
    Note,
    /// Something must be done soon.
    Warning,
    /// Something must be done.
    Error,
}

/// Something that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
struct Remark {
    weight: Weight,
    code: &'static str,
    file: String,
    message: String,
}

/// Looks at everything.
pub(super) fn run(common: &Common, cabinet: &Cabinet) -> Result<Outcome, CommandError> {
    let at = Timestamp::now();
    let mut remarks = Vec::new();
    let mut named = Vec::new();
    match partners(common, cabinet)? {
        Ok(partners) => {
            named = certificates(cabinet, &partners);
            remarks.extend(named.iter().flat_map(|one| of_named(one, at)));
            remarks.extend(of_ends(&named, at));
        }
        Err(faults) => remarks.extend(faults.0.into_iter().map(|fault| Remark {
            weight: Weight::Error,
            code: "configuration",
            file: fault.file.clone(),
            message: fault.to_string(),
        })),
    }
    let files = cabinet.files()?;
    for path in &files {
        remarks.extend(of_file(cabinet, path, &named));
    }
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    tell(common, &remarks, named.len(), files.len(), &mut out).map_err(CommandError::output)?;
    let worst = remarks.iter().map(|remark| remark.weight).max();
    Ok(if worst == Some(Weight::Error) { Outcome::Rejected } else { Outcome::Accepted })
}

/// What is wrong with a certificate for what it is named for.
fn of_named(one: &NamedCertificate, at: Timestamp) -> Vec<Remark> {
    let certificate = &one.certificate;
    let mut remarks = Vec::new();
    let mut remark = |weight, code, message: String| {
        remarks.push(Remark { weight, code, file: one.file.clone(), message });
    };
    if at < one.begins {
        let message = format!("{} is used from {} on", one.file, day(one.begins));
        remark(Weight::Note, "not_yet_valid", message);
    }
    if at > one.ends {
        let message = format!("{} ended on {}; it can be taken out", one.file, day(one.ends));
        remark(Weight::Note, "expired", message);
    }
    if matches!(certificate.key_kind(), KeyKind::Rsa { bits } if bits < STRONG) {
        let (file, kind) = (&one.file, certificate.key_kind());
        let message = format!("the key of {file} is {kind}, which is too short to be trusted");
        remark(Weight::Warning, "weak_key", message);
    }
    for what in &one.uses {
        let may = match what {
            CertificateUse::Verify | CertificateUse::Sign => certificate.may_sign(),
            CertificateUse::Encrypt | CertificateUse::Decrypt => certificate.may_encrypt(),
            CertificateUse::Tls => true,
        };
        if !may {
            let file = &one.file;
            let message =
                format!("{file} is named to {what}, and its key usage or its kind forbids that");
            remark(Weight::Error, "wrong_usage", message);
        }
    }
    remarks
}

/// What ends soon, or has ended, with nothing that follows.
fn of_ends(named: &[NamedCertificate], at: Timestamp) -> Vec<Remark> {
    let remark = |lasting: &crate::gateway::Lasting| {
        let (weight, code) = match lasting.nearness(at)? {
            Nearness::Ended => (Weight::Error, "nothing_valid"),
            Nearness::Day1 | Nearness::Days7 => (Weight::Error, "expiring"),
            Nearness::Days14 | Nearness::Days30 | Nearness::Days60 => (Weight::Warning, "expiring"),
        };
        let (file, message) = (lasting.named.file.clone(), lasting.words(at));
        Some(Remark { weight, code, file, message })
    };
    lasting(named).iter().filter_map(remark).collect()
}

/// What is wrong with a file of the folder.
fn of_file(cabinet: &Cabinet, path: &Path, named: &[NamedCertificate]) -> Vec<Remark> {
    let file = cabinet.named(path);
    let mut remarks = Vec::new();
    let mut remark = |weight, code, message: String| {
        remarks.push(Remark { weight, code, file: file.clone(), message });
    };
    let is_key = has_kind(path, &["key", "p12", "pfx"]);
    if !is_key && !has_kind(path, &KINDS) {
        return remarks;
    }
    if is_key && let Some(mode) = open_to_others(path) {
        let message =
            format!("{file} can be read by others (mode {mode:04o}); run `chmod 600 {file}`");
        remark(Weight::Error, "open_key", message);
    }
    let holding = match read(path).map(|bytes| Holding::read(&bytes, &mut || None)) {
        Ok(Ok(holding)) => holding,
        Ok(Err(HoldingError::Locked)) => return remarks,
        Ok(Err(error)) => {
            remark(Weight::Error, "unreadable", format!("{file}: {error}"));
            return remarks;
        }
        Err(error) => {
            remark(Weight::Error, "unreadable", error.to_string());
            return remarks;
        }
    };
    if !is_key
        && holding.key.is_some()
        && let Some(mode) = open_to_others(path)
    {
        let message =
            format!("there is a private key in {file}, which others can read (mode {mode:04o})");
        remark(Weight::Error, "open_key", message);
    }
    if let (true, Some(key)) = (is_key, holding.private_key()) {
        let beside = path.with_extension("pem");
        let own = read(&beside).ok().and_then(|bytes| Certificate::from_bytes(&bytes).ok());
        match own {
            Some(all) if !all.iter().any(|certificate| key.belongs_to(certificate)) => {
                let beside = cabinet.named(&beside);
                let message = format!("the key in {file} does not belong to {beside}");
                remark(Weight::Error, "not_a_pair", message);
            }
            Some(_) => {}
            None if path.with_extension("csr").exists() => {
                let message = format!("{file} waits for the certificate that was asked for");
                remark(Weight::Note, "waiting", message);
            }
            None => {
                let message = format!("no certificate stands beside {file}");
                remark(Weight::Note, "no_certificate", message);
            }
        }
    }
    let known = |certificate: &Certificate| named.iter().any(|one| one.certificate == *certificate);
    if !is_key && !named.is_empty() && !holding.certificates.iter().any(known) {
        remark(Weight::Note, "not_named", format!("{file} is named in no file"));
    }
    remarks
}

fn tell(
    common: &Common,
    remarks: &[Remark],
    named: usize,
    files: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    for Remark { weight, code, file, message } in remarks {
        let (word, style) = weight.shown();
        if common.json {
            let line = json!({ "severity": word, "code": code, "file": file, "message": message });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{}: {}", styled(style, word), visible(message))?;
        }
    }
    let bad = remarks.iter().filter(|remark| remark.weight > Weight::Note).count();
    if !common.json {
        let (word, style) =
            if bad == 0 { ("in order", paint::GREEN) } else { ("looked at", paint::BOLD) };
        let word = styled(style, word);
        writeln!(out, "{word}: {named} certificates that our files name, {files} files")?;
    }
    Ok(())
}

impl Weight {
    fn shown(self) -> (&'static str, Style) {
        match self {
            Self::Note => ("note", paint::DIM),
            Self::Warning => ("warning", paint::CYAN),
            Self::Error => ("error", paint::RED),
        }
    }
}

/// The bits of RSA that are enough.
const STRONG: u32 = 2048;
