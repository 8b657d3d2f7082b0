//! `wharf cert new`: a key, with a certificate that it signs itself or a request for one.

use super::super::paint::{self, styled};
use super::super::terms::{CommandError, Common, Outcome};
use super::about::{about, lines};
use super::files::{Cabinet, FOR_ALL, OURS_ALONE, Sheet};
use crate::pki::{Certificate, KeyKind, NewPair, Purpose, Subject};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;
use std::io::{self, Write};

/// What `wharf cert new` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What the files are called, such as `as2-2027`
    name: String,
    /// What it is for
    #[arg(long = "for", value_name = "USE", default_value = "both")]
    purpose: Use,
    /// The sort of key; only RSA can be encrypted to
    #[arg(long, value_name = "SORT", default_value = "rsa-2048")]
    key: Sort,
    /// For how many days the certificate is valid, from today
    #[arg(long, value_name = "N", default_value_t = DAYS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// Whose it is, as `CN=edi.acme.example,O=Acme,C=US`; the common name NAME if left out
    #[arg(long, value_name = "NAME")]
    subject: Option<Subject>,
    /// A name or address of the host, for TLS; may be given more than once
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// Make a request (CSR) for an authority in place of a certificate
    #[arg(long)]
    csr: bool,
}

/// How long a certificate is valid when nobody says otherwise: partners dislike exchanging them.
pub(super) const DAYS: u32 = 730;

/// What a pair is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Use {
    /// AS2, both to sign and to be encrypted to.
    Both,
    /// To sign only.
    Sign,
    /// To be encrypted to only.
    Encrypt,
    /// A listener's TLS, or our side of TLS towards a partner.
    Tls,
}

/// A sort of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Sort {
    /// RSA of 2048 bits, which every partner can use.
    #[value(name = "rsa-2048")]
    Rsa2048,
    /// RSA of 3072 bits.
    #[value(name = "rsa-3072")]
    Rsa3072,
    /// RSA of 4096 bits.
    #[value(name = "rsa-4096")]
    Rsa4096,
    /// EC on P-256: to sign, and for TLS.
    #[value(name = "ec-p256")]
    P256,
    /// EC on P-384.
    #[value(name = "ec-p384")]
    P384,
}

impl Sort {
    fn kind(self) -> KeyKind {
        match self {
            Self::Rsa2048 => KeyKind::Rsa { bits: 2048 },
            Self::Rsa3072 => KeyKind::Rsa { bits: 3072 },
            Self::Rsa4096 => KeyKind::Rsa { bits: 4096 },
            Self::P256 => KeyKind::P256,
            Self::P384 => KeyKind::P384,
        }
    }
}

