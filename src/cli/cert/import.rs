//! `wharf cert import`: a partner's certificate, or a key of ours, whatever form it comes in.

use super::super::paint::{self, styled, visible};
use super::super::terms::{CommandError, Common, Outcome};
use super::about::{about, day, lines};
use super::files::{Cabinet, FOR_ALL, OURS_ALONE, Sheet, read};
use super::held::{self, key_of};
use super::make::{Place, written};
use super::password::Password;
use crate::message::PartnerId;
use crate::pki::{Certificate, Holding, KeyKind, NewKey};
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;

/// What `wharf cert import` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file: PEM, DER (.cer, .der, .crt) or PKCS#12 (.p12, .pfx)
    file: PathBuf,
    /// The partner whose certificate it is
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// What it is to be called; the partner's name, or the file's, if left out
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    password: Password,
}

/// Takes it in.
pub(super) fn run(
    common: &Common,
    cabinet: &Cabinet,
    arguments: &Arguments,
) -> Result<Outcome, CommandError> {
    let holding = opened(arguments)?;
    let now = Timestamp::now();
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let Some(leaf) = holding.leaf().cloned() else {
        return key_only(common, cabinet, arguments, &holding, &mut out);
    };
    doubts(common, &leaf, now);
    let named = arguments.name.as_deref();
    let told = if let Some(key) = &holding.key {
        let private = holding.private_key();
        if !private.is_some_and(|key| key.belongs_to(&leaf)) {
            let text = "the private key in it does not belong to any certificate in it";
            return Err(CommandError::Wrong(text.to_owned()));
        }
        let name = named.map_or_else(|| stem(arguments), str::to_owned);
        let (key_path, path) = (cabinet.place(&name, "key")?, cabinet.place(&name, "pem")?);
        let (key, chain) = (NewKey { der: key.clone() }.to_pem(), chain(&holding, &leaf));
        cabinet.write(&[
            Sheet { path: key_path.clone(), mode: OURS_ALONE, bytes: key.as_bytes() },
            Sheet { path: path.clone(), mode: FOR_ALL, bytes: chain.as_bytes() },
        ])?;
        let place = Place { key: cabinet.named(&key_path), certificate: cabinet.named(&path) };
        written(common, &leaf, &place, false, now, &mut out)
    } else if let Some(key) = key_of(cabinet, &leaf)? {
        // What an authority made of our request.
        let own = key.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let path = cabinet.place(named.unwrap_or(&own), "pem")?;
        let chain = chain(&holding, &leaf);
        cabinet.write(&[Sheet { path: path.clone(), mode: FOR_ALL, bytes: chain.as_bytes() }])?;
        let place = Place { key: cabinet.named(&key), certificate: cabinet.named(&path) };
        written(common, &leaf, &place, false, now, &mut out)
    } else {
        theirs(common, cabinet, arguments, &holding, &leaf, now, &mut out)?
    };
    told.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

/// A partner's certificate.
fn theirs(
    common: &Common,
    cabinet: &Cabinet,
    arguments: &Arguments,
    holding: &Holding,
    leaf: &Certificate,
    now: Timestamp,
    out: &mut impl Write,
) -> Result<io::Result<()>, CommandError> {
    let partner = arguments.partner.as_deref().map(|name| file_of(cabinet, name)).transpose()?;
    let known = held::certificates(cabinet)?.into_iter().find(|(_, other)| other == leaf);
    let path = if let Some((path, _)) = known {
        common.note(&format!("it is there already, as {}", cabinet.named(&path)));
        path
    } else {
        let wanted = arguments.name.clone().or_else(|| arguments.partner.clone());
        let name = wanted.unwrap_or_else(|| stem(arguments));
        let mut path = cabinet.place(&name, "pem")?;
        if path.exists() && arguments.name.is_none() {
            // Their next one stands beside the one that is in use.
            path = cabinet.place(&format!("{name}-{}", day(leaf.valid_from())), "pem")?;
        }
        let bytes = leaf.to_pem();
        cabinet.write(&[Sheet { path: path.clone(), mode: FOR_ALL, bytes: bytes.as_bytes() }])?;
        path
    };
    let others = holding.certificates.len().saturating_sub(1);
    if others > 0 {
        common.note(&format!(
            "{others} more in the file left out: a partner is trusted by their own certificate alone"
        ));
    }
    let named = cabinet.named(&path);
    let lines = vec!["[[as2.certificates]]".to_owned(), format!("file = \"{named}\"")];
    Ok(tell(common, leaf, &named, partner.as_deref(), &lines, now, out))
}

fn tell(
    common: &Common,
    leaf: &Certificate,
    named: &str,
    partner: Option<&str>,
    name_in: &[String],
    now: Timestamp,
    out: &mut impl Write,
) -> io::Result<()> {
    let file = partner.unwrap_or("the partner's file");
    if common.json {
        let mut all = about(leaf, now);
        all.insert("file".to_owned(), json!(named));
        all.insert("name_in".to_owned(), json!({ file: name_in }));
        return writeln!(out, "{}", json!(all));
    }
    writeln!(out, "{}: {named}, a certificate without a key\n", styled(paint::GREEN, "kept"))?;
    for (name, value) in lines(leaf) {
        writeln!(out, "  {}  {value}", styled(paint::DIM, &format!("{name:9}")))?;
    }
    writeln!(out, "\nNext:\n  1. ask the partner by another way whether the SHA-256 is theirs")?;
    writeln!(out, "  2. name it in {file}, beside the one that is in use:\n")?;
    for line in name_in {
        writeln!(out, "       {line}")?;
    }
    writeln!(out, "\n  3. wharf config check")
}

/// A key without a certificate.
fn key_only(
    common: &Common,
    cabinet: &Cabinet,
    arguments: &Arguments,
    holding: &Holding,
    out: &mut impl Write,
) -> Result<Outcome, CommandError> {
    let der = holding.key.clone().unwrap_or_default();
    let name = arguments.name.clone().unwrap_or_else(|| stem(arguments));
    let path = cabinet.place(&name, "key")?;
    let pem = NewKey { der }.to_pem();
    cabinet.write(&[Sheet { path: path.clone(), mode: OURS_ALONE, bytes: pem.as_bytes() }])?;
    let private = holding.private_key();
    let own = held::certificates(cabinet)?
        .into_iter()
        .find(|(_, certificate)| private.as_ref().is_some_and(|key| key.belongs_to(certificate)));
    let (key, own) = (cabinet.named(&path), own.map(|(path, _)| cabinet.named(&path)));
    let kind = private.map(|key| key.kind().to_string());
    let told = if common.json {
        writeln!(out, "{}", json!({ "key_file": key, "key": kind, "certificate": own }))
    } else {
        let head = styled(paint::GREEN, "written");
        let kind = kind.unwrap_or_default();
        let belongs = match own {
            Some(own) => format!("it belongs to {own}"),
            None => "no certificate here belongs to it; import that too".to_owned(),
        };
        writeln!(out, "{head}: {key} (only you can read it), a private key, {kind}; {belongs}")
    };
    told.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

fn opened(arguments: &Arguments) -> Result<Holding, CommandError> {
    let bytes = read(&arguments.file)?;
    let mut refused = None;
    let mut ask = || {
        let what = arguments.file.display().to_string();
        arguments.password.take(&what, 1).map_err(|error| refused = Some(error)).ok()
    };
    let holding = Holding::read(&bytes, &mut ask);
    match refused {
        Some(error) => Err(error),
        None => holding.map_err(|error| held::wrong(&arguments.file, &error)),
    }
}

/// Says what is doubtful about a certificate and no reason not to keep it.
fn doubts(common: &Common, certificate: &Certificate, now: Timestamp) {
    if now > certificate.valid_until() {
        let ended = day(certificate.valid_until());
        common.warning(&format!("it ended on {ended}: it verifies nothing; ask for the next one"));
    } else if now < certificate.valid_from() {
        common.note(&format!("it begins on {}", day(certificate.valid_from())));
    }
    if matches!(certificate.key_kind(), KeyKind::Rsa { bits } if bits < 2048) {
        let kind = certificate.key_kind();
        common.warning(&format!("its key is {kind}, which is too short; ask for a longer one"));
    }
    if !certificate.may_encrypt() {
        common.note("nothing can be encrypted for it; it is for signatures only");
    }
}

/// The certificate, and after it those above it.
fn chain(holding: &Holding, leaf: &Certificate) -> String {
    let above = holding.certificates.iter().filter(|other| *other != leaf);
    [leaf].into_iter().chain(above).map(Certificate::to_pem).collect()
}

/// The file of a partner.
fn file_of(cabinet: &Cabinet, name: &str) -> Result<String, CommandError> {
    let unknown = || {
        let name = visible(name);
        CommandError::Wrong(format!("there is no partner `{name}`; see `wharf partner list`"))
    };
    PartnerId::new(name).map_err(|_| unknown())?;
    let files = [format!("{name}.toml"), format!("{name}/partner.toml")];
    let files = files.map(|file| cabinet.partners.join(file));
    let file = files.into_iter().find(|file| file.exists()).ok_or_else(unknown)?;
    Ok(file.display().to_string())
}

/// What the file is called, as a name in our folder.
fn stem(arguments: &Arguments) -> String {
    let stem = arguments.file.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let name: String = stem.chars().map(|c| if plain(c) { c } else { '-' }).take(60).collect();
    name.trim_start_matches('.').to_owned()
}
