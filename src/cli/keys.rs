//! `wharf partner key` and `wharf partner password`: who signs in to our SFTP server, and what it is
//! known by.

use super::config;
use super::engine;
use super::paint::{self, styled};
use super::terms::{CommandError, Common};
use crate::partner::{
    Disk, Fetched, Kept, Partner, Partners, PasswordHash, PublicKey, Shelf, Source, SshKey, Wire,
};
use crate::transport::sftp::HostKeys;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::Subcommand;
use serde_json::json;
use std::fmt::Display;
use std::fs;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// What to do about keys.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Add a public key that a partner may sign in to our SFTP server with
    #[command(after_help = "Examples:\n  wharf partner key add acme-medical their.pub\n  \
        wharf partner key add acme-medical their.pub --deliver-by sftp\n\n\
        A running server reads the file by itself.")]
    Add {
        /// The partner
        name: String,
        /// The file with the key, as `ssh-keygen` writes it (`….pub`); `-` is the standard input
        file: PathBuf,
        /// What carries what is for them from now on, where they have several wires
        #[arg(long, value_name = "WIRE", value_parser = wire)]
        deliver_by: Option<Wire>,
    },
    /// Show the keys of our SFTP server, which partners compare at their first sign-in
    #[command(after_help = "Examples:\n  wharf partner key ours\n  wharf partner key ours --json")]
    Ours {
        /// The folder for certificates and keys; `certs` beside the folder of partners if left out
        #[arg(long, value_name = "DIR", env = "WHARF_CERTS")]
        certs: Option<PathBuf>,
    },
}

fn wire(text: &str) -> Result<Wire, String> {
    Wire::of_word(text)
        .ok_or_else(|| "there is no such wire; sftp is one, https another".to_owned())
}

/// Adds a key to the file of a partner, unless that would make a fault.
pub(super) fn add(
    common: &Common,
    folder: &Path,
    partner: &Partner,
    file: &Path,
    deliver_by: Option<Wire>,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let line = read(file)?;
    let key = PublicKey::parse(&line).ok_or_else(|| {
        CommandError::Wrong(format!(
            "{} holds no public key; it is one line of an Ed25519, ECDSA or RSA key (2,048 bits or \
             more), as in id_ed25519.pub",
            file.display()
        ))
    })?;
    let name = partner.name.as_str();
    let relative = [format!("{name}.toml"), format!("{name}/partner.toml")];
    let relative = relative.into_iter().find(|file| folder.join(file).exists());
    let relative = relative.unwrap_or_else(|| format!("{name}.toml"));
    let path = folder.join(&relative);
    let failed = || CommandError::io(path.display().to_string());
    let before = fs::read_to_string(&path).map_err(failed())?;
    let carried = deliver_by.map(|wire| format!("deliver_by = \"{wire}\"\n")).unwrap_or_default();
    let quoted = toml::Value::String(line);
    let after = format!("{carried}{}\n\n[[sftp.keys]]\nkey = {quoted}\n", before.trim_end());
    check(common, folder, &relative, &after)?;
    replace(&path, &after).map_err(failed())?;
    let shown = key.fingerprint();
    let told = if common.json {
        writeln!(out, "{}", json!({ "partner": name, "file": path, "fingerprint": shown }))
    } else {
        let added = styled(paint::GREEN, "added");
        writeln!(out, "{added}: {shown} may sign in as {name} ({})", path.display())
    };
    told.map_err(CommandError::output)
}

/// Shows our keys.
pub(super) fn ours(
    common: &Common,
    folder: &Path,
    certs: Option<&Path>,
    partners: &Partners,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let beside = folder.parent().unwrap_or(folder).join("certs");
    let keys = HostKeys::open(certs.unwrap_or(&beside)).map_err(engine::wrong)?.shown();
    let address = partners.us().listeners.sftp;
    let tell = |out: &mut dyn Write| -> io::Result<()> {
        for key in &keys {
            let (print, line) = (key.fingerprint(), key.to_string());
            if common.json {
                writeln!(out, "{}", json!({ "fingerprint": print, "key": line }))?;
            } else {
                writeln!(out, "{print}\n  {line}")?;
            }
        }
        match address {
            None if !common.json => writeln!(out, "us.toml says sftp = \"off\": nobody is served"),
            _ => Ok(()),
        }
    };
    tell(out).map_err(CommandError::output)
}

/// Shows who may sign in to our SFTP server as a partner, and what becomes of what they fetch.
pub(super) fn show(
    partner: &Partner,
    line: &mut dyn FnMut(&str, &dyn Display) -> io::Result<()>,
) -> io::Result<()> {
    let Some(sftp) = &partner.wires.sftp else { return Ok(()) };
    let fetched = match sftp.fetched {
        Fetched::Remove => "what they fetched goes",
        Fetched::Archive => "what they fetched goes to archive/",
        Fetched::Keep => "what they fetched stays",
    };
    line("sftp", &format!("they sign in as {}; {fetched}", sftp.user))?;
    for SshKey { key, note } in &sftp.keys {
        let note = note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        line("key", &format!("{}{note}", key.fingerprint()))?;
    }
    for legacy in &sftp.legacy {
        line("old", &format!("{} until {}", legacy.algorithm, legacy.until))?;
    }
    if !sftp.passwords.is_empty() {
        line("passwords", &sftp.passwords.len())?;
    }
    if sftp.keys.is_empty() && sftp.passwords.is_empty() && sftp.remote.is_none() {
        line("key", &format!("none yet; `wharf partner key add {} FILE`", partner.name))?;
    }
    Ok(())
}