/// Makes the pair.
pub(super) fn run(
    common: &Common,
    cabinet: &Cabinet,
    arguments: &Arguments,
) -> Result<Outcome, CommandError> {
    let now = Timestamp::now();
    let new = wanted(arguments, now)?;
    let (key, pem) =
        (cabinet.place(&arguments.name, "key")?, cabinet.place(&arguments.name, "pem")?);
    let request = cabinet.place(&arguments.name, "csr")?;
    let unmade = |error: crate::pki::PkiError| CommandError::Wrong(error.to_string());
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let key_sheet = |bytes| Sheet { path: key.clone(), mode: OURS_ALONE, bytes };
    let told = if arguments.csr {
        let made = new.request().map_err(unmade)?;
        let key_pem = made.key.to_pem();
        let bytes = made.request.as_bytes();
        let sheet = Sheet { path: request.clone(), mode: FOR_ALL, bytes };
        cabinet.write(&[key_sheet(key_pem.as_bytes()), sheet])?;
        let files = (cabinet.named(&key), cabinet.named(&request));
        requested(common, &arguments.name, &files, &mut out)
    } else {
        let made = new.make().map_err(unmade)?;
        let (key_pem, bytes) = (made.key.to_pem(), made.certificate.to_pem());
        let sheet = Sheet { path: pem.clone(), mode: FOR_ALL, bytes: bytes.as_bytes() };
        cabinet.write(&[key_sheet(key_pem.as_bytes()), sheet])?;
        let place = Place { key: cabinet.named(&key), certificate: cabinet.named(&pem) };
        let tls = arguments.purpose == Use::Tls;
        written(common, &made.certificate, &place, tls, now, &mut out)
    };
    told.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

fn wanted(arguments: &Arguments, now: Timestamp) -> Result<NewPair, CommandError> {
    let wrong = |text: &str| Err(CommandError::Wrong(text.to_owned()));
    let (kind, tls) = (arguments.key.kind(), arguments.purpose == Use::Tls);
    if arguments.purpose == Use::Encrypt && !kind.is_rsa() {
        return wrong("only RSA can be encrypted to; use --key rsa-2048, or --for sign");
    }
    if tls && arguments.host.is_empty() {
        return wrong("TLS is asked for by the host's name; add --host edi.lakeside.example");
    }
    let purpose = match arguments.purpose {
        Use::Both if kind.is_rsa() => Purpose::Both,
        Use::Both | Use::Sign => Purpose::Sign,
        Use::Encrypt => Purpose::Encrypt,
        Use::Tls => Purpose::Tls,
    };
    let common = if tls { arguments.host.first() } else { Some(&arguments.name) };
    let subject = arguments.subject.clone();
    let subject = subject.unwrap_or_else(|| Subject::common(common.unwrap_or(&arguments.name)));
    let (hosts, days) = (arguments.host.clone(), arguments.days);
    Ok(NewPair { subject, kind, purpose, hosts, from: now, days })
}

/// How the partners' files name a pair.
pub(super) struct Place {
    pub(super) key: String,
    pub(super) certificate: String,
}

impl Place {
    /// The lines that name it in `us.toml`.
    pub(super) fn lines(&self, tls: bool) -> Vec<String> {
        let Self { key, certificate } = self;
        if tls {
            return vec![
                "[listeners.partners]".to_owned(),
                format!(
                    "tls = {{ certificate = \"{certificate}\", key = {{ file = \"{key}\" }} }}"
                ),
            ];
        }
        vec![
            "[[as2.keys]]".to_owned(),
            format!("certificate = \"{certificate}\""),
            format!("key = {{ file = \"{key}\" }}"),
        ]
    }
}

/// Says what was written, and where to name it.
pub(super) fn written(
    common: &Common,
    certificate: &Certificate,
    place: &Place,
    tls: bool,
    now: Timestamp,
    out: &mut impl Write,
) -> io::Result<()> {
    if common.json {
        let mut all = about(certificate, now);
        all.insert("file".to_owned(), json!(place.certificate));
        all.insert("key_file".to_owned(), json!(place.key));
        all.insert("name_in".to_owned(), json!({ "us.toml": place.lines(tls) }));
        return writeln!(out, "{}", json!(all));
    }
    let head = styled(paint::GREEN, "written");
    writeln!(out, "{head}: {} (only you can read it)", place.key)?;
    writeln!(out, "{head}: {}\n", place.certificate)?;
    for (name, value) in lines(certificate) {
        writeln!(out, "  {}  {value}", styled(paint::DIM, &format!("{name:9}")))?;
    }
    writeln!(out, "\nNext:\n  1. name it in us.toml:\n")?;
    for line in place.lines(tls) {
        writeln!(out, "       {line}")?;
    }
    writeln!(out, "\n  2. wharf config check")?;
    if !tls {
        writeln!(out, "  3. send {} to your partners, and tell them", place.certificate)?;
        writeln!(out, "     the SHA-256 by another way, such as by telephone")?;
    }
    Ok(())
}

fn requested(
    common: &Common,
    name: &str,
    (key, request): &(String, String),
    out: &mut impl Write,
) -> io::Result<()> {
    if common.json {
        return writeln!(out, "{}", json!({ "key_file": key, "request": request }));
    }
    let head = styled(paint::GREEN, "written");
    writeln!(out, "{head}: {key} (only you can read it)\n{head}: {request}\n")?;
    writeln!(out, "Next:\n  1. send {request} to the authority")?;
    writeln!(out, "  2. wharf cert import ITS-ANSWER --name {name}")
}
