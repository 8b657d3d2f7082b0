//! `wharf cert export`: a certificate for others, or a pair under a password.

use super::super::terms::{CommandError, Common, Outcome};
use super::files::{Cabinet, FOR_ALL, OURS_ALONE};
use super::held::{self, Held};
use super::password::Password;
use crate::pki::{Certificate, Pkcs12};
use clap::Args;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// What `wharf cert export` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The certificate: its name in the folder, or its file
    name: String,
    /// As DER in place of PEM
    #[arg(long, conflicts_with = "pkcs12")]
    der: bool,
    /// With its key, as PKCS#12 under a password
    #[arg(long, requires = "out")]
    pkcs12: bool,
    /// The new file to write; standard output if left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    password: Password,
}

/// Gives it out.
pub(super) fn run(
    common: &Common,
    cabinet: &Cabinet,
    arguments: &Arguments,
) -> Result<Outcome, CommandError> {
    let held = Held::named(cabinet, &arguments.name)?;
    let (bytes, mode) = if arguments.pkcs12 {
        (sealed(&held, arguments)?, OURS_ALONE)
    } else if arguments.der {
        (held.certificate.der().to_vec(), FOR_ALL)
    } else {
        (held.certificate.to_pem().into_bytes(), FOR_ALL)
    };
    let mut out = io::stdout().lock();
    let Some(path) = &arguments.out else {
        if arguments.der && out.is_terminal() {
            let text = "DER is not for a terminal; write it to a file with --out";
            return Err(CommandError::Wrong(text.to_owned()));
        }
        out.write_all(&bytes).map_err(CommandError::output)?;
        return Ok(Outcome::Accepted);
    };
    let named = || CommandError::io(path.display().to_string());
    let mut file = OpenOptions::new();
    let file = file.write(true).create_new(true).mode(mode).open(path);
    let mut file = file.map_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return named()(error);
        }
        CommandError::Wrong(format!(
            "{} is there already and is not overwritten; take another name",
            path.display()
        ))
    })?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(named())?;
    let file = path.display().to_string();
    let sha256 = held.certificate.fingerprint().to_string();
    let told = if common.json {
        writeln!(out, "{}", json!({ "file": file, "sha256": sha256, "key": arguments.pkcs12 }))
    } else if arguments.pkcs12 {
        writeln!(out, "written: {file}, with the private key: give nobody both it and its password")
    } else {
        writeln!(out, "written: {file}")
    };
    told.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

/// The pair, under a password.
fn sealed(held: &Held, arguments: &Arguments) -> Result<Vec<u8>, CommandError> {
    let path = held.key_path();
    if !path.exists() {
        let (key, name) = (path.display(), &arguments.name);
        return Err(CommandError::Wrong(format!("{key} is not there, so `{name}` is not ours")));
    }
    let key = held::holding(&path)?;
    if !key.private_key().is_some_and(|key| key.belongs_to(&held.certificate)) {
        let (key, of) = (path.display(), held.path.display());
        return Err(CommandError::Wrong(format!("the key in {key} does not belong to {of}")));
    }
    let all = [&held.certificate].into_iter().chain(&held.above);
    let certificates = all.map(Certificate::der).map(<[u8]>::to_vec).collect();
    let password = arguments.password.take("the new file", 2)?;
    let sealed = Pkcs12 { certificates, key: key.key }.seal(&held.name(), &password);
    sealed.map_err(|error| CommandError::Wrong(error.to_string()))
}