/// Makes a password, shows it once, and says what to keep of it.
pub(super) fn password(
    common: &Common,
    partner: &Partner,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let mut random = [0; 34];
    getrandom::fill(&mut random).map_err(|error| {
        CommandError::Wrong(format!("the system gives no random bits: {error}"))
    })?;
    let (salt, secret) = random.split_at(16);
    let password = BASE64_URL_SAFE_NO_PAD.encode(secret);
    let salt = <[u8; 16]>::try_from(salt).unwrap_or_default();
    let hash = PasswordHash::of(password.as_bytes(), salt)
        .ok_or_else(|| CommandError::Wrong("the password cannot be hashed".to_owned()))?;
    let (name, hash) = (partner.name.as_str(), hash.to_string());
    let told = if common.json {
        writeln!(out, "{}", json!({ "partner": name, "password": password, "hash": hash }))
    } else {
        writeln!(
            out,
            "The password, which is shown only now; hand it over by a safe channel:\n\n  {}\n\n\
             Add to the file of {name}; a key is better, if their software can use one:\n\n  \
             [[sftp.passwords]]\n  hash = \"{hash}\"",
            styled(paint::BOLD, &password)
        )
    };
    told.map_err(CommandError::output)
}

fn read(file: &Path) -> Result<String, CommandError> {
    let mut text = String::new();
    let failed = || CommandError::io(file.display().to_string());
    let mut source: Box<dyn io::Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(fs::File::open(file).map_err(failed())?)
    };
    let mut limited = source.by_ref().take(LARGEST);
    io::read_to_string(&mut limited).map(|read| text.push_str(&read)).map_err(failed())?;
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut lines = lines.map(str::to_owned);
    if let (Some(line), None) = (lines.next(), lines.next()) {
        return Ok(line);
    }
    Err(CommandError::Wrong(format!("{} must hold one key, on one line", file.display())))
}

/// Whether everything would still be without fault.
fn check(common: &Common, folder: &Path, file: &str, text: &str) -> Result<(), CommandError> {
    let library = engine::library(common)?;
    let disk = Disk::new(folder, &config::variable);
    let changed = Changed { disk, file, text };
    Partners::load(&changed, &Shelf::new(&library)).map(drop).map_err(|faults| {
        CommandError::Wrong(format!("nothing was written, because then:\n{faults}"))
    })
}

/// The folder on disk, with one file as it would be.
struct Changed<'c> {
    disk: Disk<'c>,
    file: &'c str,
    text: &'c str,
}

impl Source for Changed<'_> {
    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }

    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        if path == self.file {
            return Ok(self.text.as_bytes().to_vec());
        }
        self.disk.read(path, limit)
    }

    fn shown(&self, path: &str) -> String {
        self.disk.shown(path)
    }

    fn kept(&self, path: &str) -> io::Result<Kept> {
        self.disk.kept(path)
    }

    fn beside(&self, path: &Path) -> PathBuf {
        self.disk.beside(path)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.disk.variable(name)
    }
}

/// Writes a file anew, so that whoever reads it meanwhile reads the old one or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = path.with_file_name(format!(".{name}.new"));
    let mut file = fs::File::create(&beside)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    fs::set_permissions(&beside, fs::metadata(path)?.permissions())?;
    fs::rename(&beside, path)
}

/// A public key is a few hundred bytes.
const LARGEST: u64 = 100_000;

#[cfg(test)]
mod tests {
    use super::super::config::FOLDER;
    use super::*;

    const COMMON: Common = Common { json: false, grammars: None };
    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJRf2O+fQ2Tq6dZf4zhAvYtEsZM2UNuI6uYyKxXGqUnk them";

    fn folder() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
        for name in ["us.toml", "acme-medical.toml"] {
            fs::copy(samples.join(name), home.path().join(name)).unwrap();
        }
        fs::write(home.path().join("their.pub"), format!("# theirs\n{KEY}\n")).unwrap();
        home
    }

    fn try_to_add(home: &Path, deliver_by: Option<Wire>) -> Result<String, String> {
        let partners = config::need(&COMMON, home).map_err(|error| error.to_string())?;
        let acme = partners.partner("acme-medical").unwrap();
        let mut out = Vec::new();
        add(&COMMON, home, acme, &home.join("their.pub"), deliver_by, &mut out)
            .map_err(|error| error.to_string())?;
        Ok(anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string())
    }

    #[test]
    fn a_key_is_added_once_and_only_where_it_makes_no_fault() {
        let home = folder();
        let before = fs::read_to_string(home.path().join("acme-medical.toml")).unwrap();
        let several = try_to_add(home.path(), None).unwrap_err();
        assert!(several.starts_with("nothing was written") && several.contains("deliver_by"));
        assert_eq!(fs::read_to_string(home.path().join("acme-medical.toml")).unwrap(), before);
        let told = try_to_add(home.path(), Some(Wire::Sftp)).unwrap();
        assert!(told.starts_with("added: SHA256:") && told.contains("as acme-medical"), "{told}");
        let partners = config::need(&COMMON, home.path()).unwrap();
        let (_, sftp) = partners.by_sftp_user("acme-medical").unwrap();
        assert_eq!(sftp.keys[0].note.as_deref(), Some("them"));
        let twice = try_to_add(home.path(), None).unwrap_err();
        assert!(twice.contains("this key is also that of"), "{twice}");
    }

    #[test]
    fn a_password_is_shown_once_and_its_hash_is_what_is_kept() {
        let home = folder();
        let partners = config::need(&COMMON, home.path()).unwrap();
        let mut out = Vec::new();
        let common = Common { json: true, grammars: None };
        password(&common, partners.partner("acme-medical").unwrap(), &mut out).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(told["password"].as_str().unwrap().len(), 24);
        assert!(told["hash"].as_str().unwrap().starts_with("$argon2id$"));
    }
}
